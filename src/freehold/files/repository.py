"""Rows of uploaded files; every statement names the owner."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.errors import NotFound
from freehold.files.models import File


async def find(session: AsyncSession, owner_id: str, file_id: str) -> File:
    """Raises NotFound."""
    file = await session.scalar(select(File).where(File.id == file_id, File.owner_id == owner_id))
    if file is None:
        raise NotFound
    return file


async def find_all(session: AsyncSession, owner_id: str, file_ids: Sequence[str]) -> dict[str, File]:
    """Those of the ids that are the owner's, by id."""
    found: dict[str, File] = {}
    for start in range(0, len(file_ids), 500):
        wanted = file_ids[start : start + 500]
        rows = await session.scalars(select(File).where(File.owner_id == owner_id, File.id.in_(wanted)))
        found.update((row.id, row) for row in rows)
    return found


async def used_bytes(session: AsyncSession, owner_id: str) -> int:
    """How much an owner's files take."""
    return (
        await session.scalar(select(func.coalesce(func.sum(File.size_bytes), 0)).where(File.owner_id == owner_id)) or 0
    )


async def remove(session: AsyncSession, owner_id: str, file_id: str) -> None:
    """Raises NotFound."""
    await find(session, owner_id, file_id)
    await session.execute(delete(File).where(File.id == file_id, File.owner_id == owner_id))


async def ids_before(session: AsyncSession, before: datetime) -> Sequence[str]:
    """The files of all owners made before `before`."""
    return (await session.scalars(select(File.id).where(File.created_at < before))).all()


async def existing(session: AsyncSession, file_ids: Sequence[str]) -> set[str]:
    """Those of the ids that have a row."""
    return set((await session.scalars(select(File.id).where(File.id.in_(file_ids)))).all())


async def remove_all(session: AsyncSession, file_ids: Sequence[str]) -> None:
    """Remove rows of all owners; for the sweep."""
    await session.execute(delete(File).where(File.id.in_(file_ids)))
