"""Tables of groups and of who is in them; a person may be in several."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from freehold.db.types import Base, IdColumn, TimeColumn


class Group(Base):
    """People whom limits, budgets and routing treat alike. Names differ by more than case."""

    __tablename__ = "groups"

    id: Mapped[IdColumn] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    description: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[TimeColumn]
    updated_at: Mapped[TimeColumn]


class GroupMember(Base):
    """One person in one group."""

    __tablename__ = "group_members"

    group_id: Mapped[IdColumn] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[IdColumn] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    created_at: Mapped[TimeColumn]
