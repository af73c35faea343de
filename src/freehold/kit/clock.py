"""Time as the rest of the code sees it: aware UTC datetimes, Unix seconds, and a monotonic clock in seconds."""

import time as _time
from datetime import UTC, datetime

monotonic = _time.monotonic
time = _time.time


def milliseconds(seconds: float) -> float:
    """To a tenth, as it is told everywhere. Rounding to whole numbers takes a fifth of what rounding to digits does."""
    return round(seconds * 10_000) / 10


def now() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.now(UTC)
