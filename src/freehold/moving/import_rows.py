"""Rows of imports; every statement names the owner, but those by which the workers share the work."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.errors import NotFound
from freehold.moving.models import Import, ImportNote

OPEN = ("receiving", "waiting", "running")


async def find(session: AsyncSession, owner_id: str, import_id: str, *, lock: bool = False) -> Import:
    """Raises NotFound."""
    query = select(Import).where(Import.id == import_id, Import.owner_id == owner_id)
    row = await session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound
    return row


async def newest(session: AsyncSession, owner_id: str, limit: int) -> Sequence[Import]:
    query = select(Import).where(Import.owner_id == owner_id).order_by(Import.created_at.desc(), Import.id.desc())
    return (await session.scalars(query.limit(limit))).all()


async def open_ones(session: AsyncSession, owner_id: str) -> int:
    """How many of the owner's have not ended."""
    query = select(func.count()).where(Import.owner_id == owner_id, Import.state.in_(OPEN))
    return await session.scalar(query) or 0


async def notes(session: AsyncSession, owner_id: str, import_id: str, after: int, limit: int) -> Sequence[ImportNote]:
    """Those behind number `after`, in order."""
    query = (
        select(ImportNote)
        .join(Import, Import.id == ImportNote.import_id)
        .where(Import.owner_id == owner_id, ImportNote.import_id == import_id, ImportNote.seq > after)
        .order_by(ImportNote.seq)
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def remove(session: AsyncSession, owner_id: str, import_id: str) -> None:
    """Raises NotFound."""
    await find(session, owner_id, import_id)
    await session.execute(delete(Import).where(Import.id == import_id, Import.owner_id == owner_id))


# --- the workers ----------------------------------------------------------------------------------------------------


async def claim(session: AsyncSession, worker: str, at: datetime, dead_since: datetime) -> Import | None:
    """Take the oldest that waits, or that a worker left; None when there is nothing to do."""
    waits = (Import.state == "waiting") | ((Import.state == "running") & (Import.heartbeat_at < dead_since))
    found = await session.scalar(select(Import.id).where(waits).order_by(Import.created_at).limit(1))
    if found is None:
        return None
    taken = await session.scalar(
        update(Import)
        .where(Import.id == found, waits)
        .values(state="running", worker=worker, heartbeat_at=at)
        .returning(Import.id)
    )
    return await session.get(Import, taken, populate_existing=True) if taken is not None else None


async def hold(session: AsyncSession, import_id: str, worker: str) -> Import | None:
    """The row for a change by the worker that has it; None when it was taken away or is gone."""
    mine = select(Import).where(Import.id == import_id, Import.worker == worker, Import.state == "running")
    return await session.scalar(mine.with_for_update().execution_options(populate_existing=True))


async def left_behind(session: AsyncSession, before: datetime) -> Sequence[str]:
    """Those that were never sent to the end; all owners."""
    query = select(Import.id).where(Import.state == "receiving", Import.created_at < before)
    return (await session.scalars(query)).all()


async def existing(session: AsyncSession) -> set[str]:
    """The ids of all that have not ended; all owners."""
    return set((await session.scalars(select(Import.id).where(Import.state.in_(OPEN)))).all())


async def drop(session: AsyncSession, ids: Sequence[str]) -> None:
    """Remove rows of all owners; for the sweep."""
    await session.execute(delete(Import).where(Import.id.in_(ids)))
