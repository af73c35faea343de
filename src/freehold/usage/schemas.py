"""What the web app sends and gets about usage and budgets."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from freehold.kit.storable import Write
from freehold.usage.holders import RuleKind
from freehold.usage.periods import Period
from freehold.usage.record import Source, Status

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


class UsageTry(BaseModel):
    """One attempt of a call; `error` null: it answered."""

    model: str
    error: str | None
    ms: float | None


class UsageCall(BaseModel):
    """One call, or an attempt of one that took tokens and did not answer. Null: not known, or there is none."""

    id: str
    at: datetime  # when it ended
    user_id: str
    user_name: str | None
    key_id: str | None
    key_name: str | None
    source: Source
    requested: str  # empty where the request was refused before it was read
    model: str  # what answered or was asked last; empty where nobody was asked
    provider_id: str
    self_hosted: bool
    status: Status
    error: str | None
    input_tokens: int | None
    cached_input_tokens: int | None
    output_tokens: int | None
    reasoning_tokens: int | None
    estimated: bool
    cost_usd: float | None
    first_token_ms: float | None
    duration_ms: float | None
    attempts: int
    cache: str | None
    tried: list[UsageTry]  # in order; empty where the first attempt answered, or nobody was asked
    route: dict[str, Any] | None
    request_id: str | None


class UsageCallPage(BaseModel):
    """The newest first. `next_cursor` is null on the last page."""

    items: list[UsageCall]
    next_cursor: str | None


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
