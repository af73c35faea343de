"""The table of what can be found. The index over it is each database's own: see migration and `repository`."""

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from freehold.db.types import Base, IdColumn


class SearchDoc(Base):
    """A title or a message as it is searched.

    `id` sorts by when it was written: milliseconds and 21 bits that tell those of one millisecond apart. `scope` is the
    owner's short key and `t` or `m`; in the index it stands before every token, so that nobody's search reads the
    postings of others. Triggers keep the index of SQLite, on PostgreSQL it is a GIN index of this table.
    """

    __tablename__ = "search_docs"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False)
    owner_id: Mapped[IdColumn] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    thread_id: Mapped[IdColumn] = mapped_column(ForeignKey("threads.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[IdColumn | None] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    scope: Mapped[str] = mapped_column(String(8))
    role: Mapped[str | None] = mapped_column(String(16))
    model: Mapped[str | None] = mapped_column(String(500))  # that wrote the answer, or of the titled thread
    has_file: Mapped[bool] = mapped_column(Boolean)
    hidden: Mapped[bool] = mapped_column(Boolean)  # deleted, or below something deleted
    tokens: Mapped[str] = mapped_column(Text)  # each with a blank before it

    __table_args__ = (Index("ix_search_docs_newest", "owner_id", "scope", "id"),)
