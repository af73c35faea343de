"""Plans: whom a call asks, and whom next for each way to fail."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold import errors
from freehold.errors import FreeholdError
from freehold.gateway.routing.deployment import Need, Step
from freehold.gateway.routing.plan import Plan
from freehold.gateway.routing.router import Router
from freehold.providers.base import ModelCard
from tests.gateway.routing.shelf import Clock, Shelf, router

WHO: dict[str, Any] = {"provider": "A", "provider_id": "a"}
LIMITED = errors.ProviderRateLimited("slow down", retry_after_s=30, **WHO)
BUSY = errors.ProviderOverloaded("busy", **WHO)
M = ModelCard("m")
TWO = {"x": {"targets": [{"provider": "a", "model": "m"}, {"provider": "b", "model": "m", "priority": 1}]}}


def two(**more: Any) -> Shelf:
    return Shelf({"x": {**TWO["x"], **more}}, ("a", M), ("b", M))


def fail(routes: Router, plan: Plan, step: Step, error: FreeholdError) -> Step | None:
    routes.began(step)
    routes.ended(step, error)
    return plan.after(error)


def refs(routes: Router, plan: Plan, error: FreeholdError) -> list[str]:
    """Whom a call asks while every try ends with `error`."""
    step: Step | None = plan.first()
    found = []
    while step is not None:
        found.append(step.deployment.ref)
        step = fail(routes, plan, step, error)
    return found


@pytest.mark.parametrize(
    "error",
    [
        LIMITED,
        BUSY,
        errors.ProviderUnreachable("gone", **WHO),
        errors.ProviderTimeout("silent", **WHO),
        errors.ProviderProtocolError("cut", **WHO),
        errors.ProviderKeyRejected("no", **WHO),
        errors.ProviderQuotaExceeded("no credit", **WHO),
        errors.ModelNotFound("gone", **WHO),
        errors.QueueFull("full", **WHO),
    ],
    ids=lambda error: error.code,
)
def test_what_another_deployment_may_not_have_goes_to_it_at_once(error: FreeholdError) -> None:
    routes = router(two(retries=0))
    plan = routes.plan("x")
    second = fail(routes, plan, plan.first(), error)
    assert second is not None
    assert (second.deployment.ref, second.kind, second.wait_s) == ("b/m", "fallback", 0.0)
    assert second.reason.startswith("fallback: ")
    assert fail(routes, plan, second, error) is None


@pytest.mark.parametrize("error", [errors.ProviderRefused("bad value", **WHO), errors.InvalidRequest("no")])
def test_what_the_request_itself_is_refused_for_is_not_asked_elsewhere(error: FreeholdError) -> None:
    routes = router(two())
    for _ in range(5):
        plan = routes.plan("x")
        assert fail(routes, plan, plan.first(), error) is None
    assert {item.state for item in routes.conditions()} == {"closed"}, "nor is it held against anyone"


def test_a_context_that_is_too_long_goes_to_a_larger_one_only() -> None:
    targets = [{"provider": name, "model": "m", "priority": at} for at, name in enumerate("abcd")]
    cards = [("a", 8_000), ("b", 4_000), ("c", None), ("d", 128_000)]
    shelf = Shelf({"x": {"targets": targets}}, *((name, ModelCard("m", context_tokens=size)) for name, size in cards))
    routes = router(shelf)
    plan = routes.plan("x")
    error = errors.ContextTooLong("too long", **WHO)
    assert refs(routes, plan, error) == ["a/m", "d/m"]
    assert [skipped.why for skipped in routes.plan("x", need=Need(tokens=6_000)).skipped] == ["context_too_small"]


def test_when_all_failed_the_same_is_asked_again_with_a_pause_and_a_bound() -> None:
    routes = router(two())
    plan = routes.plan("x")
    assert refs(routes, plan, BUSY) == ["a/m", "b/m", "a/m", "b/m"]
    routes = router(two(retries=1))
    plan = routes.plan("x")
    step = fail(routes, plan, plan.first(), BUSY)
    assert step is not None
    step = fail(routes, plan, step, BUSY)
    assert step is not None
    assert (step.kind, step.wait_s) == ("retry", 0.2)
    assert fail(routes, plan, step, BUSY) is None


def test_fallbacks_follow_the_targets_and_each_is_asked_once() -> None:
    aliases = {
        "x": {"provider": "a", "model": "m", "fallback": ["y", "d/m"], "retries": 0},
        "y": {"targets": [{"provider": "b", "model": "m"}, {"provider": "a", "model": "m"}], "fallback": ["z"]},
        "z": {"provider": "c", "model": "m"},
    }
    routes = router(Shelf(aliases, *((name, M) for name in "abcd")))
    assert refs(routes, routes.plan("x"), BUSY) == ["a/m", "b/m", "c/m", "d/m"]


def test_a_rate_limited_deployment_is_left_alone_exactly_as_long_as_it_said() -> None:
    clock = Clock()
    routes = router(two(), clock)
    plan = routes.plan("x")
    fail(routes, plan, plan.first(), LIMITED)
    clock.at += 29.9
    later = routes.plan("x")
    assert later.first().deployment.ref == "b/m"
    assert [str(skipped).partition(" until ")[0] for skipped in later.skipped] == ["a/m: cooling down"]
    clock.at += 0.2
    assert routes.plan("x").first().deployment.ref == "a/m"


def test_when_everyone_is_cooling_down_the_one_that_is_back_soonest_is_asked() -> None:
    clock = Clock()
    routes = router(two(), clock)
    plan = routes.plan("x")
    second = fail(routes, plan, plan.first(), LIMITED)
    assert second is not None
    fail(routes, plan, second, errors.ProviderRateLimited("no", retry_after_s=10, **WHO))
    assert routes.plan("x").first().deployment.ref == "b/m"


def test_the_keys_of_a_provider_take_turns_and_a_limited_one_rests_alone() -> None:
    clock = Clock()
    shelf = Shelf({}, ("a", M), ("a", ModelCard("n")), a={"api_key": "1", "more_keys": ("2", "3")})
    routes = router(shelf, clock)
    assert [routes.plan("a/m").first().key for _ in range(4)] == [0, 1, 2, 0]
    plan = routes.plan("a/m")
    first = plan.first()
    step = fail(routes, plan, first, LIMITED)
    assert step is not None
    assert (first.key, step.key, step.kind, step.reason) == (1, 2, "next_key", "next key: rate limited")
    assert 1 not in {routes.plan("a/m").first().key for _ in range(6)}
    assert 1 in {routes.plan("a/n").first().key for _ in range(6)}, "a rate limit is one of a model"
    clock.at += 30
    assert 1 in {routes.plan("a/m").first().key for _ in range(6)}


def test_a_rejected_key_rests_for_every_model() -> None:
    shelf = Shelf({}, ("a", M), ("a", ModelCard("n")), a={"api_key": "1", "more_keys": ("2",)})
    routes = router(shelf)
    plan = routes.plan("a/m")
    step = fail(routes, plan, plan.first(), errors.ProviderKeyRejected("no", **WHO))
    assert step is not None
    assert {routes.plan("a/n").first().key for _ in range(4)} == {step.key}


def test_a_new_configuration_forgets_what_was_held_against_the_old_one() -> None:
    shelf = two()
    routes = router(shelf)
    plan = routes.plan("x")
    fail(routes, plan, plan.first(), errors.ProviderKeyRejected("no", **WHO))
    assert routes.plan("x").first().deployment.ref == "b/m"
    fresh = Shelf({"x": TWO["x"]}, ("a", M), ("b", M), a={"api_key": "another"})
    shelf.offers, shelf.version = fresh.offers, 2
    assert routes.plan("x").first().deployment.ref == "a/m"


@given(data=st.data())
def test_no_open_deployment_is_asked_while_another_is_closed(data: st.DataObject) -> None:
    names = "abcde"
    clock = Clock()
    targets = [{"provider": name, "model": "m", "priority": data.draw(st.integers(0, 2))} for name in names]
    strategy = data.draw(st.sampled_from(["weighted", "least_busy", "lowest_latency", "lowest_cost"]))
    shelf = Shelf({"x": {"targets": targets, "strategy": strategy, "retries": 0}}, *((name, M) for name in names))
    routes = router(shelf, clock, chance=lambda: data.draw(st.floats(0, 0.99)))
    for _ in range(12):
        states = {item.ref: item.state for item in routes.conditions()}
        plan = routes.plan("x")
        step: Step | None = plan.first()
        assert step is not None
        assert states[step.deployment.ref] != "open" or set(states.values()) == {"open"}
        routes.began(step)
        if data.draw(st.booleans()):
            routes.ended(step, BUSY)
        else:
            routes.first_token(step)
            routes.ended(step)
        clock.at += data.draw(st.floats(0, 4))


@given(
    errors_=st.lists(st.sampled_from([LIMITED, BUSY, errors.ProviderTimeout("late", **WHO)]), min_size=40, max_size=40)
)
def test_every_call_comes_to_an_end(errors_: list[FreeholdError]) -> None:
    targets = [{"provider": name, "model": "m"} for name in "abcde"]
    shelf = Shelf({"x": {"targets": targets, "retries": 10}}, *((name, M) for name in "abcde"))
    routes = router(shelf)
    plan = routes.plan("x")
    step: Step | None = plan.first()
    waited = 0.0
    for error in errors_:
        if step is None:
            break
        waited += step.wait_s
        step = fail(routes, plan, step, error)
    assert step is None
    assert waited < 60


def test_a_hedge_asks_another_one_that_is_well() -> None:
    routes = router(two(hedge_after_s=1))
    plan = routes.plan("x")
    routes.began(plan.first())
    other = plan.hedge()
    assert other is not None
    assert (other.deployment.ref, other.kind) == ("b/m", "hedge")
    assert plan.hedge() is None


def test_a_plan_for_a_plain_model_costs_next_to_nothing() -> None:
    routes = router(Shelf({}, ("a", M)))
    routes.plan("a/m").first()
    best = min(_microseconds(routes) for _ in range(30))
    assert best <= 25, f"{best:.1f} us; 5 on a quiet core"


def _microseconds(routes: Router) -> float:
    rounds = 300
    started = time.perf_counter()
    for _ in range(rounds):
        routes.plan("a/m").first()
    return (time.perf_counter() - started) / rounds * 1e6
