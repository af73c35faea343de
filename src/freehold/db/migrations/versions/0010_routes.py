"""How the model of a call was chosen.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("usage_records", sa.Column("route", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("usage_records", "route")
