"""What the place of a candidate comes of: its cost, how likely it fails, how long one waits for it; pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from freehold.gateway.meter import LIKELY_OUTPUT
from freehold.gateway.routing.deployment import Deployment
from freehold.gateway.routing.pipeline.decision import Need, Ranked
from freehold.gateway.routing.pipeline.need import PREMIUM_P, Judge, asked_of_local, difficulty, no_judge, prior
from freehold.gateway.routing.pipeline.snapshot import Unit
from freehold.gateway.routing.rules.facts import Facts
from freehold.gateway.routing.rules.named import Named
from freehold.settings.areas import Strategy
from freehold.settings.routing import Language, Objective, Tier

Left = Sequence[tuple[Unit, Sequence[Deployment]]]

LATENCY_WEIGHT = 0.02, 0.3
"""What a second until the first token weighs beside the whole price of the dearest model: else, and for `latency`."""

LONGEST_S = 30.0
PREMIUM_OVER = 0.05
"""Premium is at least so much likelier to answer well than a local model at the floor."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How to decide. `latency_s`: expected until the first token, with those who wait; `order`: among the targets."""

    objective: Objective = "balanced"
    floor: float = 0.95
    fallback: tuple[Named, ...] = ()
    judge: Judge = no_judge
    latency_s: Callable[[Deployment], float] = lambda _deployment: 0.0
    order: Callable[[Sequence[Deployment], Strategy], Sequence[Deployment]] = lambda items, _strategy: items


class Field:
    """Candidates that are left, with what of their places does not depend on the request.

    `kinds`: one of each tier and languages, of which nothing else is believed while nothing was learned; `kind_of`:
    which of those each one is. `ranks`: of their tiers; `extremes`: the lowest and highest of those. `wished`: whether
    a rule wishes each one before the others, None where it wishes none.
    """

    __slots__ = ("extremes", "firsts", "kind_of", "kinds", "left", "local", "ranks", "rates", "wished")

    def __init__(self, left: Left, wished: Named | None) -> None:
        self.left = left
        numbers: dict[tuple[Tier, frozenset[Language]], int] = {}
        self.kind_of = [numbers.setdefault((unit.tier, unit.languages), len(numbers)) for unit, _ in left]
        self.kinds = [left[self.kind_of.index(number)][0] for number in range(len(numbers))]
        self.ranks = [unit.rank for unit, _ in left]
        self.extremes = min(self.ranks, default=0), max(self.ranks, default=0)
        self.rates = [unit.rates for unit, _ in left]
        self.firsts = [items[0] for _, items in left]
        self.local = [at for at, rank in enumerate(self.ranks) if not rank]
        self.wished = [is_named(wished, unit, items) for unit, items in left] if wished else None


class Belief(NamedTuple):
    """How likely a candidate answers well, what that adds to its score, and the need that it comes of."""

    p: float
    failing: float
    need: Need | None = None


class Scores(NamedTuple):
    """Of every candidate of a field; the lower a score, the better."""

    field: Field
    scores: Sequence[float]
    costs: Sequence[float | None]
    beliefs: Sequence[Belief]

    def ranked(self, at: int) -> Ranked:
        """A candidate as it is told."""
        unit, items = self.field.left[at]
        inside = unit.self_hosted or (
            len(items) < len(unit.deployments) and all(item.config.self_hosted for item in items)
        )
        return Ranked(unit.name, items[0].ref, unit.tier, inside, self.costs[at], self.beliefs[at].p)


def scored(field: Field, facts: Facts, terms: Terms) -> Scores:
    """What each candidate costs, how likely it answers well, how soon, and what that makes together."""
    read, written = facts.tokens, likely_written(facts)
    costs = [None if rates is None else read * rates[0] + written * rates[1] for rates in field.rates]
    dearest = max(filter(None, costs), default=1.0)
    beliefs = _beliefs(field, facts, terms)
    per_second = LATENCY_WEIGHT[terms.objective == "latency"]
    waits = map(terms.latency_s, field.firsts)
    scores = [
        (1.0 if cost is None else cost / dearest) + failing + per_second * (wait if wait < LONGEST_S else LONGEST_S)
        for cost, (_, failing, _), wait in zip(costs, beliefs, waits, strict=True)
    ]
    return Scores(field, scores, costs, beliefs)


def _beliefs(field: Field, facts: Facts, terms: Terms) -> Sequence[Belief]:
    floor = asked_of_local(terms.floor, terms.objective)
    weight = _of_failure(floor)
    learned: dict[int, Need] = {}
    for at in field.local:
        need = terms.judge(facts, field.left[at][0], terms.floor, terms.objective)
        if need is not None:
            learned[at] = need
    best = max((need.beside(floor) for need in learned.values()), default=None)
    likely = difficulty(facts.content)
    of_kind: list[Belief] = []
    for unit in field.kinds:
        if unit.tier == "premium":
            p = PREMIUM_P["premium"]
            of_kind.append(Belief(p, weight * (1.0 - p)))
            continue
        need = prior(facts, unit, floor, likely)
        if unit.tier == "local":
            of_kind.append(Belief(need.p, weight * (1.0 - need.p), need))
        else:  # what is hard for a model in the house is half as hard for a cheap one outside
            p = min(PREMIUM_P["standard"], 0.5 + (need.p if best is None else best) / 2)
            of_kind.append(Belief(p, weight * (1.0 - p)))
    beliefs = [of_kind[number] for number in field.kind_of]
    for at, need in learned.items():
        p = need.beside(floor) if need.learned else need.p
        beliefs[at] = Belief(need.p, weight * (1.0 - p), need)
    return beliefs


def weighed(cost: float | None, dearest: float, p: float, floor: float) -> float:
    """The score of one candidate but for the wait; the lower, the better."""
    return (1.0 if cost is None else cost / dearest) + _of_failure(floor) * (1.0 - p)


def _of_failure(floor: float) -> float:
    """What likely failure weighs beside the cost: at the floor a local model and a premium one are equal."""
    return 1.0 / max(PREMIUM_OVER, PREMIUM_P["premium"] - floor)


def likely_written(facts: Facts) -> int:
    """About how many tokens the answer has."""
    return min(facts.output_limit or LIKELY_OUTPUT, 4 * LIKELY_OUTPUT)


def is_named(names: Named, unit: Unit, items: Sequence[Deployment]) -> bool:
    """Whether one of the deployments of a candidate is among them."""
    return any(names.covers(item, unit.tier) for item in items)
