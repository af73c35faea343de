"""Queries about people and sessions."""

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.identity.models import Session, SetupToken, SignInThrottle, User

LOCAL_OWNER_ID = "00000000-0000-7000-8000-000000000001"


async def user_by_email(session: AsyncSession, email: str) -> User | None:
    return await session.scalar(select(User).where(User.email == email.strip().lower()))


async def user_by_id(session: AsyncSession, user_id: str) -> User | None:
    return await session.get(User, user_id)


async def has_accounts(session: AsyncSession) -> bool:
    """Whether anyone can sign in with a password, which ends single-user mode."""
    return bool(await session.scalar(select(select(User.id).where(User.password_hash.is_not(None)).exists())))


async def session_with_user(session: AsyncSession, token_hash: bytes) -> tuple[Session, User] | None:
    row = (
        await session.execute(
            select(Session, User).join(User, User.id == Session.user_id).where(Session.token_hash == token_hash)
        )
    ).first()
    return (row[0], row[1]) if row else None


async def sessions_of(session: AsyncSession, user_id: str, now: datetime) -> list[Session]:
    query = select(Session).where(Session.user_id == user_id, Session.expires_at > now)
    return list(await session.scalars(query.order_by(Session.last_seen_at.desc()).limit(200)))


async def touch_session(session: AsyncSession, row: Session, now: datetime) -> None:
    """The session is in use, and so its person is here."""
    await session.execute(update(Session).where(Session.id == row.id).values(last_seen_at=now))
    await session.execute(update(User).where(User.id == row.user_id).values(last_seen_at=now))


async def end_session(session: AsyncSession, user_id: str, session_id: str) -> bool:
    """Delete one session of this user; False when there is none with that id."""
    query = delete(Session).where(Session.id == session_id, Session.user_id == user_id).returning(Session.id)
    return await session.scalar(query) is not None


async def end_other_sessions(session: AsyncSession, user_id: str, keep: str | None) -> None:
    await session.execute(delete(Session).where(Session.user_id == user_id, Session.id != (keep or "")))


async def purge_expired(session: AsyncSession, now: datetime, idle_before: datetime) -> None:
    """Drop sessions past their end, and setup links past theirs."""
    await session.execute(delete(Session).where((Session.expires_at <= now) | (Session.last_seen_at <= idle_before)))
    await session.execute(delete(SetupToken).where(SetupToken.expires_at <= now))


async def take_setup_token(session: AsyncSession, token_hash: bytes, now: datetime) -> bool:
    """Use a setup link up; False when it is unknown, used or too old."""
    query = delete(SetupToken).where(SetupToken.token_hash == token_hash, SetupToken.expires_at > now)
    return await session.scalar(query.returning(SetupToken.token_hash)) is not None


async def replace_setup_tokens(session: AsyncSession, token: SetupToken) -> None:
    """One link at a time: an older one stops working."""
    await session.execute(delete(SetupToken))
    session.add(token)


async def drop_setup_tokens(session: AsyncSession) -> None:
    await session.execute(delete(SetupToken))


async def blocked_until(session: AsyncSession, keys: list[str]) -> datetime | None:
    return await session.scalar(select(func.max(SignInThrottle.blocked_until)).where(SignInThrottle.key.in_(keys)))


async def throttle_rows(session: AsyncSession, keys: list[str]) -> dict[str, SignInThrottle]:
    rows = await session.scalars(select(SignInThrottle).where(SignInThrottle.key.in_(keys)))
    return {row.key: row for row in rows}


async def forget_failures(session: AsyncSession, keys: list[str], older_than: datetime) -> None:
    """Clear the named counters, and every counter that nothing touched since `older_than`."""
    await session.execute(
        delete(SignInThrottle).where(SignInThrottle.key.in_(keys) | (SignInThrottle.updated_at < older_than))
    )
