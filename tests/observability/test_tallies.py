"""What tallies tell Prometheus is what its own client tells of the same counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from freehold.observability.tallies import SpreadFamily, TallyFamily

BOUNDS = (0.005, 0.5, 1, 10)


def lines(registry: CollectorRegistry) -> list[str]:
    """The exposition without the times at which the client's own counters were made."""
    return [line for line in generate_latest(registry).decode().splitlines() if "_created" not in line]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([0, 0.005, 0.4, 0.5, 0.6, 1, 10, 11, 1e9]))))
def test_the_exposition_is_that_of_the_client(seen: list[tuple[str, float]]) -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    tally = TallyFamily("calls", "Calls.", ("who",), ours)
    spread = SpreadFamily("seconds", "How long.", ("who",), BOUNDS, ours)
    counter = Counter("calls", "Calls.", ("who",), registry=theirs)
    histogram = Histogram("seconds", "How long.", ("who",), buckets=BOUNDS, registry=theirs)
    for who, value in seen:
        tally.labels(who).inc(value)
        spread.labels(who).observe(value)
        counter.labels(who).inc(value)
        histogram.labels(who).observe(value)
    assert lines(ours) == lines(theirs)


def test_a_wrong_number_of_labels_is_refused() -> None:
    with pytest.raises(ValueError, match="has the labels"):
        TallyFamily("calls", "Calls.", ("who", "how"), CollectorRegistry()).labels("only one")
