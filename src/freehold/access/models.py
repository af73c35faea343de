"""Table of remembered writes, so that a repeated request with the same Idempotency-Key has one effect."""

from sqlalchemy import Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from freehold.db.types import Base, IdColumn, TimeColumn


class IdempotencyRecord(Base):
    """The stored answer of one write, kept for 24 hours."""

    __tablename__ = "idempotency_records"

    user_id: Mapped[IdColumn] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))  # SHA-256 of method, path and body
    status: Mapped[int | None] = mapped_column(Integer)  # None while the first request is still running
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[TimeColumn]

    __table_args__ = (Index(None, "created_at"),)
