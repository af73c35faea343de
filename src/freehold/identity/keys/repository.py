"""Queries about API keys; those of people put the owner into the WHERE."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.identity.keys.models import ApiKey, ApiKeySecret
from freehold.identity.models import User

Found = tuple[ApiKeySecret, ApiKey, User]


async def by_secret_ids(session: AsyncSession, ids: Collection[str]) -> list[Found]:
    """The secrets with these public ids, their keys and owners."""
    query = (
        select(ApiKeySecret, ApiKey, User)
        .join(ApiKey, ApiKey.id == ApiKeySecret.key_id)
        .join(User, User.id == ApiKey.user_id)
        .where(ApiKeySecret.id.in_(ids))
    )
    return [(row[0], row[1], row[2]) for row in await session.execute(query)]


async def owners(session: AsyncSession, ids: Collection[str], emails: Collection[str]) -> list[User]:
    """The people with one of these ids or lower-case e-mail addresses."""
    return list(await session.scalars(select(User).where(or_(User.id.in_(ids), User.email.in_(emails)))))


async def page(session: AsyncSession, user_id: str | None, before: str | None, limit: int) -> list[tuple[ApiKey, User]]:
    """Keys of one person, or of everybody for None, newest first, those made before the key with the id `before`."""
    query = select(ApiKey, User).join(User, User.id == ApiKey.user_id).order_by(ApiKey.id.desc()).limit(limit)
    if user_id is not None:
        query = query.where(ApiKey.user_id == user_id)
    if before is not None:
        query = query.where(ApiKey.id < before)
    return [(row[0], row[1]) for row in await session.execute(query)]


async def one(session: AsyncSession, key_id: str, user_id: str | None) -> tuple[ApiKey, User] | None:
    """A key with its owner; with `user_id` only when it is that person's."""
    query = select(ApiKey, User).join(User, User.id == ApiKey.user_id).where(ApiKey.id == key_id)
    if user_id is not None:
        query = query.where(ApiKey.user_id == user_id)
    row = (await session.execute(query)).first()
    return (row[0], row[1]) if row else None


async def named(session: AsyncSession, text: str) -> list[str]:
    """The ids of the keys that are not revoked and have this id, this name, or a secret with this public id."""
    public_id = text.removeprefix("fh_")
    with_secret = select(ApiKeySecret.key_id).where(ApiKeySecret.id == public_id)
    query = select(ApiKey.id).where(
        ApiKey.revoked_at.is_(None), or_(ApiKey.id == text, ApiKey.name == text, ApiKey.id.in_(with_secret))
    )
    return list(await session.scalars(query))


async def secrets_of(session: AsyncSession, key_ids: Collection[str]) -> dict[str, list[ApiKeySecret]]:
    """The secrets of each key, newest first."""
    found: dict[str, list[ApiKeySecret]] = {key_id: [] for key_id in key_ids}
    query = select(ApiKeySecret).where(ApiKeySecret.key_id.in_(key_ids))
    for row in await session.scalars(query.order_by(ApiKeySecret.created_at.desc(), ApiKeySecret.id)):
        found[row.key_id].append(row)
    return found


async def count_live(session: AsyncSession, user_id: str) -> int:
    """How many keys of a person are not revoked."""
    query = select(func.count()).where(ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None))
    return await session.scalar(query) or 0


async def end_secrets(session: AsyncSession, key_id: str, at: datetime) -> None:
    """Let every secret of a key end at `at`, or earlier where that was said already."""
    later = or_(ApiKeySecret.expires_at.is_(None), ApiKeySecret.expires_at > at)
    await session.execute(update(ApiKeySecret).where(ApiKeySecret.key_id == key_id, later).values(expires_at=at))


async def rehash(session: AsyncSession, secret_id: str, hashed: bytes, pepper_version: int) -> None:
    """Store the hash under a newer pepper."""
    values = {"hash": hashed, "pepper_version": pepper_version}
    await session.execute(update(ApiKeySecret).where(ApiKeySecret.id == secret_id).values(**values))


async def write_uses(session: AsyncSession, uses: Mapping[str, tuple[datetime, str]]) -> None:
    """Last use by public id of the secret; one that is gone meanwhile is left out."""
    table: Any = ApiKeySecret.__table__
    statement = (
        update(table)
        .where(table.c.id == bindparam("secret"))
        .values(last_used_at=bindparam("used_at"), last_used_address=bindparam("address"))
    )
    rows = [{"secret": secret, "used_at": at, "address": address[:64]} for secret, (at, address) in uses.items()]
    await session.execute(statement, rows)


async def purge_secrets(session: AsyncSession, before: datetime) -> None:
    """Drop secrets that a rotation ended before this time."""
    await session.execute(delete(ApiKeySecret).where(ApiKeySecret.expires_at < before))


async def first_administrator(session: AsyncSession) -> User | None:
    """The administrator who is there the longest."""
    query = select(User).where(User.role == "admin", User.status == "active")
    return await session.scalar(query.order_by(User.created_at, User.id).limit(1))


def batched(ids: Iterable[str], size: int = 500) -> list[list[str]]:
    """`ids` in pieces that fit the parameters of one statement."""
    found = list(ids)
    return [found[start : start + size] for start in range(0, len(found), size)]
