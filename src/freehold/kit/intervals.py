"""Intervals of what was counted; pure."""

import math

_Z = 1.96  # 95 % of a normal distribution


def wilson(good: int, of: int) -> tuple[float, float]:
    """Both ends of the 95 % interval of a share (Wilson, J. Am. Stat. Assoc. 22, 1927); of nothing it is anything."""
    if of <= 0:
        return 0.0, 1.0
    share, square = good / of, _Z * _Z / of
    middle = (share + square / 2) / (1 + square)
    half = _Z * math.sqrt(share * (1 - share) / of + square / of / 4) / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)
