"""The cascade: what a model in the house answered is judged, and a dearer one is asked where it is not good enough.

Either the answer is held until it was judged, or, in the chat, it goes out at once and a better one is offered below.
"""

import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

import anyio

from freehold.errors import FreeholdError, ProviderError
from freehold.gateway.attempts import Askable, Attempts, Routed, Try
from freehold.gateway.routing.cascade import checks
from freehold.gateway.routing.cascade.answers import Final, agree, final_of
from freehold.gateway.routing.cascade.checks import Given
from freehold.gateway.routing.cascade.judging import Cascade, Judging
from freehold.gateway.routing.plan import Plan
from freehold.kit import clock
from freehold.observability import metrics
from freehold.usage.record import IN_HOUSE_WORK, Source
from freehold.wire.request import ChatRequest, ToolResult

Outcome = Literal["kept", "majority", "escalated", "stayed", "offered"]
"""What became of the answer: good enough; others in the house agree on another one; one from outside came instead;
nobody else could be asked; a better is offered.
"""

PATIENCE_S = 120.0
"""So long an answer that is there waits at most for those of other models in the house."""

Item = TypeVar("Item")


def answer(attempts: Attempts[Item], plan: Plan, asked: Askable[Item], source: Source) -> AsyncGenerator[Routed | Item]:
    """The items of the answer, judged where that is wanted, possible and of any use."""
    cascade = plan.cascade
    if cascade is None or source in (*IN_HOUSE_WORK, "shadow") or not _has_a_way_out(plan):
        return attempts.run()
    offers = cascade.settings.mode == "offer"
    judging = asked.judging() if source == "chat" or not offers else None
    if judging is None or _acts(judging.request):
        return attempts.run()
    held = _Held(attempts, plan, cascade, judging)
    return held.offer() if offers else held.hold()


def _has_a_way_out(plan: Plan) -> bool:
    """The house is asked first, and somebody else may be asked."""
    order = plan.deployments
    return order[0].config.self_hosted and not all(item.config.self_hosted for item in order)


def _acts(request: ChatRequest) -> bool:
    """A tool was called since the person wrote: what it did cannot be undone, so whoever began goes on."""
    for message in reversed(request.messages):
        if any(isinstance(part, ToolResult) for part in message.parts):
            return True
        if message.role == "user":
            return False
    return False


@dataclass(slots=True)
class _Verdict:
    check: str | None = None  # what is wrong with the answer
    second: str | None = None
    more: list[str] = field(default_factory=list[str])
    majority: tuple[Try, list[Any]] | None = None  # of two others that agree, the one asked last, and what it said
    waited_ms: float = 0.0
    told: dict[str, Any] = field(default_factory=dict)


class _Held(Generic[Item]):
    def __init__(self, attempts: Attempts[Item], plan: Plan, cascade: Cascade, judging: Judging[Item]) -> None:
        self._attempts, self._plan, self._cascade, self._judging = attempts, plan, cascade, judging
        self._kept: list[Item] = []

    @property
    def _in_house(self) -> bool:
        meter = self._attempts.meter
        return meter is not None and meter.record.self_hosted

    async def hold(self) -> AsyncGenerator[Routed | Item]:
        """The answer of the house once it was judged, or another one."""
        failure: ProviderError | None = None
        try:
            async with contextlib.aclosing(self._attempts.run()) as items:
                async for item in items:
                    if isinstance(item, Routed):
                        self._kept.clear()  # of one that failed before it began
                        yield item
                    elif self._in_house and not self._judging.passes(item):
                        self._kept.append(item)
                    else:
                        yield item
        except ProviderError as error:
            if not self._in_house or not self._kept:
                raise
            failure = error
        if not self._in_house:
            return
        try:
            verdict = _Verdict("broken") if failure is not None else await self._judge()
        except BaseException:  # the client left, and nobody got the answer
            if (meter := self._attempts.meter) is not None:
                meter.record.finish_reason = None
            raise
        async with contextlib.aclosing(self._deliver(verdict, failure)) as items:
            async for item in items:
                yield item

    async def offer(self) -> AsyncGenerator[Routed | Item]:
        """The answer of the house as it comes; before its end is told, whether a better one is to be had."""
        end: list[Item] = []
        async with contextlib.aclosing(self._attempts.run()) as items:
            async for item in items:
                if isinstance(item, Routed):
                    self._kept.clear()
                    yield item
                    continue
                self._kept.append(item)
                if self._in_house and self._judging.ends(item):
                    end.append(item)
                else:
                    yield item
        if self._in_house:
            verdict = await self._judge()
            if verdict.majority is not None:  # too late for that, one has read the first
                verdict.check = "second_differs"
            better = self._plan.outside() if verdict.check is not None else None
            if better is not None:
                verdict.told = {"better_answer": True, "better": better.ref}
            self._tell(verdict, "kept" if verdict.check is None else "offered" if better else "stayed")
        for item in end:
            yield item

    # --- judging ----------------------------------------------------------------------------------------------------

    async def _judge(self) -> _Verdict:
        began = clock.monotonic()
        if self._attempts.meter is not None:
            self._attempts.meter.ended_at = began
        given = self._judging.given(self._kept)
        verdict = _Verdict(self._failed(given))
        if verdict.check is None and self._cascade.settings.agree and not given.calls:
            with anyio.move_on_after(PATIENCE_S):
                await self._ask_others(given, verdict)
        verdict.waited_ms = clock.milliseconds(clock.monotonic() - began)
        return verdict

    def _failed(self, given: Given) -> str | None:
        settings = self._cascade.settings
        return checks.failed(given, self._judging.request, settings.checks, settings.least_logprob)

    async def _ask_others(self, given: Given, verdict: _Verdict) -> None:
        """Have other models in the house answer, too, where answers can be compared, until two agree."""
        asked = next((item.text() for item in reversed(self._judging.request.messages) if item.role == "user"), "")
        final = final_of(given.text, asked)
        meter = self._attempts.meter
        if final is None or meter is None:
            return
        finals: list[Final | None] = [final]
        for deployment in self._cascade.others(meter.record.model):
            one, said = self._attempts.beside(deployment), list[Item]()
            try:
                async with contextlib.aclosing(self._attempts.aside(one)) as items:
                    async for item in items:
                        if not self._judging.passes(item):
                            said.append(item)
            except FreeholdError:
                continue  # it could not be asked: that says nothing about the answer
            if verdict.second is None:
                verdict.second = deployment.ref
            else:
                verdict.more.append(deployment.ref)
            heard = self._judging.given(said)
            its = final_of(heard.text, asked)
            agreeing = [index for index, known in enumerate(finals) if agree(known, its)]
            if 0 in agreeing:
                verdict.check = None
                return
            verdict.check = "second_differs"  # until two are found that agree
            if agreeing and not heard.calls and self._failed(heard) is None:
                if one.meter is not None:
                    one.meter.ended_at = clock.monotonic()
                verdict.check, verdict.majority = None, (one, said)
                return
            finals.append(its)

    # --- what comes of it -------------------------------------------------------------------------------------------

    async def _deliver(self, verdict: _Verdict, failure: ProviderError | None) -> AsyncGenerator[Routed | Item]:
        step = self._plan.escalate(verdict.check) if verdict.check is not None else None
        if step is not None:
            overruled = self._attempts.overrule()
            verdict.told = {"overruled": overruled.step.deployment.ref}
            self._plan.route = self._route(verdict, "escalated")
            try:
                async with contextlib.aclosing(self._attempts.run(step)) as items:
                    async for item in items:
                        yield item
                self._count(verdict, "escalated")
                return
            except FreeholdError:
                if failure is not None or (self._attempts.meter is not None and self._attempts.meter.answering):
                    raise
                verdict.told = {}
                yield self._attempts.reinstate(overruled)
        if failure is not None:
            raise failure
        said = self._kept
        if verdict.majority is not None:
            one, said = verdict.majority
            verdict.told = {"overruled": self._attempts.overrule().step.deployment.ref}
            yield self._attempts.reinstate(one)
        outcome = "majority" if verdict.majority else "kept" if verdict.check is None else "stayed"
        self._tell(verdict, outcome)
        self._attempts.delivered()
        for item in said:
            yield item

    def _tell(self, verdict: _Verdict, outcome: Outcome) -> None:
        meter = self._attempts.meter
        if meter is not None:
            meter.record.route = self._route(verdict, outcome)
        self._count(verdict, outcome)

    def _route(self, verdict: _Verdict, outcome: Outcome) -> dict[str, Any]:
        told = {
            "outcome": outcome,
            "check": verdict.check,
            "second": verdict.second,
            **({"more": verdict.more} if verdict.more else {}),
            "waited_ms": verdict.waited_ms,
            **verdict.told,
        }
        return {**(self._plan.route or {}), "cascade": told}

    def _count(self, verdict: _Verdict, outcome: Outcome) -> None:
        metrics.CASCADE.labels(outcome, verdict.check or "none").inc()
        metrics.CASCADE_SECONDS.labels(outcome).observe(verdict.waited_ms / 1000)
