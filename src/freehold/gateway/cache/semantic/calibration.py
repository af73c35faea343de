"""From which cosine on two questions are taken for one, per encoder and language; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from freehold.errors import ConfigurationError
from freehold.gateway.cache.semantic.encoder import Vector, cosine
from freehold.gateway.cache.semantic.pairs import PairSet
from freehold.gateway.cache.semantic.veto import Language, marks_of

MOST_WRONG = 0.01
"""The share of near misses that may be answered wrongly, at the upper end of its 95 % interval."""

LOWEST = 0.92
"""No threshold is lower, whatever the pairs say: a large cache holds nearer misses than a list of pairs."""

_STEP = 0.005
_Z = 1.96


@dataclass(frozen=True, slots=True)
class Scored:
    """One pair: its topic, its cosine, whether the veto lets it pass, and whether one answer fits both."""

    topic: int
    cosine: float
    passes: bool
    same: bool

    def hits(self, threshold: float) -> bool:
        """Whether the cache would take the two for one question."""
        return self.passes and self.cosine >= threshold


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was measured at `threshold`; None: at no threshold few enough near misses are answered wrongly."""

    threshold: float | None
    same: int
    near: int
    hits: int  # of the same
    wrong: int  # of the near

    @property
    def recall(self) -> float:
        """The share of the same that is found."""
        return self.hits / self.same if self.same else 0.0

    @property
    def wrong_share(self) -> float:
        """The share of near misses that is answered wrongly."""
        return self.wrong / self.near if self.near else 0.0


def scored(pairs: PairSet, vectors: Mapping[str, Vector], language: Language) -> list[Scored]:
    """Every pair of the set with its figures."""
    marks = {text: marks_of(text) for text in pairs.texts}

    def one(topic: int, first: str, second: str, *, same: bool) -> Scored:
        mine, other = marks[first], marks[second]
        passes = mine is not None and mine == other and mine.language == language
        return Scored(topic, cosine(vectors[first], vectors[second]), passes, same)

    found = [one(topic, first, second, same=True) for topic, first, second in pairs.same()]
    return found + [one(topic, first, second, same=False) for topic, first, second in pairs.near()]


def calibrate(pairs: Sequence[Scored]) -> Calibration:
    """The lowest threshold that is safe on these pairs. Raises ConfigurationError when they are too few to tell."""
    near = sum(not pair.same for pair in pairs)
    if upper_bound(0, near) >= MOST_WRONG:
        raise ConfigurationError(
            f"{near} near misses are too few to tell whether under {MOST_WRONG:.0%} of them are answered wrongly.",
            next_step="Write about 400 pairs that are close and need another answer, and as many in the same words.",
        )
    threshold = LOWEST
    while threshold < 1:
        at = measured(pairs, threshold)
        if upper_bound(at.wrong, near) < MOST_WRONG:
            return at
        threshold = round(threshold + _STEP, 3)
    return measured(pairs, None)


def measured(pairs: Sequence[Scored], threshold: float | None) -> Calibration:
    """What happens to the pairs at a threshold."""
    same = [pair for pair in pairs if pair.same]
    near = [pair for pair in pairs if not pair.same]
    hits = wrong = 0
    if threshold is not None:
        hits = sum(pair.hits(threshold) for pair in same)
        wrong = sum(pair.hits(threshold) for pair in near)
    return Calibration(threshold, len(same), len(near), hits, wrong)


def upper_bound(count: int, total: int) -> float:
    """The upper end of the 95 % interval of a share (Wilson, J. Am. Stat. Assoc. 22, 1927)."""
    if not total:
        return 1.0
    share, square = count / total, _Z * _Z
    middle = share + square / (2 * total)
    spread = _Z * sqrt(share * (1 - share) / total + square / (4 * total * total))
    return (middle + spread) / (1 + square / total)
