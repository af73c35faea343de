"""Labels of answers, and the scorers that were trained on them.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

Time = sa.DateTime(timezone=True)
ACTING = sa.text("state = 'acting'")
Id = sa.String(length=36)


def upgrade() -> None:
    op.create_table(
        "route_labels",
        sa.Column("id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("thread_id", Id, nullable=True),
        sa.Column("message_id", Id, nullable=True),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("model", sa.String(length=500), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("rival", sa.String(length=500), nullable=True),
        sa.Column("local", sa.Float(), nullable=False),
        sa.Column("premium", sa.Float(), nullable=False),
        sa.Column("features", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        *[
            sa.ForeignKeyConstraint(
                [f"{one}_id"], [f"{one}s.id"], name=op.f(f"fk_route_labels_{one}_id_{one}s"), ondelete="CASCADE"
            )
            for one in ("user", "thread", "message")
        ],
        sa.PrimaryKeyConstraint("id", name=op.f("pk_route_labels")),
        sa.UniqueConstraint("message_id", "source", name=op.f("uq_route_labels_message_id_source")),
    )
    op.create_index(op.f("ix_route_labels_user_id"), "route_labels", ["user_id"])
    op.create_index(op.f("ix_route_labels_thread_id"), "route_labels", ["thread_id"])
    op.create_index(op.f("ix_route_labels_model_language_id"), "route_labels", ["model", "language", "id"])
    op.create_table(
        "route_scorers",
        sa.Column("id", Id, nullable=False),
        sa.Column("model", sa.String(length=500), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.Column("report", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("weights", sa.LargeBinary(), nullable=False),
        sa.Column("trained_at", Time, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_route_scorers")),
    )
    op.create_index(op.f("ix_route_scorers_model_language_id"), "route_scorers", ["model", "language", "id"])
    op.create_index(
        "uq_route_scorers_acting",
        "route_scorers",
        ["model", "language"],
        unique=True,
        sqlite_where=ACTING,
        postgresql_where=ACTING,
    )


def downgrade() -> None:
    op.drop_table("route_scorers")
    op.drop_table("route_labels")
