"""The table of settings an administrator changes at run time; what freehold.yaml declares is not here."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from freehold.db.types import Base, JsonColumn, TimeColumn


class SettingRow(Base):
    """One named value."""

    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[JsonColumn]
    updated_at: Mapped[TimeColumn]
