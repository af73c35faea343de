"""Curated answers, the questions that are asked often, and the semantic cache.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

Time = sa.DateTime(timezone=True)
Json = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "faq_entries",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("question", sa.String(500), nullable=False),
        sa.Column("phrasings", Json, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("group_id", sa.String(36), nullable=True),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("given", sa.Integer(), nullable=False),
        sa.Column("disliked", sa.Integer(), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("updated_at", Time, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faq_entries")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_faq_entries_group_id_groups"), ondelete="CASCADE"
        ),
    )
    op.create_index(op.f("ix_faq_entries_group_id"), "faq_entries", ["group_id"])
    op.create_table(
        "asked_questions",
        sa.Column("key", sa.LargeBinary(32), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(500), nullable=True),
        sa.Column("dismissed", sa.Boolean(), nullable=False),
        sa.Column("asked_at", Time, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_asked_questions")),
    )
    op.create_index(op.f("ix_asked_questions_asked_at"), "asked_questions", ["asked_at"])
    op.create_table(
        "asked_by",
        sa.Column("key", sa.LargeBinary(32), nullable=False),
        sa.Column("person", sa.LargeBinary(16), nullable=False),
        sa.PrimaryKeyConstraint("key", "person", name=op.f("pk_asked_by")),
        sa.ForeignKeyConstraint(
            ["key"], ["asked_questions.key"], name=op.f("fk_asked_by_key_asked_questions"), ondelete="CASCADE"
        ),
    )
    op.create_table(
        "cached_questions",
        sa.Column("bucket", sa.LargeBinary(32), nullable=False),
        sa.Column("key", sa.LargeBinary(32), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", Time, nullable=False),
        sa.PrimaryKeyConstraint("bucket", "key", name=op.f("pk_cached_questions")),
    )
    op.create_index(op.f("ix_cached_questions_expires_at"), "cached_questions", ["expires_at"])
    op.create_table(
        "cache_calibrations",
        sa.Column("encoder", sa.String(500), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=True),
        sa.Column("same", sa.Integer(), nullable=False),
        sa.Column("near", sa.Integer(), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("made_at", Time, nullable=False),
        sa.PrimaryKeyConstraint("encoder", "language", name=op.f("pk_cache_calibrations")),
    )


def downgrade() -> None:
    for table in ("cache_calibrations", "cached_questions", "asked_by", "asked_questions", "faq_entries"):
        op.drop_table(table)
