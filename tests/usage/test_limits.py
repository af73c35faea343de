"""Rate limits: never more than allowed in any 60 seconds, room again in time, a refusal that says what to do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.errors import RateLimited
from freehold.kit import clock
from freehold.usage.holders import Holder, Limit
from freehold.usage.limits import Limits, duration

ANA, KEY, MODEL = Holder("user", "ana"), Holder("key", "k1", "ci"), Holder("model", "openai/*")


class Clock:
    """The monotonic clock, moved by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.25
        monkeypatch.setattr(clock, "monotonic", lambda: self.now)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def refused(limits: Limits, *holders: Limit, tokens: int = 1) -> RateLimited:
    with pytest.raises(RateLimited) as caught:
        limits.claim(holders, tokens)
    return caught.value


def test_requests_in_a_minute(time: Clock) -> None:
    limits, limit = Limits(), Limit(KEY, requests_per_minute=3)
    for _ in range(3):
        limits.claim([limit], 1)
        time.now += 10
    error = refused(limits, limit)
    assert "3 requests a minute is the limit of the key “ci”" in error.message
    assert error.params["limit"] == "requests_per_minute"
    assert 30 <= error.retry_after_s <= 31.01
    assert "Wait 31 seconds" in error.next_step
    time.now += error.retry_after_s
    limits.claim([limit], 1)
    refused(limits, limit)


def waited(limits: Limits, limit: Limit) -> float | None:
    """Ask once: None when it passed, else the seconds to wait."""
    try:
        limits.claim([limit], 1).release(1)
    except RateLimited as error:
        return error.retry_after_s
    return None


@given(
    pauses=st.lists(st.floats(0, 20), min_size=1, max_size=120),
    allowed=st.integers(1, 8),
)
def test_never_more_than_allowed_in_any_minute_and_always_some_after_waiting(pauses: list[float], allowed: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        time = Clock(patch)
        limits, limit = Limits(), Limit(ANA, requests_per_minute=allowed)
        passed: list[float] = []
        for pause in pauses:
            time.now += pause
            wait = waited(limits, limit)
            if wait is not None:
                assert 0 < wait <= 61.01
                time.now += wait
                assert waited(limits, limit) is None, "after the named time there is room"
            passed.append(time.now)
    for index, start in enumerate(passed):
        assert sum(1 for at in passed[index:] if at - start < 60) <= allowed


def test_tokens_are_estimated_first_and_corrected_when_the_call_ends(time: Clock) -> None:
    limits, limit = Limits(), Limit(ANA, tokens_per_minute=1000)
    first = limits.claim([limit], 600)
    assert "1000 tokens a minute is the limit of your account" in refused(limits, limit, tokens=600).message
    first.release(100)
    second = limits.claim([limit], 600)
    second.release(2_000)  # more than anybody thought
    refused(limits, limit, tokens=1)
    time.now += 61
    limits.claim([limit], 1000)


def test_a_request_that_never_fits_says_so(time: Clock) -> None:
    error = refused(Limits(), Limit(ANA, tokens_per_minute=1000), tokens=1500)
    assert "about 1500 tokens" in error.message
    assert "Shorten it" in error.next_step


def test_calls_at_the_same_time(time: Clock) -> None:
    limits, limit = Limits(), Limit(MODEL, concurrency=2)
    first, _second = limits.claim([limit], 1), limits.claim([limit], 1)
    error = refused(limits, limit)
    assert "2 calls run already for the models openai/*" in error.message
    first.release(None)
    first.release(None)  # a second time changes nothing
    limits.claim([limit], 1)
    refused(limits, limit)


def test_a_refusal_by_one_limit_takes_nothing_from_the_others(time: Clock) -> None:
    limits = Limits()
    roomy, tight = Limit(ANA, requests_per_minute=10), Limit(KEY, requests_per_minute=1)
    limits.claim([roomy, tight], 1)
    for _ in range(20):
        refused(limits, roomy, tight)
    assert limits.headers([roomy])["x-ratelimit-remaining-requests"] == "9"


def test_the_headers_are_those_of_the_tightest_limit(time: Clock) -> None:
    limits = Limits()
    person = Limit(ANA, requests_per_minute=100, tokens_per_minute=500)
    key = Limit(KEY, requests_per_minute=5)
    assert limits.headers([]) == {}
    limits.claim([person, key], 120)
    time.now += 0.5
    assert limits.headers([person, key]) == {
        "x-ratelimit-limit-requests": "5",
        "x-ratelimit-remaining-requests": "4",
        "x-ratelimit-reset-requests": "1m0.2s",
        "x-ratelimit-limit-tokens": "500",
        "x-ratelimit-remaining-tokens": "380",
        "x-ratelimit-reset-tokens": "1m0.2s",
    }


def test_who_has_not_asked_for_a_while_is_forgotten(time: Clock) -> None:
    limits = Limits()
    for number in range(5_000):
        limits.claim([Limit(Holder("user", str(number)), requests_per_minute=5)], 10).release(10)
        time.now += 0.1
    assert len(limits) < 1_000
    held = limits.claim([Limit(ANA, concurrency=1)], 1)
    for number in range(5_000):
        limits.claim([Limit(Holder("user", str(number)), requests_per_minute=5)], 10).release(10)
        time.now += 0.1
    refused(limits, Limit(ANA, concurrency=1))
    held.release(1)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (0.0004, "1ms"), (0.12, "120ms"), (6.54, "6.5s"), (60, "1m0s"), (61.25, "1m1.2s")]
)
def test_durations_are_written_as_openai_does(seconds: float, text: str) -> None:
    assert duration(seconds) == text
