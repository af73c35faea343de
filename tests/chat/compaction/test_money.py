"""What folding saves and costs, as the ledger has it and the savings page tells it."""

import asyncio
from datetime import UTC, datetime

from sqlalchemy import select

from freehold.savings import reports
from freehold.usage.models import UsageRow
from tests.chat.compaction.conftest import LARGE, MIDDLE, chat_of
from tests.chat.compaction.test_folding import long_chat
from tests.chat.reading import Person
from tests.chat.summariser import Summariser


async def ledger(person: Person, count: int) -> list[UsageRow]:
    """The lines but for titles, once there are so many."""
    async with asyncio.timeout(60):
        while True:
            async with person.services.database.read() as session:
                rows = await session.scalars(select(UsageRow).where(UsageRow.source != "title").order_by(UsageRow.id))
                if len(found := list(rows)) >= count:
                    return found
            await asyncio.sleep(0.05)


async def test_the_ledger_has_the_summary_and_what_it_left_out(ann: Person, model: Summariser) -> None:
    thread_id, ids = await chat_of(ann, *long_chat(), ref=LARGE)
    paid = await (await ann.send(thread_id, "Next", parent_id=ids[-1], model=LARGE)).to_end()
    home = await (await ann.send(thread_id, "Next", parent_id=paid["id"], model=MIDDLE)).to_end()
    summary, outside, house = await ledger(ann, 3)
    assert (summary.source, summary.model, summary.self_hosted) == ("summary", "house/small", True)
    assert (summary.cost_nanodollars, summary.baseline_nanodollars) == (0, 0), (
        "the baseline would have been sent it all"
    )
    told = paid["run"]["folded"]["tokens"]
    assert told > 2_000
    assert outside.compaction_tokens == told
    assert outside.compaction_nanodollars == told * 1_000, "a dollar a million"
    # the baseline would have read what was left out; it is the one that answered
    assert outside.baseline_nanodollars == (outside.cost_nanodollars or 0) + told * 1_000
    assert (house.compaction_tokens, house.compaction_nanodollars) == (home["run"]["folded"]["tokens"], 0)
    today = datetime.now(UTC).date()
    chosen = reports.Chosen(today, today, ann.subject.user_id)
    total = (await reports.report(ann.services.database, chosen, "day", lambda _: True)).total
    assert total.compaction_usd == told / 1_000_000
    assert round(total.saved_usd - total.routing_usd - total.cache_usd - total.compaction_usd, 9) == 0
