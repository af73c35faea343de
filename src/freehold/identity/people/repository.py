"""Queries about groups, their members, and the list of people."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import delete, func, or_, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.identity.models import User
from freehold.identity.people.membership import Membership, Memberships
from freehold.identity.people.models import Group, GroupMember


async def memberships(session: AsyncSession, user_ids: Collection[str]) -> dict[str, Memberships]:
    """The groups of each of these people; whoever is in none is left out. At most some hundred ids at a time."""
    if not user_ids:
        return {}
    query = (
        select(GroupMember.user_id, Group.id, Group.name)
        .join(Group, Group.id == GroupMember.group_id)
        .where(GroupMember.user_id.in_(user_ids))
        .order_by(Group.id)
    )
    found: dict[str, Memberships] = {}
    for user_id, group_id, name in await session.execute(query):
        found[user_id] = (*found.get(user_id, ()), Membership(group_id, name))
    return found


async def people(
    session: AsyncSession, text: str | None, group_id: str | None, after: tuple[str, str] | None, limit: int
) -> list[User]:
    """People by name; those whose name or address holds `text`, those of one group, those behind `after`."""
    query = select(User).order_by(User.name, User.id).limit(limit)
    if text:
        found = (func.lower(column).contains(text.lower(), autoescape=True) for column in (User.name, User.email))
        query = query.where(or_(*found))
    if group_id is not None:
        query = query.where(User.id.in_(select(GroupMember.user_id).where(GroupMember.group_id == group_id)))
    if after is not None:
        query = query.where(tuple_(User.name, User.id) > after)
    return list(await session.scalars(query))


async def administrators(session: AsyncSession) -> list[str]:
    """The ids of the active administrators, whose rows stay as they are until the transaction ends."""
    query = select(User.id).where(User.role == "admin", User.status == "active").order_by(User.id)
    return list(await session.scalars(query.with_for_update()))


async def groups(session: AsyncSession) -> list[tuple[Group, int]]:
    """Every group by name, with the number of its members."""
    count = func.count(GroupMember.user_id)
    query = select(Group, count).outerjoin(GroupMember, GroupMember.group_id == Group.id)
    query = query.group_by(Group.id).order_by(Group.name)
    return [(row[0], row[1]) for row in await session.execute(query)]


async def group_named(session: AsyncSession, name: str) -> Group | None:
    """The group of that name, whatever the case."""
    return next((one for one in await session.scalars(select(Group)) if one.name.casefold() == name.casefold()), None)


async def count_members(session: AsyncSession, group_id: str) -> int:
    query = select(func.count()).where(GroupMember.group_id == group_id)
    return await session.scalar(query) or 0


async def unknown(session: AsyncSession, group_ids: Collection[str]) -> set[str]:
    """Those of the ids that no group has."""
    return set(group_ids) - set(await session.scalars(select(Group.id).where(Group.id.in_(group_ids))))


async def join(session: AsyncSession, user_id: str, group_ids: Iterable[str], now: datetime) -> None:
    """Put a person into groups; where they are already nothing changes."""
    rows = [{"group_id": group_id, "user_id": user_id, "created_at": now} for group_id in dict.fromkeys(group_ids)]
    if rows:
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        await session.execute(dialect.insert(GroupMember).values(rows).on_conflict_do_nothing())


async def leave(session: AsyncSession, user_id: str, group_id: str) -> bool:
    """Take a person out of a group; False when they were not in it."""
    query = delete(GroupMember).where(GroupMember.user_id == user_id, GroupMember.group_id == group_id)
    return await session.scalar(query.returning(GroupMember.user_id)) is not None


async def leave_all(session: AsyncSession, user_id: str) -> None:
    """Take a person out of every group."""
    await session.execute(delete(GroupMember).where(GroupMember.user_id == user_id))
