"""What is written down of one call."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Source = Literal["chat", "title", "api"]
Status = Literal["ok", "failed", "stopped", "refused"]


@dataclass(slots=True, kw_only=True)
class UsageRecord:
    """One call of a model, however it ended; not changed once it is handed to the ledger.

    Counts are those of one attempt: another one of the same call that took tokens has a record of its own. `cost_usd`
    is 0 for self-hosted models and None when a price or a count is unknown. `status`: `stopped` is a call that the
    client or the server ended early, `refused` one that nobody was asked for; that is in no sum. `at` is when it ended;
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
    id: str = ""
