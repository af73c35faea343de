"""Queries about what was used."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.usage.models import UsageDay, UsageRow
from freehold.usage.rows import COUNTS, DAY_KEY, Row, days

_COLUMNS = tuple(column.name for column in UsageRow.__table__.columns)
_NAMES = ", ".join(_COLUMNS)
_AT = _COLUMNS.index("at")


async def append(session: AsyncSession, rows: Sequence[Row]) -> None:
    """Write calls down, and add them to the sums of their days."""
    if not rows:
        return
    postgres = session.get_bind().dialect.name == "postgresql"
    connection = await session.connection()
    # one statement in the driver's own form: it takes a third of what the same INSERT by way of the models does
    if postgres:
        await connection.exec_driver_sql(_by_columns(), tuple([row[name] for row in rows] for name in _COLUMNS))
    else:
        marks = ", ".join("?" * len(_COLUMNS))
        await connection.exec_driver_sql(
            f"INSERT INTO usage_records ({_NAMES}) VALUES ({marks})",  # noqa: S608 - names of columns alone
            [_sqlite_values(row) for row in rows],
        )
    fresh = (postgresql if postgres else sqlite).insert(UsageDay)
    columns = UsageDay.__table__.c
    added = {name: columns[name] + fresh.excluded[name] for name in COUNTS}
    await session.execute(fresh.on_conflict_do_update(index_elements=list(DAY_KEY), set_=added), days(rows))


def _by_columns() -> str:
    """An INSERT for PostgreSQL that takes an array for each column."""
    dialect = postgresql.dialect()
    types = (column.type.compile(dialect) for column in UsageRow.__table__.columns)
    arrays = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(types, 1))
    return f"INSERT INTO usage_records ({_NAMES}) SELECT * FROM unnest({arrays})"  # noqa: S608 - names of columns alone


def _sqlite_values(row: Row) -> tuple[Any, ...]:
    values = [row[name] for name in _COLUMNS]
    at: datetime = values[_AT]
    values[_AT] = at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")  # as every other time is kept
    return tuple(values)


async def unwritten(session: AsyncSession, rows: Sequence[Row]) -> list[Row]:
    """Those of `rows` that are not in the database: of a batch whose commit may or may not have arrived."""
    ids = [row["id"] for row in rows]
    there = set(await session.scalars(select(UsageRow.id).where(UsageRow.id.in_(ids))))
    return [row for row in rows if row["id"] not in there]
