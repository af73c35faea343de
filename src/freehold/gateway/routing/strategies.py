"""In which order the deployments of one alias are asked; pure."""

import math
from collections.abc import Callable, Mapping, Sequence

from freehold.gateway.routing.deployment import Deployment
from freehold.gateway.routing.live import Live
from freehold.settings.areas import Strategy

Chance = Callable[[], float]
"""A number in [0, 1), another one each time."""

_NOT_ASKED_YET = Live()


def order(
    deployments: Sequence[Deployment],
    strategy: Strategy,
    live: Mapping[str, Live],
    *,
    now: float,
    chance: Chance,
    region: str | None = None,
) -> list[Deployment]:
    """The deployments, the one to ask first before the others.

    First by priority, then those of this server's region, then by the strategy. What a strategy holds for equal is
    drawn by weight, so equal ones share the load. Those of weight 0 are the last of their priority.
    """
    if len(deployments) == 1:
        return list(deployments)
    rank = _RANKS[strategy]

    def place(deployment: Deployment) -> tuple[int, bool, bool, float, float]:
        return (
            deployment.priority,
            deployment.weight == 0,
            region is not None and deployment.region != region,
            rank(deployment, live.get(deployment.ref, _NOT_ASKED_YET), now),
            _lot(deployment.weight, chance()),
        )

    return sorted(deployments, key=place)


def _lot(weight: float, chance: float) -> float:
    """The smallest wins with a probability that is its share of all weights.

    Efraimidis and Spirakis, Weighted random sampling with a reservoir, 2006: exponentially distributed keys.
    """
    return -math.log(1.0 - chance) / weight if weight else math.inf


def _weighted(deployment: Deployment, live: Live, now: float) -> float:
    del deployment, live, now
    return 0.0


def _least_busy(deployment: Deployment, live: Live, now: float) -> float:
    del now
    return live.in_flight / (deployment.weight or 1.0)


def _lowest_latency(deployment: Deployment, live: Live, now: float) -> float:
    """What it took lately times those who wait there already, as Finagle's peak EWMA balancer has it."""
    del deployment
    return live.expected_first_token_s(now) * (live.in_flight + 1)


def _lowest_cost(deployment: Deployment, live: Live, now: float) -> float:
    del live, now
    price = deployment.price
    return math.inf if price is None else price


_RANKS: Mapping[Strategy, Callable[[Deployment, Live, float], float]] = {
    "weighted": _weighted,
    "least_busy": _least_busy,
    "lowest_latency": _lowest_latency,
    "lowest_cost": _lowest_cost,
}
