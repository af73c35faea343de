"""What a call would have cost at the baseline, and the tokens of cached answers.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

COLUMNS = (
    ("usage_records", "baseline", sa.String(500)),
    ("usage_records", "baseline_length", sa.String(8)),
    ("usage_records", "baseline_nanodollars", sa.BigInteger()),
    ("usage_records", "house_nanodollars", sa.BigInteger()),
    ("cached_answers", "input_tokens", sa.Integer()),
    ("cached_answers", "output_tokens", sa.Integer()),
)


def upgrade() -> None:
    for table, name, kind in COLUMNS:
        op.add_column(table, sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    for table, name, _ in reversed(COLUMNS):
        op.drop_column(table, name)
