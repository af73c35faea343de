"""Tables of conversations: projects, threads, messages, generations with their log, drafts."""

from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from freehold.db.types import Base, IdColumn, JsonColumn, JsonListColumn, TimeColumn


class Project(Base):
    """A folder of threads."""

    __tablename__ = "projects"

    id: Mapped[IdColumn] = mapped_column(primary_key=True)
    owner_id: Mapped[IdColumn] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[TimeColumn]
    updated_at: Mapped[TimeColumn]


class Thread(Base):
    """A conversation. `leaf_id` is the last message of the branch that was looked at last.

    `in_house`: nothing of it may go to a provider outside. `consent`: the classes of data that may, in other threads.
    `choices` says which way was taken at each fork, so that every branch is found again as it was left.
    """

    __tablename__ = "threads"

    id: Mapped[IdColumn] = mapped_column(primary_key=True)
    owner_id: Mapped[IdColumn] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    project_id: Mapped[IdColumn | None] = mapped_column(ForeignKey("projects.id", ondelete="SET NULL"), index=True)
    title: Mapped[str] = mapped_column(String(400))
    title_source: Mapped[str] = mapped_column(String(8))  # none | auto | user
    model: Mapped[str | None] = mapped_column(String(500))  # provider_id/model_id, the last one chosen
    state: Mapped[str] = mapped_column(String(8))  # active | archived | temp | deleted
    pinned: Mapped[bool] = mapped_column(Boolean)
    leaf_id: Mapped[IdColumn | None]
    choices: Mapped[JsonColumn | None]  # tree.Choices
    in_house: Mapped[bool] = mapped_column(Boolean, server_default=false())
    consent: Mapped[JsonColumn | None]  # their names, each with true
    folding: Mapped[str] = mapped_column(String(8), default="auto", server_default="auto")  # auto | never
    parameters: Mapped[JsonColumn | None]  # schemas.Parameters; NULL: all as the model has them
    last_activity_at: Mapped[TimeColumn]
    read_at: Mapped[TimeColumn | None]
    deleted_at: Mapped[TimeColumn | None]
    expires_at: Mapped[TimeColumn | None]  # of a temporary one: from then on nobody finds it, and the sweep takes it
    created_at: Mapped[TimeColumn]
    updated_at: Mapped[TimeColumn]

    __table_args__ = (
        # the sidebar's page: one index range, whatever the number of threads
        Index("ix_threads_listing", "owner_id", "state", "pinned", "last_activity_at", "id"),
        Index("ix_threads_project", "owner_id", "project_id", "state", "last_activity_at", "id"),
        Index(
            "ix_threads_bin",
            "deleted_at",
            sqlite_where=text("deleted_at IS NOT NULL"),
            postgresql_where=text("deleted_at IS NOT NULL"),
        ),
        Index(
            "ix_threads_expiring",
            "expires_at",
            sqlite_where=text("expires_at IS NOT NULL"),
            postgresql_where=text("expires_at IS NOT NULL"),
        ),
    )


PICTURED = {
    "sqlite": "instr(parts, '\"image\"') > 0",
    "postgresql": """parts @> '[{"type": "image"}]'""",
}
"""Whether a message has a picture, by the database; on SQLite it may be one that only speaks of it."""


class Message(Base):
    """A node of the tree. Siblings (same parent) are branches, in the order of their ids."""

    __tablename__ = "messages"

    id: Mapped[IdColumn] = mapped_column(primary_key=True)
    thread_id: Mapped[IdColumn] = mapped_column(ForeignKey("threads.id", ondelete="CASCADE"), index=True)
    parent_id: Mapped[IdColumn | None]
    role: Mapped[str] = mapped_column(String(16))  # user | assistant
    status: Mapped[str] = mapped_column(String(16))  # complete | streaming | stopped | failed | interrupted
    parts: Mapped[JsonListColumn]
    pinned: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())  # always sent as it is
    run: Mapped[JsonColumn | None]  # schemas.Run: where, how fast, how much
    error: Mapped[JsonColumn | None]  # errors.ErrorBody
    feedback: Mapped[JsonColumn | None]  # schemas.Feedback: what its owner thinks of the answer
    translation: Mapped[JsonColumn | None]  # translation.schemas.Translation, of the words that it has now
    created_at: Mapped[TimeColumn]
    edited_at: Mapped[TimeColumn | None]
    deleted_at: Mapped[TimeColumn | None]

    __table_args__ = (
        # whoever learns from them reads the rated ones, and they are few
        Index(
            "ix_messages_rated",
            "id",
            sqlite_where=text("feedback IS NOT NULL"),
            postgresql_where=text("feedback IS NOT NULL"),
        ),
        # the gallery finds the few messages with pictures among all of a person's
        Index(
            "ix_messages_pictured",
            "thread_id",
            sqlite_where=text(PICTURED["sqlite"]),
            postgresql_where=text(PICTURED["postgresql"]),
        ),
    )


class Generation(Base):
    """One answer being written. It belongs to the server, not to the tab that asked for it."""

    __tablename__ = "generations"

    id: Mapped[IdColumn] = mapped_column(primary_key=True)
    owner_id: Mapped[IdColumn] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    thread_id: Mapped[IdColumn] = mapped_column(ForeignKey("threads.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[IdColumn] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(16))  # send | regenerate | continue
    model: Mapped[str] = mapped_column(String(500))
    status: Mapped[str] = mapped_column(String(16))  # running | done | stopped | failed | interrupted
    worker: Mapped[str] = mapped_column(String(64))  # the process that writes it
    idempotency_key: Mapped[str | None] = mapped_column(String(100))
    heartbeat_at: Mapped[TimeColumn]
    started_at: Mapped[TimeColumn]
    finished_at: Mapped[TimeColumn | None]

    __table_args__ = (
        Index(
            "ix_generations_running",
            "status",
            "heartbeat_at",
            sqlite_where=text("status = 'running'"),
            postgresql_where=text("status = 'running'"),
        ),
        Index(
            "uq_generations_idempotency",
            "owner_id",
            "idempotency_key",
            unique=True,
            sqlite_where=text("idempotency_key IS NOT NULL"),
            postgresql_where=text("idempotency_key IS NOT NULL"),
        ),
    )


class GenerationLog(Base):
    """The append-only log: one row per flush, holding the events number `seq`, `seq`+1, ... in order."""

    __tablename__ = "generation_log"

    generation_id: Mapped[IdColumn] = mapped_column(ForeignKey("generations.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    # JSON and not JSONB, which would give the keys back in another order: every reader gets the same bytes
    events: Mapped[list[Any]] = mapped_column(JSON)


class Draft(Base):
    """What was typed and not sent, per thread; scope `new` for the empty chat."""

    __tablename__ = "drafts"

    owner_id: Mapped[IdColumn] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    scope: Mapped[str] = mapped_column(String(36), primary_key=True)
    content: Mapped[JsonColumn]
    updated_at: Mapped[TimeColumn]
