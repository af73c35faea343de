"""A server with few places: who waits is told where, in order; who leaves makes room; a full queue says so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.errors import QueueFull
from freehold.gateway.call import Gateway
from freehold.gateway.routing.slots import Slots
from freehold.providers.base import ProviderConfig
from freehold.usage.service import UsageService
from freehold.wire.events import Stage
from tests.fakes.upstream import FakeUpstream, Script
from tests.gateway.test_call import ANSWER, asked, call


def config(slots: int, queue: int = 0) -> ProviderConfig:
    return ProviderConfig("box", "openai_compatible", "Box", options={"slots": slots, "queue": queue})


class Guest:
    """Takes a place, remembers the positions it was told, and leaves when told to."""

    def __init__(self, slots: Slots, config: ProviderConfig) -> None:
        self.positions: list[int] = []
        self.inside = asyncio.Event()
        self.leave = asyncio.Event()
        self.task = asyncio.create_task(self._visit(slots, config))

    async def _visit(self, slots: Slots, config: ProviderConfig) -> None:
        with slots.take(config) as place:
            async for position in place:
                self.positions.append(position)
            self.inside.set()
            await self.leave.wait()


@asynccontextmanager
async def guests(count: int, options: ProviderConfig) -> AsyncIterator[list[Guest]]:
    slots = Slots()
    found = [Guest(slots, options) for _ in range(count)]
    try:
        await settle()
        yield found
    finally:
        for guest in found:
            guest.task.cancel()
        await asyncio.gather(*(guest.task for guest in found), return_exceptions=True)
        async with asyncio.timeout(10):  # every place is free again
            for _ in range(options.options["slots"]):
                with slots.take(options) as place:
                    assert [position async for position in place] == []


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_first_come_first_served_with_positions_as_they_change() -> None:
    async with guests(4, config(1, 3)) as (a, b, c, d):
        assert a.inside.is_set()
        assert (b.positions, c.positions, d.positions) == ([1], [2], [3])
        a.leave.set()
        await settle()
        assert b.inside.is_set()
        assert not c.inside.is_set()
        assert (c.positions, d.positions) == ([2, 1], [3, 2])


async def test_who_leaves_the_queue_makes_room_at_once() -> None:
    async with guests(4, config(1, 3)) as (_, b, c, d):
        b.task.cancel()
        await settle()
        assert (c.positions, d.positions) == ([2, 1], [3, 2])


async def test_a_full_queue_refuses_and_says_when_to_come_back() -> None:
    async with guests(3, config(2, 0)) as found:
        with pytest.raises(QueueFull) as caught:
            await found[2].task
        assert caught.value.status == 503
        assert caught.value.params["retry_after_s"] >= 1


async def test_more_places_after_a_reload_are_used() -> None:
    slots = Slots()
    first, second = Guest(slots, config(1, 5)), Guest(slots, config(1, 5))
    await settle()
    assert not second.inside.is_set()
    third = Guest(slots, config(3, 5))
    await settle()
    assert second.inside.is_set()
    assert third.inside.is_set()
    for guest in (first, second, third):
        guest.leave.set()
    await asyncio.gather(first.task, second.task, third.task)


@given(st.lists(st.sampled_from(["come", "go", "give up"]), max_size=40), st.integers(1, 3), st.integers(0, 4))
def test_never_more_inside_than_places_nor_more_waiting_than_may(moves: list[str], places: int, longest: int) -> None:
    async def play() -> None:
        slots, options = Slots(), config(places, longest)
        present: list[Guest] = []
        for move in moves:
            if move == "come":
                present.append(Guest(slots, options))
            elif present:
                guest = next((one for one in present if one.inside.is_set() == (move == "go")), None)
                if guest is not None:
                    guest.leave.set() if move == "go" else guest.task.cancel()
            await settle()
            present = [guest for guest in present if not guest.task.done()]
            inside = [guest for guest in present if guest.inside.is_set()]
            waiting = [guest for guest in present if not guest.inside.is_set()]
            assert len(inside) <= places
            assert len(waiting) <= longest
            assert not waiting or len(inside) == places, "nobody waits beside a free place"
            assert sorted(guest.positions[-1] for guest in waiting) == list(range(1, len(waiting) + 1))
        for guest in present:
            guest.task.cancel()
        await asyncio.gather(*(guest.task for guest in present), return_exceptions=True)

    asyncio.run(play())


# --- in a call --------------------------------------------------------------------------------------------------------


@pytest.fixture
async def busy(start_providers: Any, make_settings: Any, declared: dict[str, Any], usage: UsageService) -> Gateway:
    """One place, one that may wait; the place is taken by an answer that never ends."""
    declared |= {"self_hosted": True, "options": {"slots": 1, "queue": 1}, "models": ["alpha"]}
    return Gateway(await start_providers(make_settings(declared)), usage, chance=lambda: 0.1)


async def test_a_call_tells_its_position_and_goes_on_when_it_is_its_turn(busy: Gateway, server: FakeUpstream) -> None:
    server.script = Script(fault="stuck")
    first = asyncio.create_task(call(busy))
    assert await server.wait_busy(10)
    server.script = ANSWER
    second = asyncio.create_task(call(busy))
    async with asyncio.timeout(10):
        while not busy.slots.waiting("acme"):
            await asyncio.sleep(0.005)
    third = await call(busy)
    assert isinstance(third.error, QueueFull)
    assert len(asked(server)) == 1
    first.cancel()
    outcome = await second
    assert outcome.text == "one two three"
    assert outcome.events[0] == Stage("queued", position=1)
    assert outcome.error is None


async def test_waiting_for_a_place_is_not_silence_of_the_model(
    start_providers: Any, make_settings: Any, declared: dict[str, Any], server: FakeUpstream, usage: UsageService
) -> None:
    declared |= {"options": {"slots": 1, "queue": 1, "first_token_timeout_s": 1.0}, "models": ["alpha"]}
    gateway = Gateway(await start_providers(make_settings(declared)), usage)
    server.script = Script(text=("word ",) * 30, pause_s=0.06)  # longer than the wait for a first token
    first, second = await asyncio.gather(call(gateway), call(gateway))
    assert first.error is second.error is None
