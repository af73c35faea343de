"""One call of a model: route, try, retry before the first token, measure; chat and APIs go through it."""

import contextlib
import random
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import structlog

from freehold.access.subject import Subject
from freehold.errors import BudgetExceeded, FreeholdError, PriceUnknown, ProviderProtocolError, RateLimited
from freehold.gateway import repository
from freehold.gateway.admission import Admission, Ticket
from freehold.gateway.attempts import FIRST_TOKEN_S, LOCAL_FIRST_TOKEN_S, Askable, Attempts, Routed
from freehold.gateway.meter import MOST_OUTPUT, Meter, most_tokens, most_usd, size_of, usage_records
from freehold.gateway.routing import ability
from freehold.gateway.routing.aliases import Alias
from freehold.gateway.routing.plan import Plan
from freehold.gateway.routing.router import Allowed, Router, everything
from freehold.gateway.routing.slots import Slots
from freehold.kit import clock
from freehold.kit.deadline import Ticker
from freehold.observability import metrics
from freehold.observability.tracing import Tracing
from freehold.providers import cards, choice
from freehold.providers.base import ModelCard, ProviderConfig
from freehold.providers.schemas import ModelInfo, ModelList
from freehold.providers.service import Providers, Resolved
from freehold.usage.record import Source
from freehold.usage.service import UsageService
from freehold.wire.events import Event, Stage
from freehold.wire.request import ChatRequest

__all__ = ["FIRST_TOKEN_S", "LOCAL_FIRST_TOKEN_S", "Askable", "Described", "Gateway", "Routed"]

Item = TypeVar("Item")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Described:
    """What can be said of whoever will answer, before it is known: of an alias, what all its targets can."""

    card: ModelCard
    config: ProviderConfig
    sees_images: bool | None


class Gateway:
    """Calls models for people, in one event loop. What it remembers of models, their speed and failures: `router`."""

    def __init__(
        self,
        providers: Providers,
        usage: UsageService,
        chance: Callable[[], float] = random.random,
        *,
        tracing: Tracing | None = None,
    ) -> None:
        self.providers = providers
        self.tracing = tracing
        self.admission = Admission(usage)
        self._ledger = usage.ledger
        self.router = Router(providers, chance=chance)
        self.slots = Slots()
        self.ticker = Ticker()

    async def models_for(self, subject: Subject) -> ModelList:
        """The aliases and models the subject may use, with the default for them."""
        async with self.providers.database.read() as session:
            preferred = await repository.preferred_model(session, subject.user_id)
        models = await self.providers.models(preferred)
        aliases = self.router.aliases()
        chosen = preferred if any(alias.name == preferred for alias in aliases) else models.default
        return ModelList(items=[*map(alias_info, aliases), *models.items], default=chosen)

    def local_model(self) -> str | None:
        """The self-hosted chat model for titles and other small work, the built-in one if need be, or None."""
        return choice.local_model(self.providers.candidates(), self.router.speeds())

    async def describe(self, model_ref: str) -> Described:
        """What an alias or a reference stands for. Raises ModelNotFound with near matches in `params["near"]`."""
        alias = self.router.alias(model_ref)
        if alias is None or not alias.groups:
            if not self.router.knows(model_ref):  # where models come and go on a disk, it may have come just now
                await self.providers.look_again(model_ref)
            deployment = self.router.plan(model_ref).deployments[0]
            return Described(deployment.card, deployment.config, deployment.offer.sees_images)
        deployments = alias.deployments
        config = ProviderConfig(alias.name, "openai_compatible", alias.settings.name or alias.name)
        return Described(alias.card(), deployments[0].config if len(deployments) == 1 else config, alias.sees_images)

    def stream(
        self, subject: Subject, model_ref: str, request: ChatRequest, source: Source = "chat"
    ) -> AsyncGenerator[Routed | Event]:
        """Answer `request` by what `model_ref` names; first `Routed`, then the provider's events.

        Closing the generator ends the upstream call at once. Raises ModelNotFound with near matches and ModelCannot
        before anything is sent, else what the last provider said that was asked before the first token. Raises
        RateLimited and BudgetExceeded before anything is sent, but for a `title`: that is work of the server's own, on
        a model in the house.
        """
        return self.answer(subject, model_ref, Canonical(request), source)

    async def answer(
        self,
        subject: Subject,
        model_ref: str,
        asked: Askable[Item],
        source: Source = "api",
        *,
        allowed: Allowed | None = None,
        booked: bool = True,
    ) -> AsyncGenerator[Routed | Item]:
        """Answer `asked` by what `model_ref` names; a Routed comes before the items of each deployment asked.

        As `stream`; raises ModelNotAllowed, too, when `allowed` says so of the name and of all it stands for. Without
        it the subject's key decides. What is not `booked` is no call of a model: it has its place among requests and
        calls at the same time, and neither tokens, nor a cost, nor a line in the ledger.
        """
        if allowed is None:
            allowed = subject.grant.allows_model if subject.grant is not None else everything
        started = clock.monotonic()
        trace = self.tracing.call(asked.operation, model_ref, source) if self.tracing is not None else None
        ticket = None
        try:
            if not self.router.knows(model_ref):
                await self.providers.look_again(model_ref)
            plan = self.router.plan(model_ref, allowed, asked.need)
            if source != "title":
                ticket = await self._admit(subject, plan, asked, booked)
        except BaseException as error:
            _count_refusal(error)
            if trace is not None:
                trace.end(error.code if isinstance(error, FreeholdError) else None, {})
            raise
        attempts = Attempts(
            self.router,
            self.providers,
            self.slots,
            self.ticker,
            plan=plan,
            asked=asked,
            started=started,
            ticket=ticket,
            trace=trace,
        )
        try:
            async with contextlib.aclosing(attempts.run()) as items:
                async for item in items:
                    yield item
        except (RateLimited, BudgetExceeded) as error:  # of every model that could be asked
            _count_refusal(error)
            raise
        finally:
            if attempts.meter is not None:
                self._settle(subject, model_ref, source if booked else None, attempts, attempts.meter)
            elif ticket is not None:
                ticket.settle(())
            if trace is not None:
                trace.end(*attempts.traced())

    async def _admit(self, subject: Subject, plan: Plan, asked: Askable[Item], booked: bool) -> Ticket:
        """Let the call in. An answer without an end is asked for shorter when a budget has no room for a longer one."""
        first = plan.deployments[0].ref
        if not booked:
            return await self.admission.admit(subject, first, 0, 0)
        try:
            return await self.admission.admit(subject, first, most_tokens(asked.size), _most_usd(plan, asked))
        except BudgetExceeded as refusal:
            if isinstance(refusal, PriceUnknown) or not asked.shorten(MOST_OUTPUT):
                raise
        return await self.admission.admit(subject, first, most_tokens(asked.size), _most_usd(plan, asked))

    def _settle(
        self,
        subject: Subject,
        requested: str,
        source: Source | None,
        attempts: Attempts[Item],
        meter: Meter,
    ) -> None:
        """Account for the call; without a `source` it is none of the ledger's."""
        record, ticket, others = meter.record, attempts.ticket, attempts.finish()
        used = usage_records(subject, requested, source, meter, others) if source and record.attempts else []
        if ticket is not None:
            ticket.settle(used)
        else:
            for one in used:
                self._ledger.record(one)
        for one in used:
            first_token_s = None if one.first_token_ms is None else one.first_token_ms / 1000
            metrics.count_call(one.provider_id, first_token_s, one.input_tokens or 0, one.output_tokens or 0)
        if record.tokens_per_second is not None:
            self.router.spoke(record.model, record.tokens_per_second)
        if source in ("chat", "title"):  # the data plane's own line says it
            _log.info("call", user_id=subject.user_id, **record.noted())


class Canonical:
    """A canonical request as a source of canonical events."""

    __slots__ = ("_position", "need", "patience_s", "request", "size")
    operation = "chat"

    def __init__(self, request: ChatRequest) -> None:
        self.request = request
        self._position: int | None = None
        self.need = ability.need_of(request)
        self.size = size_of(request)
        self.patience_s: float | None = None

    def meter(self, resolved: Resolved, started: float) -> Meter:
        """A meter that can estimate what a provider does not count."""
        return Meter(resolved.config, resolved.card, self.size, started)

    def shorten(self, output_tokens: int) -> bool:
        """Set the request's limit, where it has none."""
        if self.request.max_tokens is not None:
            return False
        self.request = replace(self.request, max_tokens=output_tokens)
        self.size = replace(self.size, output_limit=output_tokens)
        return True

    def queued(self, position: int) -> Event | None:
        """The place in a server's queue, where it is another one than before."""
        if position == self._position:
            return None
        self._position = position
        return Stage("queued", position=position)

    async def open(self, resolved: Resolved, meter: Meter) -> AsyncGenerator[Event]:
        """The provider's events to the end. Raises ProviderProtocolError for an answer that is not complete."""
        request = replace(self.request, model=resolved.model_id)
        async with contextlib.aclosing(resolved.provider.stream(request)) as events:
            async for event in events:
                meter.see(event, clock.monotonic())
                yield event
        if meter.record.finish_reason is None:
            name = resolved.config.name
            raise ProviderProtocolError(
                f"{name} ended the answer without saying that it is complete.",
                provider=name,
                provider_id=resolved.config.id,
            )


def _count_refusal(error: BaseException) -> None:
    if isinstance(error, RateLimited | BudgetExceeded):
        metrics.REFUSALS.labels(error.code).inc()


def _most_usd(plan: Plan, asked: Askable[Item]) -> float | None:
    """What the call can cost at the dearest deployment that it may come to; 0 where all are in the house."""
    most, size = 0.0, asked.size
    for deployment in plan.deployments:
        if not deployment.config.self_hosted:
            cost = most_usd(deployment.card, size)
            if cost is None:
                return None
            most = max(most, cost)
    return most


def alias_info(alias: Alias) -> ModelInfo:
    """An alias as a model that can be picked."""
    names = list(dict.fromkeys(deployment.config.name for deployment in alias.deployments))
    shown = cards.card_info(alias.card(), self_hosted=alias.self_hosted)
    return ModelInfo(
        **shown,
        ref=alias.name,
        provider_id=alias.name,
        provider_name=", ".join(names),
        enabled=True,
        targets=[deployment.ref for deployment in alias.deployments],
    )
