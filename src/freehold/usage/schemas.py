"""What the web app sends and gets about usage and budgets."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from freehold.kit.storable import Write
from freehold.usage.holders import HolderKind
from freehold.usage.periods import Period
from freehold.usage.record import Source

Group = Literal["day", "month", "user", "key", "model", "provider", "locality"]
Locality = Literal["in_house", "outside"]


class Sums(BaseModel):
    """Calls added up. Tokens of calls that nobody counted are missing, and so is the cost of unpriced ones."""

    calls: int = 0
    failed_calls: int = 0
    estimated_calls: int = 0  # the provider told no counts; these are ours
    unpriced_calls: int = 0  # took tokens, and nobody knows what they cost
    input_tokens: int = 0
    cached_input_tokens: int = 0  # part of the input
    output_tokens: int = 0
    reasoning_tokens: int = 0  # part of the output
    cost_usd: float = 0.0
    in_house_calls: int = 0
    in_house_tokens: int = 0  # input and output
    outside_tokens: int = 0


class GroupSums(Sums):
    """One row. `key`: the day, the first of the month, or an id; empty for calls without an API key."""

    key: str
    name: str | None = None  # of a person or a key, as people say


class UsageReport(BaseModel):
    """Sums by UTC days, the first and the last included. Days without a call have no row."""

    from_day: date
    to_day: date
    group: Group
    total: Sums
    rows: list[GroupSums]  # days and months in their order; else the costliest first
    more: bool  # whether there are rows beyond those shown


class Filters(BaseModel):
    """Which calls; what is left out is all of them."""

    from_day: date
    to_day: date
    user_id: str | None = None
    key_id: str | None = None
    model: str | None = None
    provider_id: str | None = None
    source: Source | None = None
    locality: Locality | None = None


class BudgetInfo(BaseModel):
    """A budget and how much of its present window is used. US dollars."""

    id: str | None  # of one that an administrator set; one of the file cannot be changed here
    origin: Literal["database", "file"]
    holder_kind: HolderKind
    holder_id: str
    holder_name: str | None
    period: Period
    limit_usd: float
    spent_usd: float
    reserved_usd: float
    starts_at: datetime
    resets_at: datetime | None


Usd = Annotated[Decimal, Field(ge=0, le=1_000_000_000, max_digits=16, decimal_places=6)]


class BudgetNew(Write):
    """A budget for a person or for the models that a pattern names."""

    holder_kind: Literal["user", "model"]
    holder_id: Annotated[str, Field(min_length=1, max_length=500)]
    period: Period
    usd: Usd


class BudgetPatch(Write):
    usd: Usd
