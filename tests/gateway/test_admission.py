"""Admission and the ledger over real calls: what the provider counted is in the books to the token."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from freehold.access.subject import Subject
from freehold.db import Database
from freehold.errors import BudgetExceeded, FreeholdError, PriceUnknown, RateLimited
from freehold.gateway.call import Gateway, Routed
from freehold.settings import Settings
from freehold.usage.models import BudgetWindow, UsageDay, UsageRow
from freehold.usage.money import NANO
from freehold.usage.service import UsageService
from freehold.wire.request import ChatRequest, Message, Text
from tests.fakes.upstream import Counts, FakeUpstream, Script

ANA = Subject("0192d7a0-0000-7000-8000-000000000001", "member", None)
BO = Subject("0192d7a0-0000-7000-8000-000000000002", "member", None)
REQUEST = ChatRequest("", (Message("user", (Text("Hello there"),)),), max_tokens=100)
PRICED = "acme/gpt-4o"  # 2.5 and 10 dollars a million tokens


@pytest.fixture
def open_gateway(
    start_providers: Any,
    make_settings: Callable[..., Settings],
    declared: dict[str, Any],
    database: Database,
    tmp_path: Path,
) -> Callable[..., Any]:
    """A gateway with limits and budgets, over a model server whose prices are known."""

    async def start(provider: dict[str, Any] | None = None, **areas: Any) -> tuple[Gateway, UsageService]:
        priced = declared | {"kind": "openai", "models": ["gpt-4o", "unheard-of"]} | (provider or {})
        settings = make_settings(priced, **areas)
        usage = UsageService(database, settings, tmp_path)
        await usage.rules.refresh()
        return Gateway(await start_providers(settings), usage, chance=lambda: 0.0), usage

    return start


async def ask(
    gateway: Gateway, ref: str = PRICED, request: ChatRequest = REQUEST, who: Subject = ANA, source: Any = "chat"
) -> Routed:
    routed = None
    async with aclosing(gateway.stream(who, ref, request, source)) as items:
        async for item in items:
            if isinstance(item, Routed):
                routed = item
    assert routed is not None
    return routed


async def books(database: Database, usage: UsageService) -> list[UsageRow]:
    await usage.ledger.flush()
    async with database.read() as session:
        return list(await session.scalars(select(UsageRow).order_by(UsageRow.id)))


async def test_the_ledger_adds_up_to_what_the_provider_counted(
    open_gateway: Any, database: Database, server: FakeUpstream
) -> None:
    gateway, usage = await open_gateway()
    counted = [Counts(input=11 * n, output=3 * n, cached=2 * n, reasoning=n) for n in range(1, 21)]
    for number, counts in enumerate(counted):
        server.script = Script(usage=counts)
        await ask(gateway, who=ANA if number % 2 else BO, source=["chat", "title", "api"][number % 3])
    kept = await books(database, usage)
    for name, ours in (
        ("input", "input_tokens"),
        ("output", "output_tokens"),
        ("cached", "cached_input_tokens"),
        ("reasoning", "reasoning_tokens"),
    ):
        assert sum(getattr(row, ours) for row in kept) == sum(getattr(counts, name) for counts in counted), name
    cost = sum(9 * n * 2_500 + 2 * n * 1_250 + 3 * n * 10_000 for n in range(1, 21))
    assert sum(row.cost_nanodollars or 0 for row in kept) == cost
    async with database.read() as session:
        assert await session.scalar(select(func.sum(UsageDay.cost_nanodollars))) == cost
    assert {row.source for row in kept} == {"chat", "title", "api"}
    assert not any(row.estimated for row in kept)


async def test_failed_retried_and_broken_off_calls_are_in_the_books(
    open_gateway: Any, database: Database, server: FakeUpstream
) -> None:
    gateway, usage = await open_gateway()
    server.script = Script(error="key")
    with pytest.raises(FreeholdError):
        await ask(gateway)
    server.script = Script(error="overloaded")
    task = asyncio.create_task(ask(gateway))
    while len([one for one in server.requests if one.method == "POST"]) < 2:
        await asyncio.sleep(0.005)
    server.script = Script(usage=Counts(7, 3))
    await task
    server.script = Script(pause_s=0.05)
    async with aclosing(gateway.stream(ANA, PRICED, REQUEST)) as items:
        await anext(items)
        await anext(items)
    server.script = Script(fault="cut")
    with pytest.raises(FreeholdError):
        await ask(gateway)
    refused, retried, left, cut = await books(database, usage)
    assert (refused.status, refused.error, refused.attempts) == ("failed", "provider_key_rejected", 1)
    assert (refused.input_tokens, refused.cost_nanodollars) == (None, None)
    assert (retried.status, retried.input_tokens, retried.output_tokens, retried.attempts) == ("ok", 7, 3, 2)
    assert (left.status, left.estimated) == ("stopped", True)
    assert (cut.status, cut.estimated, cut.error) == ("failed", True, "provider_protocol_error")
    assert cut.cost_nanodollars


async def test_a_call_that_was_never_sent_is_in_no_book(open_gateway: Any, database: Database) -> None:
    gateway, usage = await open_gateway(limits={"user": {"concurrency": 1}})
    for _ in range(3):
        async with aclosing(gateway.stream(ANA, PRICED, REQUEST)) as items:
            await anext(items)
    assert await books(database, usage) == []


async def test_requests_in_a_minute_for_each_person(open_gateway: Any, server: FakeUpstream) -> None:
    gateway, _ = await open_gateway(limits={"user": {"requests_per_minute": 2, "tokens_per_minute": 1000}})
    server.script = Script(usage=Counts(40, 10))
    await ask(gateway)
    routed = await ask(gateway)
    headers = routed.ticket.headers if routed.ticket else {}
    assert headers["x-ratelimit-remaining-requests"] == "0"
    assert headers["x-ratelimit-remaining-tokens"] == "900", "the estimate was corrected by what the provider counted"
    with pytest.raises(RateLimited):
        await ask(gateway)
    await ask(gateway, who=BO)
    await ask(gateway, source="title")
    assert len([one for one in server.requests if one.method == "POST"]) == 4


async def test_two_hundred_calls_at_once_against_a_budget_for_fifty(
    open_gateway: Any, database: Database, server: FakeUpstream
) -> None:
    one = Decimal("0.0010175")  # 7 tokens and the 100 that the request allows
    gateway, usage = await open_gateway(budgets={"user": {"usd": str(round(one * 50, 6)), "period": "total"}})
    server.script = Script(usage=Counts(7, 100), pause_s=0.01)
    ended = await asyncio.gather(*(ask(gateway) for _ in range(200)), return_exceptions=True)
    passed = [one for one in ended if isinstance(one, Routed)]
    assert all(isinstance(one, Routed | BudgetExceeded) for one in ended), ended
    assert 0 < len(passed) <= 50
    await usage.budgets.flush(give_back=True)
    kept = await books(database, usage)
    assert len(kept) == len(passed) == len([one for one in server.requests if one.method == "POST"])
    async with database.read() as session:
        window = (await session.scalars(select(BudgetWindow))).one()
    assert window.reserved == 0
    assert window.spent == sum(row.cost_nanodollars or 0 for row in kept) <= round(one * 50 * NANO)


async def test_a_used_up_budget_leaves_the_house_open(
    open_gateway: Any, database: Database, server: FakeUpstream
) -> None:
    nothing = {"user": {"usd": 0, "period": "month"}}
    outside, _ = await open_gateway(budgets=nothing)
    with pytest.raises(BudgetExceeded) as caught:
        await ask(outside)
    assert "your account" in caught.value.message
    assert "in-house model" in caught.value.next_step
    with pytest.raises(PriceUnknown):
        await ask(outside, "acme/unheard-of")
    house, usage = await open_gateway({"self_hosted": True}, budgets=nothing)
    await ask(house)
    (row,) = await books(database, usage)
    assert (row.self_hosted, row.cost_nanodollars) == (True, 0)


async def test_without_an_end_to_the_answer_a_likely_one_is_reserved(open_gateway: Any, server: FakeUpstream) -> None:
    gateway, _ = await open_gateway(budgets={"user": {"usd": "0.05", "period": "total"}})
    await ask(gateway, request=replace(REQUEST, max_tokens=None))  # 4,096 tokens at 10 dollars a million fit
    with pytest.raises(BudgetExceeded):
        await ask(gateway, request=replace(REQUEST, max_tokens=6_000))
