"""Replicas that tell each other of failing deployments by way of a real Redis."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from freehold.gateway.routing.router import Router
from freehold.gateway.routing.shared_circuits import FORGOTTEN_SECONDS, KEY, SharedCircuits
from freehold.providers.base import ModelCard
from tests.gateway.routing.shelf import Shelf, router
from tests.services import redis
from tests.services.availability import missing

REF = "a/m"


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    program = redis.find_redis()
    if program is None:
        missing("Redis", redis.REMEDY)
    with redis.running(program, tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
async def replica(redis_url: str) -> AsyncIterator[Callable[[], Any]]:
    """Makes one more replica with an alias of two targets; the first finds Redis empty."""
    made: list[SharedCircuits] = []

    async def make() -> tuple[Router, SharedCircuits]:
        aliases = {"x": {"targets": [{"provider": "a", "model": "m"}, {"provider": "b", "model": "m", "priority": 1}]}}
        routes = router(Shelf(aliases, ("a", ModelCard("m")), ("b", ModelCard("m"))))
        made.append(await SharedCircuits.at(redis_url, routes))
        if len(made) == 1:
            await made[0]._client.flushdb()
        return routes, made[-1]

    yield make
    for one in made:
        await one.aclose()


def first(routes: Router) -> str:
    return routes.plan("x").first().deployment.ref


def fail(routes: Router, times: int = 3) -> None:
    circuit = routes.circuit(REF)
    for _ in range(times):
        circuit.failed(routes.now())


async def test_what_one_finds_out_the_others_know_a_second_later(replica: Any) -> None:
    (one, of_one), (two, of_two) = await replica(), await replica()
    assert (first(one), first(two)) == (REF, REF)
    fail(one)
    await of_one.exchange()
    await of_two.exchange()
    assert (first(one), first(two)) == ("b/m", "b/m")
    there, here = one.circuit(REF).reopens_at, two.circuit(REF).reopens_at
    assert there is not None
    assert here is not None
    assert abs(there - here) < 0.5


async def test_whoever_gets_an_answer_closes_it_for_all(replica: Any) -> None:
    (one, of_one), (two, of_two) = await replica(), await replica()
    fail(one)
    for shared in (of_one, of_two, of_one, of_two):
        await shared.exchange()
    two.circuit(REF).succeeded(two.now())
    await of_two.exchange()
    assert await of_two._client.hgetall(KEY) == {}
    await of_one.exchange()
    assert first(one) == REF
    for shared in (of_one, of_two):
        await shared.exchange()
    assert (first(one), first(two)) == (REF, REF)


async def test_a_new_failure_is_no_old_one_that_was_closed(replica: Any) -> None:
    (one, of_one), (two, of_two) = await replica(), await replica()
    fail(one)
    for shared in (of_one, of_two):
        await shared.exchange()
    two.circuit(REF).succeeded(two.now())
    await of_two.exchange()
    one.circuit(REF).failed(one.now(), 100.0)  # its provider asked for a pause meanwhile
    await of_one.exchange()
    await of_two.exchange()
    assert (first(one), first(two)) == ("b/m", "b/m")
    here = two.circuit(REF).reopens_at
    assert here is not None
    assert 98 < here - two.now() < 101


async def test_a_longer_rest_spreads_and_a_shorter_one_does_not_shorten(replica: Any) -> None:
    (one, of_one), (two, of_two) = await replica(), await replica()
    fail(one)
    fail(two)
    two.circuit(REF).open_until(two.now() + 60)
    for shared in (of_one, of_two, of_one):
        await shared.exchange()
    for routes in (one, two):
        at = routes.circuit(REF).reopens_at
        assert at is not None
        assert 58 < at - routes.now() < 61


async def test_an_administrators_reset_holds_everywhere(replica: Any) -> None:
    (one, of_one), (two, of_two) = await replica(), await replica()
    fail(one)
    for shared in (of_one, of_two):
        await shared.exchange()
    assert two.reset(REF)
    for shared in (of_two, of_one):
        await shared.exchange()
    assert (first(one), first(two)) == (REF, REF)


async def test_what_a_dead_replica_left_is_swept(replica: Any) -> None:
    one, of_one = await replica()
    seconds = (await of_one._client.time())[0]
    await of_one._client.hset(KEY, mapping={"gone/m": seconds - FORGOTTEN_SECONDS - 5, "late/m": seconds - 5})
    await of_one.exchange()
    assert list(await of_one._client.hgetall(KEY)) == [b"late/m"]
    assert one.circuits() == {}, "what is over is not taken over"
