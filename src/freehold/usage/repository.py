"""Queries about what was used."""

from collections.abc import Sequence

from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.usage.models import UsageDay, UsageRow
from freehold.usage.rows import COUNTS, DAY_KEY, Row, days


async def append(session: AsyncSession, rows: Sequence[Row]) -> None:
    """Write calls down, and add them to the sums of their days."""
    if not rows:
        return
    await session.execute(insert(UsageRow.__table__), list(rows))
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    fresh = dialect.insert(UsageDay)
    columns = UsageDay.__table__.c
    added = {name: columns[name] + fresh.excluded[name] for name in COUNTS}
    upsert = fresh.on_conflict_do_update(index_elements=list(DAY_KEY), set_=added)
    await session.execute(upsert, days(rows))


async def unwritten(session: AsyncSession, rows: Sequence[Row]) -> list[Row]:
    """Those of `rows` that are not in the database: of a batch whose commit may or may not have arrived."""
    ids = [row["id"] for row in rows]
    there = set(await session.scalars(select(UsageRow.id).where(UsageRow.id.in_(ids))))
    return [row for row in rows if row["id"] not in there]
