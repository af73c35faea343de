"""Tables of cached answers, of the questions that find them in other words, and of what was calibrated for that."""

from sqlalchemy import Float, Index, Integer, LargeBinary, String
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
    input_tokens: Mapped[int | None] = mapped_column(Integer)  # what the answer took when it was written
    output_tokens: Mapped[int | None] = mapped_column(Integer)
    made_at: Mapped[TimeColumn]
    expires_at: Mapped[TimeColumn]

    __table_args__ = (Index(None, "expires_at"),)


class CachedQuestion(Base):
    """The vector of a question whose answer is cached under `key`; what was asked is not stored."""

    __tablename__ = "cached_questions"

    bucket: Mapped[bytes] = mapped_column(LargeBinary(KEY_BYTES), primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary(KEY_BYTES), primary_key=True)
    vector: Mapped[bytes] = mapped_column(LargeBinary)  # 32-bit floats
    expires_at: Mapped[TimeColumn]

    __table_args__ = (Index(None, "expires_at"),)


class CacheCalibration(Base):
    """From which cosine on an encoder is trusted in a language; without `threshold` it is not."""

    __tablename__ = "cache_calibrations"

    encoder: Mapped[str] = mapped_column(String(500), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    threshold: Mapped[float | None] = mapped_column(Float)
    same: Mapped[int] = mapped_column(Integer)  # pairs in other words
    near: Mapped[int] = mapped_column(Integer)  # near misses
    hits: Mapped[int] = mapped_column(Integer)  # of the same
    wrong: Mapped[int] = mapped_column(Integer)  # of the near
    made_at: Mapped[TimeColumn]
