"""What a client writes and both databases, JSON and every client can keep: refused at the door when it is not that."""

import math
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

DEEPEST = 32
LARGEST_INTEGER = 2**53 - 1
"""Above it a browser reads another number than was written."""


class Write(BaseModel):
    """Base of everything a client writes: unknown fields are refused, and so is what could not be stored."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, value: Any) -> Any:
        problem = unstorable(value)
        if problem is not None:
            raise ValueError(problem)
        return value


def unstorable(value: Any, depth: int = 0) -> str | None:
    """Why JSON data cannot be kept, or None: PostgreSQL has no NUL, JSON no NaN, Unicode no lone surrogates."""
    if isinstance(value, str):
        return _unstorable_text(value)
    if isinstance(value, float):
        return None if math.isfinite(value) else "a number is infinite or not a number"
    if isinstance(value, int):
        return None if abs(value) <= LARGEST_INTEGER else "a number is too large"
    if not isinstance(value, dict | list):
        return None
    if depth == DEEPEST:
        return f"the data is nested deeper than {DEEPEST} levels"
    inner = [*value.keys(), *value.values()] if isinstance(value, dict) else value
    return next((problem for item in inner if (problem := unstorable(item, depth + 1)) is not None), None)


def _unstorable_text(text: str) -> str | None:
    if "\0" in text:
        return "a text holds the character NUL"
    if text.isascii():
        return None
    try:
        text.encode()
    except UnicodeEncodeError:
        return "a text holds half of a character"
    return None


def without_nul(value: Any) -> Any:
    """JSON data that came from elsewhere, such as a model's answer, without the character that cannot be stored."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, dict):
        return {without_nul(key): without_nul(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_nul(item) for item in value]
    return value
