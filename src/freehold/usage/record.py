"""What is written down of one call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Source = Literal["chat", "title", "summary", "api", "shadow", "test", "arena"]
"""`shadow`: an answer that was asked for to be compared, or the comparison. `test`: a question of somebody's test set,
or the judge of its answer. `arena`: one of two answers that a person compares without knowing whose they are.
"""
IN_HOUSE_WORK: tuple[Source, ...] = ("title", "summary")
"""What the server asks of a model in the house for itself; it counts against nobody's limits."""
TO_COMPARE: tuple[Source, ...] = ("test", "arena")
"""What a person asks to compare models with each other; it saves nothing, whoever answers."""
OWN_WORK: tuple[Source, ...] = (*IN_HOUSE_WORK, "shadow", *TO_COMPARE)
"""What is no answer to anybody."""
Length = Literal["own", "mean", "written"]
"""How long the baseline's answer is taken to be: it is the one that was given, its mean here, as long as this one."""
Status = Literal["ok", "failed", "stopped", "refused", "unused"]


@dataclass(slots=True, kw_only=True)
class UsageRecord:
    """One call of a model, however it ended; not changed once it is handed to the ledger.

    Counts are those of one attempt: another one of the same call that took tokens has a record of its own. `cost_usd`
    is 0 for self-hosted models and None when a price or a count is unknown. `status`: `stopped` is a call that the
    client or the server ended early, `refused` one that nobody was asked for; that is in no sum; `unused` an answer
    that was overruled by another one, or only compared with one. `at` is when it ended;
    the ledger makes the `id` of it.
    """

    at: datetime
    user_id: str
    source: Source
    requested: str
    model: str
    provider_id: str
    self_hosted: bool
    status: Status
    key_id: str | None = None
    error: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_input_tokens: int | None = None
    reasoning_tokens: int | None = None
    audio_seconds: float | None = None
    estimated: bool = False
    cost_usd: float | None = None
    first_token_ms: float | None = None
    duration_ms: float | None = None
    tokens_per_second: float | None = None
    attempts: int = 1
    cache: str | None = None
    route: Mapping[str, Any] | None = None  # how the model was chosen, where there was a choice
    baseline: str | None = None  # the model that the cost is compared with
    baseline_length: Length | None = None
    baseline_usd: float | None = None  # what that would have cost; None: not compared
    house_usd: float | None = None  # what the hardware in the house cost meanwhile, where a price was set
    compaction_tokens: int | None = None  # of the input, that a summary of earlier messages left out
    compaction_usd: float | None = None  # what they would have cost; None: no summary was sent, or a price is unknown
    request_id: str | None = None  # None: for work that the server does by itself
    tried: Sequence[Mapping[str, Any]] | None = None  # every attempt in order, where one failed
    id: str = ""
