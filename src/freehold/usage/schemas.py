"""What the web app sends and gets about usage and budgets."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from freehold.kit.storable import Write
from freehold.usage.holders import RuleKind
from freehold.usage.periods import Period
from freehold.usage.record import Source

Group = Literal["day", "month", "user", "group", "key", "model", "provider", "locality"]
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
    """One row. `key`: the day, the first of the month, or an id; empty for calls without an API key, or of people in no
    group.
    """

    key: str
    name: str | None = None  # of a person, a group or a key, as people say


class UsageReport(BaseModel):
    """Sums by UTC days, the first and the last included. Days without a call have no row.

    By groups: those that people are in now; who is in several counts in each, so the rows can be more than the total.
    """

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
    group_id: str | None = None  # of people who are in it now
    key_id: str | None = None
    model: str | None = None
    provider_id: str | None = None
    source: Source | None = None
    locality: Locality | None = None


class BudgetInfo(BaseModel):
    """A budget and how much of its present window is used. US dollars; null where each person has their own window."""

    id: str | None  # of one that an administrator set; one of the file cannot be changed here
    origin: Literal["database", "file"]
    holder_kind: RuleKind
    holder_id: str
    holder_name: str | None
    period: Period
    limit_usd: float
    spent_usd: float | None
    reserved_usd: float | None
    starts_at: datetime
    resets_at: datetime | None


HolderId = Annotated[str, Field(max_length=500, description="An id or a pattern; empty for `everyone`.")]
Usd = Annotated[Decimal, Field(ge=0, le=1_000_000_000, max_digits=16, decimal_places=6)]


class BudgetNew(Write):
    """A budget for each person, a person, a group, or the models that a pattern names."""

    holder_kind: RuleKind
    holder_id: HolderId = ""
    period: Period
    usd: Usd


class BudgetPatch(Write):
    usd: Usd


class LimitInfo(BaseModel):
    """A rate limit and what is used of it now. Null: not limited; no use where each person has their own."""

    id: str | None  # of one that an administrator set; one of the file cannot be changed here
    origin: Literal["database", "file"]
    holder_kind: RuleKind
    holder_id: str
    holder_name: str | None
    requests_per_minute: int | None
    tokens_per_minute: int | None
    concurrency: int | None
    used: "UseOfLimit | None"


class UseOfLimit(BaseModel):
    """In the last 60 seconds, and the calls under way."""

    requests: int
    tokens: int
    running: int
    free_in_s: float  # until what counts now is forgotten


PerMinute = Annotated[int, Field(ge=1, le=2_000_000_000)]


class LimitNew(Write):
    """A rate limit for each person, a person, a group, or the models that a pattern names; null: not limited."""

    holder_kind: RuleKind
    holder_id: HolderId = ""
    requests_per_minute: PerMinute | None = None
    tokens_per_minute: PerMinute | None = None
    concurrency: Annotated[int, Field(ge=1, le=100_000)] | None = None


class LimitPatch(Write):
    """Only named fields change; null lifts one."""

    requests_per_minute: PerMinute | None = None
    tokens_per_minute: PerMinute | None = None
    concurrency: Annotated[int, Field(ge=1, le=100_000)] | None = None
