"""What the web app gets about savings."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from freehold.kit.storable import Write

GroupBy = Literal["day", "model", "user", "locality"]
Path = Literal["in_house", "outside", "cache"]


class Saved(BaseModel):
    """Lines of the ledger added up; US dollars, exact to the nano-dollar.

    saved_usd = baseline_usd - (spent_usd - not_compared_usd) - house_usd = routing_usd + cache_usd + compaction_usd
    """

    calls: int = 0  # asked by people and programs, and answered: by a model or from the cache, whole or stopped
    own_calls: int = 0  # titles and summaries, which the server asked for itself and got
    failed_calls: int = 0  # attempts that failed, were overtaken or overruled; what they cost is spent
    learning_calls: int = 0
    not_compared_calls: int = 0  # no known price or count, or no chat
    cached_calls: int = 0
    premium_calls: int = 0
    tokens: int = 0  # read and written
    premium_tokens: int = 0
    mean_calls: int = 0  # compared with an answer of the baseline's mean length here
    written_calls: int = 0  # compared with an answer as long as the one that was given
    spent_usd: float = 0.0  # all of it, as the ledger says
    not_compared_usd: float = 0.0  # part of it
    learning_usd: float = 0.0  # another part of it: answers that nobody got, and their comparison, for routing to learn
    house_usd: float = 0.0  # hardware, where a price per hour is set; of compared calls
    baseline_usd: float = 0.0
    saved_usd: float = 0.0
    saved_share: float | None = None  # of baseline_usd; None: nothing was compared
    routing_usd: float = 0.0
    cache_usd: float = 0.0
    compaction_usd: float = 0.0  # tokens that summaries left out, after what the summaries cost


class SavedRow(Saved):
    """`key`: the day, provider/model, an account's id, or the path."""

    key: str
    name: str | None = None  # of a person, as people say


class BaselineShown(BaseModel):
    """A model that calls were compared with."""

    model: str
    calls: int


class Latency(BaseModel):
    """How long answers took on one path, in milliseconds, from the question to the last word."""

    path: Path
    calls: int
    p50_ms: float
    p95_ms: float


class Quality(BaseModel):
    """Quality kept. Of `pairs`: how often an answer of the house was as good as the premium one to the same question,
    by a blind comparison. Of `thumbs`: how often others than the baseline are called good, beside how often that is.

    `pairs`: comparisons, or ratings that can be set against each other. The figures are only there with `needed`.
    """

    source: Literal["pairs", "thumbs"] = "thumbs"
    pairs: int
    needed: int
    enough: bool
    kept: float | None = None
    low: float | None = None  # of the interval with 95 % confidence
    high: float | None = None


class SavingsReport(BaseModel):
    """Savings of UTC days, the first and the last included."""

    from_day: date
    to_day: date
    group_by: GroupBy
    baselines: list[BaselineShown]  # the one that most calls were compared with first
    total: Saved
    rows: list[SavedRow]
    more: bool
    latency: list[Latency]
    quality: Quality


class WhatIfAsked(Write):
    """Another quality floor; none: the one that acts now."""

    quality_floor: Annotated[float, Field(ge=0, le=1, strict=True)] | None = None


class WhatIfFigures(BaseModel):
    """The last seven days, at one floor."""

    saved_usd: float
    saved_share: float | None
    premium_share: float  # of what people and programs asked for


class WhatIf(BaseModel):
    """The last seven days replayed from the stored choices; nothing is changed and nobody is asked."""

    quality_floor: float
    current_floor: float
    share_premium: float | None = None  # that the settings allow
    followed: bool = False  # the current floor follows it
    calls: int  # that `auto` decided
    replayed: int
    moved: int  # of those replayed, to another model
    not_replayed: int  # stayed with their model, were decided by a floor of their own, or have no stored price
    truncated: bool  # there were more calls, and only the newest are here
    now: WhatIfFigures
    then: WhatIfFigures
