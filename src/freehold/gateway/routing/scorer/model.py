"""The trained scorer: a pure function of a prompt."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from freehold.gateway.routing.scorer.features import COUNTS, DENSE_AT, Features, features_of

DENSE_SHARE = 0.1
"""What a count weighs beside the n-grams, each kind of which has the length 1."""

FURTHEST = 3.0  # standard deviations that a count can be from its mean


@dataclass(frozen=True, slots=True)
class Scale:
    """How features become a vector, as learned from the prompts of a training: rare n-grams weigh more.

    `rarity` by index: ln((1 + n) / (1 + prompts with it)) + 1; what none had weighs as much as the rarest.
    """

    rarity: Sequence[float]
    means: Sequence[float]
    deviations: Sequence[float]

    def vector(self, features: Features) -> tuple[list[int], list[float]]:
        """Indices and values of what is not 0."""
        indices: list[int] = []
        values: list[float] = []
        for kind in (features.characters, features.words):
            weights = [self.rarity[index] for index in kind]
            length = math.sqrt(sum([weight * weight for weight in weights])) or 1.0
            indices += kind
            values += [weight / length for weight in weights]
        for at, (value, mean, deviation) in enumerate(zip(features.dense, self.means, self.deviations, strict=True)):
            indices.append(DENSE_AT + at)
            values.append(max(-FURTHEST, min(FURTHEST, (value - mean) / deviation)) * DENSE_SHARE)
        return indices, values


@dataclass(frozen=True, slots=True)
class Scorer:
    """Tells how good the local answer to a prompt will be beside the premium one."""

    scale: Scale
    weights: Sequence[float]
    mean: float

    def score(self, prompt: str) -> float:
        """The expected quality of the local answer less that of the premium one, about between -1 and 1."""
        return self.of(features_of(prompt))

    def of(self, features: Features) -> float:
        """As `score`, of features that are there already."""
        indices, values = self.scale.vector(features)
        weights = self.weights
        return self.mean + sum([weights[index] * value for index, value in zip(indices, values, strict=True)])

    def parts(self, features: Features) -> tuple[float, dict[str, float]]:
        """The score, and what it comes of: `characters`, `phrases`, and each of the counts by its name."""
        indices, values = self.scale.vector(features)
        weights = self.weights
        each = [weights[index] * value for index, value in zip(indices, values, strict=True)]
        first = len(features.characters)
        second = first + len(features.words)
        parts = {"characters": sum(each[:first]), "phrases": sum(each[first:second])}
        parts.update(zip(COUNTS, each[second:], strict=True))
        return self.mean + sum(parts.values()), parts

    def words(self, features: Features) -> dict[int, float]:
        """What each word and pair of words adds to the score, by its index."""
        indices, values = self.scale.vector(features)
        first = len(features.characters)
        each = zip(indices[first:], values[first:], strict=True)
        return {index: self.weights[index] * value for index, value in each if index < DENSE_AT}
