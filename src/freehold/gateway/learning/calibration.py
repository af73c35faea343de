"""From scores to probabilities, and from a quality that is to be kept to the probability to ask for; pure.

Both come of held-out scores, those of labels by a scorer that was not trained on them.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from freehold.settings.routing import Objective

POINTS = 100
"""Steps of the curve of quality kept."""

LEAST = 0.5
"""Of the share that is to be kept, as a floor of p: what is left over of it is no reason to answer badly on purpose."""

_Z = 1.96  # 95 % of a normal distribution
_ROUNDS = 50
_PRIOR = 0.1  # of a slope, so that labels which can be told apart without an error do not make it endless


@dataclass(frozen=True, slots=True)
class Seen:
    """A label with its held-out score."""

    score: float
    local: float
    premium: float
    trust: float = 1.0

    @property
    def good(self) -> float:
        """Whether the local answer is as good, 0 to 1."""
        return min(1.0, max(0.0, 1.0 + self.local - self.premium))


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic curve over standardised scores, with the covariance of its two parameters, and what it keeps.

    `curve`: thresholds of p, the highest first, each with the part of the premium quality that is kept where everything
    below it goes to the premium model, and half of its interval with 95 % confidence.
    """

    mean: float
    spread: float
    reach: float  # the furthest standardised score that was seen
    offset: float
    slope: float
    covariance: tuple[float, float, float]  # of the offset, of both, of the slope
    curve: tuple[tuple[float, float, float], ...]

    def p(self, score: float) -> tuple[float, float, float]:
        """How likely the local answer is as good: probability, and the interval with 95 % confidence."""
        z = max(-self.reach, min(self.reach, (score - self.mean) / self.spread))
        at = self.offset + self.slope * z
        first, both, second = self.covariance
        half = _Z * math.sqrt(max(0.0, first + 2 * z * both + z * z * second))
        return _logistic(at), _logistic(at - half), _logistic(at + half)

    def floor(self, kept: float, objective: Objective) -> float:
        """The least p at which a prompt can stay in the house, so that so much of the premium quality is kept.

        `cost` asks for what may be kept, `quality` for what is kept for certain.
        """
        side = {"cost": 1.0, "quality": -1.0}.get(objective, 0.0)
        floor = 1.0
        for threshold, quality, half in self.curve:
            if quality + side * half < kept:
                break
            floor = threshold
        return max(floor, LEAST * kept)

    def as_dict(self) -> dict[str, Any]:
        """The stored form."""
        names = "mean", "spread", "reach", "offset", "slope", "covariance", "curve"
        return {name: getattr(self, name) for name in names}

    @classmethod
    def read(cls, stored: dict[str, Any]) -> "Calibration":
        """From the stored form."""
        curve = tuple((float(a), float(b), float(c)) for a, b, c in stored["curve"])
        first, both, second = stored["covariance"]
        plain = {name: float(stored[name]) for name in ("mean", "spread", "reach", "offset", "slope")}
        return cls(**plain, covariance=(first, both, second), curve=curve)


def calibrated(seen: Sequence[Seen]) -> Calibration:
    """The calibration of at least two labels with different scores."""
    total = sum(one.trust for one in seen)
    mean = sum(one.trust * one.score for one in seen) / total
    spread = math.sqrt(sum(one.trust * (one.score - mean) ** 2 for one in seen) / total) or 1.0
    points = [((one.score - mean) / spread, one.good, one.trust) for one in seen]
    offset, slope, covariance = _fitted(points)
    reach = max(abs(z) for z, _, _ in points)
    plain = Calibration(mean, spread, reach, offset, slope, covariance, ())
    curve = _curve((plain.p(one.score)[0], one) for one in seen)
    return Calibration(mean, spread, reach, offset, slope, covariance, tuple(curve))


def _fitted(points: Sequence[tuple[float, float, float]]) -> tuple[float, float, tuple[float, float, float]]:
    """Newton's method; offset, slope, and the inverse of the information matrix."""
    offset = slope = 0.0
    inverse = 0.0, 0.0, 0.0
    for _ in range(_ROUNDS):
        a, b = -_PRIOR * offset, -_PRIOR * slope
        aa, ab, bb = _PRIOR, 0.0, _PRIOR
        for z, good, trust in points:
            p = _logistic(offset + slope * z)
            error, weight = trust * (good - p), trust * p * (1 - p)
            a, b = a + error, b + error * z
            aa, ab, bb = aa + weight, ab + weight * z, bb + weight * z * z
        determinant = aa * bb - ab * ab
        inverse = bb / determinant, -ab / determinant, aa / determinant
        steps = inverse[0] * a + inverse[1] * b, inverse[1] * a + inverse[2] * b
        offset, slope = offset + _bounded(steps[0]), slope + _bounded(steps[1])
        if max(map(abs, steps)) < 1e-9:
            break
    return offset, slope, inverse


def _bounded(step: float) -> float:
    return max(-2.0, min(2.0, step))


def _curve(judged: Iterable[tuple[float, Seen]]) -> list[tuple[float, float, float]]:
    ordered = sorted(judged, key=lambda one: -one[0])
    whole = sum(seen.trust * seen.premium for _, seen in ordered)
    if whole <= 0:
        return []
    curve: list[tuple[float, float, float]] = []
    lost = squares = 0.0
    step = max(1, len(ordered) // POINTS)
    for at, (p, seen) in enumerate(ordered, 1):
        loss = seen.trust * (seen.premium - seen.local)
        lost, squares = lost + loss, squares + loss * loss
        if at % step == 0 or at == len(ordered):
            half = _Z * math.sqrt(squares + 1) / whole  # one more, as none that was seen is not none that there is
            curve.append((round(p, 6), round(1 - lost / whole, 6), round(half, 6)))
    return curve


def _logistic(at: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, at))))
