"""Trains a scorer on labels: prompts with the quality that the local and the premium answer had. Plain Python, no I/O.

Ridge regression by dual coordinate ascent (Shalev-Shwartz and Zhang, Stochastic dual coordinate ascent methods for
regularized loss minimization, 2013): each step is exact for one prompt, so there is no step size to choose. What is
learned is the difference of the two qualities and not the local one's alone: a prompt on which both fail is no reason
to pay.
"""

import math
import random
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from freehold.gateway.routing.scorer.features import DENSE, DENSE_AT, SIZE, Features
from freehold.gateway.routing.scorer.model import Scale, Scorer

RIDGE = 10.0
"""The weight of the squared weights beside the squared errors."""

ROUNDS = 3
"""Passes over the labels; more of them change the third decimal of what is measured."""

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Label:
    """A prompt with the quality of both answers to it, each from 0 to 1; `trust`: what it weighs, more than 0."""

    features: Features
    local: float
    premium: float
    trust: float = 1.0


def train(labels: Sequence[Label], *, seed: int = 0) -> Scorer:
    """A scorer of at least one label; takes about 2 ms a label. The same labels and seed give the same scorer."""
    scale = _scale(labels)
    vectors = [scale.vector(label.features) for label in labels]
    trust = [label.trust for label in labels]
    steps = [
        1 / weight + sum([v * v for v in values]) / RIDGE for (_, values), weight in zip(vectors, trust, strict=True)
    ]
    targets = [label.local - label.premium for label in labels]
    mean = sum([weight * target for weight, target in zip(trust, targets, strict=True)]) / sum(trust)
    weights = array("d", bytes(8 * SIZE))
    duals = [0.0] * len(labels)
    order = list(range(len(labels)))
    chance = random.Random(seed)  # noqa: S311 - an order, no secret
    for _ in range(ROUNDS):
        chance.shuffle(order)
        for at in order:
            indices, values = vectors[at]
            told = sum([weights[index] * value for index, value in zip(indices, values, strict=True)])
            step = (targets[at] - mean - told - duals[at] / trust[at]) / steps[at]
            duals[at] += step
            step /= RIDGE
            for index, value in zip(indices, values, strict=True):
                weights[index] += step * value
    return Scorer(scale, weights, mean)


def held_out(labels: Sequence[Label], *, seed: int = 0) -> list[float]:
    """The score of each label by a scorer that was trained on the other four fifths of them, in their order."""
    order = list(range(len(labels)))
    random.Random(seed).shuffle(order)  # noqa: S311 - folds, no secret
    scores = [0.0] * len(labels)
    for fold in range(min(FOLDS, len(labels))):
        tested = order[fold::FOLDS]
        left = set(tested)
        scorer = train([label for at, label in enumerate(labels) if at not in left], seed=seed)
        for at in tested:
            scores[at] = scorer.of(labels[at].features)
    return scores


def _scale(labels: Sequence[Label]) -> Scale:
    count = len(labels)
    found: Counter[int] = Counter()
    for label in labels:
        found.update(label.features.characters)
        found.update(label.features.words)
    rarity = array("d", [math.log(1 + count) + 1]) * DENSE_AT
    for index, times in found.items():
        rarity[index] = math.log((1 + count) / (1 + times)) + 1
    columns = list(zip(*(label.features.dense for label in labels), strict=True))
    means = [sum(column) / count for column in columns]
    deviations = [
        math.sqrt(sum([(value - mean) ** 2 for value in column]) / count) or 1.0
        for column, mean in zip(columns, means, strict=True)
    ]
    assert len(means) == DENSE
    return Scale(rarity, means, deviations)
