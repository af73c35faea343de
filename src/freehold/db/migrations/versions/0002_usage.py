"""Usage: the ledger of calls with its sums by day, and budgets with their windows and leases.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

Time = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "budget_leases",
        sa.Column("holder_kind", sa.String(length=8), nullable=False),
        sa.Column("holder_id", sa.String(length=500), nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("starts_at", Time, nullable=False),
        sa.Column("lease_id", sa.String(length=36), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", Time, nullable=False),
        sa.PrimaryKeyConstraint(
            "holder_kind", "holder_id", "period", "starts_at", "lease_id", name=op.f("pk_budget_leases")
        ),
    )
    op.create_index(op.f("ix_budget_leases_expires_at"), "budget_leases", ["expires_at"], unique=False)
    op.create_table(
        "budget_windows",
        sa.Column("holder_kind", sa.String(length=8), nullable=False),
        sa.Column("holder_id", sa.String(length=500), nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("starts_at", Time, nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("holder_kind", "holder_id", "period", "starts_at", name=op.f("pk_budget_windows")),
    )
    op.create_index(op.f("ix_budget_windows_starts_at"), "budget_windows", ["starts_at"], unique=False)
    op.create_table(
        "budgets",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("holder_kind", sa.String(length=8), nullable=False),
        sa.Column("holder_id", sa.String(length=500), nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("limit_nanodollars", sa.BigInteger(), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("updated_at", Time, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budgets")),
        sa.UniqueConstraint("holder_kind", "holder_id", "period", name=op.f("uq_budgets_holder_kind_holder_id_period")),
    )
    op.create_table(
        "usage_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("key_id", sa.String(length=36), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("model", sa.String(length=500), nullable=False),
        sa.Column("self_hosted", sa.Boolean(), nullable=False),
        sa.Column("provider_id", sa.String(length=64), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("failed_calls", sa.BigInteger(), nullable=False),
        sa.Column("estimated_calls", sa.BigInteger(), nullable=False),
        sa.Column("unpriced_calls", sa.BigInteger(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cached_input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("reasoning_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cost_nanodollars", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "day", "user_id", "key_id", "source", "model", "self_hosted", name=op.f("pk_usage_days")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_usage_days_user_id_day"), "usage_days", ["user_id", "day"], unique=False)
    op.create_table(
        "usage_months",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("key_id", sa.String(length=36), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("model", sa.String(length=500), nullable=False),
        sa.Column("self_hosted", sa.Boolean(), nullable=False),
        sa.Column("provider_id", sa.String(length=64), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("failed_calls", sa.BigInteger(), nullable=False),
        sa.Column("estimated_calls", sa.BigInteger(), nullable=False),
        sa.Column("unpriced_calls", sa.BigInteger(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cached_input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("reasoning_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cost_nanodollars", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "day", "user_id", "key_id", "source", "model", "self_hosted", name=op.f("pk_usage_months")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_usage_months_user_id_day"), "usage_months", ["user_id", "day"], unique=False)
    op.create_table(
        "usage_records",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("at", Time, nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("key_id", sa.String(length=36), nullable=True),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("requested", sa.String(length=500), nullable=False),
        sa.Column("model", sa.String(length=500), nullable=False),
        sa.Column("provider_id", sa.String(length=64), nullable=False),
        sa.Column("self_hosted", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("error", sa.String(length=64), nullable=True),
        sa.Column("input_tokens", sa.Integer(), nullable=True),
        sa.Column("output_tokens", sa.Integer(), nullable=True),
        sa.Column("cached_input_tokens", sa.Integer(), nullable=True),
        sa.Column("reasoning_tokens", sa.Integer(), nullable=True),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        sa.Column("cost_nanodollars", sa.BigInteger(), nullable=True),
        sa.Column("first_token_ms", sa.Float(), nullable=True),
        sa.Column("duration_ms", sa.Float(), nullable=True),
        sa.Column("tokens_per_second", sa.Float(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("cache", sa.String(length=8), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_records")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("usage_records")
    op.drop_index(op.f("ix_usage_days_user_id_day"), table_name="usage_days")
    op.drop_table("usage_days")
    op.drop_index(op.f("ix_usage_months_user_id_day"), table_name="usage_months")
    op.drop_table("usage_months")
    op.drop_table("budgets")
    op.drop_index(op.f("ix_budget_windows_starts_at"), table_name="budget_windows")
    op.drop_table("budget_windows")
    op.drop_index(op.f("ix_budget_leases_expires_at"), table_name="budget_leases")
    op.drop_table("budget_leases")
