"""What a message says in another language, and an index of the messages with pictures.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


PICTURED = {
    "sqlite": "instr(parts, '\"image\"') > 0",
    "postgresql": """parts @> '[{"type": "image"}]'""",
}


def upgrade() -> None:
    op.add_column("messages", sa.Column("translation", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=True))
    op.create_index(
        "ix_messages_pictured",
        "messages",
        ["thread_id"],
        sqlite_where=sa.text(PICTURED["sqlite"]),
        postgresql_where=sa.text(PICTURED["postgresql"]),
    )


def downgrade() -> None:
    op.drop_index("ix_messages_pictured", table_name="messages")
    op.drop_column("messages", "translation")
