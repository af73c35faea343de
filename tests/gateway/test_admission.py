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
from freehold.identity.people.membership import Membership
from freehold.observability import metrics
from freehold.providers.schemas import ModelPatch
from freehold.settings import Settings
from freehold.usage.holders import Holder
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
        models, more = areas.pop("models", {}), areas.pop("declared", {})
        settings = make_settings(declared={"providers": [priced], "models": models, **more}, **areas)
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


async def test_two_people_of_a_group_never_spend_more_than_it_has(
    open_gateway: Any, database: Database, server: FakeUpstream
) -> None:
    one = Decimal("0.0010175")
    gateway, usage = await open_gateway(
        budgets={"groups": {"legal": {"usd": str(round(one * 50, 6)), "period": "total"}}}
    )
    legal = Membership("0192d7a0-0000-7000-8000-00000000000c", "legal")
    members = [replace(who, groups=(legal,)) for who in (ANA, BO)]
    server.script = Script(usage=Counts(7, 100), pause_s=0.01)
    calls = (ask(gateway, who=members[number % 2]) for number in range(200))
    ended = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(one, Routed | BudgetExceeded) for one in ended), ended
    passed = [one for one in ended if isinstance(one, Routed)]
    assert 0 < len(passed) <= 50
    await usage.budgets.flush(give_back=True)
    async with database.read() as session:
        window = (await session.scalars(select(BudgetWindow))).one()
    assert (window.holder_kind, window.reserved) == ("group", 0)
    assert window.spent == sum(row.cost_nanodollars or 0 for row in await books(database, usage))
    assert window.spent <= round(one * 50 * NANO)


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


async def test_an_entered_price_lets_a_model_in_at_once_and_is_what_it_costs(
    open_gateway: Any, database: Database, server: FakeUpstream
) -> None:
    auto = {"routing": {"auto": {"baseline": "acme/unheard-of"}}}
    gateway, usage = await open_gateway(declared=auto, budgets={"user": {"usd": 1, "period": "month"}})
    administration = gateway.providers.administration
    server.script = Script(usage=Counts(input=1_000, output=100))
    with pytest.raises(PriceUnknown) as caught:
        await ask(gateway, "acme/unheard-of")
    assert "Providers" in caught.value.next_step
    assert (caught.value.params["model"], caught.value.params["provider_id"]) == ("acme/unheard-of", "acme")
    await ask(gateway)
    for prices in ({"input": 4.0, "output": 20.0}, {"input": 5.0, "output": 30.0}):
        await administration.change_model("acme", "unheard-of", ModelPatch.model_validate({"prices": prices}))
        await ask(gateway, "acme/unheard-of")
    await ask(gateway)
    await administration.change_model("acme", "unheard-of", ModelPatch(prices=None))
    with pytest.raises(PriceUnknown):
        await ask(gateway, "acme/unheard-of")
    rows = [row for row in await books(database, usage) if row.status == "ok"]
    assert [row.cost_nanodollars for row in rows] == [3_500_000, 6_000_000, 8_000_000, 3_500_000]
    assert [row.baseline_nanodollars for row in rows] == [None, 6_000_000, 8_000_000, 8_000_000]


async def test_the_model_without_a_price_is_the_one_that_is_named(open_gateway: Any, server: FakeUpstream) -> None:
    both = {
        "smart": {"targets": [{"provider": "acme", "model": "gpt-4o"}, {"provider": "acme", "model": "unheard-of"}]}
    }
    gateway, _ = await open_gateway(models=both, budgets={"user": {"usd": 1, "period": "month"}})
    with pytest.raises(PriceUnknown) as caught:
        await ask(gateway, "smart")
    assert caught.value.params["model"] == "acme/unheard-of"


@pytest.mark.parametrize("outside", [PRICED, "acme/unheard-of"])
async def test_an_alias_goes_on_in_the_house_where_a_budget_has_no_room(
    open_gateway: Any, declared: dict[str, Any], outside: str
) -> None:
    house = declared | {"id": "house", "self_hosted": True, "models": ["alpha"]}
    acme = declared | {"kind": "openai", "models": ["gpt-4o", "unheard-of"]}
    target = {"provider": "acme", "model": outside.partition("/")[2]}
    gateway, _ = await open_gateway(
        declared={"providers": [acme, house]},
        models={"smart": {"targets": [target], "fallback": ["house/alpha"]}, "dear": {"targets": [target]}},
        budgets={"user": {"usd": 0, "period": "month"}},
    )
    routed = await ask(gateway, "smart")
    assert routed.record.model == "house/alpha"
    assert routed.record.skipped == [{"ref": outside, "stage": "locality", "why": "over_budget"}]
    for ref in ("dear", outside):
        with pytest.raises(BudgetExceeded):
            await ask(gateway, ref)


async def test_no_more_is_counted_than_a_model_can_write(
    open_gateway: Any, declared: dict[str, Any], server: FakeUpstream
) -> None:
    """Asking for a shorter answer than the longest one it gives would be of no use, and might be refused by it."""
    terse = {"id": "gpt-4o", "max_output_tokens": 100, "prices": {"input": 0, "output": 1000}}
    acme = declared | {"kind": "openai", "models": [terse]}
    gateway, _ = await open_gateway(
        declared={"providers": [acme]}, budgets={"user": {"usd": "0.25", "period": "total"}}
    )
    server.script = Script(usage=Counts(40, 100))
    for limit in (None, 100_000):
        await ask(gateway, request=replace(REQUEST, max_tokens=limit))
    with pytest.raises(BudgetExceeded) as caught:
        await ask(gateway, request=replace(REQUEST, max_tokens=None))
    assert "which may cost $0.10: $0.20 is spent" in caught.value.message
    assert "reserved" not in caught.value.message, "no call is under way"


async def test_an_answer_that_a_budget_has_no_room_for_is_not_asked_for(open_gateway: Any) -> None:
    gateway, _ = await open_gateway(budgets={"user": {"usd": "0.05", "period": "total"}})
    with pytest.raises(BudgetExceeded):
        await ask(gateway, request=replace(REQUEST, max_tokens=6_000))


@pytest.mark.parametrize("limited", ["limits", "budgets"])
async def test_a_model_whose_limit_is_reached_is_passed_over(
    open_gateway: Any, database: Database, server: FakeUpstream, limited: str
) -> None:
    """A limit of a model holds for every attempt at it, the first of an alias and the later ones."""
    rules = {"limits": {PRICED: {"requests_per_minute": 1}}, "budgets": {PRICED: {"usd": 0, "period": "total"}}}
    alias = {
        "targets": [{"provider": "acme", "model": "gpt-4o", "priority": 0}],
        "fallback": ["other"],
    }
    other = {"targets": [{"provider": "acme", "model": "gpt-4o-mini"}]}
    gateway, usage = await open_gateway(
        {"models": ["gpt-4o", "gpt-4o-mini"]},
        **{limited: {"models": rules[limited]}},
        models={"smart": alias, "other": other},
    )
    if limited == "limits":
        assert (await ask(gateway, "smart")).record.model == PRICED
    routed = await ask(gateway, "smart")
    assert routed.record.model == "acme/gpt-4o-mini"
    assert routed.record.skipped == [{"ref": PRICED, "stage": "locality", "why": "limited"}]
    with pytest.raises(RateLimited if limited == "limits" else BudgetExceeded):
        await ask(gateway)
    kept = await books(database, usage)
    assert [row.status for row in kept] == ["ok"] * len(kept)


async def test_a_fallback_counts_for_its_own_models_limit(open_gateway: Any, server: FakeUpstream) -> None:
    mini = "acme/gpt-4o-mini"
    gateway, _ = await open_gateway(
        {"models": ["gpt-4o", "gpt-4o-mini"]},
        limits={"models": {PRICED: {"requests_per_minute": 1}, mini: {"tokens_per_minute": 1000}}},
        models={
            "smart": {"targets": [{"provider": "acme", "model": "gpt-4o"}], "fallback": ["other"]},
            "other": {"targets": [{"provider": "acme", "model": "gpt-4o-mini"}]},
        },
    )
    server.script = Script(usage=Counts(40, 10))
    assert [(await ask(gateway, "smart")).record.model for _ in range(2)] == [PRICED, mini]
    routed = await ask(gateway, mini)
    assert routed.ticket is not None
    assert routed.ticket.headers["x-ratelimit-remaining-tokens"] == "900", (
        "its own two calls, and not the other model's"
    )


async def test_near_the_end_of_a_budget_answers_are_asked_for_shorter(
    open_gateway: Any, database: Database, server: FakeUpstream
) -> None:
    """The model writes up to 16,384 tokens, which cost 16 cents: there is room for 4,096 of them."""
    refused = metrics.REFUSALS.labels("budget_exceeded")._value.get
    gateway, _ = await open_gateway(budgets={"user": {"usd": "0.05", "period": "total"}})
    before = refused()
    await ask(gateway, request=replace(REQUEST, max_tokens=None))
    assert refused() == before, "nobody was refused"
    with pytest.raises(BudgetExceeded):
        await ask(gateway, request=replace(REQUEST, max_tokens=6_000))
    assert refused() == before + 1
    body = next(one.body for one in server.requests if one.method == "POST")
    assert 4096 in (body.get("max_tokens"), body.get("max_completion_tokens"))
    server.requests.clear()
    rich, _ = await open_gateway(budgets={"user": {"usd": "5", "period": "total"}})
    await ask(rich, request=replace(REQUEST, max_tokens=None))
    body = next(one.body for one in server.requests if one.method == "POST")
    assert not {"max_tokens", "max_completion_tokens"} & body.keys()


async def test_a_call_that_is_let_in_at_the_second_try_is_one_request(open_gateway: Any) -> None:
    """A shorter answer, or one in the house, is asked for where the budget has no room for the first choice."""
    limits = {"user": {"requests_per_minute": 2}, "models": {PRICED: {"requests_per_minute": 2}}}
    for tight in (
        {"user": {"usd": "0.05", "period": "total"}},
        {"models": {PRICED: {"usd": "0.05", "period": "total"}}},
    ):
        gateway, usage = await open_gateway(limits=limits, budgets=tight)
        for _ in range(2):
            await ask(gateway, request=replace(REQUEST, max_tokens=None))
        assert usage.limits.used(Holder("user", ANA.user_id)).requests == 2
        with pytest.raises(RateLimited):
            await ask(gateway)
