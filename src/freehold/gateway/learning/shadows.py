"""Shadow pairs: after an answer of the house the premium model answers, too, and both are compared blind.

That is work in the background for a small share of the answers that `auto` gave, and of nothing that must not leave the
house: no locked thread, no watched class of data, nothing that a rule keeps in. What it costs has its own kind of lines
in the ledger.
"""

import contextlib
import random
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar

import anyio
import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.access.subject import Subject
from freehold.db import Database
from freehold.errors import FreeholdError
from freehold.gateway.attempts import Askable, Routed
from freehold.gateway.learning import comparing, labels
from freehold.gateway.meter import CallRecord
from freehold.gateway.privacy.border import Border
from freehold.gateway.routing.cascade.judging import Judging
from freehold.gateway.routing.deployment import Deployment
from freehold.gateway.routing.plan import Plan
from freehold.gateway.routing.policy import Policy, Thread
from freehold.gateway.routing.router import Allowed
from freehold.kit import clock
from freehold.observability import metrics
from freehold.settings.routing import AutoSettings
from freehold.usage.models import UsageDay
from freehold.usage.money import to_nano
from freehold.usage.record import Source
from freehold.wire.request import CachePoint, ChatRequest, Reasoning, Text

AT_A_TIME = 2
MOST_WAITING = 16
"""Answers that wait to be compared; of more than that nobody misses one."""

DEADLINE_SECONDS = 600.0
MOST_TOKENS = 8_000
"""Of a request: a longer one costs more than it teaches."""

Outcome = Literal["local", "premium", "tie", "unclear", "failed", "not_now", "too_many"]

Item = TypeVar("Item")
_log = structlog.get_logger(__name__)


class Ask(Protocol):
    """Asks a model for the text of an answer, as work of the server's own for somebody. Raises FreeholdError."""

    async def __call__(
        self, subject: Subject, ref: str, request: ChatRequest, *, thread: Thread, allowed: Allowed
    ) -> str: ...


BaselineOf = Callable[[Subject, Sequence[Any]], Deployment | None]


@dataclass(slots=True)
class Whose:
    """Who asks, by which way, in which conversation, and what they may use."""

    subject: Subject
    source: Source
    thread: Thread
    allowed: Allowed


@dataclass(slots=True)
class Shadow:
    """An answer under way that will be compared if it comes to a good end in the house."""

    whose: Whose
    request: ChatRequest
    asked: str
    judging: Judging[Any]
    kept: list[Any] = field(default_factory=list)
    said: str = ""
    local: str = ""
    skipped: Sequence[Any] = ()

    async def overhear(self, items: AsyncGenerator[Routed | Item]) -> AsyncGenerator[Routed | Item]:
        """The same items, remembered."""
        async with contextlib.aclosing(items):
            async for item in items:
                if isinstance(item, Routed):
                    self.kept.clear()
                else:
                    self.kept.append(item)
                yield item


class Shadows:
    """One per process: `run` in the background."""

    def __init__(self, database: Database, policy: Policy, border: Border, baseline: BaselineOf, ask: Ask) -> None:
        self.share: Callable[[], float] = lambda: policy.declared.auto.shadow if policy.declared.auto else 0.0
        self.chance: Callable[[], float] = random.random
        self._database = database
        self._policy = policy
        self._border = border
        self._baseline = baseline
        self._ask = ask
        self._send, self._receive = anyio.create_memory_object_stream[Shadow](MOST_WAITING)
        self.under_way = 0

    # --- choosing ---------------------------------------------------------------------------------------------------

    def begin(self, whose: Whose, plan: Plan, asked: Askable[Any]) -> Shadow | None:
        """Draw a call that `auto` decided, before it is asked; None: it was not drawn, or must not be compared."""
        share = self.share()
        if share <= 0 or whose.source not in ("chat", "api") or self.chance() >= share:
            return None
        thread = whose.thread
        if plan.alias is None or not self._policy.is_auto(plan.alias) or thread.locked or not thread.compared:
            return None
        if plan.passed is not None or not plan.deployments[0].config.self_hosted:
            return None
        if asked.operation != "chat" or asked.size.input_tokens > MOST_TOKENS or self._watched(asked.texts()):
            return None
        judging = asked.judging()
        if judging is None or not _plain(judging.request):
            return None
        said = asked.content().asked
        return Shadow(whose, judging.request, said, judging) if said.strip() else None

    def take(self, shadow: Shadow | None, record: CallRecord) -> None:
        """The call has ended: compare its answer, if it was drawn, when there is time; never waits and never raises."""
        if shadow is None:
            return
        cascade = (record.route or {}).get("cascade") or {}
        if not record.self_hosted or record.error is not None or record.finish_reason != "stop":
            return
        if cascade.get("second") and shadow.kept and isinstance(shadow.kept[0], bytes):
            return  # what was heard last is the second answer, which nobody got
        if any(one["why"] == "over_budget" for one in record.skipped):
            return
        given = shadow.judging.given(shadow.kept)
        if not given.text.strip() or given.calls or given.media or self._watched((given.text,)):
            return
        shadow.said, shadow.local, shadow.skipped = given.text, record.model, record.skipped
        shadow.kept.clear()
        try:
            self._send.send_nowait(shadow)
        except anyio.WouldBlock:
            _count("too_many")
        else:
            self.under_way += 1

    def _watched(self, texts: Any) -> bool:
        """Whether any class of data is in it, whatever its action: then it is no material for experiments."""
        classes = self._border.classes
        return bool(classes) and any(classes.within(text) for text in texts)

    # --- comparing --------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Compare what comes, a few at a time; ends by cancellation."""
        async with anyio.create_task_group() as group:
            for _ in range(AT_A_TIME):
                group.start_soon(self._work)

    async def _work(self) -> None:
        async for shadow in self._receive.clone():
            try:
                await self._compare(shadow)
            finally:
                self.under_way -= 1

    async def _compare(self, shadow: Shadow) -> None:
        outcome: Outcome = "failed"
        try:
            with anyio.move_on_after(DEADLINE_SECONDS):
                outcome = await self._compared(shadow)
        except FreeholdError as error:
            _log.info("shadow_failed", code=error.code, model=shadow.local)
        except IntegrityError:  # its thread or its person is gone meanwhile
            outcome = "not_now"
        except Exception as error:  # noqa: BLE001 - whatever broke, the next one is compared
            _log.exception("shadow_broke", error=type(error).__name__)
        _count(outcome)

    async def _compared(self, shadow: Shadow) -> Outcome:
        auto = self._policy.declared.auto or AutoSettings()
        rival = self._baseline(shadow.whose.subject, shadow.skipped)
        if rival is None or rival.ref == shadow.local or not await self._affordable(rival, auto):
            return "not_now"
        judge = auto.judge or rival.ref
        if (premium := await self._asked(shadow, rival.ref, shadow.request)) is None:
            return "not_now"
        choices: list[comparing.Choice] = []
        for a, b in ((shadow.said, premium), (premium, shadow.said)):
            told = await self._asked(shadow, judge, comparing.question(shadow.request, a, b, secrets.token_hex(4)))
            if told is None:
                return "not_now"
            choice = comparing.choice_in(told)
            if choice is None:
                return "unclear"
            choices.append(choice)
        quality = comparing.quality_of(choices)
        thread = shadow.whose.thread
        async with self._database.begin() as session:
            await labels.put(
                session,
                "pair",
                user_id=shadow.whose.subject.user_id,
                model=shadow.local,
                asked=shadow.asked,
                quality=quality,
                rival=rival.ref,
                thread_id=thread.id,
                message_id=thread.message_id,
            )
        return "tie" if quality[0] == quality[1] else "local" if quality[0] else "premium"

    async def _asked(self, shadow: Shadow, ref: str, request: ChatRequest) -> str | None:
        """What the model answers; None where it must not be asked any more, as the thread was locked or deleted."""
        still: Callable[[], Awaitable[bool]] | None = shadow.whose.thread.may_leave
        if still is not None and not await still():
            return None
        return await self._ask(
            shadow.whose.subject, ref, request, thread=shadow.whose.thread, allowed=shadow.whose.allowed
        )

    async def _affordable(self, rival: Deployment, auto: AutoSettings) -> bool:
        """Whether today has money left for it; a model without a known price cannot be kept to an amount."""
        if not rival.config.self_hosted and rival.price is None:
            return False
        async with self._database.read() as session:
            return await spent_today(session) < to_nano(auto.shadow_usd_per_day)


async def spent_today(session: AsyncSession) -> int:
    """Nano-dollars that comparing has cost since midnight, UTC."""
    query = select(func.sum(UsageDay.cost_nanodollars))
    spent = await session.scalar(query.where(UsageDay.day == clock.now().date(), UsageDay.source == "shadow"))
    return int(spent or 0)


def _plain(request: ChatRequest) -> bool:
    """Nothing but text, and no tool that would do something a second time."""
    parts = (part for message in request.messages for part in message.parts)
    return not request.tools and all(isinstance(part, Text | Reasoning | CachePoint) for part in parts)


def _count(outcome: Outcome) -> None:
    metrics.SHADOWS.labels(outcome).inc()
