"""Places at servers that answer only few at a time: a bounded queue, first come first served, that tells positions."""

import asyncio
from collections import deque
from types import TracebackType

from freehold.errors import QueueFull
from freehold.observability import metrics
from freehold.providers.base import ProviderConfig

_NEW_COUNTS = 0.2  # weight of the latest answer in how long a place is held
_GUESS_S = 10.0  # the same while nothing was measured

TELL_AGAIN_S = 5.0
"""How often whoever waits is told its position even when that is the same: a sign of life."""


class Slots:
    """One per process; knows a server by its provider's id. The options are `slots` and `queue`."""

    def __init__(self) -> None:
        self._servers: dict[str, _Server] = {}

    def take(self, config: ProviderConfig) -> "Place":
        """A place at the provider's server, for a block:

            with slots.take(config) as place:
                async for position in place:  # as it changes, and now and then; ends when it is our turn; 1 is the next
                    ...

        Entering raises QueueFull when nobody else may wait. Leaving gives up the place, or the turn.
        """
        limit = config.options.get("slots")
        if limit is None:
            return _UNLIMITED
        server = self._servers.get(config.id)
        if server is None:
            server = self._servers[config.id] = _Server()
        server.configure(config, limit, config.options.get("queue", 0))
        return Place(server)

    def waiting(self, provider_id: str) -> int:
        """How many wait for the provider's server."""
        server = self._servers.get(provider_id)
        return len(server.queue) if server is not None else 0


class Place:
    """What `Slots.take` hands out."""

    __slots__ = ("_held_since", "_moved", "_server", "_told")

    def __init__(self, server: "_Server | None") -> None:
        self._server = server
        self._held_since: float | None = None
        self._moved: asyncio.Event | None = None
        self._told = 0

    @property
    def waits(self) -> bool:
        """Whether it is not our turn yet."""
        return self._server is not None and self._held_since is None

    def __enter__(self) -> "Place":
        if self._server is not None:
            self._server.enter(self)
        return self

    def __aiter__(self) -> "Place":
        return self

    async def __anext__(self) -> int:
        server = self._server
        while server is not None and self._held_since is None:
            position = server.queue.index(self) + 1
            if position != self._told:
                self._told = position
                return position
            assert self._moved is not None
            self._moved.clear()
            try:
                async with asyncio.timeout(TELL_AGAIN_S):
                    await self._moved.wait()
            except TimeoutError:
                return position
        raise StopAsyncIteration

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.leave(self, self._held_since)

    def hold(self, now: float) -> None:
        """It is this one's turn."""
        self._held_since = now
        self.moved()

    def wait(self) -> None:
        """It has to wait."""
        self._moved = asyncio.Event()

    def moved(self) -> None:
        """Its position is another one now."""
        if self._moved is not None:
            self._moved.set()


_UNLIMITED = Place(None)


class _Server:
    """The places of one server; everything here happens at once, between two waits."""

    def __init__(self) -> None:
        self.queue: deque[Place] = deque()
        self._config: ProviderConfig | None = None
        self._limit = 0
        self._longest = 0
        self._taken = 0
        self._held_s = _GUESS_S

    def configure(self, config: ProviderConfig, limit: int, longest: int) -> None:
        self._config, self._limit, self._longest = config, limit, longest
        self._serve()  # there may be more places than before

    def enter(self, place: Place) -> None:
        if self._taken < self._limit:
            self._taken += 1
            place.hold(_now())
            return
        assert self._config is not None
        if len(self.queue) >= self._longest:
            name, wait = self._config.name, max(1, round(self._held_s * (len(self.queue) + 1) / self._limit))
            raise QueueFull(
                f"{name} answers {self._limit} at a time and {len(self.queue)} wait already.",
                provider=name,
                provider_id=self._config.id,
                retry_after_s=wait,
                waiting=len(self.queue),
            )
        place.wait()
        self.queue.append(place)
        metrics.QUEUE_WAITING.labels(self._config.id).set(len(self.queue))

    def leave(self, place: Place, held_since: float | None) -> None:
        if held_since is not None:
            self._taken -= 1
            self._held_s += _NEW_COUNTS * (_now() - held_since - self._held_s)
        else:
            self.queue.remove(place)
        self._serve()

    def _serve(self) -> None:
        while self.queue and self._taken < self._limit:
            self._taken += 1
            self.queue.popleft().hold(_now())
        for place in self.queue:
            place.moved()
        if self._config is not None:
            metrics.QUEUE_WAITING.labels(self._config.id).set(len(self.queue))


def _now() -> float:
    return asyncio.get_running_loop().time()
