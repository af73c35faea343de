"""What the web app gets about folds."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

Folding = Literal["auto", "never"]


class Fold(BaseModel):
    """A summary that stands for the messages from `from_id` to `to_id` on the branches that pass through both.

    Those in `kept`, and those that are pinned, are sent as they are.
    """

    id: str
    from_id: str
    to_id: str
    kept: list[str]
    messages: int
    summary: str
    facts: list[str]
    model: str  # provider_id/model_id that wrote it
    tokens_before: int
    tokens_after: int
    created_at: datetime


class Folded(BaseModel):
    """How an answer was asked for: with a summary of `messages` messages, which made the request `tokens` shorter.

    `recalled`: folded messages that were sent all the same, as the question seemed to be about them. `cut`: messages
    that were left out without a summary, for lack of room.
    """

    messages: int = 0
    tokens: int = 0
    recalled: int = 0
    cut: int = 0
