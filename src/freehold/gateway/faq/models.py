"""Tables of curated answers, and of the questions that are asked often."""

from sqlalchemy import Boolean, ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from freehold.db.types import Base, IdColumn, JsonListColumn, TimeColumn

KEY_BYTES = 32
PERSON_BYTES = 16


class FaqEntry(Base):
    """A question with its curated answer. Without `group_id` it is for everybody; it is given once it is `approved`."""

    __tablename__ = "faq_entries"

    id: Mapped[IdColumn] = mapped_column(primary_key=True)
    question: Mapped[str] = mapped_column(String(500))
    phrasings: Mapped[JsonListColumn]  # other ways of asking it
    answer: Mapped[str] = mapped_column(Text)  # Markdown
    group_id: Mapped[IdColumn | None] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"), index=True)
    approved: Mapped[bool] = mapped_column(Boolean)
    given: Mapped[int] = mapped_column(Integer)  # how often
    disliked: Mapped[int] = mapped_column(Integer)  # how often it was rated bad
    created_at: Mapped[TimeColumn]
    updated_at: Mapped[TimeColumn]


class AskedQuestion(Base):
    """How often a question was asked, under a keyed hash of it. `text` is kept once enough different people asked."""

    __tablename__ = "asked_questions"

    key: Mapped[bytes] = mapped_column(LargeBinary(KEY_BYTES), primary_key=True)
    people: Mapped[int] = mapped_column(Integer)
    times: Mapped[int] = mapped_column(Integer)
    text: Mapped[str | None] = mapped_column(String(500))
    dismissed: Mapped[bool] = mapped_column(Boolean)
    asked_at: Mapped[TimeColumn]  # last

    __table_args__ = (Index(None, "asked_at"),)


class AskedBy(Base):
    """That somebody asked a question: two keyed hashes, from which neither can be read, nor what else they asked."""

    __tablename__ = "asked_by"

    key: Mapped[bytes] = mapped_column(
        LargeBinary(KEY_BYTES), ForeignKey("asked_questions.key", ondelete="CASCADE"), primary_key=True
    )
    person: Mapped[bytes] = mapped_column(LargeBinary(PERSON_BYTES), primary_key=True)
