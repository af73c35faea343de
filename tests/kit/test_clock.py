"""Times as they are told: milliseconds to a tenth."""

import pytest

from freehold.kit.clock import milliseconds


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.0, 0.0), (0.00004, 0.0), (0.00006, 0.1), (0.0123456, 12.3), (61.23456, 61234.6), (1 / 3, 333.3)],
)
def test_a_tenth_of_a_millisecond_is_kept(seconds: float, told: float) -> None:
    assert milliseconds(seconds) == told
    assert str(milliseconds(seconds)) == str(told)
