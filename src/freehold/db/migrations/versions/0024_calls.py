"""The request that a call belongs to, and who was tried for it.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("usage_records", sa.Column("request_id", sa.String(length=100), nullable=True))
    op.add_column("usage_records", sa.Column("tried", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("usage_records", "tried")
    op.drop_column("usage_records", "request_id")
