"""One call of a model: route, try, retry before the first token, measure; chat and APIs go through it."""

import contextlib
import random
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import structlog

from freehold.access.subject import Subject
from freehold.errors import (
    BudgetExceeded,
    DataStaysInHouse,
    FreeholdError,
    PriceUnknown,
    ProviderProtocolError,
    RateLimited,
)
from freehold.gateway import cascading, repository
from freehold.gateway.admission import Admission, Ticket
from freehold.gateway.attempts import FIRST_TOKEN_S, LOCAL_FIRST_TOKEN_S, Askable, Attempts, Routed
from freehold.gateway.baseline import Baseline
from freehold.gateway.learning.shadows import Shadows, Whose
from freehold.gateway.meter import MOST_OUTPUT, Meter, Size, most_tokens, most_usd, size_of, usage_records
from freehold.gateway.privacy.asking import answered
from freehold.gateway.privacy.border import Border
from freehold.gateway.privacy.hiding import hidden, texts_of
from freehold.gateway.privacy.masking import Mask
from freehold.gateway.privacy.passed import Passed
from freehold.gateway.routing import ability
from freehold.gateway.routing.aliases import Alias
from freehold.gateway.routing.cascade.checks import Given
from freehold.gateway.routing.cascade.judging import given_by
from freehold.gateway.routing.content import Content, content_of
from freehold.gateway.routing.pipeline.snapshot import AUTO
from freehold.gateway.routing.plan import Plan
from freehold.gateway.routing.policy import NO_THREAD, Policy, Thread
from freehold.gateway.routing.router import Allowed, Router, everything
from freehold.gateway.routing.slots import Slots
from freehold.kit import clock
from freehold.kit.deadline import Ticker
from freehold.observability import metrics
from freehold.observability.tracing import Tracing
from freehold.providers import cards, choice, registry
from freehold.providers.base import ModelCard, ProviderConfig
from freehold.providers.schemas import ModelInfo, ModelList
from freehold.providers.service import Providers, Resolved
from freehold.usage.record import IN_HOUSE_WORK, Source
from freehold.usage.service import UsageService
from freehold.wire.events import Event, Finish, Stage, TextDelta
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
        self.policy = Policy(self.router, self.slots)
        self.border = Border(lambda: self.router.directory.settings.declared.privacy)
        self.policy.detect = self.border.detect
        self.baseline = Baseline(self.policy, self.router, usage.database)
        self.shadows = Shadows(usage.database, self.policy, self.border, self.baseline.of, self._beside)
        self.ticker = Ticker()

    async def models_for(self, subject: Subject) -> ModelList:
        """The aliases and models the subject may use, with the default for them."""
        async with self.providers.database.read() as session:
            preferred = await repository.preferred_model(session, subject.user_id)
        models = await self.providers.models(preferred)
        named = list(map(alias_info, self.router.aliases()))
        if self.policy.offers_auto:
            named.insert(0, self.policy.auto_info())
        usual = AUTO if self.policy.declared.auto is not None and self.policy.offers_auto else models.default
        known = {info.ref for info in (*named, *models.items)}
        return ModelList(items=[*named, *models.items], default=preferred if preferred in known else usual)

    def local_model(self, least_context: int = 0) -> str | None:
        """The self-hosted chat model for titles and other small work, the built-in one if need be, or None.

        One with `least_context` tokens of context is preferred.
        """
        return choice.local_model(self.providers.candidates(), self.router.speeds(), least_context)

    def is_demonstration(self, ref: str) -> bool:
        """Whether it is one that can be asked, and its card says that it is there to show how things work."""
        return any(one.ref == ref and one.card.demonstration for one in self.providers.candidates())

    async def describe(self, model_ref: str) -> Described:
        """What an alias or a reference stands for. Raises ModelNotFound with near matches in `params["near"]`."""
        if self.policy.is_auto(model_ref):
            return Described(*self.policy.auto_described())
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
        self,
        subject: Subject,
        model_ref: str,
        request: ChatRequest,
        source: Source = "chat",
        *,
        thread: Thread = NO_THREAD,
    ) -> AsyncGenerator[Routed | Event]:
        """Answer `request` by what `model_ref` names; first `Routed`, then the provider's events.

        Closing the generator ends the upstream call at once. Raises ModelNotFound with near matches and ModelCannot
        before anything is sent, else what the last provider said that was asked before the first token. Raises
        RateLimited and BudgetExceeded before anything is sent, but for a `title` or a `summary`: those are work of the
        server's own, on a model in the house. Raises as Border.cross.
        """
        return self.answer(subject, model_ref, Canonical(request, thread), source, thread=thread)

    async def answer(
        self,
        subject: Subject,
        model_ref: str,
        asked: Askable[Item],
        source: Source = "api",
        *,
        allowed: Allowed | None = None,
        booked: bool = True,
        thread: Thread = NO_THREAD,
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
            if not self.router.knows(model_ref) and model_ref != AUTO:
                await self.providers.look_again(model_ref)
            plan = self._plan(subject, model_ref, asked, allowed, thread)
            if source not in IN_HOUSE_WORK:
                ticket = await self._admit(subject, plan, asked, booked, of_models=source == "shadow")
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
        told = cascading.answer(attempts, plan, asked, source)
        shadow = None
        try:
            shadow = self.shadows.begin(Whose(subject, source, thread, allowed), plan, asked)
            items = told if shadow is None else shadow.overhear(told)
            try:
                async for item in items:
                    yield item
            finally:
                await items.aclose()
        except (RateLimited, BudgetExceeded) as error:  # of every model that could be asked
            _count_refusal(error)
            raise
        finally:
            attempts.close()
            if attempts.meter is not None:
                self._settle(subject, model_ref, source if booked else None, asked, attempts)
                self.shadows.take(shadow, attempts.meter.record)
            elif ticket is not None:
                ticket.settle(())
            if trace is not None:
                trace.end(*attempts.traced())

    def _plan(self, subject: Subject, ref: str, asked: Askable[Item], allowed: Allowed, thread: Thread) -> Plan:
        """Whom to ask, of those to whom what is said may go. Raises as Policy.plan and Border.cross."""
        plan = self.policy.plan(subject, ref, asked, allowed, thread)
        try:
            self.border.cross(subject.user_id, plan, asked)
        except DataStaysInHouse as refusal:
            if not self.policy.is_auto(ref):
                raise
            try:  # a rule had named somebody outside
                plan = self.policy.plan(subject, ref, asked, allowed, replace(thread, locked=True))
            except FreeholdError:
                raise refusal from None
            plan.passed = Passed("in_house", tuple(refusal.params["classes"]))
        return plan

    async def _beside(
        self, subject: Subject, ref: str, request: ChatRequest, *, thread: Thread, allowed: Allowed
    ) -> str:
        """The text of an answer that nobody gets, for a comparison; what rules and locks forbid is refused as ever."""
        pieces: list[str] = []
        asked = Canonical(request, thread)
        able = everything if allowed(AUTO) else allowed
        items = self.answer(subject, ref, asked, "shadow", allowed=able, thread=thread)
        async with contextlib.aclosing(items):
            async for item in items:
                if isinstance(item, TextDelta):
                    pieces.append(item.text)
        return "".join(pieces)

    async def _admit(
        self, subject: Subject, plan: Plan, asked: Askable[Item], booked: bool, *, of_models: bool = False
    ) -> Ticket:
        """Let the call in. An answer without an end is asked for shorter when a budget has no room for a longer one."""
        first, size = plan.deployments[0].ref, asked.size
        if of_models:
            return await self.admission.admit(subject, first, most_tokens(size), *_most_usd(plan, size), of_models=True)
        if not booked:
            return await self.admission.admit(subject, first, 0, 0)
        most = _most_usd(plan, size)
        try:
            return await self.admission.admit(subject, first, most_tokens(size), *most)
        except BudgetExceeded as refusal:
            if plan.keep_in_house("over_budget"):
                pass  # what costs nothing is left to ask
            elif (
                isinstance(refusal, PriceUnknown)
                or not asked.shorten(MOST_OUTPUT)
                or (_most_usd(plan, asked.size) == most)
            ):
                raise
        first, size = plan.deployments[0].ref, asked.size
        return await self.admission.admit(subject, first, most_tokens(size), *_most_usd(plan, size), again=True)

    def _settle(
        self,
        subject: Subject,
        requested: str,
        source: Source | None,
        asked: Askable[Item],
        attempts: Attempts[Item],
    ) -> None:
        """Account for the call; without a `source` it is none of the ledger's."""
        meter = attempts.meter
        assert meter is not None
        record, ticket, others = meter.record, attempts.ticket, attempts.finish()
        used = usage_records(subject, requested, source, meter, others) if source and record.attempts else []
        if used:
            self.baseline.compare(subject, used, record, asked.size if asked.operation == "chat" else None)
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
        if source != "api":  # the data plane's own line says it
            _log.info("call", user_id=subject.user_id, **record.noted())


class Canonical:
    """A canonical request as a source of canonical events."""

    __slots__ = ("_asked", "_behind", "_mask", "_position", "consent", "need", "patience_s", "request", "size")
    operation = "chat"

    def __init__(self, request: ChatRequest, thread: Thread = NO_THREAD) -> None:
        self.request = request
        self.consent = thread.consent
        self._asked = thread.asked
        self._behind = thread.behind
        self._mask: Mask | None = None
        self._position: int | None = None
        self.need = ability.need_of(request)
        self.size = size_of(request, thread.left_out)
        self.patience_s: float | None = None

    def content(self) -> Content:
        """What it says, with what a summary in it stands for."""
        found = content_of(self.request)
        if self._behind:
            found = replace(found, said="\n\n".join((found.said, *self._behind)))
        return found if self._asked is None else replace(found, asked=self._asked)

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

    def judging(self) -> "Canonical":
        """It reads its own answer."""
        return self

    def passes(self, item: Event) -> bool:
        """A stage is of interest while it lasts."""
        return isinstance(item, Stage)

    def ends(self, item: Event) -> bool:
        """The last event."""
        return isinstance(item, Finish)

    def given(self, items: Sequence[Event]) -> Given:
        """What these events say."""
        return given_by(items)

    def texts(self) -> list[str]:
        """Every text that would be sent, and those that a summary stands for: what may not leave may not in it."""
        return [*texts_of(self.request), *self._behind]

    def hide(self, mask: Mask) -> bool:
        """Send stand-ins to whoever is outside."""
        self._mask = mask
        hidden(self.request, mask)  # so that it is known now what is hidden
        return True

    async def open(self, resolved: Resolved, meter: Meter) -> AsyncGenerator[Event]:
        """The provider's events to the end. Raises ProviderProtocolError for an answer that is not complete."""
        request = replace(self.request, model=resolved.model_id)
        async with contextlib.aclosing(answered(resolved, request, self._mask)) as events:
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


def _most_usd(plan: Plan, size: Size) -> tuple[float, None] | tuple[None, str]:
    """What the call can cost at the dearest deployment that it may come to; 0 where all are in the house.

    Or None, with the first of them whose price is unknown.
    """
    most = 0.0
    for deployment in plan.deployments:
        if not deployment.config.self_hosted:
            cost = most_usd(deployment.card, size)
            if cost is None:
                return None, deployment.ref
            most = max(most, cost)
    return most, None


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
        fixed_sampling=all(
            registry.fixes_sampling(deployment.config.kind, deployment.card.id) for deployment in alias.deployments
        ),
    )
