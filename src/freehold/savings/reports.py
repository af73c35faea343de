"""Adds up what was saved, from the ledger's own lines in whole nano-dollars, so that it is the ledger to the cent."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, case, cast, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.chat.models import Message, Thread
from freehold.db import Database
from freehold.gateway.learning.models import RouteLabel
from freehold.identity.models import User
from freehold.kit.ids import first_id_at
from freehold.savings import quality
from freehold.savings.schemas import (
    BaselineShown,
    GroupBy,
    Latency,
    Quality,
    Saved,
    SavedRow,
    SavingsReport,
)
from freehold.usage.models import UsageRow
from freehold.usage.money import to_usd
from freehold.usage.record import IN_HOUSE_WORK, OWN_WORK, TO_COMPARE

MOST_ROWS = 500

IsPremium = Callable[[str], bool]
"""Whether a model outside, provider/model, is of the premium tier."""

_HIT = UsageRow.cache.in_(("hit", "similar", "faq"))
# one that was overtaken is stopped, too, with an error that says so
_ANSWERED = or_(UsageRow.status == "ok", and_(UsageRow.status == "stopped", UsageRow.error.is_(None)))
_COMPARED = UsageRow.baseline_nanodollars.is_not(None)
_LEARNING = UsageRow.source == "shadow"
_OWN = UsageRow.source.in_(IN_HOUSE_WORK)
_COUNTED = (
    "calls",
    "own_calls",
    "failed_calls",
    "learning_calls",
    "not_compared_calls",
    "tokens",
    "mean_calls",
    "written_calls",
)
PATH = case((_HIT, "cache"), (UsageRow.self_hosted, "in_house"), else_="outside")


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which lines of the ledger: those of UTC days, the first and the last included, of one person or of all."""

    from_day: date
    to_day: date
    user_id: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """For a query of the ledger; what was refused asked nobody, and nothing can be saved by comparing."""
        found = [*_between(UsageRow.id, self), UsageRow.status != "refused", UsageRow.source.not_in(TO_COMPARE)]
        if self.user_id is not None:
            found.append(UsageRow.user_id == self.user_id)
        return found


@dataclass(slots=True)
class Sums:
    """Whole nano-dollars and counts."""

    calls: int = 0
    own_calls: int = 0
    failed_calls: int = 0
    not_compared_calls: int = 0
    cached_calls: int = 0
    premium_calls: int = 0
    tokens: int = 0
    premium_tokens: int = 0
    mean_calls: int = 0
    written_calls: int = 0
    spent: int = 0
    compared: int = 0  # what the compared calls cost
    learning_calls: int = 0
    learning: int = 0
    house: int = 0
    baseline: int = 0
    cache: int = 0  # saved by the cache
    compaction: int = 0  # saved by summaries, after what they cost

    def add(self, row: Any, *, premium: bool) -> None:
        """Add a row of `_query`."""
        hit = row.path == "cache"
        for name in _COUNTED:
            setattr(self, name, getattr(self, name) + int(getattr(row, name) or 0))
        for name in ("spent", "compared", "learning", "house", "baseline", "compaction"):
            setattr(self, name, getattr(self, name) + int(getattr(row, f"{name}_nano") or 0))
        if hit:
            self.cached_calls += int(row.calls)
            self.cache += int(row.baseline_nano or 0) - int(row.compared_nano or 0)
        if premium:
            self.premium_calls += int(row.calls)
            self.premium_tokens += int(row.tokens or 0)

    @property
    def saved(self) -> int:
        """Against the baseline, after everything that was really spent."""
        return self.baseline - self.compared - self.house

    def shown(self) -> dict[str, Any]:
        """As the fields of Saved."""
        names = Saved.model_fields.keys()
        counts = {name: getattr(self, name) for name in names if not name.endswith(("_usd", "_share"))}
        return {
            **counts,
            "spent_usd": to_usd(self.spent),
            "not_compared_usd": to_usd(self.spent - self.compared),
            "learning_usd": to_usd(self.learning),
            "house_usd": to_usd(self.house),
            "baseline_usd": to_usd(self.baseline),
            "saved_usd": to_usd(self.saved),
            "saved_share": round(self.saved / self.baseline, 6) if self.baseline else None,
            "routing_usd": to_usd(self.saved - self.cache - self.compaction),
            "cache_usd": to_usd(self.cache),
            "compaction_usd": to_usd(self.compaction),
        }


@dataclass(slots=True)
class _Found:
    total: Sums = field(default_factory=Sums)
    groups: dict[str, Sums] = field(default_factory=dict)
    baselines: dict[str, int] = field(default_factory=dict)


async def report(database: Database, chosen: Chosen, group_by: GroupBy, is_premium: IsPremium) -> SavingsReport:
    """Everything that the page shows, in one transaction."""
    async with database.read() as session:
        rows = (await session.execute(_query(chosen, group_by, database.dialect))).all()
        found = _added_up(rows, is_premium)
        latency = await _latency(session, chosen)
        rated = quality.better(await _compared(session, chosen), await _rated(session, chosen, found.baselines))
        keys = _in_order(found, group_by)
        names = await _names(session, keys[:MOST_ROWS]) if group_by == "user" else {}
    baselines = sorted(found.baselines.items(), key=lambda one: (-one[1], one[0]))
    return SavingsReport(
        from_day=chosen.from_day,
        to_day=chosen.to_day,
        group_by=group_by,
        baselines=[BaselineShown(model=model, calls=calls) for model, calls in baselines],
        total=Saved(**found.total.shown()),
        rows=[SavedRow(key=key, name=names.get(key), **found.groups[key].shown()) for key in keys[:MOST_ROWS]],
        more=len(keys) > MOST_ROWS,
        latency=latency,
        quality=rated,
    )


def premium_line(row: Any, is_premium: IsPremium) -> bool:
    """Whether a line is of an answer by a premium model."""
    return row.path == "outside" and is_premium(row.model)


def _query(chosen: Chosen, group_by: GroupBy, dialect: str) -> Any:
    day: ColumnElement[Any] = func.date(UsageRow.at)
    if dialect == "postgresql":
        day = cast(func.timezone(literal_column("'UTC'"), UsageRow.at), Date)
    key = {"day": day, "model": UsageRow.model, "user": UsageRow.user_id, "locality": PATH}[group_by]
    read_and_written = func.coalesce(UsageRow.input_tokens, 0) + func.coalesce(UsageRow.output_tokens, 0)
    own_cost = func.coalesce(UsageRow.cost_nanodollars, 0) + func.coalesce(UsageRow.house_nanodollars, 0)
    compaction = case(
        (UsageRow.source == "summary", -own_cost), else_=func.coalesce(UsageRow.compaction_nanodollars, 0)
    )
    # found out line by line below, so that no expression with values of its own is grouped by
    lines = (
        select(
            key.label("key"),
            UsageRow.model.label("model"),
            UsageRow.baseline.label("baseline"),
            PATH.label("path"),
            case((_LEARNING, 0), (_ANSWERED, 1), else_=0).label("answered"),
            case((_OWN, 1), else_=0).label("own"),
            case((_LEARNING, 1), else_=0).label("learns"),
            case((_COMPARED, 1), else_=0).label("is_compared"),
            case((_LEARNING, 0), else_=read_and_written).label("tokens"),
            UsageRow.baseline_length.label("length"),
            func.coalesce(UsageRow.cost_nanodollars, 0).label("cost"),
            func.coalesce(UsageRow.house_nanodollars, 0).label("house"),
            UsageRow.baseline_nanodollars.label("counterfactual"),
            compaction.label("compaction"),
        )
        .where(*chosen.conditions())
        .subquery()
    )
    c = lines.c
    groups = c.key, c.model, c.baseline, c.path
    return select(
        *groups,
        func.sum(c.answered * (1 - c.own)).label("calls"),
        func.sum(c.answered * c.own).label("own_calls"),
        func.sum(1 - c.answered - c.learns).label("failed_calls"),
        func.sum(c.learns).label("learning_calls"),
        func.sum(1 - c.is_compared).label("not_compared_calls"),
        func.sum(c.is_compared * (1 - c.learns)).label("compared_calls"),
        func.sum(c.tokens).label("tokens"),
        func.sum(case((c.length == "mean", 1), else_=0)).label("mean_calls"),
        func.sum(case((c.length == "written", 1), else_=0)).label("written_calls"),
        func.sum(c.cost).label("spent_nano"),
        func.sum(c.cost * c.is_compared).label("compared_nano"),
        func.sum(c.cost * c.learns).label("learning_nano"),
        func.sum(c.house * c.is_compared).label("house_nano"),
        func.sum(c.counterfactual).label("baseline_nano"),
        func.sum(c.compaction * c.is_compared).label("compaction_nano"),
    ).group_by(*groups)


def _added_up(rows: Iterable[Any], is_premium: IsPremium) -> _Found:
    found = _Found()
    for row in rows:
        premium = premium_line(row, is_premium)
        key = row.key.isoformat() if isinstance(row.key, date) else str(row.key)
        for sums in (found.total, found.groups.setdefault(key, Sums())):
            sums.add(row, premium=premium)
        if row.baseline is not None and row.compared_calls:
            found.baselines[row.baseline] = found.baselines.get(row.baseline, 0) + int(row.compared_calls)
    return found


def _in_order(found: _Found, group_by: GroupBy) -> list[str]:
    """Days in theirs, else what saved most first."""
    if group_by == "day":
        return sorted(found.groups)
    return sorted(found.groups, key=lambda key: (-found.groups[key].saved, -found.groups[key].spent, key))


async def _latency(session: AsyncSession, chosen: Chosen) -> list[Latency]:
    """The median and the 95th percentile of each path: the smallest that so many answers were not slower than."""
    timed = (
        select(PATH.label("path"), UsageRow.duration_ms.label("ms"))
        .where(*chosen.conditions(), UsageRow.status == "ok", UsageRow.duration_ms.is_not(None))
        .where(UsageRow.source.not_in(OWN_WORK))
        .subquery()
    )
    place = func.row_number().over(partition_by=timed.c.path, order_by=timed.c.ms)
    count = func.count().over(partition_by=timed.c.path)
    placed = select(timed.c.path, timed.c.ms, place.label("place"), count.label("count")).subquery()
    p = placed.c
    half, most = (p.count + 1) // 2, (p.count * 95 + 99) // 100
    query = select(p.path, p.ms, p.place, p.count).where(or_(p.place == half, p.place == most))
    found: dict[str, list[Any]] = {}
    for row in (await session.execute(query.order_by(p.path, p.place))).all():
        found.setdefault(row.path, []).append(row)
    return [
        Latency(path=path, calls=rows[0].count, p50_ms=rows[0].ms, p95_ms=rows[-1].ms)  # type: ignore[arg-type]
        for path, rows in sorted(found.items())
    ]


async def _compared(session: AsyncSession, chosen: Chosen) -> Quality:
    """From the blind pairs of this time."""
    good = func.sum(case((RouteLabel.local >= RouteLabel.premium, 1), else_=0))
    query = select(func.count(), good).where(*_between(RouteLabel.id, chosen), RouteLabel.source == "pair")
    if chosen.user_id is not None:
        query = query.where(RouteLabel.user_id == chosen.user_id)
    pairs, well = (await session.execute(query)).one()
    return quality.of_pairs(int(well or 0), int(pairs))


async def _rated(session: AsyncSession, chosen: Chosen, baselines: Iterable[str]) -> Quality:
    """From the thumbs of answers that were given in this time."""
    query = (
        select(Message.feedback)
        .join(Thread, Thread.id == Message.thread_id)
        .where(*_between(Message.id, chosen), Message.feedback.is_not(None))
    )
    if chosen.user_id is not None:
        query = query.where(Thread.owner_id == chosen.user_id)
    known, counts = set(baselines), [0, 0, 0, 0]
    for feedback in await session.scalars(query):
        if feedback is None or feedback.get("model") is None:
            continue
        at = 2 if feedback["model"] in known else 0
        counts[at] += bool(feedback["good"])
        counts[at + 1] += 1
    return quality.kept(*counts)


async def _names(session: AsyncSession, user_ids: Iterable[str]) -> dict[str, str]:
    query = select(User.id, User.email, User.name).where(User.id.in_(list(user_ids)))
    return {user_id: email or name for user_id, email, name in (await session.execute(query)).all()}


def _between(column: Any, chosen: Chosen) -> list[ColumnElement[bool]]:
    first, end = (first_id_at(_midnight(day)) for day in (chosen.from_day, chosen.to_day + timedelta(days=1)))
    return [and_(column > first, column < end)]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
