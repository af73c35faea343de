"""Test sets, their runs and answers.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

Id = sa.String(length=36)
Time = sa.DateTime(timezone=True)
Json = sa.JSON().with_variant(JSONB(), "postgresql")
OPEN = sa.text("state IN ('waiting', 'running')")


def upgrade() -> None:
    op.create_table(
        "eval_sets",
        sa.Column("id", Id, nullable=False),
        sa.Column("owner_id", Id, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        _foreign("eval_sets", "owner_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eval_sets")),
    )
    op.create_index(op.f("ix_eval_sets_owner_id"), "eval_sets", ["owner_id"])
    op.create_table(
        "eval_cases",
        sa.Column("id", Id, nullable=False),
        sa.Column("set_id", Id, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("before", Json, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("rule", sa.String(length=12), nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("thread_id", Id, nullable=True),
        sa.Column("message_id", Id, nullable=True),
        sa.Column("given", Json, nullable=True),
        _foreign("eval_cases", "set_id", "eval_sets"),
        _foreign("eval_cases", "thread_id", "threads"),
        _foreign("eval_cases", "message_id", "messages"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eval_cases")),
    )
    op.create_index(op.f("ix_eval_cases_set_id_position"), "eval_cases", ["set_id", "position"])
    op.create_index(op.f("ix_eval_cases_thread_id"), "eval_cases", ["thread_id"])
    op.create_index(op.f("ix_eval_cases_message_id"), "eval_cases", ["message_id"])
    op.create_table(
        "eval_runs",
        sa.Column("id", Id, nullable=False),
        sa.Column("owner_id", Id, nullable=False),
        sa.Column("set_id", Id, nullable=False),
        sa.Column("models", Json, nullable=False),
        sa.Column("judge", sa.String(length=500), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("why", sa.String(length=40), nullable=True),
        sa.Column("worker", sa.String(length=64), nullable=True),
        sa.Column("heartbeat_at", Time, nullable=True),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("finished_at", Time, nullable=True),
        _foreign("eval_runs", "owner_id", "users"),
        _foreign("eval_runs", "set_id", "eval_sets"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eval_runs")),
    )
    op.create_index(op.f("ix_eval_runs_owner_id"), "eval_runs", ["owner_id"])
    op.create_index(op.f("ix_eval_runs_set_id"), "eval_runs", ["set_id"])
    op.create_index("ix_eval_runs_open", "eval_runs", ["state", "created_at"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_table(
        "eval_answers",
        sa.Column("run_id", Id, nullable=False),
        sa.Column("case_id", Id, nullable=False),
        sa.Column("model", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("error", sa.String(length=40), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.String(length=500), nullable=True),
        sa.Column("self_hosted", sa.Boolean(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("verdict", sa.String(length=8), nullable=True),
        sa.Column("cost_nanodollars", sa.BigInteger(), nullable=True),
        sa.Column("judge_nanodollars", sa.BigInteger(), nullable=True),
        sa.Column("first_token_ms", sa.Float(), nullable=True),
        sa.Column("duration_ms", sa.Float(), nullable=True),
        sa.Column("output_tokens", sa.Integer(), nullable=True),
        _foreign("eval_answers", "run_id", "eval_runs"),
        _foreign("eval_answers", "case_id", "eval_cases"),
        sa.PrimaryKeyConstraint("run_id", "case_id", "model", name=op.f("pk_eval_answers")),
    )
    op.create_index(op.f("ix_eval_answers_case_id"), "eval_answers", ["case_id"])


def downgrade() -> None:
    for table in ("eval_answers", "eval_runs", "eval_cases", "eval_sets"):
        op.drop_table(table)


def _foreign(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"), ondelete="CASCADE")
