"""Queries about what was used."""

import functools
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import Executable, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.kit.ids import first_id_at
from freehold.usage.models import BudgetRow, RateLimitRow, UsageDay, UsageMonth, UsageRow
from freehold.usage.record import UsageRecord
from freehold.usage.rows import COLUMNS, COUNTS, KEY, by_month, sums, values

_NAMES = ", ".join(COLUMNS)


async def append(session: AsyncSession, records: Sequence[UsageRecord]) -> None:
    """Write calls down, and add them to the sums of their days and months."""
    if not records:
        return
    postgres = session.get_bind().dialect.name == "postgresql"
    connection = await session.connection()
    # one statement in the driver's own form: it takes a third of what the same INSERT by way of the models does
    rows = [values(record, record.at if postgres else _for_sqlite(record.at)) for record in records]
    if postgres:
        columns = tuple(list(column) for column in zip(*rows, strict=True))
        await connection.exec_driver_sql(_by_columns(), columns)
    else:
        marks = ", ".join("?" * len(COLUMNS))
        statement = f"INSERT INTO usage_records ({_NAMES}) VALUES ({marks})"  # noqa: S608 - names of columns alone
        await connection.exec_driver_sql(statement, rows)
    days = sums(records)
    if not days:
        return
    for table, added_up in ((UsageDay, days), (UsageMonth, by_month(days))):
        await connection.execute(_adding(table, postgres), added_up)


@functools.cache
def _adding(table: type[UsageDay | UsageMonth], postgres: bool) -> Executable:
    """A statement that adds rows of sums to those that are there."""
    columns = table.__table__.c
    fresh = (postgresql if postgres else sqlite).insert(cast("Table", table.__table__))
    added = {name: columns[name] + fresh.excluded[name] for name in COUNTS}
    return fresh.on_conflict_do_update(index_elements=KEY, set_=added)


async def forget(session: AsyncSession, before: datetime, most: int) -> int:
    """Delete at most so many calls that ended before a moment, the oldest first; returns how many. Sums stay."""
    oldest = select(UsageRow.id).where(UsageRow.id < first_id_at(before)).order_by(UsageRow.id).limit(most)
    found = list(await session.scalars(oldest))
    if found:
        # from the first to the last of them, so that no statement holds a list of ids
        await session.execute(delete(UsageRow).where(UsageRow.id.between(found[0], found[-1])))
    return len(found)


async def drop_group(session: AsyncSession, group_id: str) -> None:
    """Remove the limits and budgets of a group; what was spent stays known."""
    for table in (BudgetRow, RateLimitRow):
        await session.execute(delete(table).where(table.holder_kind == "group", table.holder_id == group_id))


def _by_columns() -> str:
    """An INSERT for PostgreSQL that takes an array for each column."""
    dialect = postgresql.dialect()
    types = (column.type.compile(dialect) for column in UsageRow.__table__.columns)
    arrays = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(types, 1))
    return f"INSERT INTO usage_records ({_NAMES}) SELECT * FROM unnest({arrays})"  # noqa: S608 - names of columns alone


def _for_sqlite(at: datetime) -> str:
    """A time as every other one is kept."""
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    return at.replace(tzinfo=None).isoformat(" ", "microseconds")


async def unwritten(session: AsyncSession, records: Sequence[UsageRecord]) -> list[UsageRecord]:
    """Those that are not in the database: of a batch whose commit may or may not have arrived."""
    ids = [record.id for record in records]
    there = set(await session.scalars(select(UsageRow.id).where(UsageRow.id.in_(ids))))
    return [record for record in records if record.id not in there]
