"""Ids of a moment sort by it, whatever else is in them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from freehold.kit.ids import first_id_at, id_at, is_id

MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))


@given(MOMENTS, st.timedeltas(timedelta(milliseconds=1), timedelta(days=9_000)))
def test_ids_of_a_moment_sort_by_it(moment: datetime, later: timedelta) -> None:
    one, other = id_at(moment), id_at(moment + later)
    assert is_id(one)
    assert (UUID(one).version, UUID(one).variant) == (7, "specified in RFC 4122")
    assert first_id_at(moment) <= one < first_id_at(moment + timedelta(milliseconds=1))
    assert one < other


def test_ids_of_one_moment_differ() -> None:
    moment = datetime(2026, 9, 14, tzinfo=UTC)
    assert len({id_at(moment) for _ in range(1000)}) == 1000
