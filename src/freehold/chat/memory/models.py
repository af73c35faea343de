"""The table of remembered facts."""

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from freehold.db.types import Base, IdColumn, TimeColumn


class Fact(Base):
    """One sentence about a person, or for one of their projects. A `proposed` one waits for their yes, unused."""

    __tablename__ = "facts"

    id: Mapped[IdColumn] = mapped_column(primary_key=True)
    owner_id: Mapped[IdColumn] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    project_id: Mapped[IdColumn | None] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(String(500))
    state: Mapped[str] = mapped_column(String(8))  # kept | proposed
    # where it was proposed or taken from; with the thread it loses this, not itself
    thread_id: Mapped[IdColumn | None] = mapped_column(ForeignKey("threads.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[TimeColumn]
    updated_at: Mapped[TimeColumn]

    __table_args__ = (Index(None, "owner_id", "state", "id"),)
