"""What people think of answers.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

RATED = sa.text("feedback IS NOT NULL")


def upgrade() -> None:
    op.add_column("messages", sa.Column("feedback", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=True))
    op.create_index("ix_messages_rated", "messages", ["id"], sqlite_where=RATED, postgresql_where=RATED)


def downgrade() -> None:
    op.drop_index("ix_messages_rated", table_name="messages")
    op.drop_column("messages", "feedback")
