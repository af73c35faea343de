"""Ratings of models from votes between pairs of them; pure.

The Bradley-Terry model: A is found better than B with probability 1 / (1 + 10 ** ((B - A) / 400)), ratings as in chess.
Fitted to all votes at once, so that their order does not matter; a tie is half a win for each. Every model also has one
tie against a model of mean strength that nobody asked, so that one which won always has a rating, too.

Intervals are those of the Bayesian bootstrap (Rubin, Ann. Stat. 9, 1981): each resample weighs every vote by an
exponential draw and is fitted anew. The votes of one outcome between two models weigh a gamma draw together, so that a
resample takes the same time however many votes there are.
"""

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Vote = Literal["a", "b", "both_good", "both_bad"]

NEEDED = 20
"""Votes on a model below which it has no rating."""
RESAMPLES = 200
COSTLY, LEAST_RESAMPLES = 40, 40
"""Fitting takes the cube of the number of models: of more than `COSTLY` there are fewer resamples, and wider steps."""
MEAN, SCALE = 1000.0, 400 / math.log(10)
_PRIOR = 1.0  # games against the mean
_STEPS = 50
_CLOSE = 1e-7  # of a strength, in natural logarithms


@dataclass(frozen=True, slots=True, order=True)
class Tally:
    """All votes between two models: how many found `model` better, `rival`, both good, both bad. model < rival."""

    model: str
    rival: str
    won: int
    lost: int
    good: int
    bad: int


@dataclass(frozen=True, slots=True)
class Rated:
    """What the votes say of a model. `low`, `high`: the interval of the rating with 95 % confidence.

    None where there are not enough votes. `rank`: one more than the models that are better for sure, as their
    intervals lie above this one.
    """

    model: str
    votes: int
    won: int
    lost: int
    tied: int
    rating: float | None
    low: float | None
    high: float | None
    rank: int | None


def tallied(votes: Iterable[tuple[str, str, Vote, int]]) -> tuple[Tally, ...]:
    """By pair, in order. `votes`: the model that was A, the one that was B, the vote, and how often it was given."""
    found: dict[tuple[str, str], list[int]] = {}
    for a, b, vote, count in votes:
        if a == b:
            continue
        places = {"a": 0, "b": 1, "both_good": 2, "both_bad": 3}
        if a > b:
            places |= {"a": 1, "b": 0}
        found.setdefault((min(a, b), max(a, b)), [0, 0, 0, 0])[places[vote]] += count
    return tuple(Tally(*pair, *counts) for pair, counts in sorted(found.items()))


@lru_cache(maxsize=64)
def ranked(tallies: tuple[Tally, ...], resamples: int = RESAMPLES, seed: int = 1) -> tuple[Rated, ...]:
    """Every model that was voted on, the best first. Takes up to seconds where there are many models: no event loop."""
    models = sorted({name for one in tallies for name in (one.model, one.rival)})
    place = {name: at for at, name in enumerate(models)}
    pairs = [(place[one.model], place[one.rival]) for one in tallies]
    strengths = fitted(len(models), pairs, [(one.won, one.lost, one.good + one.bad) for one in tallies])
    resamples = min(resamples, max(LEAST_RESAMPLES, int(resamples * (COSTLY / max(1, len(models))) ** 3)))
    draws: list[list[float]] = [[] for _ in models]
    chance = random.Random(seed)  # noqa: S311 - a bootstrap, no secret
    for _ in range(resamples):
        weights = [
            tuple(
                chance.gammavariate(count, 1.0) if count else 0.0 for count in (one.won, one.lost, one.good + one.bad)
            )
            for one in tallies
        ]
        for at, drawn in enumerate(fitted(len(models), pairs, weights, strengths)):
            draws[at].append(drawn)
    ratings = {name: _rating(strengths[place[name]], draws[place[name]]) for name in models}
    counts = {name: _counted(name, tallies) for name in models}
    enough = {name for name in models if sum(counts[name]) >= NEEDED}
    found = [
        Rated(
            name,
            sum(counts[name]),
            *counts[name],
            *(ratings[name] if name in enough else (None, None, None)),
            1 + sum(ratings[other][1] > ratings[name][2] for other in enough) if name in enough else None,
        )
        for name in models
    ]
    return tuple(sorted(found, key=lambda one: (-(one.rating or -math.inf), -one.votes, one.model)))


def fitted(
    count: int,
    pairs: Sequence[tuple[int, int]],
    weights: Sequence[Sequence[float]],
    start: Sequence[float] | None = None,
) -> list[float]:
    """The most likely strengths of `count` models, natural logarithms whose mean is 0.

    `weights`: of each pair, how much was won by its first, by its second, and tied. Newton's method on a concave
    likelihood; a step that does not raise it is halved.
    """
    games = [
        (i, j, won + tied / 2, won + lost + tied) for (i, j), (won, lost, tied) in zip(pairs, weights, strict=True)
    ]
    now = list(start) if start is not None else [0.0] * count
    likely = _likelihood(now, games)
    for _ in range(_STEPS):
        step = _step(now, games)
        size = 1.0
        while True:
            tried = [one + size * change for one, change in zip(now, step, strict=True)]
            better = _likelihood(tried, games)
            if better >= likely or size < 1e-6:
                break
            size /= 2
        now, likely = tried, better
        if size * max(map(abs, step), default=0.0) < _CLOSE:
            break
    mean = sum(now) / max(1, count)
    return [one - mean for one in now]


def _likelihood(strengths: Sequence[float], games: Sequence[tuple[int, int, float, float]]) -> float:
    found = sum(_PRIOR * (one / 2 - _softplus(one)) for one in strengths)
    for i, j, points, played in games:
        lead = strengths[i] - strengths[j]
        found += points * lead - played * _softplus(lead)
    return found


def _step(strengths: Sequence[float], games: Sequence[tuple[int, int, float, float]]) -> list[float]:
    """Newton's: the solution of (-Hessian) step = gradient."""
    count = len(strengths)
    matrix = [[0.0] * (count + 1) for _ in range(count)]  # the gradient is the last column
    for at, one in enumerate(strengths):
        p = _logistic(one)
        matrix[at][at] = _PRIOR * p * (1 - p)
        matrix[at][count] = _PRIOR * (0.5 - p)
    for i, j, points, played in games:
        p = _logistic(strengths[i] - strengths[j])
        bend, slope = played * p * (1 - p), points - played * p
        matrix[i][i] += bend
        matrix[j][j] += bend
        matrix[i][j] -= bend
        matrix[j][i] -= bend
        matrix[i][count] += slope
        matrix[j][count] -= slope
    return _solved(matrix)


def _solved(matrix: list[list[float]]) -> list[float]:
    """By elimination; what is above the diagonal is all that is read, so rows need not be exchanged: it is positive."""
    count = len(matrix)
    for at in range(count):
        row = matrix[at]
        for below in range(at + 1, count):
            factor = matrix[below][at] / row[at]
            if factor:
                other = matrix[below]
                for column in range(at + 1, count + 1):
                    other[column] -= factor * row[column]
    found = [0.0] * count
    for at in range(count - 1, -1, -1):
        row = matrix[at]
        known = sum(row[column] * found[column] for column in range(at + 1, count))
        found[at] = (row[count] - known) / row[at]
    return found


def _rating(strength: float, draws: Sequence[float]) -> tuple[float, float, float]:
    """With its interval: the middle 95 % of the resamples."""
    ordered = sorted([*draws, strength]) if not draws else sorted(draws)
    low = ordered[max(0, math.ceil(0.025 * len(ordered)) - 1)]
    high = ordered[min(len(ordered) - 1, math.ceil(0.975 * len(ordered)) - 1)]
    low, high = min(low, strength), max(high, strength)
    return MEAN + SCALE * strength, MEAN + SCALE * low, MEAN + SCALE * high


def _counted(model: str, tallies: Iterable[Tally]) -> tuple[int, int, int]:
    """Won, lost, tied."""
    won = lost = tied = 0
    for one in tallies:
        if model in (one.model, one.rival):
            mine = (one.won, one.lost) if model == one.model else (one.lost, one.won)
            won, lost, tied = won + mine[0], lost + mine[1], tied + one.good + one.bad
    return won, lost, tied


def points_against(tallies: Iterable[Tally]) -> Mapping[tuple[str, str], tuple[float, int]]:
    """By model and rival: the points of the model, a win being one and a tie half of one, and the votes."""
    found: dict[tuple[str, str], tuple[float, int]] = {}
    for one in tallies:
        tied, votes = one.good + one.bad, one.won + one.lost + one.good + one.bad
        found[one.model, one.rival] = one.won + tied / 2, votes
        found[one.rival, one.model] = one.lost + tied / 2, votes
    return found


def _logistic(at: float) -> float:
    return 1 / (1 + math.exp(-at)) if at >= 0 else 1 - 1 / (1 + math.exp(at))


def _softplus(at: float) -> float:
    return max(at, 0.0) + math.log1p(math.exp(-abs(at)))
