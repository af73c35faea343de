"""Statements over many threads of one owner."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.chat.models import Generation, Thread

AT_A_TIME = 500

Found = tuple[str, str, str | None]
"""A thread's id, its state and its project."""


async def held(
    session: AsyncSession,
    owner_id: str,
    *,
    ids: Sequence[str] | None,
    states: Sequence[str],
    bin_since: datetime | None,
) -> list[Found]:
    """The owner's threads among `ids` (None: all) in one of `states`, and what came into the bin since.

    They are locked, in the order of their ids, until the transaction ends.
    """
    fitting = Thread.state.in_(states)
    if bin_since is not None:
        fitting = or_(
            fitting, and_(Thread.state == "deleted", Thread.deleted_at > bin_since, Thread.expires_at.is_(None))
        )
    query = select(Thread.id, Thread.state, Thread.project_id).where(Thread.owner_id == owner_id, fitting)
    query = query.order_by(Thread.id).with_for_update()
    found: list[Found] = []
    for some in _chunks(sorted(set(ids))) if ids is not None else [None]:
        rows = await session.execute(query if some is None else query.where(Thread.id.in_(some)))
        found += [(thread_id, state, project_id) for thread_id, state, project_id in rows]
    return found


async def ids(session: AsyncSession, owner_id: str, wanted: Sequence[str] | None) -> list[str]:
    """The owner's threads among `wanted` (None: all) that are in the list or in the archive, the oldest first."""
    query = select(Thread.id).where(Thread.owner_id == owner_id, Thread.state.in_(("active", "archived")))
    found: list[str] = []
    for some in _chunks(sorted(set(wanted))) if wanted is not None else [None]:
        chosen = query if some is None else query.where(Thread.id.in_(some))
        found += (await session.scalars(chosen.order_by(Thread.id))).all()
    return found


async def set_all(session: AsyncSession, owner_id: str, ids: Sequence[str], values: dict[str, Any]) -> None:
    """Give the owner's threads these values."""
    for some in _chunks(ids):
        await session.execute(update(Thread).where(Thread.owner_id == owner_id, Thread.id.in_(some)).values(values))


async def generating(session: AsyncSession, owner_id: str) -> set[str]:
    """The ids of the owner's threads in which an answer is being written."""
    query = select(Generation.thread_id).where(Generation.owner_id == owner_id, Generation.status == "running")
    return set((await session.scalars(query)).all())


async def counts(session: AsyncSession, owner_id: str) -> dict[str, int]:
    """How many threads the owner has, by state."""
    query = select(Thread.state, func.count()).where(Thread.owner_id == owner_id).group_by(Thread.state)
    return {state: count for state, count in await session.execute(query)}


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), AT_A_TIME):
        yield ids[start : start + AT_A_TIME]
