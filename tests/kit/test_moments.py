"""Days and moments are taken as the API's description has them, and in no other way."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from freehold.kit.moments import Day, Moment


def test_what_is_written_by_the_book() -> None:
    assert TypeAdapter(Day).validate_python("2026-11-26") == date(2026, 11, 26)
    wanted = datetime(2026, 11, 26, 10, tzinfo=UTC)
    for written in ("2026-11-26T10:00:00Z", "2026-11-26t11:00:00.000+01:00"):
        assert TypeAdapter(Moment).validate_python(written) == wanted


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (Day, "0"), (Day, "86400"), (Day, "2026-11-26T00:00:00"), (Day, "2026-13-01"), (Day, ""),
        (Moment, "0"), (Moment, "2026-11-26"), (Moment, "2026-11-26 10:00:00Z"), (Moment, "2026-11-26T10:00Z"),
        (Moment, "2026-11-26T10:00:00"),
    ],
)  # fmt: skip
def test_what_is_not(kind: Any, written: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(written)
