"""What another quality floor would have come to: the stored choices of the last days, weighed anew; nobody is asked."""

from collections.abc import AsyncGenerator, Callable, Container, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import ColumnElement, select

from freehold.db import Database
from freehold.gateway.routing.pipeline.need import asked_of_local
from freehold.gateway.routing.pipeline.scoring import weighed
from freehold.kit import clock
from freehold.kit.ids import first_id_at
from freehold.savings.reports import PATH, IsPremium
from freehold.savings.schemas import WhatIf, WhatIfFigures
from freehold.settings.routing import Language, Objective
from freehold.usage.models import UsageRow
from freehold.usage.money import to_nano, to_usd
from freehold.usage.record import OWN_WORK

DAYS = 7
MOST_LINES = 200_000
PAGE = 200  # lines that are read at once; others are answered in between

_WEIGHED = {"likely_enough", "likely_too_hard", "cheapest", "rule_narrows"}
"""Choices that the floor had a part in."""

ANSWERED = "ok", "stopped"
"""States of a line with an answer, unless it has an error."""

_FIXED = {"rule_pins", "rule_prefers", "in_house_only", "only_one", "asked_for"}
"""Choices that no floor changes."""


LearnedFloor = Callable[[str, Language | None, float, Objective], float | None]
"""The p that a share of quality asks of a local model in a language; None: nothing was learned of it."""

_SAME = 0.001  # floors are stored rounded


def nothing_learned(ref: str, language: Language | None, kept: float, objective: Objective) -> float | None:
    """No scorer acts."""
    del ref, language, kept, objective


@dataclass(frozen=True, slots=True)
class Floors:
    """The floor that acts now and the other one, as a person sets them, and the objective of both.

    `own`: ids of the rules that set a floor of their own; `trial`: of the trial, whose arm has one, too.
    """

    now: float
    then: float
    objective: Objective
    learned: LearnedFloor = nothing_learned
    own: Container[str] = frozenset()
    trial: str | None = None

    def asked(self, route: Mapping[str, Any]) -> tuple[float, float] | None:
        """The p that was asked of the house for a stored choice, and the one that would be; None: nobody knows."""
        need = route["need"]
        if not need.get("learned"):
            return need["floor"], asked_of_local(self.then, self.objective)
        kept = route.get("floor", self.now)
        for one in route["candidates"]:
            about = one["ref"], route.get("language")
            was, will = (self.learned(*about, floor, self.objective) for floor in (kept, self.then))
            if was is not None and will is not None:
                return (need["floor"], will) if abs(was - need["floor"]) <= _SAME else None  # another scorer by now
        return None


@dataclass(slots=True)
class _Side:
    baseline: int = 0
    spent: int = 0
    premium: int = 0
    calls: int = 0

    def shown(self) -> WhatIfFigures:
        saved = self.baseline - self.spent
        return WhatIfFigures(
            saved_usd=to_usd(saved),
            saved_share=round(saved / self.baseline, 6) if self.baseline else None,
            premium_share=round(self.premium / self.calls, 6) if self.calls else 0.0,
        )


@dataclass(slots=True)
class Replay:
    """The sums of both sides, line by line."""

    floors: Floors
    is_premium: IsPremium
    calls: int = 0
    replayed: int = 0
    moved: int = 0

    now: _Side = field(default_factory=_Side)
    then: _Side = field(default_factory=_Side)
    _house_cost: int = 0
    _house_calls: int = 0
    _came_home: int = 0

    def see(self, row: Any) -> None:
        """Count one line of the ledger."""
        cost = (row.cost_nanodollars or 0) + (row.house_nanodollars or 0)
        answered = row.status in ANSWERED and row.error is None
        asked = answered and row.source not in OWN_WORK
        premium = asked and row.path == "outside" and self.is_premium(row.model)
        if answered and row.path == "in_house":
            self._house_cost += row.house_nanodollars or 0
            self._house_calls += 1
        other = self._moved_to(row) if asked and row.route is not None else None
        for side in (self.now, self.then):
            if row.baseline_nanodollars is not None:
                side.baseline += row.baseline_nanodollars
                side.spent += cost
            side.calls += asked
            side.premium += premium
        if other is not None:
            self.moved += 1
            self.then.premium += (not other["self_hosted"] and self.is_premium(other["ref"])) - premium
            self._came_home += bool(other["self_hosted"])
            if row.baseline_nanodollars is not None:
                self.then.spent += to_nano(other["cost_usd"]) - cost

    def finish(self) -> None:
        """What came home has its hardware to pay for, as much as an answer there usually does."""
        if self._house_calls:
            self.then.spent += self._came_home * self._house_cost // self._house_calls

    def _moved_to(self, row: Any) -> Mapping[str, Any] | None:
        """The candidate that would have answered in the place of the one that did; None: the same, or nobody knows."""
        route = orjson.loads(row.route)
        choice, need, candidates = route.get("choice"), route.get("need"), route.get("candidates") or []
        if row.requested != "auto":
            return None
        self.calls += 1
        if choice in _FIXED:
            self.replayed += 1
            return None
        if choice not in _WEIGHED or need is None or any(one.get("p") is None for one in candidates):
            return None
        if route.get("rule") in self.floors.own or self._tried(route.get("trial")):
            return None
        asked = self.floors.asked(route)
        if asked is None:
            return None
        was, will = asked
        if need.get("learned"):  # weighed as the stage does it, by the floors that nothing learned would have
            kept = route.get("floor", self.floors.now)
            now, then = (asked_of_local(one, self.floors.objective) for one in (kept, self.floors.then))
            before, after = best(candidates, now, now - was), best(candidates, then, then - will)
        else:
            before, after = best(candidates, was), best(candidates, will)
        if after is not before and after["cost_usd"] is None:
            return None
        self.replayed += 1
        return after if after is not before and after["ref"] != row.model else None

    def _tried(self, trial: Mapping[str, Any] | None) -> bool:
        """Whether the choice was made in the way that the present trial tries."""
        return trial is not None and trial["arm"] == "trial" and trial["id"] == self.floors.trial


def best(candidates: Iterable[Mapping[str, Any]], floor: float, shift: float = 0.0) -> Mapping[str, Any]:
    """The candidate with the best score at a floor, as the stage of the objective weighs them but for the wait.

    `shift`: what p of the local ones is moved by, as theirs was learned and has a floor of its own.
    """
    some = list(candidates)
    dearest = max((one["cost_usd"] for one in some if one["cost_usd"] is not None), default=0.0) or 1.0
    return min(
        some, key=lambda one: weighed(one["cost_usd"], dearest, one["p"] + shift * (one["tier"] == "local"), floor)
    )


async def lines(database: Database, *only: ColumnElement[bool]) -> AsyncGenerator[Any]:
    """Those of the last seven days, the newest first, in pieces of which each is a transaction of its own.

    Day by day, so that no statement has to pass over more than one in search of a few lines.
    """
    names = ("id", "source", "status", "error", "requested", "model", "route")
    money = ("cost_nanodollars", "house_nanodollars", "baseline_nanodollars")
    columns = [getattr(UsageRow, name) for name in (*names, *money)]
    query = select(*columns, PATH.label("path")).where(UsageRow.status != "refused", *only)
    at, before = clock.now(), None
    for day in range(1, DAYS + 1):
        first = first_id_at(at - timedelta(days=day))
        while True:
            page = query.where(UsageRow.id > first)
            if before is not None:
                page = page.where(UsageRow.id < before)
            async with database.read() as session:
                rows = (await session.execute(page.order_by(UsageRow.id.desc()).limit(PAGE))).all()
            for row in rows:
                yield row
            if len(rows) < PAGE:
                break
            before = rows[-1].id
        before = first


async def replay(database: Database, floors: Floors, is_premium: IsPremium) -> WhatIf:
    """The last seven days at another floor."""
    found, seen = Replay(floors, is_premium), 0
    async with aclosing(lines(database)) as every:
        async for row in every:
            found.see(row)
            seen += 1
            if seen == MOST_LINES:
                break
    found.finish()
    return WhatIf(
        quality_floor=floors.then,
        current_floor=floors.now,
        calls=found.calls,
        replayed=found.replayed,
        moved=found.moved,
        not_replayed=found.calls - found.replayed,
        truncated=seen >= MOST_LINES,
        now=found.now.shown(),
        then=found.then.shown(),
    )
