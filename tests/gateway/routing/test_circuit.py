"""The circuit breaker: when it opens, when it lets a probe through, how long it stays open."""

import pytest

from freehold.gateway.routing.circuit import (
    CONSECUTIVE,
    FIRST_COOLDOWN_S,
    LEAST_CALLS,
    LONGEST_COOLDOWN_S,
    WINDOW_S,
    Circuit,
)


def opened(now: float = 0.0) -> Circuit:
    circuit = Circuit()
    for _ in range(CONSECUTIVE):
        circuit.failed(now)
    return circuit


def test_opens_after_failures_in_a_row_and_a_success_between_them_counts() -> None:
    circuit = Circuit()
    for _ in range(CONSECUTIVE - 1):
        circuit.failed(0.0)
    circuit.succeeded(0.0)
    for _ in range(CONSECUTIVE - 1):
        circuit.failed(0.0)
    assert circuit.state(0.0) == "closed"
    circuit.failed(0.0)
    assert circuit.state(0.0) == "open"
    assert not circuit.lets_through(FIRST_COOLDOWN_S - 0.1)


def test_opens_when_half_of_the_calls_in_the_window_fail() -> None:
    circuit = Circuit()
    for number in range(LEAST_CALLS):
        (circuit.succeeded if number % 2 else circuit.failed)(float(number))
    assert circuit.state(10.0) == "closed"  # the last one was answered
    circuit.failed(10.0)
    assert circuit.state(10.0) == "open"
    late = Circuit()
    for number in range(LEAST_CALLS):
        (late.succeeded if number % 2 else late.failed)(float(number))
    late.failed(WINDOW_S + 20.0)
    assert late.state(WINDOW_S + 20.0) == "closed"  # what was long ago says nothing about now


def test_one_probe_decides() -> None:
    circuit = opened()
    now = FIRST_COOLDOWN_S
    assert circuit.state(now) == "half_open"
    assert circuit.lets_through(now)
    assert circuit.began(now)
    assert not circuit.lets_through(now), "a second request does not come along"
    circuit.succeeded(now)
    assert circuit.state(now) == "closed"
    assert circuit.lets_through(now)


def test_the_cooldown_doubles_up_to_a_bound_and_starts_anew_after_a_success() -> None:
    circuit, now, waits = opened(), 0.0, []
    for _ in range(10):
        assert circuit.reopens_at is not None
        waits.append(circuit.reopens_at - now)
        now = circuit.reopens_at
        assert circuit.began(now)
        circuit.failed(now, probe=True)
    assert waits[:3] == [FIRST_COOLDOWN_S, FIRST_COOLDOWN_S * 2, FIRST_COOLDOWN_S * 4]
    assert waits[-1] == LONGEST_COOLDOWN_S
    assert circuit.reopens_at is not None
    now = circuit.reopens_at
    circuit.began(now)
    circuit.succeeded(now)
    for _ in range(CONSECUTIVE):
        circuit.failed(now)
    assert circuit.reopens_at == now + FIRST_COOLDOWN_S


def test_a_probe_that_says_nothing_makes_room_for_the_next() -> None:
    circuit = opened()
    circuit.began(FIRST_COOLDOWN_S)
    circuit.let_go()
    assert circuit.lets_through(FIRST_COOLDOWN_S)


@pytest.mark.parametrize("told", [0.5, 30.0, 600.0])
def test_a_time_that_the_provider_names_is_kept_exactly(told: float) -> None:
    circuit = Circuit()
    circuit.failed(100.0, told)
    assert circuit.reopens_at == 100.0 + told
