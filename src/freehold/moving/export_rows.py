"""Rows of exports; every statement names the owner, but those of the one that makes or clears them away."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.errors import NotFound
from freehold.moving.models import Export


async def find(session: AsyncSession, owner_id: str, export_id: str, since: datetime) -> Export:
    """One that was begun since then. Raises NotFound."""
    row = await session.scalar(
        select(Export).where(Export.id == export_id, Export.owner_id == owner_id, Export.created_at > since)
    )
    if row is None:
        raise NotFound
    return row


async def newest(session: AsyncSession, owner_id: str, since: datetime, limit: int) -> Sequence[Export]:
    query = select(Export).where(Export.owner_id == owner_id, Export.created_at > since)
    return (await session.scalars(query.order_by(Export.created_at.desc(), Export.id.desc()).limit(limit))).all()


async def running(session: AsyncSession, owner_id: str) -> int:
    """How many of the owner's are being made."""
    query = select(func.count()).where(Export.owner_id == owner_id, Export.state == "running")
    return await session.scalar(query) or 0


async def change(session: AsyncSession, export_id: str, **values: Any) -> bool:
    """Change one that is being made; False when it was taken away."""
    statement = update(Export).where(Export.id == export_id, Export.state == "running").values(values)
    return bool((await session.execute(statement)).rowcount)  # type: ignore[attr-defined]


async def remove(session: AsyncSession, owner_id: str, export_id: str) -> None:
    await session.execute(delete(Export).where(Export.id == export_id, Export.owner_id == owner_id))


async def end_dead(session: AsyncSession, silent_since: datetime, at: datetime) -> None:
    """Those of workers that are gone have failed; all owners."""
    dead = update(Export).where(Export.state == "running", Export.heartbeat_at < silent_since)
    await session.execute(dead.values(state="failed", refusal="interrupted", finished_at=at))


async def drop_old(session: AsyncSession, before: datetime) -> set[str]:
    """Forget what was begun before, unless it is still being made; the ids that are left. All owners."""
    await session.execute(delete(Export).where(Export.created_at < before, Export.state != "running"))
    kept = select(Export.id).where(or_(Export.state == "running", Export.state == "done"))
    return set((await session.scalars(kept)).all())
