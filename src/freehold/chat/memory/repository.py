"""Rows of remembered facts; every statement names the owner."""

from collections.abc import Sequence

from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.chat.memory.models import Fact
from freehold.errors import NotFound


async def find(session: AsyncSession, owner_id: str, fact_id: str) -> Fact:
    """Raises NotFound."""
    row = await session.scalar(select(Fact).where(Fact.id == fact_id, Fact.owner_id == owner_id).with_for_update())
    if row is None:
        raise NotFound
    return row


async def everything(session: AsyncSession, owner_id: str) -> Sequence[Fact]:
    """Kept and proposed, the newest first."""
    return (await session.scalars(select(Fact).where(Fact.owner_id == owner_id).order_by(Fact.id.desc()))).all()


async def kept_for(session: AsyncSession, owner_id: str, project_id: str | None) -> Sequence[str]:
    """What is remembered for every chat and for those of the project, the newest first."""
    where = [Fact.owner_id == owner_id, Fact.state == "kept"]
    where += [or_(Fact.project_id.is_(None), Fact.project_id == project_id)]
    return (await session.scalars(select(Fact.text).where(*where).order_by(Fact.id.desc()))).all()


async def count(session: AsyncSession, owner_id: str, state: str) -> int:
    query = select(func.count()).where(Fact.owner_id == owner_id, Fact.state == state)
    return await session.scalar(query) or 0


async def remove(session: AsyncSession, owner_id: str, fact_id: str) -> None:
    """Raises NotFound."""
    await session.delete(await find(session, owner_id, fact_id))


async def remove_all(session: AsyncSession, owner_id: str, project_id: str | None) -> None:
    """Everything, or what belongs to one project."""
    statement = delete(Fact).where(Fact.owner_id == owner_id)
    await session.execute(statement if project_id is None else statement.where(Fact.project_id == project_id))
