"""The figures of both arms, line by line of the ledger, and which of them is worse than its guard allows; pure."""

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import orjson

from freehold.gateway.routing.arms import Arm, Arms
from freehold.kit.intervals import difference, wilson
from freehold.savings.reports import IsPremium, premium_line
from freehold.savings.trials.schemas import ArmDifference, ArmShown, CountedShare, Figure, Guarded, TrialHalted
from freehold.settings.routing import Guards
from freehold.usage.money import to_usd

NEEDED = 100
"""Calls in each arm before anything is said of them."""

NEEDED_OF_RATIOS = 200
"""The same for what has no interval."""

MOST_TIMES = 20_000
"""The latest answers of an arm whose times are kept."""

_Z = 1.96  # 95 % of a normal distribution


@dataclass(slots=True)
class ArmSums:
    """Counts and whole nano-dollars of one arm; whose calls they are."""

    people: set[str] = field(default_factory=set)
    answered: int = 0
    failed: int = 0
    premium: int = 0
    in_chat: int = 0  # answered there, where an answer can be disliked
    disliked: int = 0
    spent: int = 0
    squares: float = 0.0  # of what each call cost
    times: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_TIMES))  # milliseconds

    @property
    def calls(self) -> int:
        return self.answered + self.failed

    @property
    def cost(self) -> float:
        """Nano-dollars for one call."""
        return self.spent / max(1, self.calls)

    def percentile(self, percent: int) -> float | None:
        """The smallest time that so many of a hundred answers were not slower than."""
        times = sorted(self.times)
        return times[(len(times) * percent + 99) // 100 - 1] if times else None

    def copied(self) -> "ArmSums":
        return replace(self, people=set(self.people), times=deque(self.times, maxlen=MOST_TIMES))

    def shown(self, arm: Arm) -> ArmShown:
        """As administrators see it."""
        return ArmShown(
            arm=arm,
            people=len(self.people),
            calls=self.calls,
            answered=self.answered,
            failed=_share(self.failed, self.calls),
            disliked=_share(self.disliked, self.in_chat),
            premium=_share(self.premium, self.answered),
            spent_usd=to_usd(self.spent),
            cost_usd=self.cost / 1e9 if self.calls else None,
            p50_ms=self.percentile(50),
            p95_ms=self.percentile(95),
        )


@dataclass(slots=True)
class Tally:
    """Both arms of one trial."""

    arms: Arms
    is_premium: IsPremium
    trial: ArmSums = field(default_factory=ArmSums)
    control: ArmSums = field(default_factory=ArmSums)

    def of(self, arm: Arm) -> ArmSums:
        return self.trial if arm == "trial" else self.control

    def copied(self) -> "Tally":
        return replace(self, trial=self.trial.copied(), control=self.control.copied())

    def see(self, row: Any) -> None:
        """Count one line of `auto`. One without a route is an attempt of a call that another one answered."""
        cost = (row.cost_nanodollars or 0) + (row.house_nanodollars or 0)
        if row.route is None:
            self.of(self.arms[row.user_id]).spent += cost
            return
        ran = orjson.loads(row.route).get("trial")
        if ran is None or ran["id"] != self.arms.trial_id:
            return
        sums = self.of(ran["arm"])
        sums.people.add(row.user_id)
        sums.spent += cost
        sums.squares += float(cost) ** 2
        # one that was overtaken is stopped, too, with an error that says so
        if row.status not in ("ok", "stopped") or row.error is not None:
            sums.failed += 1
            return
        sums.answered += 1
        sums.in_chat += row.source == "chat"
        sums.premium += premium_line(row, self.is_premium)
        if row.status == "ok" and row.duration_ms is not None:
            sums.times.append(row.duration_ms)

    @property
    def enough(self) -> bool:
        """Whether anything can be said."""
        return min(self.trial.calls, self.control.calls) >= NEEDED

    def differences(self) -> list[ArmDifference]:
        """The trial's figures less the others'; none before there are enough calls."""
        return list(self._differences()) if self.enough else []

    def _differences(self) -> Iterator[ArmDifference]:
        one, other = self.trial, self.control
        yield _of_shares("premium", one.premium, one.answered, other.premium, other.answered)
        by, half = one.cost - other.cost, _Z * math.hypot(_error(one), _error(other))
        yield ArmDifference(figure="cost", by=by / 1e9, low=(by - half) / 1e9, high=(by + half) / 1e9)
        yield _of_shares("failures", one.failed, one.calls, other.failed, other.calls)
        if min(one.in_chat, other.in_chat) >= NEEDED:
            yield _of_shares("disliked", one.disliked, one.in_chat, other.disliked, other.in_chat)
        percentiles: tuple[tuple[Figure, int], ...] = (("p50", 50), ("p95", 95))
        for figure, percent in percentiles:
            its, others = one.percentile(percent), other.percentile(percent)
            if its is not None and others is not None:
                yield ArmDifference(figure=figure, by=its - others)

    def broken(self, guards: Guards, at: datetime) -> TrialHalted | None:
        """The first guard that is broken."""
        one, other = self.trial, self.control

        def halted(figure: Guarded, its: float, others: float, limit: float) -> TrialHalted:
            return TrialHalted(figure=figure, trial=its, control=others, limit=limit, at=at)

        if self.enough and _worse(one.failed, one.calls, other.failed, other.calls, guards.failures):
            return halted("failures", one.failed / one.calls, other.failed / other.calls, guards.failures)
        if min(one.in_chat, other.in_chat) >= NEEDED and _worse(
            one.disliked, one.in_chat, other.disliked, other.in_chat, guards.disliked
        ):
            return halted("disliked", one.disliked / one.in_chat, other.disliked / other.in_chat, guards.disliked)
        if min(one.calls, other.calls) >= NEEDED_OF_RATIOS and one.cost > guards.cost * other.cost:
            return halted("cost", one.cost / 1e9, other.cost / 1e9, guards.cost)
        if min(len(one.times), len(other.times)) >= NEEDED_OF_RATIOS:
            slow, usual = one.percentile(95) or 0.0, other.percentile(95) or 0.0
            if slow > guards.latency * usual:
                return halted("latency", slow, usual, guards.latency)
        return None


def _share(count: int, of: int) -> CountedShare:
    low, high = wilson(count, of)
    return CountedShare(count=count, of=of, share=count / of if of else None, low=low, high=high)


def _of_shares(figure: Figure, count: int, of: int, other_count: int, other_of: int) -> ArmDifference:
    by, low, high = difference(count, of, other_count, other_of)
    return ArmDifference(figure=figure, by=by, low=low, high=high)


def _worse(count: int, of: int, other_count: int, other_of: int, limit: float) -> bool:
    """Whether even the lower end of the interval is more than is allowed."""
    return difference(count, of, other_count, other_of)[1] > limit


def _error(sums: ArmSums) -> float:
    """The standard error of what a call costs, in nano-dollars."""
    if sums.calls < 2:
        return 0.0
    spread = max(0.0, sums.squares / sums.calls - sums.cost**2) * sums.calls / (sums.calls - 1)
    return math.sqrt(spread / sums.calls)
