"""Time as the rest of the code sees it: aware UTC datetimes and a monotonic clock in seconds."""

import time
from datetime import UTC, datetime

monotonic = time.monotonic


def now() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.now(UTC)
