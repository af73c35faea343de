"""The quality floor that keeps the share of premium answers at what an administrator allows."""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import Any

import anyio
import anyio.to_thread
import structlog

from freehold.db import Database
from freehold.gateway.routing.pipeline.snapshot import AUTO
from freehold.gateway.routing.policy import Policy
from freehold.savings.reports import IsPremium
from freehold.savings.what_if import ANSWERED, Floors, LearnedFloor, Replay, lines
from freehold.usage.models import UsageRow

NEEDED = 200
"""Answers of `auto` that are looked at; fewer say little."""

MOST = 5_000
"""The newest answers that are looked at, of the last seven days."""

_log = structlog.get_logger(__name__)


def premium(policy: Policy) -> IsPremium:
    """Which models are of the premium tier, by what is configured now."""
    tiers = policy.snapshot.tiers
    # one that is gone was dear enough to be sent out to
    return lambda ref: tiers.get(ref, "premium") == "premium"


def floors_of(policy: Policy, then: float | None, learned: LearnedFloor) -> Floors:
    """The floor that acts beside another one; None: the same."""
    terms = policy.terms
    own = frozenset(rule.id for rule in policy.rules.rules if rule.change is not None)
    trial = policy.declared.trial
    tried = trial.id if trial is not None else None
    return Floors(terms.floor, terms.floor if then is None else then, terms.objective, learned, own, tried)


class Following:
    """`follow` now and then."""

    def __init__(self, database: Database, policy: Policy, learned: LearnedFloor) -> None:
        self._database = database
        self._policy = policy
        self._learned = learned
        self._lock = anyio.Lock()  # whoever began before a reload must not end after it

    async def follow(self) -> None:
        """Find the floor anew and let it act, where the settings name a share. Raises StorageError."""
        async with self._lock:
            await self._follow()

    async def _follow(self) -> None:
        policy, auto = self._policy, self._policy.declared.auto
        wish = auto.share_premium if auto is not None else None
        rows: list[Any] = []
        if wish is not None:
            answers = UsageRow.requested == AUTO, UsageRow.status.in_(ANSWERED), UsageRow.error.is_(None)
            async with aclosing(lines(self._database, *answers)) as every:
                async for row in every:
                    rows.append(row)
                    if len(rows) == MOST:
                        break
        if auto is None or wish is None or len(rows) < NEEDED:
            policy.follow(None)
            return
        floors = floors_of(policy, None, self._learned)
        find = partial(highest_floor, rows, wish, auto.quality_floor, floors, premium(policy))
        floor = await anyio.to_thread.run_sync(find)
        if floor != policy.followed:
            _log.info("quality_floor_follows", floor=floor, share_premium=wish, answers=len(rows))
        policy.follow(floor)


def highest_floor(rows: Sequence[Any], wish: float, most: float, floors: Floors, is_premium: IsPremium) -> float:
    """The highest floor, in hundredths and at most `most`, at which premium models would have given that share of these
    answers or less; 0 where none does.
    """

    def share(floor: float) -> float:
        found = Replay(replace(floors, then=floor), is_premium)
        for row in rows:
            found.see(row)
        return found.then.premium / found.then.calls if found.then.calls else 0.0

    if share(most) <= wish:
        return most
    low, high = 0, round(most * 100)  # the one is taken to be fine, the other is not
    while high - low > 1:
        middle = (low + high) // 2
        if share(middle / 100) <= wish:
            low = middle
        else:
            high = middle
    return min(most, low / 100)
