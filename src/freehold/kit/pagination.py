"""Keyset pagination: an opaque cursor holds the sort key of the last row shown, so pages stay right as rows change."""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import Field

from freehold.errors import InvalidRequest
from freehold.kit.storable import unstorable

MAX_LIMIT = 200
Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT)]
CursorText = Annotated[str, Field(max_length=1000)]

T = TypeVar("T")


def encode_cursor(*key: str | int | float | bool | datetime | None) -> str:
    """The cursor for the row with this sort key. Times keep their microseconds and zone."""
    plain = [{"t": value.isoformat()} if isinstance(value, datetime) else value for value in key]
    return base64.urlsafe_b64encode(json.dumps(plain, separators=(",", ":")).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, *types: type) -> tuple[Any, ...]:
    """The sort key in a cursor, checked against `types` in order; raises InvalidRequest for anything else.

    A cursor comes back from a client, so what it holds is input: bind it as parameters, never trust it for access.
    """
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        values = [datetime.fromisoformat(v["t"]) if isinstance(v, dict) else v for v in json.loads(raw)]
        # nobody gave out a time so near the end of the calendar that it has no UTC
        values = [v.astimezone(UTC) if isinstance(v, datetime) and v.tzinfo else v for v in values]
    except (ValueError, KeyError, TypeError, OverflowError, binascii.Error, RecursionError):
        raise _refused() from None
    if len(values) != len(types) or unstorable(values) is not None:
        raise _refused()
    for value, kind in zip(values, types, strict=True):
        # bool is an int in Python, but True is no position in a list
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise _refused()
        if isinstance(value, datetime) and value.tzinfo is None:
            raise _refused()
    return tuple(values)


def page_of(rows: Sequence[T], limit: int) -> tuple[Sequence[T], bool]:
    """Split `limit + 1` fetched rows into the page and whether there is more."""
    return rows[:limit], len(rows) > limit


def _refused() -> InvalidRequest:
    return InvalidRequest(
        "The cursor of this page is not one that this server gave out.", next_step="Start at the first page."
    )
