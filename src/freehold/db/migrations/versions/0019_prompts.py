"""The prompt library, and what a chat sets of its model.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

Time = sa.DateTime(timezone=True)
Json = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "prompts",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("owner_id", sa.String(length=36), nullable=False),
        sa.Column("audience", sa.String(length=8), nullable=False),
        sa.Column("group_id", sa.String(length=36), nullable=True),
        sa.Column("tags", Json, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("updated_at", Time, nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_prompts_owner_id_users"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_prompts_group_id_groups"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompts")),
    )
    for column in ("owner_id", "audience", "group_id"):
        op.create_index(op.f(f"ix_prompts_{column}"), "prompts", [column], unique=False)
    op.create_table(
        "prompt_versions",
        sa.Column("prompt_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.ForeignKeyConstraint(
            ["prompt_id"], ["prompts.id"], name=op.f("fk_prompt_versions_prompt_id_prompts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("prompt_id", "number", name=op.f("pk_prompt_versions")),
    )
    op.add_column("threads", sa.Column("parameters", Json, nullable=True))


def downgrade() -> None:
    op.drop_column("threads", "parameters")
    op.drop_table("prompt_versions")
    for column in ("group_id", "audience", "owner_id"):
        op.drop_index(op.f(f"ix_prompts_{column}"), table_name="prompts")
    op.drop_table("prompts")
