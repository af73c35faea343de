"""Summaries that stand for the middle of long chats, pinned messages, and what was saved by them.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

Json = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("threads", sa.Column("folding", sa.String(8), nullable=False, server_default="auto"))
    op.add_column("messages", sa.Column("pinned", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("usage_records", sa.Column("compaction_tokens", sa.Integer(), nullable=True))
    op.add_column("usage_records", sa.Column("compaction_nanodollars", sa.BigInteger(), nullable=True))
    op.create_table(
        "compactions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("thread_id", sa.String(length=36), nullable=False),
        sa.Column("from_id", sa.String(length=36), nullable=False),
        sa.Column("to_id", sa.String(length=36), nullable=False),
        sa.Column("kept", Json, nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("model", sa.String(length=500), nullable=False),
        sa.Column("tokens_before", sa.Integer(), nullable=False),
        sa.Column("tokens_after", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["threads.id"], name=op.f("fk_compactions_thread_id_threads"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["to_id"], ["messages.id"], name=op.f("fk_compactions_to_id_messages"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compactions")),
    )
    op.create_index(op.f("ix_compactions_thread_id"), "compactions", ["thread_id"], unique=False)
    op.create_index(op.f("ix_compactions_to_id"), "compactions", ["to_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_compactions_to_id"), table_name="compactions")
    op.drop_index(op.f("ix_compactions_thread_id"), table_name="compactions")
    op.drop_table("compactions")
    op.drop_column("usage_records", "compaction_nanodollars")
    op.drop_column("usage_records", "compaction_tokens")
    op.drop_column("messages", "pinned")
    op.drop_column("threads", "folding")
