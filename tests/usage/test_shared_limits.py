"""Limits that replicas count together in a real Redis: never exceeded, given back, and each for itself without it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from freehold.errors import RateLimited
from freehold.kit import clock
from freehold.usage import shared_limits
from freehold.usage.holders import Holder, Limit
from freehold.usage.limits import Limits
from freehold.usage.shared_limits import SharedLimits
from tests.services import redis
from tests.services.availability import missing
from tests.services.ports import free_port

ANA, GROUP = Holder("user", "ana"), Holder("group", "g", "legal")


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    program = redis.find_redis()
    if program is None:
        missing("Redis", redis.REMEDY)
    with redis.running(program, tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
async def replica(redis_url: str) -> AsyncIterator[Callable[..., Any]]:
    """Makes the limits of one more replica, on an empty Redis."""
    made: list[SharedLimits] = []

    async def make(url: str = redis_url) -> SharedLimits:
        made.append(await SharedLimits.at(url, Limits()))
        if url == redis_url and len(made) == 1:
            await made[0].client.flushdb()
        return made[-1]

    yield make
    for one in made:
        await one.aclose()


async def race(replicas: list[SharedLimits], limits: list[Limit], calls: int, tokens: int = 10) -> list[Any]:
    """So many calls at the same time, one after the other to each replica; the claims of those that passed."""
    claims = (replicas[number % len(replicas)].claim(limits, tokens) for number in range(calls))
    ended = await asyncio.gather(*claims, return_exceptions=True)
    refused = [one for one in ended if isinstance(one, BaseException)]
    assert all(isinstance(one, RateLimited) for one in refused), refused
    return [one for one in ended if not isinstance(one, BaseException)]


@pytest.mark.parametrize(
    ("limit", "passed"),
    [
        (Limit(ANA, requests_per_minute=50), 50),
        (Limit(ANA, tokens_per_minute=505), 50),
        (Limit(ANA, concurrency=50), 50),
    ],
    ids=["requests", "tokens", "concurrency"],
)
async def test_two_hundred_calls_against_two_replicas(replica: Any, limit: Limit, passed: int) -> None:
    replicas = [await replica(), await replica()]
    assert len(await race(replicas, [limit], 200)) == passed
    used = await replicas[0].used(ANA)
    assert max(used.requests, used.running) == passed


async def test_a_call_takes_a_place_under_every_limit_or_under_none(replica: Any) -> None:
    one, two = await replica(), await replica()
    both = [Limit(ANA, requests_per_minute=100), Limit(GROUP, requests_per_minute=3)]
    assert len(await race([one, two], both, 20)) == 3
    assert (await two.used(ANA)).requests == 3, "what the group refused does not count for the person"
    with pytest.raises(RateLimited, match="the group “legal”") as caught:
        await two.claim(both, 1)
    assert 59 <= caught.value.retry_after_s <= 61.1
    assert caught.value.params["limit"] == "requests_per_minute"


async def test_a_call_that_was_counted_already_takes_a_place_and_is_no_request(replica: Any) -> None:
    one, two = await replica(), await replica()
    limit = [Limit(ANA, requests_per_minute=1, tokens_per_minute=100, concurrency=2)]
    await one.claim(limit, 10)
    await one.claim(limit, 20, 0)
    used = await two.used(ANA)
    assert (used.requests, used.tokens, used.running) == (1, 30, 2)
    with pytest.raises(RateLimited, match="calls run already"):
        await two.claim(limit, 1, 0)
    assert one.local.used(ANA).requests == 1


async def test_a_place_comes_back_and_tokens_are_corrected_everywhere(replica: Any) -> None:
    one, two = await replica(), await replica()
    limit = [Limit(ANA, tokens_per_minute=1000, concurrency=1)]
    claim = await one.claim(limit, 900)
    with pytest.raises(RateLimited, match="limit of your account"):
        await two.claim(limit, 900)
    claim.release(100)
    await asyncio.gather(*one._releasing)
    assert one.local.used(ANA).tokens == 100
    (await two.claim(limit, 900)).release(None)
    await asyncio.gather(*two._releasing)
    used = await one.used(ANA)
    assert (used.tokens, used.running) == (1000, 0)
    assert two.headers(limit)["x-ratelimit-remaining-tokens"] == "0"
    with pytest.raises(RateLimited, match="has about 1001 tokens"):
        await one.claim(limit, 1001)


async def test_a_dead_replica_loses_its_places_and_a_living_one_keeps_them(
    replica: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_limits, "LEASE_SECONDS", 1)
    monkeypatch.setattr(shared_limits, "RENEW_SECONDS", 0.2)
    dead, alive = await replica(), await replica()
    limit = [Limit(ANA, concurrency=2)]
    renewing = asyncio.create_task(alive.run())
    await dead.claim(limit, 1)
    await alive.claim(limit, 1)
    with pytest.raises(RateLimited):
        await alive.claim(limit, 1)
    await asyncio.sleep(1.6)
    await alive.claim(limit, 1)
    with pytest.raises(RateLimited):
        await alive.claim(limit, 1)
    renewing.cancel()


async def test_without_redis_each_replica_goes_on_with_what_it_let_through(
    replica: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program = redis.find_redis()
    assert program is not None
    monkeypatch.setattr(shared_limits, "AWAY_SECONDS", 0.5)
    limit = [Limit(ANA, requests_per_minute=5)]
    with redis.running(program, tmp_path) as url:
        one, two = await replica(url), await replica(url)
        assert len(await race([one], limit, 3)) == 3
        assert len(await race([two], limit, 5)) == 2
    assert len(await race([one], limit, 10)) == 2, "three are counted here already"
    assert one.headers(limit)["x-ratelimit-remaining-requests"] == "0"
    assert capsys.readouterr().out.count("limits_counted_alone") <= 1
    began = time.perf_counter()
    assert len(await race([two], limit, 100)) == 3
    assert time.perf_counter() - began < 1
    for claim in await race([two], [Limit(GROUP, concurrency=3)], 3):
        claim.release(1)


async def test_a_redis_that_hangs_costs_one_wait(replica: Any) -> None:
    silent = await asyncio.start_server(lambda *_: asyncio.sleep(60), "127.0.0.1", free_port())
    port = silent.sockets[0].getsockname()[1]
    one = await replica(f"redis://127.0.0.1:{port}/0")
    limit = [Limit(ANA, requests_per_minute=5)]
    began = clock.monotonic()
    assert len(await race([one], limit, 1)) == 1
    first = clock.monotonic() - began
    assert first >= shared_limits.TIMEOUT_S / 2
    assert len(await race([one], limit, 100)) == 4
    assert clock.monotonic() - began - first < shared_limits.TIMEOUT_S / 2, "it is not asked again at once"
    assert first < 4 * shared_limits.TIMEOUT_S
    silent.close()


async def test_redis_is_asked_again_when_it_is_back(
    replica: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = await replica(), await replica()
    limit = [Limit(ANA, requests_per_minute=5)]
    one._away_until = clock.monotonic() + 0.3
    assert len(await race([one], limit, 5)) == 5
    await asyncio.sleep(0.35)
    assert len(await race([two, one], limit, 9)) == 5, "Redis knows nothing of the calls that it did not see"


async def test_a_call_without_limits_does_not_ask(replica: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    one = await replica("redis://127.0.0.1:1/0")
    (await one.claim([], 10)).release(10)
    assert one._failures == 0
