"""The table of share links."""

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from freehold.db.types import Base, IdColumn, JsonColumn, TimeColumn


class Share(Base):
    """One link. The token is in nobody's hands but those who were given it: only its SHA-256 is kept."""

    __tablename__ = "shares"

    id: Mapped[IdColumn] = mapped_column(primary_key=True)
    owner_id: Mapped[IdColumn] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    thread_id: Mapped[IdColumn] = mapped_column(ForeignKey("threads.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    scope: Mapped[str] = mapped_column(String(8))  # path | tree | selected
    snapshot: Mapped[JsonColumn]  # schemas.SharedChat as it was at `updated_at`
    password_hash: Mapped[str | None] = mapped_column(String(200))
    expires_at: Mapped[TimeColumn | None]
    created_at: Mapped[TimeColumn]
    updated_at: Mapped[TimeColumn]

    __table_args__ = (Index(None, "owner_id", "created_at"),)
