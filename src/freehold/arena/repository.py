"""Rows of the arena; every statement names the owner, but the site's count of votes."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.arena.models import ArenaRound
from freehold.arena.ranking import Tally, tallied
from freehold.errors import NotFound


async def find(session: AsyncSession, owner_id: str, round_id: str, *, lock: bool = False) -> ArenaRound:
    """Raises NotFound."""
    query = select(ArenaRound).where(ArenaRound.id == round_id, ArenaRound.owner_id == owner_id)
    row = await session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound
    return row


async def rounds(session: AsyncSession, owner_id: str, before: str | None, limit: int) -> Sequence[ArenaRound]:
    """The newest first, of those older than `before`."""
    query = select(ArenaRound).where(ArenaRound.owner_id == owner_id).order_by(ArenaRound.id.desc()).limit(limit)
    return (await session.scalars(query.where(ArenaRound.id < before) if before else query)).all()


async def remove_all(session: AsyncSession, owner_id: str) -> list[str]:
    """The ids of what was removed."""
    gone = delete(ArenaRound).where(ArenaRound.owner_id == owner_id).returning(ArenaRound.id)
    return list(await session.scalars(gone))


async def tallies(session: AsyncSession, owner_id: str | None) -> tuple[Tally, ...]:
    """The votes of one person, or of everybody, by pair."""
    columns = ArenaRound.model_a, ArenaRound.model_b, ArenaRound.vote
    query = select(*columns, func.count()).where(ArenaRound.vote.is_not(None)).group_by(*columns)
    found: Any = await session.execute(query if owner_id is None else query.where(ArenaRound.owner_id == owner_id))
    return tallied((a, b, vote, count) for a, b, vote, count in found)
