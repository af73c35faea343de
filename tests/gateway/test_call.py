"""One call, against a real socket: its account, its retries, its time-outs, its end."""

import asyncio
import time
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from freehold.access.subject import Subject
from freehold.db import Database
from freehold.errors import (
    FreeholdError,
    ModelCannot,
    ModelNotFound,
    ProviderKeyRejected,
    ProviderOverloaded,
    ProviderProtocolError,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUnreachable,
)
from freehold.gateway.call import Gateway, Routed
from freehold.gateway.meter import CallRecord
from freehold.identity.models import User
from freehold.kit import clock
from freehold.providers.schemas import ModelPatch
from freehold.providers.service import Providers
from freehold.usage.service import UsageService
from freehold.wire.events import Event, Finish, TextDelta, Usage
from freehold.wire.request import ChatRequest, Image, Message, Text
from tests.fakes.upstream import Counts, FakeUpstream, Script

SOMEBODY = Subject("0192d7a0-0000-7000-8000-000000000001", "admin", None)
REQUEST = ChatRequest("", (Message("user", (Text("Hello there"),)),))
WORDS = ("one ", "two ", "three")
ANSWER = Script(text=WORDS, usage=Counts(7, 3))
BUSY = Script(error="overloaded")


@pytest.fixture(autouse=True)
def answer(server: FakeUpstream) -> None:
    server.script = ANSWER


def asked(server: FakeUpstream) -> list[Any]:
    """The chat requests that arrived."""
    return [recorded.body for recorded in server.requests if recorded.method == "POST"]


async def after(server: FakeUpstream, requests: int, script: Script) -> None:
    """Play `script` once so many chat requests came."""
    while len(asked(server)) < requests:
        await asyncio.sleep(0.005)
    server.script = script


class Outcome:
    """Everything a call gave, and how it ended."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.record: CallRecord | None = None
        self.error: FreeholdError | None = None

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, TextDelta))


async def call(
    gateway: Gateway, ref: str = "acme/alpha", request: ChatRequest = REQUEST, who: Subject = SOMEBODY
) -> Outcome:
    outcome = Outcome()
    try:
        async with aclosing(gateway.stream(who, ref, request)) as items:
            async for item in items:
                if isinstance(item, Routed):
                    outcome.record = item.record
                else:
                    outcome.events.append(item)
    except FreeholdError as error:
        outcome.error = error
    return outcome


async def test_an_answer_and_its_account(gateway: Gateway, server: FakeUpstream) -> None:
    server.script = replace(ANSWER, pause_s=0.02)
    outcome = await call(gateway)
    assert outcome.error is None
    assert outcome.text == "one two three"
    assert isinstance(outcome.events[-1], Finish)
    assert asked(server)[0]["model"] == "alpha"
    record = outcome.record
    assert record is not None
    assert (record.model, record.provider_name, record.self_hosted) == ("acme/alpha", "Acme", False)
    assert (record.input_tokens, record.output_tokens, record.usage_estimated) == (7, 3, False)
    assert record.cost_usd is None
    assert record.finish_reason == "stop"
    assert record.first_token_ms is not None
    assert record.duration_ms is not None
    assert 0 < record.first_token_ms < record.duration_ms
    assert record.tokens_per_second == pytest.approx(3 / 0.1, rel=0.6)
    assert [attempt.error for attempt in record.attempts] == [None]


async def test_the_first_item_says_who_answers_before_anything_is_sent(gateway: Gateway, server: FakeUpstream) -> None:
    async with aclosing(gateway.stream(SOMEBODY, "acme/alpha", REQUEST)) as items:
        first = await anext(items)
        assert isinstance(first, Routed)
        assert first.config.id == "acme"
        assert asked(server) == []


async def test_a_provider_that_does_not_count_is_estimated(gateway: Gateway, server: FakeUpstream) -> None:
    server.script = Script(text=WORDS, usage=None)
    record = (await call(gateway)).record
    assert record is not None
    assert record.usage_estimated is True
    assert record.input_tokens
    assert record.output_tokens
    assert not any(isinstance(event, Usage) for event in (await call(gateway)).events)


async def test_in_house_costs_nothing_and_priced_models_what_they_cost(
    start_providers: Any, make_settings: Any, declared: dict[str, Any], server: FakeUpstream, usage: UsageService
) -> None:
    house = await start_providers(make_settings(declared | {"self_hosted": True}))
    record = (await call(Gateway(house, usage))).record
    assert record is not None
    assert record.cost_usd == 0.0
    outside = await start_providers(make_settings(declared | {"kind": "openai", "models": ["gpt-4o"]}))
    record = (await call(Gateway(outside, usage), "acme/gpt-4o")).record
    assert record is not None
    assert record.cost_usd == pytest.approx((7 * 2.5 + 3 * 10) / 1e6)


async def test_busy_twice_then_answered(gateway: Gateway, server: FakeUpstream) -> None:
    server.script = BUSY
    outcome, _ = await asyncio.gather(call(gateway), after(server, 2, ANSWER))
    assert outcome.text == "one two three"
    assert outcome.record is not None
    assert [attempt.error for attempt in outcome.record.attempts] == ["provider_overloaded"] * 2 + [None]
    assert [attempt.reason for attempt in outcome.record.attempts] == ["chosen", "retry", "retry"]


async def test_busy_three_times_is_an_error(gateway: Gateway, server: FakeUpstream) -> None:
    server.script = BUSY
    outcome = await call(gateway)
    assert isinstance(outcome.error, ProviderOverloaded)
    assert len(asked(server)) == 3
    assert outcome.record is not None
    assert outcome.record.duration_ms is not None


async def test_a_rejected_key_is_not_tried_again(gateway: Gateway, server: FakeUpstream, providers: Providers) -> None:
    server.script = Script(error="key")
    outcome = await call(gateway)
    assert isinstance(outcome.error, ProviderKeyRejected)
    assert len(outcome.record.attempts) == 1  # type: ignore[union-attr]
    assert providers.status("acme").state == "failing"
    server.script = ANSWER
    await call(gateway)
    assert providers.status("acme").state == "ok"


async def test_who_has_answered_was_tried(gateway: Gateway, providers: Providers) -> None:
    providers.health.forget("acme")  # as of a server that lists no models, after a start
    assert providers.status("acme").state == "unknown"
    await call(gateway)
    assert providers.status("acme").state == "ok"


async def test_retry_after_is_honoured_up_to_five_seconds(gateway: Gateway, server: FakeUpstream) -> None:
    server.script = Script(error="rate", retry_after=1)
    began = time.monotonic()
    outcome, _ = await asyncio.gather(call(gateway), after(server, 1, ANSWER))
    assert outcome.error is None
    assert 1.0 <= time.monotonic() - began < 2.5
    server.script = Script(error="rate", retry_after=60)
    began = time.monotonic()
    outcome = await call(gateway)
    assert isinstance(outcome.error, ProviderRateLimited)
    assert outcome.error.params["retry_after_s"] == 60
    assert time.monotonic() - began < 0.5


async def test_nothing_is_repeated_after_the_first_token(gateway: Gateway, server: FakeUpstream) -> None:
    server.script = replace(ANSWER, fault="cut", pause_s=0.02)
    outcome = await call(gateway)
    assert isinstance(outcome.error, ProviderProtocolError)
    assert outcome.text.startswith("one ")
    assert len(asked(server)) == 1
    record = outcome.record
    assert record is not None
    assert record.usage_estimated is True
    assert record.attempts[0].error == "provider_protocol_error"


async def test_silence_before_the_first_token_ends_and_is_not_repeated(
    start_providers: Any, make_settings: Any, declared: dict[str, Any], server: FakeUpstream, usage: UsageService
) -> None:
    providers = await start_providers(make_settings(declared | {"options": {"first_token_timeout_s": 0.2}}))
    server.script = Script(fault="stuck")
    outcome = await call(Gateway(providers, usage))
    assert isinstance(outcome.error, ProviderTimeout)
    assert "0.2 seconds" in outcome.error.message
    assert len(asked(server)) == 1
    assert await server.wait_idle(0.2)


async def test_closing_the_stream_closes_the_upstream_within_200_ms(gateway: Gateway, server: FakeUpstream) -> None:
    server.script = Script(text=("word ",) * 10_000, pause_s=0.01)
    items = gateway.stream(SOMEBODY, "acme/alpha", REQUEST)
    routed = await anext(items)
    assert isinstance(routed, Routed)
    for _ in range(3):
        await anext(items)
    began = time.monotonic()
    await items.aclose()
    assert await server.wait_idle(0.2)
    assert time.monotonic() - began < 0.2
    assert routed.record.duration_ms is not None
    assert routed.record.usage_estimated is True


async def test_cancelling_before_the_first_token_closes_the_upstream(gateway: Gateway, server: FakeUpstream) -> None:
    server.script = Script(fault="stuck")
    task = asyncio.create_task(call(gateway))
    assert await server.wait_busy()
    began = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await server.wait_idle(0.2)
    assert time.monotonic() - began < 0.2


async def test_an_unknown_model_says_what_was_meant(gateway: Gateway, server: FakeUpstream) -> None:
    outcome = await call(gateway, "acme/alhpa")
    assert isinstance(outcome.error, ModelNotFound)
    assert outcome.error.params["near"] == ["acme/alpha"]
    assert outcome.error.params["provider"] == "Acme"
    assert asked(server) == []


async def test_a_bare_model_id_is_enough(gateway: Gateway) -> None:
    outcome = await call(gateway, "beta")
    assert outcome.record is not None
    assert outcome.record.model == "acme/beta"


async def test_nobody_at_the_address(
    gateway: Gateway, start_providers: Any, make_settings: Any, usage: UsageService
) -> None:
    nobody = {"id": "gone", "kind": "openai_compatible", "name": "Gone", "base_url": "http://127.0.0.1:9/v1"}
    providers = await start_providers(make_settings(nobody))
    outcome = await call(Gateway(providers, usage, chance=lambda: 0.0), "gone/anything")
    assert isinstance(outcome.error, ProviderUnreachable)
    assert "127.0.0.1:9" in outcome.error.message
    assert providers.status("gone").state == "failing"


async def test_a_blind_model_is_not_shown_an_image(
    gateway: Gateway, providers: Providers, server: FakeUpstream
) -> None:
    picture = ChatRequest("", (Message("user", (Text("what?"), Image(b"\x89PNG", "image/png"))),))
    assert (await call(gateway, request=picture)).error is None  # nobody knows, so it is tried
    await providers.administration.change_model("acme", "alpha", ModelPatch(overrides={"abilities": ["tools"]}))
    before = len(asked(server))
    outcome = await call(gateway, request=picture)
    assert isinstance(outcome.error, ModelCannot)
    assert len(asked(server)) == before


async def test_a_deployment_is_called_by_its_upstream_name(
    start_providers: Any, make_settings: Any, declared: dict[str, Any], server: FakeUpstream, usage: UsageService
) -> None:
    named = declared | {"models": [{"id": "gpt-4o", "deployment": "my-east-4o"}]}
    outcome = await call(Gateway(await start_providers(make_settings(named)), usage), "acme/gpt-4o")
    assert outcome.record is not None
    assert (asked(server)[0]["model"], outcome.record.model_id) == ("my-east-4o", "gpt-4o")


async def test_titles_stay_in_the_house(
    start_providers: Any, make_settings: Any, declared: dict[str, Any], gateway: Gateway, usage: UsageService
) -> None:
    assert gateway.local_model() is None
    house = await start_providers(make_settings(declared | {"self_hosted": True}))
    await house.refresh("acme")
    assert Gateway(house, usage).local_model() == "acme/alpha"


async def test_the_default_is_what_the_person_prefers(gateway: Gateway, database: Database) -> None:
    assert (await gateway.models_for(SOMEBODY)).default == "acme/alpha"
    now = clock.now()
    row = {"id": SOMEBODY.user_id, "name": "A", "role": "member", "status": "active", "created_at": now}
    async with database.begin() as session:
        session.add(User(**row, updated_at=now, preferences={"default_model": "acme/beta"}))
    assert (await gateway.models_for(SOMEBODY)).default == "acme/beta"
