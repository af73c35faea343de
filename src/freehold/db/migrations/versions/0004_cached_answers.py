"""Cached answers.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

Time = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "cached_answers",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("model", sa.String(length=500), nullable=False),
        sa.Column("made_at", Time, nullable=False),
        sa.Column("expires_at", Time, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_cached_answers")),
    )
    op.create_index(op.f("ix_cached_answers_expires_at"), "cached_answers", ["expires_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_cached_answers_expires_at"), table_name="cached_answers")
    op.drop_table("cached_answers")
