"""Deadlines that are almost never reached, for the price of an entry in a set: one timer looks after all of them."""

import asyncio
from types import TracebackType
from typing import Protocol

from freehold.kit import clock

TICK_S = 0.05
"""How often they are looked at, and so how late one may be."""


class Ticking(Protocol):
    """What a Ticker looks after."""

    def tick(self, now: float) -> None:
        """`now` is in monotonic seconds. May discard itself."""
        ...


class Ticker:
    """Calls `tick` of everything that was added each TICK_S; nothing runs while it is empty.

    It is handed to those who need it: asking asyncio for the running loop is a system call (Python 3.11), and a server
    that asks for it at each turn spends a twentieth of its time on that.
    """

    __slots__ = ("_items", "_loop", "_running")

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._items: set[Ticking] = set()
        self._running = False

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop that it was used in first, and so its own."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        return self._loop

    def add(self, item: Ticking) -> None:
        """Look after `item` until it is discarded."""
        if not self._running:
            self._running = True
            self.loop.call_later(TICK_S, self._tick)
        self._items.add(item)

    def discard(self, item: Ticking) -> None:
        """Look after it no longer."""
        self._items.discard(item)

    def _tick(self) -> None:
        now = clock.monotonic()
        for item in tuple(self._items):
            item.tick(now)
        self._running = bool(self._items)
        if self._running:
            self.loop.call_later(TICK_S, self._tick)


class Deadline:
    """A block that is cancelled and ends with TimeoutError when it takes longer; asyncio.timeout costs six times more.

    It may be late by TICK_S.
    """

    __slots__ = ("_at", "_cancelling", "_expired", "_task", "_ticker")

    def __init__(self, seconds: float, ticker: Ticker) -> None:
        self._at = clock.monotonic() + seconds
        self._expired = False
        self._ticker = ticker

    def __enter__(self) -> None:
        task = asyncio.current_task(self._ticker.loop)
        assert task is not None
        self._task = task
        self._cancelling = task.cancelling()
        self._ticker.add(self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ticker.discard(self)
        # as in asyncio.timeout: whoever else cancelled the task gets its cancellation
        if self._expired and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def tick(self, now: float) -> None:
        """Cancel the block when it is time."""
        if now >= self._at and not self._expired:
            self._expired = True
            self._task.cancel()
