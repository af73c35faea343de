"""Shadow pairs: which answers are compared, how blindly, what they cost; and that nothing kept in the house is sent."""

import re
from contextlib import aclosing
from typing import Any

import anyio
import pytest
from sqlalchemy import select

from freehold.access.subject import Subject
from freehold.chat import schemas
from freehold.deps import Services
from freehold.gateway.learning.comparing import choice_in, quality_of
from freehold.gateway.learning.models import RouteLabel
from freehold.gateway.routing.policy import NO_THREAD, Thread
from freehold.savings import reports
from freehold.savings.reports import Chosen
from freehold.usage.models import UsageRow
from freehold.wire.events import TextDelta
from freehold.wire.request import ChatRequest, Message, Text, Tool
from tests.chat.conftest import new_user
from tests.chat.reading import Person
from tests.fakes.upstream import Call, Counts, Script
from tests.gateway.learning.conftest import Start
from tests.gateway.learning.world import GOOD, POOR, Pair

EASY, HARD = "Please write a line about apples.", "Prove it for apples."


def request_of(text: str, **more: Any) -> ChatRequest:
    return ChatRequest("", (Message("user", (Text(text),)),), **more)


async def ask(
    services: Services,
    who: Subject,
    request: ChatRequest,
    *,
    model: str = "auto",
    thread: Thread = NO_THREAD,
) -> str:
    said: list[str] = []
    async with aclosing(services.gateway.stream(who, model, request, thread=thread)) as items:
        async for item in items:
            if isinstance(item, TextDelta):
                said.append(item.text)
    return "".join(said)


async def compared(services: Services) -> list[RouteLabel]:
    """The labels, once nothing is under way."""
    with anyio.fail_after(60):
        while services.gateway.shadows.under_way:
            await anyio.sleep(0.01)
    async with services.database.read() as session:
        return list(await session.scalars(select(RouteLabel).order_by(RouteLabel.id)))


async def test_both_answers_are_compared_blind_in_both_orders(start: Start, pair: Pair) -> None:
    services = await start()
    ann = await new_user(services, "ann")
    assert await ask(services, ann, request_of(EASY)) == GOOD
    assert await ask(services, ann, request_of(HARD)) == POOR
    found = await compared(services)
    assert sorted((one.source, one.model, one.rival, one.local, one.premium) for one in found) == [
        ("pair", "house/m", "cloud/m", 0.0, 1.0),
        ("pair", "house/m", "cloud/m", 1.0, 1.0),
    ]
    judged = [text for text in pair.cloud.asked if "answer A" in text]
    orders = [re.findall(f"({GOOD}|{POOR})", text) for text in judged if POOR in text]
    assert sorted(orders) == sorted([[GOOD, POOR], [POOR, GOOD]])
    assert not any(re.search("house|cloud|local|premium", text) for text in judged)


async def test_the_cost_is_a_kind_of_its_own_and_is_taken_off_the_savings(start: Start, pair: Pair) -> None:
    services = await start()
    ann = await new_user(services, "ann")
    await ask(services, ann, request_of(HARD))
    await compared(services)
    await services.usage.ledger.flush()
    async with services.database.read() as session:
        rows = list(await session.scalars(select(UsageRow).order_by(UsageRow.id)))
    each = round((100 * 1.0 + 20 * 2.0) * 1000)  # nano-dollars
    assert [(row.source, row.status, row.model, row.cost_nanodollars) for row in rows] == [
        ("chat", "ok", "house/m", 0),
        *[("shadow", "unused", "cloud/m", each)] * 3,
    ]
    assert [row.baseline_nanodollars for row in rows[1:]] == [0, 0, 0]
    day = rows[0].at.date()
    found = await reports.report(services.database, Chosen(day, day), "day", lambda _ref: True)
    total = found.total
    assert (total.calls, total.failed_calls, total.premium_calls, total.learning_calls) == (1, 0, 0, 3)
    assert total.learning_usd == pytest.approx(3 * each / 1e9)
    assert total.saved_usd == pytest.approx((rows[0].baseline_nanodollars or 0) / 1e9 - 3 * each / 1e9)
    assert {one.path for one in found.latency} == {"in_house"}


async def test_nothing_that_stays_in_the_house_is_compared(start: Start, pair: Pair) -> None:
    services = await start(
        privacy={"classes": [{"id": "plans", "words": ["secret"], "action": "mask"}]},
        routing={"rules": [{"id": "interns", "when": {"keyword": "intern"}, "then": {"deny": "premium"}}]},
    )
    ann = await new_user(services, "ann")
    await ask(services, ann, request_of(EASY), thread=Thread(locked=True))
    await ask(services, ann, request_of("A secret: " + EASY))
    await ask(services, ann, request_of("As an intern: " + EASY))
    await ask(services, ann, request_of(EASY, tools=(Tool("send", "sends", {"type": "object"}),)))
    await ask(services, ann, request_of(EASY), model="local")
    pair.house.think = lambda _body: "the secret plan"
    await ask(services, ann, request_of(EASY))
    pair.house.think = lambda _body: Script(calls=(Call("c", "send"),), finish="tool_calls", usage=Counts(1, 1))
    await ask(services, ann, request_of(EASY))
    assert await compared(services) == []
    assert pair.cloud.requests == [] or all(one.method == "GET" for one in pair.cloud.requests)


async def test_a_thread_that_is_locked_meanwhile_is_not_sent_out(start: Start, pair: Pair) -> None:
    services = await start()
    ann = Person(services, await new_user(services, "ann"))
    thread = await ann.new_thread()
    started, go_on = anyio.Event(), anyio.Event()
    again = services.gateway.shadows._affordable

    async def held(*arguments: Any) -> bool:
        started.set()
        await go_on.wait()
        return await again(*arguments)

    services.gateway.shadows._affordable = held  # type: ignore[method-assign]
    await (await ann.send(thread.id, EASY, model="auto")).to_end()
    with anyio.fail_after(30):
        await started.wait()
    await services.chat.change_thread(ann.subject, thread.id, schemas.ThreadPatch(in_house=True))
    go_on.set()
    assert await compared(services) == []
    assert not pair.cloud.asked


async def test_a_pair_of_the_chat_belongs_to_its_answer(start: Start) -> None:
    services = await start()
    ann = Person(services, await new_user(services, "ann"))
    thread = await ann.new_thread()
    answer = await (await ann.send(thread.id, EASY, model="auto")).to_end()
    (label,) = await compared(services)
    assert (label.thread_id, label.message_id) == (thread.id, answer["id"])


async def test_a_day_has_only_so_much_money(start: Start, pair: Pair) -> None:
    services = await start({"shadow_usd_per_day": 0.0001})
    ann = await new_user(services, "ann")
    for _ in range(3):
        await ask(services, ann, request_of(EASY))
        await compared(services)
        await services.usage.ledger.flush()
    assert len(await compared(services)) == 1
    assert len(pair.cloud.asked) == 3


def test_what_a_judge_says() -> None:
    assert choice_in('{"better": "A"}') == "A"
    assert choice_in('Thinking...\n```json\n{"better" : "TIE"}\n```') == "tie"
    assert choice_in(" **b**. ") == "B"
    assert choice_in("A good question, B is fine") is None
    assert choice_in("[1]") is None
    assert choice_in('{"better": 3}') is None
    assert quality_of(["A", "B"]) == (1.0, 0.0)
    assert quality_of(["B", "A"]) == (0.0, 1.0)
    for unsure in (["A", "A"], ["B", "B"], ["tie", "A"], ["B", "tie"], ["tie", "tie"]):
        assert quality_of(unsure) == (1.0, 1.0)
