"""The table of uploaded files; the bytes lie in DATA_DIR/files/<last two of id>/<id>."""

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from freehold.db.types import Base, IdColumn, TimeColumn


class File(Base):
    """One file of one owner. `media_type` is sniffed from the bytes, never taken from the client."""

    __tablename__ = "files"

    id: Mapped[IdColumn] = mapped_column(primary_key=True)
    owner_id: Mapped[IdColumn] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(400))
    media_type: Mapped[str] = mapped_column(String(100))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[TimeColumn]

    __table_args__ = (Index(None, "owner_id", "created_at"),)
