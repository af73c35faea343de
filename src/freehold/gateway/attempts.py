"""The tries of one call: each step of its plan is asked until one answers; for canonical events and for raw bytes."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from freehold.errors import BudgetExceeded, FreeholdError, ProviderError, ProviderTimeout, RateLimited
from freehold.gateway.admission import Ticket
from freehold.gateway.meter import MOST_OUTPUT, OVERRULED, SECOND, SLOWER, Attempt, CallRecord, Meter, Size
from freehold.gateway.privacy.masking import Mask
from freehold.gateway.racing import Contender, race
from freehold.gateway.routing.cascade.judging import Judging
from freehold.gateway.routing.content import Content
from freehold.gateway.routing.deployment import Deployment, Need, Skipped, Step
from freehold.gateway.routing.plan import Plan
from freehold.gateway.routing.router import Router
from freehold.gateway.routing.slots import Place, Slots
from freehold.kit import clock
from freehold.kit.deadline import Deadline, Ticker
from freehold.observability import metrics
from freehold.observability.tracing import AttemptTrace, CallTrace
from freehold.providers.base import ModelCard, ProviderConfig
from freehold.providers.service import Providers, Resolved

FIRST_TOKEN_S = 120.0
"""How long a provider outside may be silent before the first token; a stage it reports starts the wait anew."""

LOCAL_FIRST_TOKEN_S = 600.0
"""The same for a self-hosted one, which may load tens of gigabytes and read a long prompt on a slow processor."""

Item = TypeVar("Item")
Item_co = TypeVar("Item_co", covariant=True)


@dataclass(slots=True)
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


class Askable(Protocol[Item_co]):
    """A request that can be asked of any deployment, as often as it takes."""

    @property
    def need(self) -> Need:
        """What has to be known of the request to choose a deployment."""
        ...

    @property
    def consent(self) -> frozenset[str]:
        """The classes of data that the person has agreed to send out."""
        ...

    def texts(self) -> Iterable[str]:
        """Every text that would be sent; asked for where classes of data are watched."""
        ...

    def hide(self, mask: Mask) -> bool:
        """Send stand-ins to whoever is outside; False where an answer could not be put right again."""
        ...

    def content(self) -> Content:
        """What it says and brings along; asked for where rules, or `auto`, depend on it."""
        ...

    @property
    def operation(self) -> str:
        """What is done, as OpenTelemetry's conventions name it: chat, embeddings, generate_content."""
        ...

    @property
    def size(self) -> Size:
        """How large it is, for limits, budgets, and what a provider does not count."""
        ...

    @property
    def patience_s(self) -> float | None:
        """How long a deployment may take to begin, where that is not the usual time of its provider."""
        ...

    def meter(self, resolved: Resolved, started: float) -> Meter:
        """A meter for one try; `started` is when the call began, in monotonic seconds."""
        ...

    def open(self, resolved: Resolved, meter: Meter) -> AsyncGenerator[Item_co]:
        """Ask it. The meter is told of each item before that is yielded. Raises ProviderError.

        As soon as `meter.answering` is true nothing is asked again. Closing the generator ends the upstream call.
        """
        ...

    def shorten(self, output_tokens: int) -> bool:
        """Ask for an answer of at most so many tokens, where there is no limit yet; False: it has no such limit."""
        ...

    def judging(self) -> Judging[Any] | None:
        """How its answer is read before it goes out; None where it cannot be. See gateway/cascading.py."""
        ...

    def queued(self, position: int) -> Item_co | None:
        """What to say while the request waits for its turn at a server; 1 is the next. None: nothing."""
        ...


class Attempts(Generic[Item]):
    """One call under way. `meter` is that of the try that answers, or of the last one."""

    __slots__ = (
        "_asked",
        "_current",
        "_failed",
        "_plan",
        "_providers",
        "_refusal",
        "_router",
        "_slots",
        "_started",
        "_ticker",
        "_trace",
        "meter",
        "others",
        "ticket",
        "tries",
    )

    def __init__(
        self,
        router: Router,
        providers: Providers,
        slots: Slots,
        ticker: Ticker,
        *,
        plan: Plan,
        asked: Askable[Item],
        started: float,
        ticket: Ticket | None = None,
        trace: CallTrace | None = None,
    ) -> None:
        self.meter: Meter | None = None
        self.tries: list[Attempt] = []
        self.others: list[tuple[Attempt, Meter]] = []  # that did not answer, and may have taken tokens
        self._router = router
        self._providers = providers
        self._slots = slots
        self._ticker = ticker
        self._plan = plan
        self._asked = asked
        self.ticket = ticket
        self._started = started
        self._trace = trace
        self._refusal: str | None = None
        self._failed: Step | None = None
        self._current: Try | None = None  # whose meter is the call's

    async def run(self, step: Step | None = None) -> AsyncGenerator[Routed | Item]:
        """The items of the answer, after a Routed for whoever gives it. Raises the last try's ProviderError.

        `step`: who is asked first, where that is not the plan's first.
        """
        step = step or self._plan.first()
        while True:
            one = Try(step)
            items = self._race(one) if self._plan.hedge_after_s else self._ask(one)
            try:
                try:  # as contextlib.aclosing does, at half its price
                    async for item in items:
                        yield item
                finally:
                    await items.aclose()
                return
            except (ProviderError, RateLimited, BudgetExceeded) as error:
                if self.meter is not None and self.meter.answering:
                    raise
                following = self._plan.after(error, self._failed)
                if following is None:
                    raise
                step = following
                if isinstance(error, ProviderError):
                    self.tries[-1].waited_ms = clock.milliseconds(step.wait_s)
            if step.wait_s:
                await asyncio.sleep(step.wait_s)

    def beside(self, deployment: Deployment) -> "Try":
        """Another one that is asked, too; see `aside`, and `reinstate` where its answer shall be that of the call."""
        return Try(self._plan.aside(deployment))

    async def aside(self, one: "Try") -> AsyncGenerator[Item]:
        """What it answers, beside the answer of the call. Raises as `run`; nobody else is asked then."""
        try:
            async with contextlib.aclosing(self._ask(one)) as items:
                async for item in items:
                    if not isinstance(item, Routed):
                        yield item
        finally:
            one.record.error = one.record.error or SECOND
            if one.meter is not None and all(meter is not one.meter for _, meter in self.others):
                self.others.append((one.record, one.meter))

    def overrule(self) -> "Try":
        """Whoever answered shall not have answered; what it took stays in the account."""
        one = self._current
        assert one is not None
        assert one.meter is not None
        if one.record.error is None:  # else it failed, and is among the others already
            one.record.error = OVERRULED
            self.others.append((one.record, one.meter))
        self.meter = None
        return one

    def reinstate(self, one: "Try") -> Routed:
        """Its answer, which is complete, is that of the call after all; says so once more."""
        assert one.meter is not None
        assert one.resolved is not None
        one.record.error = None
        self.others = [(attempt, meter) for attempt, meter in self.others if meter is not one.meter]
        self.meter, self._current = one.meter, one
        one.meter.record.skipped = [skipped.as_dict() for skipped in self._plan.skipped]
        return Routed(*one.resolved, one.meter.record, self.ticket)

    def delivered(self) -> None:
        """Only now the answer goes out."""
        if self.meter is not None:
            self.meter.record.first_token_ms = clock.milliseconds(clock.monotonic() - self._started)

    def close(self) -> None:
        """The call is over. Where nobody was asked after an answer was overruled, the account has that one."""
        if self.meter is None and self.others:
            attempt, self.meter = self.others.pop()
            attempt.error = self.meter.record.finish_reason = None  # its end did not reach anybody

    def finish(self) -> list[tuple[Attempt, Meter]]:
        """Settle the record of whoever answered or was asked last; returns the other tries."""
        if self.meter is None:
            return []
        if not self.others:
            self.meter.finish(clock.monotonic())
            return []
        others = [(attempt, meter) for attempt, meter in self.others if meter is not self.meter]
        self.meter.finish(clock.monotonic(), [meter for _, meter in others])
        return others

    def traced(self) -> tuple[str | None, dict[str, Any]]:
        """What a span says of the call when it is over: the code of its error, and its attributes."""
        record = self.meter.record if self.meter is not None else None
        if record is None:
            return self.tries[-1].error if self.tries else self._refusal, {}
        first_token_s = None if record.first_token_ms is None else record.first_token_ms / 1000
        return record.error, {
            "gen_ai.response.model": record.model_id,
            "gen_ai.response.finish_reasons": [record.finish_reason] if record.finish_reason else None,
            "gen_ai.response.time_to_first_chunk": first_token_s,
            "freehold.attempts": len(self.tries),
            "freehold.self_hosted": record.self_hosted,
        }

    async def _ask(self, one: "Try") -> AsyncGenerator[Routed | Item]:
        step = one.step
        attempt = one.record
        if self.ticket is not None and not self.ticket.covers(step.deployment.ref):
            await self._enter(step, self.ticket)
        self._router.began(step)
        try:
            async with self._providers.lease_with_key(step.deployment.ref, step.key) as resolved:
                meter = one.meter = self._asked.meter(resolved, self._started)
                one.resolved = resolved.config, resolved.card
                self._announce(one, meter, resolved)
                yield Routed(resolved.config, resolved.card, meter.record, self.ticket)
                self.tries.append(attempt)  # from here on somebody is asked
                with self._slots.take(resolved.config) as place:
                    if place.waits:
                        async for said in self._queue(place):
                            yield said
                    one.asked = True
                    items = self._asked.open(resolved, meter)
                    try:
                        while not meter.answering:
                            try:
                                item = await self._within(items, step, resolved.config)
                            except StopAsyncIteration:
                                break
                            if meter.answering:
                                self._router.first_token(step)
                            yield item
                        async for item in items:  # to its very end, so that the connection can be used again
                            yield item
                    finally:
                        await items.aclose()
        except BaseException as error:
            self._broke_off(one, error)
            raise
        else:
            self._ended(step, None)
        finally:
            one.over()

    async def _within(self, items: AsyncGenerator[Item], step: Step, config: ProviderConfig) -> Item:
        """The next item while there is no token yet, within the time that somebody can be asked to wait."""
        seconds = (
            step.first_token_timeout_s
            or config.options.get("first_token_timeout_s")
            or self._asked.patience_s
            or (LOCAL_FIRST_TOKEN_S if config.self_hosted else FIRST_TOKEN_S)
        )
        try:
            with Deadline(seconds, self._ticker):
                return await anext(items)
        except TimeoutError:
            raise ProviderTimeout(
                f"{config.name} did not begin to answer within {seconds:g} seconds.",
                provider=config.name,
                provider_id=config.id,
                seconds=seconds,
            ) from None

    async def _queue(self, place: Place) -> AsyncGenerator[Item]:
        """What there is to say until it is our turn."""
        async for position in place:
            if (said := self._asked.queued(position)) is not None:
                yield said

    async def _enter(self, step: Step, ticket: Ticket) -> None:
        """Take a place under what limits the step's model. Raises RateLimited, BudgetExceeded; another may be free."""
        try:
            try:
                await ticket.enter(step.deployment, self._asked.size)
            except BudgetExceeded:
                if not self._asked.shorten(MOST_OUTPUT):
                    raise
                await ticket.enter(step.deployment, self._asked.size, again=True)
        except (RateLimited, BudgetExceeded) as refusal:
            self._failed, self._refusal = step, refusal.code
            self._plan.skipped.append(Skipped(step.deployment.ref, "limited"))
            raise

    def _broke_off(self, one: "Try", error: BaseException) -> None:
        if isinstance(error, ProviderError):
            self._fail(one, error)
            return
        if isinstance(error, FreeholdError):  # the request itself is wrong: nobody is to blame but the account says so
            one.record.error = error.code
        self._router.left(one.step)  # else the client left, or another deployment was faster

    def _fail(self, one: "Try", error: ProviderError) -> None:
        attempt = one.record
        attempt.error = error.code
        if not any(known is attempt for known in self.tries):
            self.tries.append(attempt)
        if one.meter is not None:
            self.others.append((attempt, one.meter))
        self._failed = one.step
        self._ended(one.step, error)

    def _announce(self, one: "Try", meter: Meter, resolved: Resolved) -> None:
        """The tries so far are those of every record; what is being asked now is the call's, until it fails."""
        record, plan = meter.record, self._plan
        record.attempts = self.tries
        record.alias = plan.alias
        if plan.skipped:
            record.skipped = [skipped.as_dict() for skipped in plan.skipped]
        record.route, record.passed = plan.route, plan.passed
        if one.step.kind not in ("hedge", "second"):
            self.meter, self._current = meter, one
        if self._trace is not None:
            one.trace = self._trace.attempt(
                resolved.config.kind,
                resolved.model_id,
                reason=one.record.reason,
                base_url=resolved.provider.address,
                self_hosted=resolved.config.self_hosted,
                told=meter.traced,
            )

    def _ended(self, step: Step, error: ProviderError | None) -> None:
        deployment = step.deployment
        self._router.ended(step, error)
        self._providers.health.note_call(deployment.config, error)
        metrics.upstream_requests(deployment.config.id, error.code if error else "ok").inc()
        if step.alias is not None:
            metrics.ROUTE_STEPS.labels(step.alias, deployment.config.id, step.kind).inc()
            is_open = self._router.state(deployment) != "closed"
            metrics.DEPLOYMENT_OPEN.labels(deployment.ref).set(is_open)  # bounded: targets of the file

    def _race(self, one: "Try") -> AsyncGenerator[Routed | Item]:
        """As `_ask`, with another deployment asked, too, once this one has been silent for long."""

        def another() -> Contender[Routed | Item] | None:
            step = self._plan.hedge()
            return self._contender(Try(step)) if step is not None else None

        return race(self._contender(one), another, self._plan.hedge_after_s or 0.0)

    def _contender(self, one: "Try") -> Contender[Routed | Item]:
        def won() -> None:
            self.meter, self._current = one.meter, one

        def lost() -> None:
            one.record.error = SLOWER
            self._router.slow(one.step)
            if one.meter is not None and one.asked:
                one.meter.overtaken()
                self.others.append((one.record, one.meter))

        return Contender(self._ask(one), lambda: one.meter is not None and one.meter.answering, won, lost)


class Try:
    """One step being taken; `meter` once there is somebody to ask, `asked` once it is this one's turn."""

    __slots__ = ("asked", "meter", "record", "resolved", "step", "trace")

    def __init__(self, step: Step) -> None:
        self.step = step
        self.record = Attempt(step.deployment.ref, step.reason)
        self.meter: Meter | None = None
        self.resolved: tuple[ProviderConfig, ModelCard] | None = None
        self.asked = False
        self.trace: AttemptTrace | None = None

    def over(self) -> None:
        """It ended, in whatever way."""
        self.record.duration_ms = clock.milliseconds(clock.monotonic() - self.step.began_at)
        if self.trace is not None:
            self.trace.over(self.record.error)
