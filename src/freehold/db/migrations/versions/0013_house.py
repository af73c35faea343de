"""Threads that are kept in the house, and the classes of data that may leave it from a thread.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("threads", sa.Column("in_house", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column(
        "threads", sa.Column("consent", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("threads", "consent")
    op.drop_column("threads", "in_house")
