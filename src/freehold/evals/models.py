"""Tables of test sets: questions, runs of several models over them, and every answer."""

from sqlalchemy import BigInteger, Boolean, Float, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from freehold.db.types import Base, IdColumn, JsonColumn, JsonListColumn, TimeColumn


class EvalSet(Base):
    """A set of questions of one person."""

    __tablename__ = "eval_sets"

    id: Mapped[IdColumn] = mapped_column(primary_key=True)
    owner_id: Mapped[IdColumn] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(8))  # written | history
    created_at: Mapped[TimeColumn]


class EvalCase(Base):
    """One question. Of one's own history it goes with its chat and message, and is kept in the house when that is.

    `before`: the messages before it, each {"role", "text"}; `given`: schemas.AnswerThen, the answer that was got then.
    """

    __tablename__ = "eval_cases"

    id: Mapped[IdColumn] = mapped_column(primary_key=True)
    set_id: Mapped[IdColumn] = mapped_column(ForeignKey("eval_sets.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    before: Mapped[JsonListColumn]
    question: Mapped[str] = mapped_column(Text)
    rule: Mapped[str] = mapped_column(String(12))  # marking.Rule
    expected: Mapped[str] = mapped_column(Text)
    thread_id: Mapped[IdColumn | None] = mapped_column(ForeignKey("threads.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[IdColumn | None] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    given: Mapped[JsonColumn | None]

    __table_args__ = (Index(None, "set_id", "position"),)


class EvalRun(Base):
    """Models over a set. Whoever works on it holds it by `worker` and beats; one that was left goes on elsewhere."""

    __tablename__ = "eval_runs"

    id: Mapped[IdColumn] = mapped_column(primary_key=True)
    owner_id: Mapped[IdColumn] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    set_id: Mapped[IdColumn] = mapped_column(ForeignKey("eval_sets.id", ondelete="CASCADE"), index=True)
    models: Mapped[JsonListColumn]
    judge: Mapped[str | None] = mapped_column(String(500))
    state: Mapped[str] = mapped_column(String(12))  # schemas.RunState
    why: Mapped[str | None] = mapped_column(String(40))  # the code of what stopped it
    worker: Mapped[str | None] = mapped_column(String(64))
    heartbeat_at: Mapped[TimeColumn | None]
    created_at: Mapped[TimeColumn]
    finished_at: Mapped[TimeColumn | None]

    __table_args__ = (
        Index(
            "ix_eval_runs_open",
            "state",
            "created_at",
            sqlite_where=text("state IN ('waiting', 'running')"),
            postgresql_where=text("state IN ('waiting', 'running')"),
        ),
    )


class EvalAnswer(Base):
    """What one model said to one question, and what came of it. Costs in whole nano-dollars; NULL: unknown."""

    __tablename__ = "eval_answers"

    run_id: Mapped[IdColumn] = mapped_column(ForeignKey("eval_runs.id", ondelete="CASCADE"), primary_key=True)
    case_id: Mapped[IdColumn] = mapped_column(
        ForeignKey("eval_cases.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    model: Mapped[str] = mapped_column(String(500), primary_key=True)  # as it was asked for
    state: Mapped[str] = mapped_column(String(8))  # ok | failed | skipped
    error: Mapped[str | None] = mapped_column(String(40))  # its code
    text: Mapped[str] = mapped_column(Text)
    answered_by: Mapped[str | None] = mapped_column(String(500))  # provider/model
    self_hosted: Mapped[bool] = mapped_column(Boolean)
    passed: Mapped[bool | None] = mapped_column(Boolean)  # NULL: nobody could tell
    verdict: Mapped[str | None] = mapped_column(String(8))  # of a judge: marking.Verdict
    cost_nanodollars: Mapped[int | None] = mapped_column(BigInteger)
    judge_nanodollars: Mapped[int | None] = mapped_column(BigInteger)
    first_token_ms: Mapped[float | None] = mapped_column(Float)
    duration_ms: Mapped[float | None] = mapped_column(Float)
    output_tokens: Mapped[int | None] = mapped_column(Integer)
