"""The order of deployments: priority first, then the region, then what the strategy says."""

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.gateway.routing.deployment import Deployment
from freehold.gateway.routing.live import Live
from freehold.gateway.routing.strategies import order
from freehold.providers.base import ModelCard, Prices, ProviderConfig
from freehold.providers.cards import Offer
from freehold.settings.areas import Strategy

STRATEGIES: tuple[Strategy, ...] = ("weighted", "least_busy", "lowest_latency", "lowest_cost")


def deployment(name: str, card: ModelCard | None = None, *, self_hosted: bool = False, **more: Any) -> Deployment:
    card = card or ModelCard("m")
    config = ProviderConfig(name, "openai_compatible", name, self_hosted=self_hosted)
    return Deployment(f"{name}/{card.id}", config, Offer(card, enabled=True), card, **more)


def names(found: list[Deployment]) -> list[str]:
    return [item.config.id for item in found]


def sort(
    items: list[Deployment], strategy: Strategy = "weighted", live: dict[str, Live] | None = None, **more: Any
) -> list[str]:
    return names(order(items, strategy, live or {}, now=100.0, chance=more.pop("chance", lambda: 0.5), **more))


@given(weights=st.lists(st.integers(1, 9), min_size=2, max_size=5), seed=st.integers(0, 10_000))
def test_weights_are_honoured(weights: list[int], seed: int) -> None:
    draw, rounds = random.Random(seed), 1500
    items = [deployment(str(index), weight=weight) for index, weight in enumerate(weights)]
    first = Counter(sort(items, chance=draw.random)[0] for _ in range(rounds))
    for index, weight in enumerate(weights):
        share = weight / sum(weights)
        spread = 5 * (rounds * share * (1 - share)) ** 0.5
        assert abs(first[str(index)] - rounds * share) <= spread


@given(
    places=st.lists(
        st.tuples(st.integers(0, 3), st.floats(0, 5), st.sampled_from([None, "eu", "us"])), min_size=2, max_size=8
    ),
    strategy=st.sampled_from(STRATEGIES),
    seed=st.integers(0, 100),
)
def test_priority_comes_before_everything_and_the_region_before_the_strategy(
    places: list[tuple[int, float, str | None]], strategy: Strategy, seed: int
) -> None:
    draw = random.Random(seed)
    items = [
        deployment(str(index), priority=priority, weight=weight, region=region)
        for index, (priority, weight, region) in enumerate(places)
    ]
    found = order(items, strategy, {}, now=0.0, chance=draw.random, region="eu")
    assert sorted(names(found)) == sorted(names(items)), "nobody is lost"
    ranks = [(item.priority, item.weight == 0, item.region != "eu") for item in found]
    assert ranks == sorted(ranks)


def test_least_busy_counts_requests_under_way_by_weight() -> None:
    live = {"a/m": Live(), "b/m": Live(), "c/m": Live()}
    live["a/m"].in_flight, live["b/m"].in_flight, live["c/m"].in_flight = 3, 4, 2
    items = [deployment("a"), deployment("b", weight=4), deployment("c")]
    assert sort(items, "least_busy", live) == ["b", "c", "a"]


def test_lowest_latency_asks_the_unmeasured_first_and_forgives_with_time() -> None:
    live = {"slow/m": Live(), "fast/m": Live()}
    live["slow/m"].first_token(100.0, 2.0)
    live["fast/m"].first_token(100.0, 0.2)
    items = [deployment("slow"), deployment("fast"), deployment("new")]
    assert sort(items, "lowest_latency", live) == ["new", "fast", "slow"]
    live["fast/m"].in_flight = 20  # a crowd waits there
    assert sort(items, "lowest_latency", live) == ["new", "slow", "fast"]
    live["fast/m"].in_flight = 0
    live["fast/m"].first_token(1000.0, 0.2)
    assert live["slow/m"].expected_first_token_s(1000.0) < live["fast/m"].expected_first_token_s(1000.0)


def test_lowest_cost_is_in_house_before_cheap_before_dear_before_unknown() -> None:
    dear, cheap = ModelCard("m", prices=Prices(3.0, 15.0)), ModelCard("m", prices=Prices(0.2, 0.8))
    items = [
        deployment("dear", dear),
        deployment("unknown"),
        deployment("house", self_hosted=True),
        deployment("cheap", cheap),
    ]
    assert sort(items, "lowest_cost") == ["house", "cheap", "dear", "unknown"]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_weight_zero_is_a_last_resort(strategy: Strategy) -> None:
    assert sort([deployment("spare", weight=0, self_hosted=True), deployment("main")], strategy) == ["main", "spare"]
