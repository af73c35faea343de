"""The table of folds."""

from sqlalchemy import ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from freehold.db.types import Base, IdColumn, JsonListColumn, TimeColumn


class Compaction(Base):
    """A summary that stands for the messages from `from_id` to `to_id` on every branch that passes through both.

    It is gone with the thread, and with the message in which it ends: whatever removes a message for good removes what
    hangs below it, too, so no summary outlives what it tells of.
    """

    __tablename__ = "compactions"

    id: Mapped[IdColumn] = mapped_column(primary_key=True)
    thread_id: Mapped[IdColumn] = mapped_column(ForeignKey("threads.id", ondelete="CASCADE"), index=True)
    from_id: Mapped[IdColumn]
    to_id: Mapped[IdColumn] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    kept: Mapped[JsonListColumn]  # ids in between that were pinned: nothing of them is in the summary
    messages: Mapped[int] = mapped_column(Integer)  # that it stands for
    summary: Mapped[str] = mapped_column(Text)
    facts: Mapped[JsonListColumn]  # names, numbers, dates: one line each
    model: Mapped[str] = mapped_column(String(500))  # provider_id/model_id that wrote it
    tokens_before: Mapped[int] = mapped_column(Integer)  # of the messages, about
    tokens_after: Mapped[int] = mapped_column(Integer)  # of what is sent for them, about
    created_at: Mapped[TimeColumn]
