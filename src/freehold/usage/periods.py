"""The windows of a budget: day, week (from Monday), month and all time, in UTC; pure."""

from datetime import UTC, datetime, timedelta
from typing import Literal

Period = Literal["day", "week", "month", "total"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""The start of the one window of `total`."""


def window(period: Period, now: datetime) -> tuple[datetime, datetime | None]:
    """Start and end (exclusive) of the window that `now` lies in; `total` has no end."""
    if period == "total":
        return EPOCH, None
    start = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "day":
        return start, start + timedelta(days=1)
    if period == "week":
        start -= timedelta(days=start.weekday())
        return start, start + timedelta(days=7)
    start = start.replace(day=1)
    return start, (start + timedelta(days=32)).replace(day=1)
