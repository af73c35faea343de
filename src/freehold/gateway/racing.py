"""A race of two streams: the second starts when the first is silent for long; the first to begin its answer wins."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from freehold.errors import FreeholdError

_AHEAD = 4  # items that a stream may be ahead of its reader
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Contender(Generic[Item]):
    """A stream and what it is to be told. `answering`: the item it gave last, or one before it, is of the answer."""

    items: AsyncGenerator[Item]
    answering: Callable[[], bool]
    won: Callable[[], None]
    lost: Callable[[], None]


async def race(
    first: Contender[Item], another: Callable[[], Contender[Item] | None], after_s: float
) -> AsyncGenerator[Item]:
    """The items of the stream that begins its answer first; before that those of `first`.

    `another` is asked once, after `after_s` seconds without a beginning; None: there is no other. The loser is
    cancelled at once. When one fails the other goes on; the error of the last one is raised.
    """
    runners = [_Runner(first)]
    began = asyncio.get_running_loop().time()
    asked = False
    winner: _Runner[Item] | None = None
    try:
        while winner is None:
            left = None if asked else max(0.0, began + after_s - asyncio.get_running_loop().time())
            if not await _any_news(runners, left):
                asked = True
                if (other := another()) is not None:
                    runners.append(_Runner(other))
                continue
            for runner in list(runners):
                while runner.contender is first and runner.news and not runner.began:
                    yield runner.take()
                runner.seen = len(runner.news)
                if runner.began or (runner.ended and runner.failure is None):
                    winner = runner
                    break
                if runner.failure is not None:
                    if len(runners) == 1:
                        raise runner.failure
                    runners.remove(runner)
        for loser in [runner for runner in runners if runner is not winner]:
            loser.contender.lost()
            loser.cancel()
        winner.contender.won()
        async for item in winner.rest():
            yield item
    finally:
        for runner in runners:
            await runner.stop()


async def _any_news(runners: "list[_Runner[Item]]", seconds: float | None) -> bool:
    """Whether a stream said something that was not looked at yet, within so many seconds."""
    if any(runner.unseen for runner in runners):
        return True
    for runner in runners:
        runner.told.clear()
    waits = [asyncio.ensure_future(runner.told.wait()) for runner in runners]
    try:
        done, _ = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    return bool(done)


class _Runner(Generic[Item]):
    """Reads a stream in a task of its own, so that it can be cancelled wherever it waits."""

    def __init__(self, contender: Contender[Item]) -> None:
        self.contender = contender
        self.news: deque[Item] = deque()
        self.seen = 0  # of the news, those that said nothing about who wins
        self.began = False
        self.ended = False
        self.failure: FreeholdError | None = None
        self.told = asyncio.Event()
        self._room = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    @property
    def unseen(self) -> bool:
        """Something happened that was not looked at yet."""
        return len(self.news) > self.seen or self.ended

    async def _run(self) -> None:
        try:
            async with contextlib.aclosing(self.contender.items) as items:
                async for item in items:
                    self.news.append(item)
                    self.began = self.contender.answering()
                    self.told.set()
                    while self.began and len(self.news) >= _AHEAD:
                        self._room.clear()
                        await self._room.wait()
        except FreeholdError as error:
            self.failure = error
        finally:
            self.ended = True
            self.told.set()

    def take(self) -> Item:
        """The oldest of the news."""
        self.told.clear()
        item = self.news.popleft()
        self._room.set()
        if self.news or self.ended:
            self.told.set()
        return item

    async def rest(self) -> AsyncGenerator[Item]:
        """Everything until its end. Raises what it failed with, and what broke it."""
        while True:
            while self.news:
                yield self.take()
            if self.ended:
                break
            self.told.clear()
            await self.told.wait()
        if self.failure is not None:
            raise self.failure
        await self._task

    def cancel(self) -> None:
        """End it wherever it waits."""
        self._task.cancel()

    async def stop(self) -> None:
        """Cancel it and wait until its connection is closed."""
        if not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])
