"""Cursors come back as they went out, and whatever else comes is refused."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.errors import InvalidRequest
from freehold.kit.pagination import decode_cursor, encode_cursor, page_of

# what a row may hold, see freehold.kit.storable
TIMES = st.datetimes(
    datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))])
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
NUMBERS = st.integers(1 - 2**53, 2**53 - 1)


@given(TIMES, TEXTS, st.booleans(), NUMBERS)
def test_a_cursor_keeps_its_key(at: datetime, text: str, flag: bool, number: int) -> None:
    cursor = encode_cursor(at, text, flag, number)
    assert decode_cursor(cursor, datetime, str, bool, int) == (at, text, flag, number)
    assert cursor.replace("-", "").replace("_", "").isalnum()


@given(st.text(max_size=200))
def test_any_other_text_is_an_invalid_request(text: str) -> None:
    with pytest.raises(InvalidRequest):
        decode_cursor(text, datetime, str)


@pytest.mark.parametrize("key", [(True,), ("1",), (1, 2), ()])
def test_a_cursor_of_another_list_is_refused(key: tuple[object, ...]) -> None:
    with pytest.raises(InvalidRequest):
        decode_cursor(encode_cursor(*key), int)  # type: ignore[arg-type]


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        decode_cursor(encode_cursor(datetime(2026, 1, 1)), datetime)


def test_one_row_more_than_the_limit_means_that_there_is_more() -> None:
    assert page_of([1, 2, 3], 2) == ([1, 2], True)
    assert page_of([1, 2], 2) == ([1, 2], False)
