"""Tables of what was used and what may be spent."""

from datetime import date

from sqlalchemy import BigInteger, Boolean, Date, Float, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from freehold.db.types import Base, IdColumn, TimeColumn

# no foreign keys to people, keys or providers: what was used stays true when they are gone


class UsageRow(Base):
    """One call of a model, however it ended. Counts are None when nobody knows them, cost when a price is unknown."""

    __tablename__ = "usage_records"

    id: Mapped[IdColumn] = mapped_column(primary_key=True)  # UUIDv7 of `at`, so that its index is that of the time, too
    at: Mapped[TimeColumn]  # when the call ended
    user_id: Mapped[IdColumn]
    key_id: Mapped[IdColumn | None]
    source: Mapped[str] = mapped_column(String(8))  # record.Source
    requested: Mapped[str] = mapped_column(String(500))  # the reference or alias that was asked for
    model: Mapped[str] = mapped_column(String(500))  # what answered: provider/model
    provider_id: Mapped[str] = mapped_column(String(64))
    self_hosted: Mapped[bool] = mapped_column(Boolean)
    status: Mapped[str] = mapped_column(String(8))  # ok, failed, stopped, refused, unused
    error: Mapped[str | None] = mapped_column(String(64))
    input_tokens: Mapped[int | None] = mapped_column(Integer)
    output_tokens: Mapped[int | None] = mapped_column(Integer)
    cached_input_tokens: Mapped[int | None] = mapped_column(Integer)  # part of the input
    reasoning_tokens: Mapped[int | None] = mapped_column(Integer)  # part of the output
    estimated: Mapped[bool] = mapped_column(Boolean)  # the provider told no counts
    cost_nanodollars: Mapped[int | None] = mapped_column(BigInteger)
    first_token_ms: Mapped[float | None] = mapped_column(Float)
    duration_ms: Mapped[float | None] = mapped_column(Float)
    tokens_per_second: Mapped[float | None] = mapped_column(Float)
    attempts: Mapped[int] = mapped_column(Integer)
    cache: Mapped[str | None] = mapped_column(String(8))  # where nobody was asked: hit, similar, faq
    audio_seconds: Mapped[float | None] = mapped_column(Float)  # of sound, where the model counts no tokens
    route: Mapped[str | None] = mapped_column(Text)  # JSON: how the model was chosen, where there was a choice
    baseline: Mapped[str | None] = mapped_column(String(500))  # provider/model that the cost is compared with
    baseline_length: Mapped[str | None] = mapped_column(String(8))  # of its answer: own, mean, written
    baseline_nanodollars: Mapped[int | None] = mapped_column(BigInteger)  # what it would have cost; None: not compared
    house_nanodollars: Mapped[int | None] = mapped_column(BigInteger)  # of the hardware; None: nobody said
    compaction_tokens: Mapped[int | None] = mapped_column(Integer)  # that a summary of earlier messages left out
    compaction_nanodollars: Mapped[int | None] = mapped_column(BigInteger)  # what those would have cost
    request_id: Mapped[str | None] = mapped_column(String(100))  # as the answer's header x-request-id names it
    tried: Mapped[str | None] = mapped_column(Text)  # JSON: every attempt, where one failed

    __table_args__ = ({"sqlite_with_rowid": False},)


class _Sums:
    """Calls added up, so that a report reads few rows; written together with the records."""

    day: Mapped[date] = mapped_column(Date, primary_key=True)  # in UTC
    user_id: Mapped[IdColumn] = mapped_column(primary_key=True)
    key_id: Mapped[str] = mapped_column(String(36), primary_key=True)  # empty: without a key
    source: Mapped[str] = mapped_column(String(8), primary_key=True)
    model: Mapped[str] = mapped_column(String(500), primary_key=True)
    self_hosted: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    provider_id: Mapped[str] = mapped_column(String(64))
    calls: Mapped[int] = mapped_column(BigInteger)
    failed_calls: Mapped[int] = mapped_column(BigInteger)
    estimated_calls: Mapped[int] = mapped_column(BigInteger)
    unpriced_calls: Mapped[int] = mapped_column(BigInteger)  # with tokens, and without a known price
    input_tokens: Mapped[int] = mapped_column(BigInteger)
    cached_input_tokens: Mapped[int] = mapped_column(BigInteger)
    output_tokens: Mapped[int] = mapped_column(BigInteger)
    reasoning_tokens: Mapped[int] = mapped_column(BigInteger)
    cost_nanodollars: Mapped[int] = mapped_column(BigInteger)


class UsageDay(_Sums, Base):
    """The calls of one day."""

    __tablename__ = "usage_days"
    __table_args__ = (Index(None, "user_id", "day"), {"sqlite_with_rowid": False})


class UsageMonth(_Sums, Base):
    """The calls of one month; `day` is its first."""

    __tablename__ = "usage_months"
    __table_args__ = (Index(None, "user_id", "day"), {"sqlite_with_rowid": False})


class BudgetRow(Base):
    """A budget that an administrator set; those of the file and of keys are not here."""

    __tablename__ = "budgets"

    id: Mapped[IdColumn] = mapped_column(primary_key=True)
    holder_kind: Mapped[str] = mapped_column(String(8))
    holder_id: Mapped[str] = mapped_column(String(500))
    period: Mapped[str] = mapped_column(String(8))
    limit_nanodollars: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[TimeColumn]
    updated_at: Mapped[TimeColumn]

    __table_args__ = (UniqueConstraint("holder_kind", "holder_id", "period"),)


class RateLimitRow(Base):
    """How much a holder may ask at a time, as an administrator set it; None: not limited."""

    __tablename__ = "rate_limits"

    id: Mapped[IdColumn] = mapped_column(primary_key=True)
    holder_kind: Mapped[str] = mapped_column(String(8))
    holder_id: Mapped[str] = mapped_column(String(500))
    requests_per_minute: Mapped[int | None] = mapped_column(Integer)
    tokens_per_minute: Mapped[int | None] = mapped_column(Integer)
    concurrency: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[TimeColumn]
    updated_at: Mapped[TimeColumn]

    __table_args__ = (UniqueConstraint("holder_kind", "holder_id"),)


class BudgetWindow(Base):
    """What a holder spent in one window, and what processes have taken to spend from (the sum of its leases)."""

    __tablename__ = "budget_windows"

    holder_kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    holder_id: Mapped[str] = mapped_column(String(500), primary_key=True)
    period: Mapped[str] = mapped_column(String(8), primary_key=True)
    starts_at: Mapped[TimeColumn] = mapped_column(primary_key=True)
    spent: Mapped[int] = mapped_column(BigInteger)  # nano-dollars
    reserved: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index(None, "starts_at"),)


class BudgetLease(Base):
    """The part of a window that one process may spend without asking; free again when its process dies."""

    __tablename__ = "budget_leases"

    holder_kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    holder_id: Mapped[str] = mapped_column(String(500), primary_key=True)
    period: Mapped[str] = mapped_column(String(8), primary_key=True)
    starts_at: Mapped[TimeColumn] = mapped_column(primary_key=True)
    lease_id: Mapped[IdColumn] = mapped_column(primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger)  # nano-dollars
    expires_at: Mapped[TimeColumn]

    __table_args__ = (Index(None, "expires_at"),)
