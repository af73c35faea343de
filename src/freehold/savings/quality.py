"""Quality kept, with an interval, from blind pairs or else from ratings; pure."""

import math

from freehold.kit.intervals import wilson
from freehold.savings.schemas import Quality

NEEDED = 200
_Z = 1.96  # 95 % of a normal distribution


def of_pairs(good: int, pairs: int) -> Quality:
    """The share of answers of the house that were as good as the premium ones, or better. The interval is Wilson's."""
    quality = Quality(source="pairs", pairs=pairs, needed=NEEDED, enough=pairs >= NEEDED)
    if quality.enough:
        quality.kept, quality.low, quality.high = (round(one, 4) for one in (good / pairs, *wilson(good, pairs)))
    return quality


def better(pairs: Quality, ratings: Quality) -> Quality:
    """Whichever has enough, pairs before ratings, which come of those who care to click; else what there is some of."""
    return ratings if not pairs.pairs or (ratings.enough and not pairs.enough) else pairs


def kept(good: int, rated: int, baseline_good: int, baseline_rated: int) -> Quality:
    """Good answers of others beside good ones of the baseline: the ratio of both shares. The interval is Katz's, on the
    logarithm of the ratio.
    """
    pairs = min(rated, baseline_rated)
    quality = Quality(pairs=pairs, needed=NEEDED, enough=pairs >= NEEDED and good > 0 and baseline_good > 0)
    if quality.enough:
        ratio = (good / rated) / (baseline_good / baseline_rated)
        spread = _Z * math.sqrt(1 / good - 1 / rated + 1 / baseline_good - 1 / baseline_rated)
        quality.kept, quality.low, quality.high = (
            round(one, 4) for one in (ratio, ratio * math.exp(-spread), ratio * math.exp(spread))
        )
    return quality
