"""Table of cached answers."""

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from freehold.db.types import Base, TimeColumn

KEY_BYTES = 32


class CachedAnswer(Base):
    """An answer under the keyed hash of its request; what was asked is not stored."""

    __tablename__ = "cached_answers"

    key: Mapped[bytes] = mapped_column(LargeBinary(KEY_BYTES), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    media_type: Mapped[str] = mapped_column(String(100))
    model: Mapped[str] = mapped_column(String(500))
    made_at: Mapped[TimeColumn]
    expires_at: Mapped[TimeColumn]

    __table_args__ = (Index(None, "expires_at"),)
