"""What a search answers."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

Range = tuple[int, int]


class Marked(BaseModel):
    """A text with what was found in it: `[start, end)` in UTF-16 code units, as JavaScript counts; never markup."""

    text: str
    ranges: list[Range] = []


class SearchHit(BaseModel):
    """A message. `snippet` is a piece of it around what was found, on one line."""

    message_id: str
    role: Literal["user", "assistant"]
    model: str | None  # provider_id/model_id that wrote the answer
    has_file: bool
    created_at: datetime
    snippet: Marked


class SearchGroup(BaseModel):
    """A thread with what was found in it. Without hits its title alone was found."""

    thread_id: str
    title: Marked
    project_id: str | None
    model: str | None
    archived: bool
    last_activity_at: datetime
    hits: list[SearchHit]


class SearchPage(BaseModel):
    """Threads whose titles were found come first, then messages, newest first, under their threads.

    A thread may come again on a later page with older messages. `next_cursor` is null when nothing is left.
    """

    items: list[SearchGroup]
    next_cursor: str | None = Field(description="Given back as `cursor`, with everything else as it was.")
