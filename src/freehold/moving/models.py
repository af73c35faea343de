"""Tables of imports and exports: what is on its way, how far it is, and what could not be taken."""

from sqlalchemy import BigInteger, Boolean, Float, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from freehold.db.types import Base, IdColumn, JsonColumn, JsonListColumn, TimeColumn


class Import(Base):
    """One archive of one person. Its bytes lie in DATA_DIR/imports/<id> until it has ended."""

    __tablename__ = "imports"

    id: Mapped[IdColumn] = mapped_column(primary_key=True)
    owner_id: Mapped[IdColumn] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(400))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    received_bytes: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(16))  # receiving | waiting | running | done | failed
    product: Mapped[str | None] = mapped_column(String(16))
    refusal: Mapped[str | None] = mapped_column(String(32))  # why the archive, or the rest of it, was not read
    done: Mapped[int] = mapped_column(Integer)  # conversations dealt with; a resumed run goes on behind them
    progress: Mapped[float] = mapped_column(Float)  # 0 to 1, of the bytes read
    report: Mapped[JsonColumn]  # schemas.ImportReport
    worker: Mapped[str | None] = mapped_column(String(64))
    heartbeat_at: Mapped[TimeColumn | None]
    created_at: Mapped[TimeColumn]
    finished_at: Mapped[TimeColumn | None]

    __table_args__ = (Index(None, "owner_id", "created_at"), Index(None, "state"))


class Export(Base):
    """An archive of chats that is made for one person. Its bytes lie in DATA_DIR/exports/<id>.zip for a day."""

    __tablename__ = "exports"

    id: Mapped[IdColumn] = mapped_column(primary_key=True)
    owner_id: Mapped[IdColumn] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    everything: Mapped[bool] = mapped_column(Boolean)
    state: Mapped[str] = mapped_column(String(16))  # running | done | failed
    refusal: Mapped[str | None] = mapped_column(String(32))  # disk_full | storage_error | interrupted
    done: Mapped[int] = mapped_column(Integer)
    total: Mapped[int] = mapped_column(Integer)  # chats
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    heartbeat_at: Mapped[TimeColumn]
    created_at: Mapped[TimeColumn]
    finished_at: Mapped[TimeColumn | None]

    __table_args__ = (Index(None, "owner_id", "created_at"),)


class ImportNote(Base):
    """What of one conversation, or of the archive, was not taken."""

    __tablename__ = "import_notes"

    import_id: Mapped[IdColumn] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    thread_id: Mapped[IdColumn | None]
    title: Mapped[str] = mapped_column(String(400))
    items: Mapped[JsonListColumn]  # schemas.LossInfo
