"""Reads what was used: sums by what somebody asks for, and every single call as CSV."""

import csv
import io
from collections.abc import AsyncGenerator, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from freehold.db import Database
from freehold.identity.keys.models import ApiKey
from freehold.identity.models import User
from freehold.usage.models import UsageDay, UsageRow
from freehold.usage.money import NANO, to_usd
from freehold.usage.rows import COUNTS
from freehold.usage.schemas import Filters, Group, GroupSums, Sums, UsageReport

MOST_ROWS = 500
PAGE = 1000  # calls of the CSV that are read at once

_GROUPS: Mapping[Group, InstrumentedAttribute[Any]] = {
    "day": UsageDay.day,
    "user": UsageDay.user_id,
    "key": UsageDay.key_id,
    "model": UsageDay.model,
    "provider": UsageDay.provider_id,
    "locality": UsageDay.self_hosted,
}

CSV_COLUMNS = (
    "time", "user", "user_id", "key_id", "source", "requested", "model", "provider", "in_house", "status", "error",
    "input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens", "estimated", "cost_usd",
    "first_token_ms", "duration_ms", "tokens_per_second", "attempts", "cache",
)  # fmt: skip


async def report(
    database: Database, filters: Filters, group: Group, declared_keys: Mapping[str, str] | None = None
) -> UsageReport:
    """The sums of the chosen calls, in groups. `declared_keys`: names of keys that the file declares, by id."""
    by = _GROUPS[group]
    tokens = UsageDay.input_tokens + UsageDay.output_tokens
    sums = [func.sum(getattr(UsageDay, name)).label(name) for name in COUNTS]
    sums.append(func.sum(case((UsageDay.self_hosted, UsageDay.calls), else_=0)).label("in_house_calls"))
    sums.append(func.sum(case((UsageDay.self_hosted, tokens), else_=0)).label("in_house_tokens"))
    query = select(by.label("key"), *sums).where(*_of_days(filters)).group_by(by)
    if group == "day":
        query = query.order_by(by)
    else:
        query = query.order_by(*(func.sum(column).desc() for column in (UsageDay.cost_nanodollars, tokens)), by)
        query = query.limit(MOST_ROWS + 1)
    async with database.read() as session:
        total = (await session.execute(select(*sums).where(*_of_days(filters)))).one()
        found = (await session.execute(query)).all()
        keys = [str(row.key) for row in found]
        names: Mapping[str, str] = {}
        if group == "user":
            names = await _names(session, keys)
        elif group == "key":
            names = {**await _key_names(session, keys), **(declared_keys or {})}
    shown = found if group == "day" else found[:MOST_ROWS]
    rows = [GroupSums(key=_key(row.key), name=names.get(_key(row.key)), **_sums(row)) for row in shown]
    return UsageReport(
        from_day=filters.from_day,
        to_day=filters.to_day,
        group=group,
        total=Sums(**_sums(total)),
        rows=rows,
        more=len(found) > len(shown),
    )


async def calls_as_csv(database: Database, filters: Filters) -> AsyncGenerator[bytes]:
    """Every chosen call, oldest first, in pieces; each piece is read in a transaction of its own."""
    yield _csv([CSV_COLUMNS])
    after: tuple[datetime, str] | None = None
    names: dict[str, str] = {}
    while True:
        query = select(UsageRow).where(*_of_rows(filters)).order_by(UsageRow.at, UsageRow.id).limit(PAGE)
        if after is not None:
            query = query.where(tuple_(UsageRow.at, UsageRow.id) > tuple_(*(literal(value) for value in after)))
        async with database.read() as session:
            rows = (await session.scalars(query)).all()
            names |= await _names(session, {row.user_id for row in rows} - names.keys())
        if rows:
            yield _csv(_cells(row, names) for row in rows)
            after = (rows[-1].at, rows[-1].id)
        if len(rows) < PAGE:
            return


def _of_days(filters: Filters) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [UsageDay.day.between(filters.from_day, filters.to_day)]
    return wanted + _chosen(filters, UsageDay, no_key="")


def _of_rows(filters: Filters) -> list[ColumnElement[bool]]:
    begin = _midnight(filters.from_day)
    wanted: list[ColumnElement[bool]] = [
        UsageRow.at >= begin,
        UsageRow.at < _midnight(filters.to_day) + timedelta(days=1),
    ]
    return wanted + _chosen(filters, UsageRow, no_key=None)


def _chosen(filters: Filters, table: type[UsageDay] | type[UsageRow], no_key: str | None) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    for name in ("user_id", "model", "provider_id", "source"):
        value = getattr(filters, name)
        if value is not None:
            wanted.append(getattr(table, name) == value)
    if filters.key_id is not None:
        wanted.append(table.key_id == (filters.key_id or no_key))
    if filters.locality is not None:
        wanted.append(table.self_hosted.is_(filters.locality == "in_house"))
    return wanted


def _key(value: object) -> str:
    if isinstance(value, bool):
        return "in_house" if value else "outside"
    return value.isoformat() if isinstance(value, date) else str(value)


def _sums(row: Any) -> dict[str, Any]:
    found = {name: int(value or 0) for name, value in row._mapping.items() if name != "key"}
    found["outside_tokens"] = found["input_tokens"] + found["output_tokens"] - found["in_house_tokens"]
    return {"cost_usd": to_usd(found.pop("cost_nanodollars")), **found}


async def _names(session: AsyncSession, user_ids: Iterable[str]) -> dict[str, str]:
    """What people are called; one who was deleted has no name any more."""
    wanted = list(user_ids)
    if not wanted:
        return {}
    rows = (await session.execute(select(User.id, User.email, User.name).where(User.id.in_(wanted)))).all()
    return {row.id: row.email or row.name for row in rows}


async def _key_names(session: AsyncSession, key_ids: Iterable[str]) -> dict[str, str]:
    query = select(ApiKey.id, ApiKey.name).where(ApiKey.id.in_(list(key_ids)))
    return {key_id: name for key_id, name in (await session.execute(query)).all()}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _cells(row: UsageRow, names: Mapping[str, str]) -> tuple[object, ...]:
    cost = row.cost_nanodollars
    return (
        row.at.isoformat(timespec="milliseconds"), _text(names.get(row.user_id)), row.user_id, row.key_id, row.source,
        _text(row.requested), _text(row.model), row.provider_id, row.self_hosted, row.status, row.error,
        row.input_tokens, row.cached_input_tokens, row.output_tokens, row.reasoning_tokens, row.estimated,
        None if cost is None else f"{cost // NANO}.{cost % NANO:09d}",
        row.first_token_ms, row.duration_ms, row.tokens_per_second, row.attempts, row.cache,
    )  # fmt: skip


def _text(value: str | None) -> str | None:
    """What a client or a person wrote, so that no spreadsheet takes it for a formula."""
    return f"'{value}" if value and value[0] in "=+-@\t\r" else value


def _csv(rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)  # RFC 4180
    return text.getvalue().encode()
