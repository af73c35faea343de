"""A deadline ends its block with TimeoutError, and leaves the cancellation of anybody else alone."""

import asyncio

import pytest

from freehold.kit import deadline
from freehold.kit.deadline import TICK_S, Deadline, Ticker


async def test_a_block_that_takes_longer_ends_with_timeout_error() -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    with pytest.raises(TimeoutError), Deadline(0.1, Ticker()):
        await asyncio.sleep(10)
    assert 0.1 <= loop.time() - began < 5
    await asyncio.sleep(0)  # nothing of the cancellation is left
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_a_block_that_is_over_in_time_is_left_alone() -> None:
    with Deadline(TICK_S, Ticker()):
        await asyncio.sleep(0)
    await asyncio.sleep(3 * TICK_S)


async def test_an_error_of_the_block_stays_that_error() -> None:
    with pytest.raises(ValueError, match="mine"), Deadline(10, Ticker()):
        raise ValueError("mine")


async def test_whoever_else_cancels_is_obeyed() -> None:
    entered = asyncio.Event()

    async def work() -> None:
        with Deadline(60, Ticker()):
            entered.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(work())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_inner_of_two_deadlines_leaves_the_outer_one() -> None:
    ticker = Ticker()
    with Deadline(60, ticker):
        with pytest.raises(TimeoutError), Deadline(0.05, ticker):
            await asyncio.sleep(10)
        await asyncio.sleep(0.01)


async def test_nothing_runs_once_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks: list[float] = []

    class Counted:
        def tick(self, now: float) -> None:
            ticks.append(now)

    monkeypatch.setattr(deadline, "TICK_S", 0.01)
    item = Counted()
    ticker = Ticker()
    ticker.add(item)
    ticker.add(item)
    await asyncio.sleep(0.1)
    ticker.discard(item)
    seen = len(ticks)
    assert 2 <= seen <= 11, "one timer, however often something is added"
    await asyncio.sleep(0.05)
    assert len(ticks) == seen
