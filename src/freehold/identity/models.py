"""Tables of people: users, their sessions, one-time setup tokens and sign-in throttling."""

from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from freehold.db.types import Base, IdColumn, JsonColumn, TimeColumn


class User(Base):
    """A person; the local owner of single-user mode has neither e-mail nor password until accounts are turned on."""

    __tablename__ = "users"

    id: Mapped[IdColumn] = mapped_column(primary_key=True)
    email: Mapped[str | None] = mapped_column(String(320), unique=True)  # lower case
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(16))  # admin | member
    status: Mapped[str] = mapped_column(String(16))  # active | pending | disabled
    password_hash: Mapped[str | None] = mapped_column(String(512))
    preferences: Mapped[JsonColumn]
    last_seen_at: Mapped[TimeColumn | None]  # with a session, to the minute
    created_at: Mapped[TimeColumn]
    updated_at: Mapped[TimeColumn]


class Session(Base):
    """A signed-in browser; only the SHA-256 of the cookie's value is kept."""

    __tablename__ = "sessions"

    id: Mapped[IdColumn] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    user_id: Mapped[IdColumn] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    user_agent: Mapped[str] = mapped_column(String(400))
    ip_address: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[TimeColumn]
    last_seen_at: Mapped[TimeColumn]
    expires_at: Mapped[TimeColumn]


class SetupToken(Base):
    """A one-time link that makes the first administrator; only its SHA-256 is kept."""

    __tablename__ = "setup_tokens"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    created_at: Mapped[TimeColumn]
    expires_at: Mapped[TimeColumn]


class SignInThrottle(Base):
    """Failures per account or address; survives a restart, never locks for good."""

    __tablename__ = "sign_in_throttles"

    key: Mapped[str] = mapped_column(String(400), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    blocked_until: Mapped[TimeColumn | None]
    updated_at: Mapped[TimeColumn]

    __table_args__ = (Index(None, "updated_at"),)


DEFAULT_PREFERENCES: dict[str, Any] = {}
