"""Reads what was used: sums by what somebody asks for, and every single call, page by page or as CSV."""

import csv
import io
from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import orjson
from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.db import Database
from freehold.errors import InvalidRequest
from freehold.identity.keys.models import ApiKey
from freehold.identity.models import User
from freehold.identity.people.models import Group, GroupMember
from freehold.identity.people.repository import memberships
from freehold.kit import clock
from freehold.kit.ids import first_id_at
from freehold.kit.pagination import decode_cursor, encode_cursor, page_of
from freehold.usage.models import UsageDay, UsageMonth, UsageRow
from freehold.usage.money import NANO, to_usd
from freehold.usage.record import Status
from freehold.usage.rows import COUNTS
from freehold.usage.schemas import Filters, GroupSums, Sums, UsageCall, UsageCallPage, UsageReport
from freehold.usage.schemas import Group as GroupBy

MOST_ROWS = 500
PAGE = 100  # calls of the CSV that are read at once; others are answered in between

Table = type[UsageDay] | type[UsageMonth]
_GROUPS: Mapping[GroupBy, str] = {
    "day": "day",
    "month": "day",
    "user": "user_id",
    "group": "user_id",
    "key": "key_id",
    "model": "model",
    "provider": "provider_id",
    "locality": "self_hosted",
}

CSV_COLUMNS = (
    "time", "user", "user_id", "groups", "key_id", "source", "requested", "model", "provider", "in_house", "status",
    "error", "input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens", "estimated", "cost_usd",
    "first_token_ms", "duration_ms", "tokens_per_second", "attempts", "cache", "audio_seconds",
    "key_name", "request_id", "tried",
)  # fmt: skip


async def report(
    database: Database, filters: Filters, group: GroupBy, declared_keys: Mapping[str, str] | None = None
) -> UsageReport:
    """The sums of the chosen calls, in groups. `declared_keys`: names of keys that the file declares, by id."""
    table: Table = UsageMonth if group != "day" and _whole_months(filters) else UsageDay
    by: ColumnElement[Any] = getattr(table, _GROUPS[group])
    if group == "group":
        by = func.coalesce(GroupMember.group_id, "")
    if group == "month" and table is UsageDay:
        raise InvalidRequest("Months are added up from the first day of a month to the last of one.", field="from")
    tokens = table.input_tokens + table.output_tokens
    sums = [func.sum(getattr(table, name)).label(name) for name in COUNTS]
    sums.append(func.sum(case((table.self_hosted, table.calls), else_=0)).label("in_house_calls"))
    sums.append(func.sum(case((table.self_hosted, tokens), else_=0)).label("in_house_tokens"))
    chosen = [table.day.between(filters.from_day, filters.to_day), *_chosen(filters, table)]
    query = select(by.label("key"), *sums).where(*chosen).group_by(by)
    if group == "group":
        query = query.outerjoin_from(table, GroupMember, GroupMember.user_id == table.user_id)
    in_order = group in ("day", "month")
    if in_order:
        query = query.order_by(by)
    else:
        query = query.order_by(*(func.sum(column).desc() for column in (table.cost_nanodollars, tokens)), by)
        query = query.limit(MOST_ROWS + 1)
    async with database.read() as session:
        total = (await session.execute(select(*sums).where(*chosen))).one()
        found = (await session.execute(query)).all()
        keys = [str(row.key) for row in found]
        names: Mapping[str, str] = {}
        if group == "user":
            names = await _names(session, keys)
        elif group == "group":
            names = await _group_names(session, keys)
        elif group == "key":
            names = {**await _key_names(session, keys), **(declared_keys or {})}
    shown = found if in_order else found[:MOST_ROWS]
    rows = [GroupSums(key=_key(row.key), name=names.get(_key(row.key)), **_sums(row)) for row in shown]
    return UsageReport(
        from_day=filters.from_day,
        to_day=filters.to_day,
        group=group,
        total=Sums(**_sums(total)),
        rows=rows,
        more=len(found) > len(shown),
    )


@dataclass(frozen=True, slots=True)
class Single:
    """Which of the chosen calls, one by one: a page of `limit` after `cursor`."""

    status: Status | None = None
    request_id: str | None = None
    cursor: str | None = None
    limit: int = 50


async def calls(database: Database, filters: Filters, which: Single, declared_keys: Mapping[str, str]) -> UsageCallPage:
    """Single calls, the newest first. Raises InvalidRequest for a wrong cursor."""
    first, end = _ids(filters)
    if which.cursor:
        end = min(end, decode_cursor(which.cursor, str)[0])
    chosen = [UsageRow.id > first, UsageRow.id < end, *_chosen(filters, UsageRow)]
    if which.status is not None:
        chosen.append(UsageRow.status == which.status)
    if which.request_id is not None:
        chosen.append(UsageRow.request_id == which.request_id)
    query = select(UsageRow).where(*chosen).order_by(UsageRow.id.desc()).limit(which.limit + 1)
    async with database.read() as session:
        rows, more = page_of((await session.scalars(query)).all(), which.limit)
        names = await _names(session, {row.user_id for row in rows})
        keys = {**await _key_names(session, {row.key_id for row in rows if row.key_id}), **declared_keys}
    items = [_call(row, names, keys) for row in rows]
    return UsageCallPage(items=items, next_cursor=encode_cursor(rows[-1].id) if more else None)


def _call(row: UsageRow, names: Mapping[str, str], keys: Mapping[str, str]) -> UsageCall:
    told = {column: getattr(row, column) for column in UsageCall.model_fields if hasattr(row, column)}
    return UsageCall.model_validate(
        told
        | {
            "user_name": names.get(row.user_id),
            "key_name": keys.get(row.key_id or ""),
            "cost_usd": None if row.cost_nanodollars is None else to_usd(row.cost_nanodollars),
            "tried": orjson.loads(row.tried) if row.tried else [],
            "route": orjson.loads(row.route) if row.route else None,
        }
    )


async def calls_as_csv(database: Database, filters: Filters, declared_keys: Mapping[str, str]) -> AsyncGenerator[bytes]:
    """Every chosen call, oldest first, in pieces; each piece is read in a transaction of its own."""
    yield _csv([CSV_COLUMNS])
    after, end = _ids(filters)
    names: dict[str, str] = {}
    keys = dict(declared_keys)
    groups: dict[str, str] = {}  # of each person, in one text
    while True:
        chosen = [UsageRow.id > after, UsageRow.id < end, *_chosen(filters, UsageRow)]
        query = select(*UsageRow.__table__.columns).where(*chosen).order_by(UsageRow.id).limit(PAGE)
        async with database.read() as session:
            rows = (await session.execute(query)).all()
            new = {row.user_id for row in rows} - groups.keys()
            names |= await _names(session, new)
            keys |= await _key_names(session, {row.key_id for row in rows if row.key_id} - keys.keys())
            theirs = await memberships(session, new)
            groups |= {user_id: "; ".join(group.name for group in theirs.get(user_id, ())) for user_id in new}
        if rows:
            yield _csv(_cells(row, names, groups, keys) for row in rows)
            after = rows[-1].id
        if len(rows) < PAGE:
            return


def _whole_months(filters: Filters) -> bool:
    """Whether the days are those of whole months, as far as there are any."""
    last = filters.to_day
    ends = last >= clock.now().date() or (last + timedelta(days=1)).day == 1
    return filters.from_day.day == 1 and ends


def _chosen(filters: Filters, table: Table | type[UsageRow]) -> list[ColumnElement[bool]]:
    """The conditions but for those of time."""
    wanted: list[ColumnElement[bool]] = []
    for name in ("user_id", "model", "provider_id", "source"):
        value = getattr(filters, name)
        if value is not None:
            wanted.append(getattr(table, name) == value)
    if filters.group_id is not None:
        members = select(GroupMember.user_id).where(GroupMember.group_id == filters.group_id)
        wanted.append(table.user_id.in_(members))
    if filters.key_id is not None:
        nobody = None if table is UsageRow else ""
        wanted.append(table.key_id == (filters.key_id or nobody))
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


async def _group_names(session: AsyncSession, group_ids: Iterable[str]) -> dict[str, str]:
    query = select(Group.id, Group.name).where(Group.id.in_(list(group_ids)))
    return {group_id: name for group_id, name in (await session.execute(query)).all()}


async def _key_names(session: AsyncSession, key_ids: Iterable[str]) -> dict[str, str]:
    wanted = list(key_ids)
    if not wanted:
        return {}
    query = select(ApiKey.id, ApiKey.name).where(ApiKey.id.in_(wanted))
    return {key_id: name for key_id, name in (await session.execute(query)).all()}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _ids(filters: Filters) -> tuple[str, str]:
    """The ids between which those of the chosen days lie."""
    return first_id_at(_midnight(filters.from_day)), first_id_at(_midnight(filters.to_day + timedelta(days=1)))


def _cells(
    row: Any, names: Mapping[str, str], groups: Mapping[str, str], keys: Mapping[str, str]
) -> tuple[object, ...]:
    cost = row.cost_nanodollars
    return (
        row.at.isoformat(timespec="milliseconds"), _text(names.get(row.user_id)), row.user_id,
        _text(groups.get(row.user_id)), row.key_id, row.source, _text(row.requested), _text(row.model),
        row.provider_id, row.self_hosted, row.status, row.error,
        row.input_tokens, row.cached_input_tokens, row.output_tokens, row.reasoning_tokens, row.estimated,
        None if cost is None else f"{cost // NANO}.{cost % NANO:09d}",
        row.first_token_ms, row.duration_ms, row.tokens_per_second, row.attempts, row.cache, row.audio_seconds,
        _text(keys.get(row.key_id or "")), _text(row.request_id), row.tried,
    )  # fmt: skip


def _text(value: str | None) -> str | None:
    """What a client or a person wrote, so that no spreadsheet takes it for a formula."""
    return f"'{value}" if value and value[0] in "=+-@\t\r" else value


def _csv(rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)  # RFC 4180
    return text.getvalue().encode()
