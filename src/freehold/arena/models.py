"""The table of the arena's rounds, each with its vote."""

from sqlalchemy import Boolean, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from freehold.db.types import Base, IdColumn, JsonColumn, TimeColumn


class ArenaRound(Base):
    """One prompt of one person and what two models said to it; which of them is A was drawn.

    `model_a`, `model_b`: as they were drawn. `answer_a`, `answer_b`: rounds.Answer; NULL until the round has ended.
    """

    __tablename__ = "arena_rounds"

    id: Mapped[IdColumn] = mapped_column(primary_key=True)
    owner_id: Mapped[IdColumn] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    prompt: Mapped[str] = mapped_column(Text)
    in_house: Mapped[bool] = mapped_column(Boolean)  # only models in the house could be drawn
    state: Mapped[str] = mapped_column(String(8))  # schemas.RoundState
    model_a: Mapped[str] = mapped_column(String(500))
    model_b: Mapped[str] = mapped_column(String(500))
    answer_a: Mapped[JsonColumn | None]
    answer_b: Mapped[JsonColumn | None]
    vote: Mapped[str | None] = mapped_column(String(9))  # ranking.Vote
    voted_at: Mapped[TimeColumn | None]
    created_at: Mapped[TimeColumn]

    __table_args__ = (
        Index(None, "owner_id", "id"),
        # the votes are counted without a look at the texts
        Index(
            "ix_arena_rounds_votes",
            "model_a",
            "model_b",
            "vote",
            sqlite_where=text("vote IS NOT NULL"),
            postgresql_where=text("vote IS NOT NULL"),
        ),
    )
