"""One call of a model: resolve, check, try, retry before the first token, measure; chat and APIs go through it."""

import asyncio
import contextlib
import random
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace
from decimal import Decimal

import structlog

from freehold.access.subject import Subject
from freehold.errors import ProviderError, ProviderProtocolError, ProviderTimeout
from freehold.gateway import repository
from freehold.gateway.admission import Admission, Ticket
from freehold.gateway.meter import Attempt, CallRecord, Meter, most_tokens, most_usd, usage_record
from freehold.gateway.routing import ability
from freehold.gateway.routing.retry import wait_before_retry
from freehold.kit import clock
from freehold.observability import metrics
from freehold.providers import choice
from freehold.providers.base import ModelCard, ProviderConfig
from freehold.providers.schemas import ModelList
from freehold.providers.service import Providers, Resolved
from freehold.usage.record import Source
from freehold.usage.service import UsageService
from freehold.wire.events import Event, Finish
from freehold.wire.request import ChatRequest

FIRST_TOKEN_S = 120.0
"""How long a provider outside may be silent before the first token; a stage it reports starts the wait anew."""

LOCAL_FIRST_TOKEN_S = 600.0
"""The same for a self-hosted one, which may load tens of gigabytes and read a long prompt on a slow processor."""

_NEW_SPEED_COUNTS = 0.3  # weight of the latest answer in a model's remembered speed
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Routed:
    """Which model answers, first of a stream's items and again when that changes.

    `record` is filled in as the stream goes on and is complete when the stream ended, in whatever way.
    """

    config: ProviderConfig
    card: ModelCard
    record: CallRecord
    ticket: Ticket | None = None  # None: work of the server's own, which no limit holds up

    @property
    def attempts(self) -> list[Attempt]:
        return self.record.attempts


class Gateway:
    """Calls models for people. Stateless but for the speed it remembers of each model."""

    def __init__(self, providers: Providers, usage: UsageService, chance: Callable[[], float] = random.random) -> None:
        self.providers = providers
        self.admission = Admission(usage)
        self._ledger = usage.ledger
        self._chance = chance
        self._speeds: dict[str, float] = {}

    async def models_for(self, subject: Subject) -> ModelList:
        """The models the subject may use, with the default for them."""
        async with self.providers.database.read() as session:
            preferred = await repository.preferred_model(session, subject.user_id)
        return await self.providers.models(preferred)

    def local_model(self) -> str | None:
        """The self-hosted chat model for titles and other small work, the built-in one if need be, or None."""
        return choice.local_model(self.providers.candidates(), self._speeds)

    async def stream(
        self, subject: Subject, model_ref: str, request: ChatRequest, source: Source = "chat"
    ) -> AsyncGenerator[Routed | Event]:
        """Answer `request` by the model that `model_ref` names; first `Routed`, then the provider's events.

        Closing the generator ends the upstream call at once. Raises ProviderError: ModelNotFound with near matches
        and ModelCannot before anything is sent, else what the provider said, after at most two retries before the first
        token. Raises RateLimited and BudgetExceeded before anything is sent, but for a `title`: that is work of the
        server's own, on a model in the house.
        """
        started = clock.monotonic()
        async with self.providers.lease(model_ref) as resolved:
            ability.check(request, resolved.config, resolved.offer)
            config, card = resolved.config, resolved.card
            ticket = None
            if source != "title":
                most = Decimal(0) if config.self_hosted else most_usd(card, request)
                ticket = await self.admission.admit(subject, f"{config.id}/{card.id}", most_tokens(request), most)
            meter = Meter(config, card, request, started)
            try:
                yield Routed(config, card, meter.record, ticket)
                async with contextlib.aclosing(self._attempts(resolved, request, meter)) as events:
                    async for event in events:
                        yield event
            finally:
                meter.finish(clock.monotonic())
                self._settle(subject, model_ref, source, meter.record, ticket)

    async def _attempts(self, resolved: Resolved, request: ChatRequest, meter: Meter) -> AsyncGenerator[Event]:
        request = replace(request, model=resolved.model_id)
        failures = 0
        while True:
            attempt = Attempt(meter.record.model, "chosen" if not failures else "retry")
            meter.record.attempts.append(attempt)
            began = clock.monotonic()
            try:
                async with contextlib.aclosing(self._once(resolved, request, meter)) as events:
                    async for event in events:
                        yield event
                self.providers.health.note_call(resolved.config, None)
                metrics.UPSTREAM_REQUESTS.labels(resolved.config.id, "ok").inc()
                return
            except ProviderError as error:
                attempt.error = error.code
                metrics.UPSTREAM_REQUESTS.labels(resolved.config.id, error.code).inc()
                self.providers.health.note_call(resolved.config, error)
                failures += 1
                wait = None if meter.answering else wait_before_retry(error, failures, self._chance())
                if wait is None:
                    raise
                meter.begin_again()
                attempt.waited_ms = round(wait * 1000, 1)
            finally:
                attempt.duration_ms = round((clock.monotonic() - began) * 1000, 1)
            await asyncio.sleep(wait)

    async def _once(self, resolved: Resolved, request: ChatRequest, meter: Meter) -> AsyncGenerator[Event]:
        finished = False
        async with contextlib.aclosing(resolved.provider.stream(request)) as events:
            while True:  # to its very end, so that the connection can be used again
                try:
                    event = await (anext(events) if meter.answering else _first(events, resolved.config))
                except StopAsyncIteration:
                    break
                meter.see(event, clock.monotonic())
                finished = finished or isinstance(event, Finish)
                yield event
        if not finished:
            name = resolved.config.name
            raise ProviderProtocolError(
                f"{name} ended the answer without saying that it is complete.",
                provider=name,
                provider_id=resolved.config.id,
            )

    def _settle(
        self, subject: Subject, requested: str, source: Source, record: CallRecord, ticket: Ticket | None
    ) -> None:
        used = usage_record(subject, requested, source, record) if record.attempts else None
        if ticket is not None:
            ticket.settle(used)
        elif used is not None:
            self._ledger.record(used)
        provider = record.provider_id
        if record.first_token_ms is not None:
            metrics.UPSTREAM_FIRST_TOKEN_SECONDS.labels(provider).observe(record.first_token_ms / 1000)
        metrics.TOKENS.labels(provider, "input").inc(record.input_tokens or 0)
        metrics.TOKENS.labels(provider, "output").inc(record.output_tokens or 0)
        if record.tokens_per_second is not None:
            before = self._speeds.get(record.model, record.tokens_per_second)
            self._speeds[record.model] = before + _NEW_SPEED_COUNTS * (record.tokens_per_second - before)
        _log.info(
            "call",
            user_id=subject.user_id,
            model=record.model,
            self_hosted=record.self_hosted,
            finish_reason=record.finish_reason,
            error=record.attempts[-1].error if record.attempts else None,
            attempts=len(record.attempts),
            first_token_ms=record.first_token_ms,
            duration_ms=record.duration_ms,
            input_tokens=record.input_tokens,
            output_tokens=record.output_tokens,
        )


async def _first(events: AsyncGenerator[Event], config: ProviderConfig) -> Event:
    """The next event while there is no token yet, within the time that a person can be asked to wait."""
    seconds = config.options.get("first_token_timeout_s") or (
        LOCAL_FIRST_TOKEN_S if config.self_hosted else FIRST_TOKEN_S
    )
    try:
        async with asyncio.timeout(seconds):
            return await anext(events)
    except TimeoutError:
        raise ProviderTimeout(
            f"{config.name} did not begin to answer within {seconds:g} seconds.",
            provider=config.name,
            provider_id=config.id,
            seconds=seconds,
        ) from None
