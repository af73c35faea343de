"""The search: a document per title and message, an index over their tokens, and what was written before this.

Revision ID: 0008
Revises: 0007
"""

import logging
from collections.abc import Iterator
from datetime import UTC
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from freehold.chat.search import documents

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

AT_A_TIME = 1000
Json = sa.JSON().with_variant(JSONB(), "postgresql")
Time = sa.DateTime(timezone=True)
_log = logging.getLogger(__name__)

# What the database keeps by itself, so that no way of changing a row leaves the index behind. Only row ids lie in the
# index (no positions, no copy of the text): what was found is checked in the message itself.
SQLITE = (
    "CREATE VIRTUAL TABLE search_index USING fts5(tokens, content='', detail=none, columnsize=0, tokenize='ascii')",
    """CREATE TRIGGER search_docs_added AFTER INSERT ON search_docs BEGIN
        INSERT INTO search_index(rowid, tokens) VALUES (new.id, replace(new.tokens, ' ', ' ' || new.scope));
    END""",
    """CREATE TRIGGER search_docs_removed AFTER DELETE ON search_docs BEGIN
        INSERT INTO search_index(search_index, rowid, tokens)
        VALUES ('delete', old.id, replace(old.tokens, ' ', ' ' || old.scope));
    END""",
    """CREATE TRIGGER search_docs_changed AFTER UPDATE OF id, scope, tokens ON search_docs BEGIN
        INSERT INTO search_index(search_index, rowid, tokens)
        VALUES ('delete', old.id, replace(old.tokens, ' ', ' ' || old.scope));
        INSERT INTO search_index(rowid, tokens) VALUES (new.id, replace(new.tokens, ' ', ' ' || new.scope));
    END""",
)
POSTGRESQL = (
    """CREATE INDEX ix_search_docs_tokens ON search_docs USING gin (
        array_to_tsvector(string_to_array(ltrim(replace(tokens, ' ', ' ' || scope::text)), ' '))
    ) WITH (fastupdate = off)""",
)


def upgrade() -> None:
    op.create_table(
        "search_docs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.String(length=36), nullable=False),
        sa.Column("thread_id", sa.String(length=36), nullable=False),
        sa.Column("message_id", sa.String(length=36), nullable=True),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=True),
        sa.Column("model", sa.String(length=500), nullable=True),
        sa.Column("has_file", sa.Boolean(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("tokens", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_search_docs_message_id_messages"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_search_docs_owner_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["threads.id"], name=op.f("fk_search_docs_thread_id_threads"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_docs")),
    )
    op.create_index(op.f("ix_search_docs_message_id"), "search_docs", ["message_id"], unique=False)
    op.create_index(op.f("ix_search_docs_thread_id"), "search_docs", ["thread_id"], unique=False)
    op.create_index("ix_search_docs_newest", "search_docs", ["owner_id", "scope", "id"], unique=False)
    connection = op.get_bind()
    sqlite = connection.dialect.name == "sqlite"
    # SQLite's index is filled by the triggers; PostgreSQL's is built faster over what is there
    for statement in SQLITE if sqlite else ():
        op.execute(statement)
    _index_what_is_there(connection)
    for statement in () if sqlite else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("added", "removed", "changed"):
            op.execute(f"DROP TRIGGER search_docs_{name}")
        op.execute("DROP TABLE search_index")
    op.drop_table("search_docs")


def _index_what_is_there(connection: sa.Connection) -> None:
    done, last = 0, -1
    for batch in _batches(_titles(connection)), _batches(_messages(connection)):
        for rows in batch:
            taken = connection.scalars(
                sa.text("SELECT id FROM search_docs WHERE id BETWEEN :first AND :last"),
                {"first": min(row["id"] for row in rows), "last": max(row["id"] for row in rows) + len(rows)},
            ).all()
            ids = documents.free_ids([row["id"] for row in rows], taken)
            connection.execute(DOCS.insert(), [{**row, "id": doc_id} for row, doc_id in zip(rows, ids, strict=True)])
            done += len(rows)
            if done // 100_000 > last:
                last = done // 100_000
                _log.info("search index", extra={"documents": done})


DOCS = sa.table(
    "search_docs",
    *(sa.column(name) for name in ("id", "owner_id", "thread_id", "message_id", "scope", "role", "model", "has_file")),
    *(sa.column(name) for name in ("hidden", "tokens")),
)


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == AT_A_TIME:
            yield batch
            batch = []
    if batch:
        yield batch


def _titles(connection: sa.Connection) -> Iterator[dict[str, Any]]:
    query = sa.text("SELECT id, owner_id, title, model, created_at FROM threads WHERE title <> '' ORDER BY id")
    for row in _read(connection, query.columns(created_at=Time)):
        values = documents.title_values(row.title, row.model)
        yield from _document(row, "title", values, row.id, None, hidden=False)


def _messages(connection: sa.Connection) -> Iterator[dict[str, Any]]:
    query = sa.text(
        "SELECT m.id, m.thread_id, m.parent_id, t.owner_id, m.role, m.parts, m.run, m.created_at, m.deleted_at"
        " FROM messages m JOIN threads t ON t.id = m.thread_id WHERE m.status <> 'streaming' ORDER BY m.id"
    )
    gone: set[str] = set()
    for row in _read(connection, query.columns(created_at=Time, deleted_at=Time, parts=Json, run=Json)):
        hidden = row.deleted_at is not None or row.parent_id in gone  # parents come first
        if hidden:
            gone.add(row.id)
        values = documents.message_values(row.role, row.parts, row.run)
        yield from _document(row, "message", values, row.thread_id, row.id, hidden=hidden)


def _read(connection: sa.Connection, query: Any) -> Iterator[Any]:
    return iter(connection.execute(query, execution_options={"yield_per": AT_A_TIME}))


def _document(
    row: Any, kind: documents.Kind, values: dict[str, Any], thread_id: str, message_id: str | None, *, hidden: bool
) -> Iterator[dict[str, Any]]:
    if values["tokens"]:
        # SQLite keeps no zone
        created = row.created_at if row.created_at.tzinfo else row.created_at.replace(tzinfo=UTC)
        yield {
            **values,
            "id": documents.moment_bits(row.id, created),
            "owner_id": row.owner_id,
            "thread_id": thread_id,
            "message_id": message_id,
            "scope": documents.scope(row.owner_id, kind),
            "hidden": hidden,
        }
