"""Rounds of the arena with their votes.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

Id = sa.String(length=36)
Time = sa.DateTime(timezone=True)
Json = sa.JSON().with_variant(JSONB(), "postgresql")
VOTED = sa.text("vote IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "arena_rounds",
        sa.Column("id", Id, nullable=False),
        sa.Column("owner_id", Id, nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("in_house", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("model_a", sa.String(length=500), nullable=False),
        sa.Column("model_b", sa.String(length=500), nullable=False),
        sa.Column("answer_a", Json, nullable=True),
        sa.Column("answer_b", Json, nullable=True),
        sa.Column("vote", sa.String(length=9), nullable=True),
        sa.Column("voted_at", Time, nullable=True),
        sa.Column("created_at", Time, nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_arena_rounds_owner_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arena_rounds")),
    )
    op.create_index(op.f("ix_arena_rounds_owner_id_id"), "arena_rounds", ["owner_id", "id"])
    op.create_index(
        "ix_arena_rounds_votes",
        "arena_rounds",
        ["model_a", "model_b", "vote"],
        sqlite_where=VOTED,
        postgresql_where=VOTED,
    )


def downgrade() -> None:
    op.drop_table("arena_rounds")
