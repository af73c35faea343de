"""Intervals of what was counted; pure."""

import math

_Z = 1.96  # 95 % of a normal distribution


def difference(good: int, of: int, other_good: int, other_of: int) -> tuple[float, float, float]:
    """A share less another one, and both ends of its 95 % interval (Newcombe, Stat. Med. 17, 1998, method 10)."""
    share, other = good / max(1, of), other_good / max(1, other_of)
    (low, high), (other_low, other_high) = wilson(good, of), wilson(other_good, other_of)
    by = share - other
    return by, by - math.hypot(share - low, other_high - other), by + math.hypot(high - share, other - other_low)


def wilson(good: int, of: int) -> tuple[float, float]:
    """Both ends of the 95 % interval of a share (Wilson, J. Am. Stat. Assoc. 22, 1927); of nothing it is anything."""
    if of <= 0:
        return 0.0, 1.0
    share, square = good / of, _Z * _Z / of
    middle = (share + square / 2) / (1 + square)
    half = _Z * math.sqrt(share * (1 - share) / of + square / of / 4) / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)
