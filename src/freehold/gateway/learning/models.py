"""Tables of labels and of the scorers that were trained on them."""

from sqlalchemy import Float, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from freehold.db.types import Base, IdColumn, JsonColumn, TimeColumn


class RouteLabel(Base):
    """How good a local model's answer to a prompt was beside a premium one; it goes with its person, thread or message.

    Nothing of what was asked is kept, only what a training sees of it: numbers of hashed n-grams, and counts.
    """

    __tablename__ = "route_labels"

    id: Mapped[IdColumn] = mapped_column(primary_key=True)
    user_id: Mapped[IdColumn] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    thread_id: Mapped[IdColumn | None] = mapped_column(ForeignKey("threads.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[IdColumn | None] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))  # the answer
    source: Mapped[str] = mapped_column(String(12))  # labels.Source
    model: Mapped[str] = mapped_column(String(500))  # in the house: provider/model
    language: Mapped[str] = mapped_column(String(8))  # of the prompt; empty: none was found
    rival: Mapped[str | None] = mapped_column(String(500))  # the model that it was compared with
    local: Mapped[float] = mapped_column(Float)  # quality of both answers, 0 to 1
    premium: Mapped[float] = mapped_column(Float)
    features: Mapped[bytes] = mapped_column(LargeBinary)  # packing.pack_features
    created_at: Mapped[TimeColumn]

    __table_args__ = (UniqueConstraint("message_id", "source"), Index(None, "model", "language", "id"))


class RouteScorer(Base):
    """A scorer of one local model and language, as it came out of a training; at most one of them acts."""

    __tablename__ = "route_scorers"

    id: Mapped[IdColumn] = mapped_column(primary_key=True)  # UUIDv7 of the training
    model: Mapped[str] = mapped_column(String(500))
    language: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(12))  # schemas.ScorerState
    labels: Mapped[int] = mapped_column(Integer)  # that it was trained on
    report: Mapped[JsonColumn]  # training.Trained without the weights
    weights: Mapped[bytes] = mapped_column(LargeBinary)  # packing.pack_scorer
    trained_at: Mapped[TimeColumn]

    __table_args__ = (
        Index(None, "model", "language", "id"),
        # two processes that train at once cannot both put theirs to work
        Index(
            "uq_route_scorers_acting",
            "model",
            "language",
            unique=True,
            sqlite_where=text("state = 'acting'"),
            postgresql_where=text("state = 'acting'"),
        ),
    )
