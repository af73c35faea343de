"""The cascade for the chat: held or offered, what the account and the ledger say, and when there is none."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from sqlalchemy import select

from freehold.access.subject import Subject
from freehold.db import Database
from freehold.gateway import cascading
from freehold.gateway.admission import Ticket
from freehold.gateway.call import Gateway, Routed
from freehold.gateway.meter import Size
from freehold.gateway.routing.deployment import Deployment
from freehold.gateway.routing.policy import NO_THREAD, Thread
from freehold.usage.models import UsageRow
from freehold.usage.service import UsageService
from freehold.wire.events import Event, Finish, TextDelta
from freehold.wire.request import ChatRequest, JsonSchema, Message, Text
from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import API_KEY, Counts, FakeUpstream, Script
from tests.gateway.test_call import SOMEBODY, Outcome, asked

PRICES = {"input": 1.0, "output": 2.0}
REQUEST = ChatRequest("", (Message("user", (Text("How many are 3 times 180?"),)),))
SORRY = Script(text=("I'm sorry, but I can't help with that.",), usage=Counts(10, 8))


class World:
    """`house` first, `second` beside it, `cloud` outside."""

    def __init__(
        self,
        servers: list[FakeUpstream],
        start: Any,
        make_settings: Any,
        usage: UsageService,
        database: Database,
        place: Path,
    ) -> None:
        self.house, self.second, self.cloud, self.third = servers
        self._database, self._place = database, place
        self.usage = usage
        self._start, self._make_settings = start, make_settings
        self.house.script = Script(text=("The answer is 540.",), usage=Counts(10, 5))
        self.second.script = Script(text=("540",), usage=Counts(11, 1))
        self.cloud.script = Script(text=("It is 540.",), usage=Counts(100, 20))
        self.third.script = Script(text=("#### 540",), usage=Counts(12, 3))

    async def gateway(self, auto: dict[str, Any] | None = None, *, third: bool = False, **more: Any) -> Gateway:
        servers = [("house", self.house), ("second", self.second), ("cloud", self.cloud)]
        if third:
            servers.append(("third", self.third))
        declared = [
            {
                "id": name,
                "kind": "openai_compatible",
                "base_url": server.url,
                "api_key": API_KEY,
                "models": [{"id": "m", "prices": PRICES}],
                "self_hosted": name != "cloud",
            }
            for name, server in servers
        ]
        models = {"local": {"provider": "house", "model": "m"}, "premium": {"provider": "cloud", "model": "m"}}
        routing = {"auto": {"cascade": {"second": "second/m"}, **(auto or {})}}
        privacy = more.pop("privacy", {})
        file = {"providers": declared, "models": models, "routing": routing, "privacy": privacy}
        settings = self._make_settings(declared=file, **more)
        if more:
            self.usage = UsageService(self._database, settings, self._place)
            await self.usage.rules.refresh()
        return Gateway(await self._start(settings), self.usage, chance=lambda: 0.1)

    @property
    def counts(self) -> tuple[int, int, int]:
        house, second, cloud = map(len, map(asked, (self.house, self.second, self.cloud)))
        return house, second, cloud


@pytest.fixture
async def world(
    start_providers: Any, make_settings: Any, usage: UsageService, database: Database, tmp_path: Path
) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(FakeUpstream(OpenAIDialect(), models=["m"])) for _ in range(4)]
        yield World(servers, start_providers, make_settings, usage, database, tmp_path)


async def call(
    gateway: Gateway, request: ChatRequest = REQUEST, who: Subject = SOMEBODY, thread: Thread = NO_THREAD
) -> Outcome:
    outcome = Outcome()
    async with aclosing(gateway.stream(who, "auto", request, thread=thread)) as items:
        async for item in items:
            if isinstance(item, Routed):
                outcome.record = item.record
            else:
                outcome.events.append(item)
    return outcome


def cascade(outcome: Outcome) -> dict[str, Any]:
    assert outcome.record is not None
    assert outcome.record.route is not None
    told = dict(outcome.record.route["cascade"])
    told.pop("waited_ms")
    return told


async def books(database: Database, usage: UsageService) -> list[tuple[str, str, str | None, int | None, int | None]]:
    await usage.ledger.flush()
    async with database.read() as session:
        rows = (await session.scalars(select(UsageRow).order_by(UsageRow.id))).all()
    return [(row.model, row.status, row.error, row.output_tokens, row.cost_nanodollars) for row in rows]


async def test_who_leaves_before_the_better_model_is_asked_leaves_the_account_whole(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taking a place at the next model may wait, for Redis for example."""
    gateway = await world.gateway()
    world.second.script = Script(text=("180",), usage=Counts(11, 1))
    waits, usual = anyio.Event(), Ticket.enter

    async def enter(ticket: Ticket, deployment: Deployment, size: Size) -> None:
        if deployment.ref == "cloud/m":
            waits.set()
            await anyio.sleep_forever()
        await usual(ticket, deployment, size)

    monkeypatch.setattr(Ticket, "enter", enter)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(call, gateway)
        await waits.wait()
        tasks.cancel_scope.cancel()
    assert sorted(await books(database, world.usage)) == [
        ("house/m", "stopped", None, 5, 0),
        ("second/m", "unused", "second_opinion", 1, 0),
    ]


async def test_an_overruled_answer_has_its_own_line(world: World, database: Database) -> None:
    gateway = await world.gateway()
    world.second.script = Script(text=("180",), usage=Counts(11, 1))
    outcome = await call(gateway)
    assert outcome.text == "It is 540."
    assert cascade(outcome) == {
        "outcome": "escalated",
        "check": "second_differs",
        "second": "second/m",
        "overruled": "house/m",
    }
    assert outcome.record is not None
    assert (outcome.record.input_tokens, outcome.record.output_tokens) == (121, 26), "of all three"
    assert outcome.record.cost_usd == pytest.approx((100 * 1.0 + 20 * 2.0) / 1e6)
    reasons = [(one.model, one.reason, one.error) for one in outcome.record.attempts]
    assert reasons == [
        ("house/m", "chosen", "overruled"),
        ("second/m", "second", "second_opinion"),
        ("cloud/m", "escalation: second differs", None),
    ]
    assert sorted(await books(database, world.usage)) == [
        ("cloud/m", "ok", None, 20, 140_000),
        ("house/m", "unused", "overruled", 5, 0),
        ("second/m", "unused", "second_opinion", 1, 0),
    ]


async def test_an_answer_that_is_kept_says_who_agreed(world: World, database: Database) -> None:
    outcome = await call(await world.gateway())
    assert outcome.text == "The answer is 540."
    assert cascade(outcome) == {"outcome": "kept", "check": None, "second": "second/m"}
    assert outcome.record is not None
    assert (outcome.record.error, outcome.record.finish_reason) == (None, "stop")
    assert sorted(await books(database, world.usage)) == [
        ("house/m", "ok", None, 5, 0),
        ("second/m", "unused", "second_opinion", 1, 0),
    ]


async def test_two_others_that_agree_outvote_the_first(world: World, database: Database) -> None:
    gateway = await world.gateway({"cascade": {"second": ["second/m", "third/m"]}}, third=True)
    world.house.script = Script(text=("The answer is 180.",), usage=Counts(10, 5))
    outcome = await call(gateway)
    assert outcome.text == "#### 540"
    assert cascade(outcome) == {
        "outcome": "majority",
        "check": None,
        "second": "second/m",
        "more": ["third/m"],
        "overruled": "house/m",
    }
    assert outcome.record is not None
    assert (outcome.record.model, outcome.record.error, outcome.record.finish_reason) == ("third/m", None, "stop")
    assert (outcome.record.input_tokens, outcome.record.output_tokens) == (33, 9), "of all three"
    assert sorted(await books(database, world.usage)) == [
        ("house/m", "unused", "overruled", 5, 0),
        ("second/m", "unused", "second_opinion", 1, 0),
        ("third/m", "ok", None, 3, 0),
    ]
    assert world.counts == (1, 1, 0)


@pytest.mark.parametrize("wrong", ["schema", "cut off"])
async def test_a_majority_has_to_pass_the_checks_as_well(world: World, wrong: str) -> None:
    gateway = await world.gateway({"cascade": {"second": ["second/m", "third/m"]}}, third=True)
    request = REQUEST
    if wrong == "schema":
        schema = {"type": "object", "properties": {"answer": {"type": "integer"}}, "required": ["answer"]}
        request = replace(REQUEST, response_format=JsonSchema("number", schema))
        texts = ('{"answer": 540}', '{"answer": "541"}', '{"answer": "541"}')
    else:
        texts = ("The answer is 540.", "The answer is 541.", "The answer is 541.")
    for server, text in zip((world.house, world.second, world.third), texts, strict=True):
        server.script = Script(text=(text,), usage=Counts(10, 5))
    if wrong == "cut off":
        world.third.script = replace(world.third.script, finish="length")
    outcome = await call(gateway, request)
    assert outcome.text == "It is 540."
    told = cascade(outcome)
    assert (told["outcome"], told["check"], told["more"]) == ("escalated", "second_differs", ["third/m"])


async def test_an_answer_does_not_wait_for_others_without_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cascading, "PATIENCE_S", 0.5)
    gateway = await world.gateway({"cascade": {"second": ["second/m", "third/m"]}}, third=True)
    world.second.script = Script(fault="silent")
    outcome = await call(gateway)
    assert outcome.text == "The answer is 540."
    assert cascade(outcome) == {"outcome": "kept", "check": None, "second": None}
    assert outcome.record is not None
    assert outcome.record.own_tokens == (10, 5)


async def test_a_third_that_agrees_with_the_first_keeps_it(world: World) -> None:
    gateway = await world.gateway({"cascade": {"second": ["second/m", "third/m"]}}, third=True)
    world.second.script = Script(text=("180",), usage=Counts(11, 1))
    outcome = await call(gateway)
    assert outcome.text == "The answer is 540."
    assert cascade(outcome) == {"outcome": "kept", "check": None, "second": "second/m", "more": ["third/m"]}


async def test_three_that_differ_send_it_out(world: World) -> None:
    gateway = await world.gateway({"cascade": {"second": ["second/m", "third/m"]}}, third=True)
    world.house.script = Script(text=("The answer is 180.",), usage=Counts(10, 5))
    world.second.script = Script(text=("360",), usage=Counts(11, 1))
    outcome = await call(gateway)
    assert outcome.text == "It is 540."
    told = cascade(outcome)
    assert (told["outcome"], told["check"], told["more"]) == ("escalated", "second_differs", ["third/m"])


async def test_one_that_has_read_the_first_is_offered_a_better(world: World) -> None:
    gateway = await world.gateway({"cascade": {"mode": "offer", "second": ["second/m", "third/m"]}}, third=True)
    world.house.script = Script(text=("The answer is 180.",), usage=Counts(10, 5))
    outcome = await call(gateway)
    assert outcome.text == "The answer is 180."
    assert cascade(outcome)["outcome"] == "offered"
    assert cascade(outcome)["check"] == "second_differs"


async def test_one_that_cannot_be_asked_says_nothing(world: World) -> None:
    gateway = await world.gateway({"cascade": {"second": ["nobody/m", "second/m", "third/m"]}}, third=True)
    world.second.script = Script(error="server_error")
    outcome = await call(gateway)
    assert outcome.text == "The answer is 540."
    assert cascade(outcome) == {"outcome": "kept", "check": None, "second": "third/m"}


async def test_a_used_up_budget_stays_in_the_house(world: World) -> None:
    gateway = await world.gateway(budgets={"user": {"usd": 0, "period": "month"}})
    world.house.script = SORRY
    outcome = await call(gateway)
    assert outcome.text.startswith("I'm sorry")
    assert world.counts == (1, 0, 0)


async def test_nobody_outside_is_asked_for_a_thread_that_is_kept(world: World) -> None:
    gateway = await world.gateway()
    world.house.script = SORRY
    outcome = await call(gateway, thread=Thread(locked=True))
    assert outcome.text.startswith("I'm sorry")
    assert world.counts == (1, 0, 0)
    assert outcome.record is not None
    assert "cascade" not in (outcome.record.route or {})


async def test_data_that_may_not_leave_stays_however_bad_the_answer(world: World) -> None:
    privacy = {"classes": [{"id": "customers", "words": ["Blaubär"], "action": "in_house"}]}
    gateway = await world.gateway(privacy=privacy)
    world.house.script = SORRY
    outcome = await call(gateway, ChatRequest("", (Message("user", (Text("How old is Blaubär?"),)),)))
    assert outcome.text.startswith("I'm sorry")
    assert world.counts == (1, 0, 0)


async def test_an_offer_comes_after_the_answer(world: World) -> None:
    gateway = await world.gateway({"cascade": {"mode": "offer"}})
    world.house.script = SORRY
    outcome = await call(gateway)
    assert outcome.text.startswith("I'm sorry")
    assert isinstance(outcome.events[-1], Finish)
    assert cascade(outcome) == {
        "outcome": "offered",
        "check": "refused",
        "second": None,
        "better_answer": True,
        "better": "cloud/m",
    }
    assert world.counts == (1, 0, 0)


async def test_an_offer_does_not_hold_up_the_text(world: World) -> None:
    gateway = await world.gateway({"cascade": {"mode": "offer", "second": "second/m"}})
    world.second.script = Script(fault="silent")
    seen: list[Event] = []
    async with aclosing(gateway.stream(SOMEBODY, "auto", REQUEST)) as items:
        async for item in items:
            if isinstance(item, TextDelta):
                seen.append(item)
                break
    assert seen == [TextDelta("The answer is 540.")]


@pytest.mark.parametrize("auto", [{"cascade": None}, {"cascade": {"agree": False}}])
async def test_only_what_is_wanted_is_asked(world: World, auto: dict[str, Any]) -> None:
    outcome = await call(await world.gateway(auto))
    assert outcome.text == "The answer is 540."
    assert world.counts == (1, 0, 0)


async def test_a_second_model_outside_is_never_asked(world: World) -> None:
    outcome = await call(await world.gateway({"cascade": {"second": "premium"}}))
    assert cascade(outcome) == {"outcome": "kept", "check": None, "second": None}
    assert world.counts == (1, 0, 0)
