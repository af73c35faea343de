"""Tables of the prompt library: prompts, and every text that one ever had."""

from sqlalchemy import ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from freehold.db.types import Base, IdColumn, JsonListColumn, TimeColumn


class Prompt(Base):
    """One prompt. `audience` says who else may use it: nobody, all, or the people of `group_id`.

    A group that is removed leaves `group_id` empty, and then nobody else has it.
    """

    __tablename__ = "prompts"

    id: Mapped[IdColumn] = mapped_column(primary_key=True)
    owner_id: Mapped[IdColumn] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    audience: Mapped[str] = mapped_column(String(8), index=True)  # nobody | all | group
    group_id: Mapped[IdColumn | None] = mapped_column(ForeignKey("groups.id", ondelete="SET NULL"), index=True)
    tags: Mapped[JsonListColumn]
    version: Mapped[int] = mapped_column(Integer)  # the number of its present text
    created_at: Mapped[TimeColumn]
    updated_at: Mapped[TimeColumn]


class PromptVersion(Base):
    """A title and a text as they were saved; never changed afterwards."""

    __tablename__ = "prompt_versions"

    prompt_id: Mapped[IdColumn] = mapped_column(ForeignKey("prompts.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[TimeColumn]
