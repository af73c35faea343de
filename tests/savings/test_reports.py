"""What was saved is what the ledger says, to the nano-dollar, however it is grouped."""

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from freehold.db import Database
from freehold.gateway.learning import labels
from freehold.identity.models import User
from freehold.kit.clock import now
from freehold.kit.ids import new_id
from freehold.savings import quality, reports
from freehold.savings.reports import Chosen
from freehold.savings.schemas import GroupBy, SavingsReport
from freehold.usage.ledger import Ledger
from freehold.usage.models import UsageRow
from freehold.usage.money import to_nano
from freehold.usage.record import UsageRecord
from tests.usage.conftest import ANA, BO, call

FIRST, LAST = date(2026, 9, 1), date(2026, 9, 30)
GROUPS: tuple[GroupBy, ...] = ("day", "model", "user", "locality")


def is_premium(ref: str) -> bool:
    return ref == "acme/large"


async def written(database: Database, folder: Path, *records: UsageRecord) -> None:
    ledger = Ledger(database, folder)
    for record in records:
        ledger.record(record)
    assert await ledger.flush()


async def ask(database: Database, group_by: GroupBy = "day", user_id: str | None = None) -> SavingsReport:
    return await reports.report(database, Chosen(FIRST, LAST, user_id), group_by, is_premium)


def some_call(chance: random.Random) -> UsageRecord:
    """Anything that the ledger can hold."""
    house, hit = chance.random() < 0.5, chance.random() < 0.2
    status = chance.choice(["ok", "ok", "ok", "stopped", "failed", "unused", "refused"])
    baseline = chance.choice([None, 0.0, chance.random(), chance.random() * 1000, 1e-9])
    return call(
        at=datetime(2026, 9, 1, tzinfo=UTC) + timedelta(seconds=chance.randrange(30 * 86_400)),
        user_id=chance.choice([ANA, BO]),
        model=chance.choice(["house/small", "acme/large", "acme/mini"]),
        self_hosted=house or hit,
        status=status,
        cache=chance.choice(["hit", "similar", "faq"]) if hit else None,
        input_tokens=chance.choice([None, chance.randrange(10_000)]),
        cost_usd=0.0 if house or hit else chance.choice([None, chance.random() / 7, 1e-9]),
        duration_ms=chance.choice([None, chance.random() * 1000]),
        baseline=None if baseline is None else chance.choice(["acme/large", "acme/mini"]),
        baseline_length=None if baseline is None else chance.choice(["own", "mean", "written"]),
        baseline_usd=baseline,
        house_usd=chance.choice([None, chance.random() / 100]) if house else None,
        source=chance.choice(["chat", "chat", "title", "summary", "api"]),
        compaction_tokens=chance.choice([None, 500]),
        compaction_usd=chance.choice([None, 0.0, chance.random()]),
    )


@pytest.mark.parametrize("seed", range(4))
async def test_it_adds_up_to_the_ledger_whatever_is_in_it(database: Database, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    await written(database, tmp_path, *(some_call(chance) for _ in range(400)))
    async with database.read() as session:
        rows = [row for row in await session.scalars(select(UsageRow)) if row.status != "refused"]
    compared = [row for row in rows if row.baseline_nanodollars is not None]
    spent = sum(row.cost_nanodollars or 0 for row in rows)
    house = sum(row.house_nanodollars or 0 for row in compared)
    baseline = sum(row.baseline_nanodollars or 0 for row in compared)
    saved = baseline - sum(row.cost_nanodollars or 0 for row in compared) - house
    for group_by in GROUPS:
        report = await ask(database, group_by)
        for shown in (report.total, *report.rows):
            less = to_nano(shown.spent_usd) - to_nano(shown.not_compared_usd) + to_nano(shown.house_usd)
            assert to_nano(shown.saved_usd) == to_nano(shown.baseline_usd) - less
            assert to_nano(shown.saved_usd) == sum(
                to_nano(one) for one in (shown.routing_usd, shown.cache_usd, shown.compaction_usd)
            )
        total = report.total
        assert to_nano(total.spent_usd) == spent
        assert (to_nano(total.baseline_usd), to_nano(total.saved_usd)) == (baseline, saved)
        assert total.calls + total.own_calls + total.failed_calls == len(rows)
        answered = [row for row in rows if row.status in ("ok", "stopped")]
        assert total.calls == len([row for row in answered if row.source in ("chat", "api")])
        assert total.not_compared_calls == len(rows) - len(compared)
        assert sum(one.calls for one in report.baselines) == len(compared)
        for name in type(total).model_fields:
            if name == "saved_share":
                continue
            whole = getattr(total, name)
            if name.endswith("_usd"):
                assert sum(to_nano(getattr(row, name)) for row in report.rows) == to_nano(whole), (group_by, name)
            else:
                assert sum(getattr(row, name) for row in report.rows) == whole, (group_by, name)
    both = [await ask(database, user_id=user_id) for user_id in (ANA, BO)]
    assert sum(to_nano(one.total.saved_usd) for one in both) == saved


async def test_a_summary_saves_what_it_left_out_less_what_it_cost(database: Database, tmp_path: Path) -> None:
    told: dict[str, Any] = {"baseline": "acme/large", "baseline_length": "written"}
    home: dict[str, Any] = {"model": "house/small", "self_hosted": True, "cost_usd": 0.0}
    await written(
        database,
        tmp_path,
        call(model="acme/mini", cost_usd=0.25, baseline_usd=2.0, compaction_tokens=900, compaction_usd=0.5, **told),
        call(**home, baseline_usd=1.0, compaction_tokens=900, compaction_usd=0.0, **told),
        call(**home, source="summary", baseline_usd=0.0, house_usd=0.125, baseline="acme/large"),
        call(model="acme/mini", cost_usd=0.25, baseline_usd=None, compaction_tokens=900, compaction_usd=8.0),
    )
    total = (await ask(database)).total
    assert (total.compaction_usd, total.cache_usd) == (0.375, 0.0)
    assert (total.saved_usd, total.routing_usd) == (2.625, 2.25)


async def test_titles_and_summaries_are_no_answers_but_cost_what_they_cost(database: Database, tmp_path: Path) -> None:
    told: dict[str, Any] = {"baseline": "acme/large", "baseline_length": "written"}
    home: dict[str, Any] = {"model": "house/small", "self_hosted": True, "cost_usd": 0.0, "house_usd": 0.125, **told}
    await written(
        database,
        tmp_path,
        call(model="acme/large", cost_usd=0.25, baseline_usd=0.25, **told),
        call(**home, source="api", baseline_usd=0.5),
        call(**home, source="title", baseline_usd=0.25),
        call(**home, source="title", baseline_usd=0.0, status="failed"),
        call(**home, source="summary", baseline_usd=0.0),
    )
    report = await ask(database, "model")
    total = report.total
    assert (total.calls, total.own_calls, total.failed_calls, total.not_compared_calls) == (2, 2, 1, 0)
    assert (total.premium_calls, total.premium_tokens, total.tokens) == (1, 10, 50)
    assert (total.spent_usd, total.house_usd, total.baseline_usd, total.saved_usd) == (0.25, 0.5, 1.0, 0.25)
    assert {row.key: (row.calls, row.own_calls) for row in report.rows} == {"acme/large": (1, 0), "house/small": (1, 2)}
    assert [(one.model, one.calls) for one in report.baselines] == [("acme/large", 5)]
    assert [(one.path, one.calls) for one in report.latency] == []


async def test_what_went_where(database: Database, tmp_path: Path) -> None:
    told: dict[str, Any] = {"baseline": "acme/large", "baseline_length": "written"}
    house = {"model": "house/small", "self_hosted": True, "cost_usd": 0.0}
    hit = {"cache": "hit", "self_hosted": True, "cost_usd": 0.0, "input_tokens": 0, "output_tokens": 0}
    await written(
        database,
        tmp_path,
        call(model="acme/large", cost_usd=0.25, baseline_usd=0.25, duration_ms=900.0, **told),
        call(model="acme/mini", cost_usd=0.125, baseline_usd=0.0, status="failed", baseline="acme/large"),
        call(model="acme/mini", cost_usd=0.0, baseline_usd=0.0, status="stopped", error="slower"),
        call(model="house/small", self_hosted=True, cost_usd=0.0, status="unused", error="overruled", baseline_usd=0.0),
        call(**house, baseline_usd=0.5, house_usd=0.0625, duration_ms=100.0, **told),
        call(**house, baseline_usd=None, house_usd=0.0625, duration_ms=300.0),
        call(**hit, model="acme/large", baseline_usd=1.0, duration_ms=1.0, **told),
    )
    report = await ask(database, "locality")
    total = report.total
    assert (total.calls, total.failed_calls, total.not_compared_calls, total.cached_calls) == (4, 3, 1, 1)
    assert (total.spent_usd, total.baseline_usd, total.house_usd) == (0.375, 1.75, 0.0625)
    assert (total.saved_usd, total.routing_usd, total.cache_usd) == (1.3125, 0.3125, 1.0)
    assert total.saved_share == 0.75
    assert (total.premium_calls, total.premium_tokens) == (1, 10), "an answer from the cache asked nobody"
    assert [(row.key, row.saved_usd) for row in report.rows] == [
        ("cache", 1.0),
        ("in_house", 0.4375),
        ("outside", -0.125),
    ]
    assert [(one.model, one.calls) for one in report.baselines] == [("acme/large", 4)]
    assert [(one.path, one.calls, one.p50_ms, one.p95_ms) for one in report.latency] == [
        ("cache", 1, 1.0, 1.0),
        ("in_house", 2, 100.0, 300.0),
        ("outside", 1, 900.0, 900.0),
    ]
    assert report.quality.model_dump() == {
        "source": "thumbs", "pairs": 0, "needed": 200, "enough": False, "kept": None, "low": None, "high": None,
    }  # fmt: skip


async def test_percentiles_are_those_of_the_calls(database: Database, tmp_path: Path) -> None:
    await written(
        database, tmp_path, *(call(duration_ms=float(ms)) for ms in random.Random(1).sample(range(1, 201), 200))
    )
    (outside,) = (await ask(database)).latency
    assert (outside.p50_ms, outside.p95_ms) == (100.0, 190.0)


def test_a_person_without_calls_saved_nothing_of_nothing() -> None:
    shown = reports.Sums().shown()
    assert (shown["saved_usd"], shown["saved_share"]) == (0.0, None)


def test_under_two_hundred_pairs_nothing_is_said() -> None:
    assert not quality.kept(150, 199, 5_000, 6_000).enough
    assert not quality.kept(5_000, 6_000, 150, 199).enough
    told = quality.kept(180, 200, 190, 200)
    assert told.enough
    assert told.low is not None
    assert told.kept is not None
    assert told.high is not None
    assert told.kept == round(180 / 190, 4)
    assert told.low < told.kept < told.high
    assert 0.85 < told.low < 0.95 < told.high < 1.05


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 3000), st.integers(0, 3000), st.integers(0, 3000), st.integers(0, 3000))
def test_the_interval_holds_what_is_told(good: int, bad: int, baseline_good: int, baseline_bad: int) -> None:
    told = quality.kept(good, good + bad, baseline_good, baseline_good + baseline_bad)
    if told.enough:
        assert told.low is not None
        assert told.kept is not None
        assert told.high is not None
        assert 0 < told.low <= told.kept <= told.high
    else:
        assert told.kept is None


def test_quality_of_blind_pairs_goes_before_ratings() -> None:
    told = quality.of_pairs(190, 200)
    assert (told.source, told.pairs, told.enough, told.kept) == ("pairs", 200, True, 0.95)
    assert told.low == pytest.approx(0.9104, abs=1e-4)
    assert told.high == pytest.approx(0.9726, abs=1e-4)
    everything = quality.of_pairs(200, 200)
    assert everything.low is not None
    assert everything.low < 0.99, "none that was worse is not none that there is"
    few, none, rated = quality.of_pairs(190, 199), quality.of_pairs(0, 0), quality.kept(180, 200, 190, 200)
    assert (few.enough, few.kept) == (False, None)
    assert quality.better(told, rated) is told
    assert quality.better(few, rated) is rated
    assert quality.better(few, quality.kept(1, 1, 1, 1)) is few
    assert quality.better(none, rated) is rated


async def test_pairs_of_this_time_are_the_quality_that_was_kept(database: Database) -> None:
    at = now()
    async with database.begin() as session:
        user = User(id=new_id(), name="x", role="member", status="active", preferences={}, created_at=at, updated_at=at)
        session.add(user)
        await session.flush()
        for place in range(210):
            await labels.put(
                session,
                "pair" if place < 205 else "thumb",
                user_id=user.id,
                model="house/m",
                asked="How?",
                quality=[(1.0, 1.0), (1.0, 0.0), (0.0, 1.0)][place % 3],
            )
    today = at.date()
    chosen = Chosen(today - timedelta(days=1), today + timedelta(days=1), user.id)
    told = (await reports.report(database, chosen, "day", lambda _ref: True)).quality
    assert (told.source, told.pairs, told.kept) == ("pairs", 205, round(137 / 205, 4))
    other = Chosen(chosen.from_day, chosen.to_day, new_id())
    assert (await reports.report(database, other, "day", lambda _ref: True)).quality.pairs == 0
