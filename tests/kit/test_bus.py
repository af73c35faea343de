"""The bus delivers to whoever listens, in order, and never waits for the slow."""

import asyncio
import gc

import pytest

from freehold.kit.bus import QUEUE_LIMIT, MemoryBus, SubscriptionLagged


async def test_a_subscriber_gets_what_is_published_after_it_subscribed_in_order() -> None:
    bus = MemoryBus()
    bus.publish("a", "early")
    with bus.subscribe("a", "b") as heard:
        for topic, payload in (("a", 1), ("b", 2), ("c", 3), ("a", 4)):
            bus.publish(topic, payload)
        assert [await anext(heard) for _ in range(3)] == [1, 2, 4]


async def test_a_waiting_listener_wakes_up() -> None:
    bus = MemoryBus()
    heard = bus.subscribe("a")
    waiting = asyncio.create_task(anext(heard))
    await asyncio.sleep(0)
    bus.publish("a", "now")
    assert await asyncio.wait_for(waiting, 1) == "now"


async def test_closing_ends_the_iteration_after_what_arrived() -> None:
    bus = MemoryBus()
    heard = bus.subscribe("a")
    bus.publish("a", 1)
    heard.close()
    bus.publish("a", 2)
    assert [payload async for payload in heard] == [1]


async def test_a_slow_listener_is_told_that_it_lost_something() -> None:
    bus = MemoryBus()
    slow, quick = bus.subscribe("a"), bus.subscribe("a")
    for number in range(QUEUE_LIMIT + 1):
        bus.publish("a", number)
        assert await anext(quick) == number
    with pytest.raises(SubscriptionLagged):
        await anext(slow)


async def test_a_dropped_subscription_is_forgotten() -> None:
    bus = MemoryBus()
    heard = bus.subscribe("a")
    del heard
    gc.collect()
    assert not bus._subscriptions.get("a")
