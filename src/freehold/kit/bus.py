"""A publish/subscribe bus inside one process: what changed, told to whoever listens now."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Any
from weakref import WeakSet

QUEUE_LIMIT = 1000


class SubscriptionLagged(Exception):
    """The listener was too slow and lost events; it has to load the current state and subscribe again."""


class Subscription(AsyncIterator[Any]):
    """The payloads published on some topics since it was made. Close it, or use it as a context manager."""

    def __init__(self, bus: "MemoryBus", topics: tuple[str, ...]) -> None:
        self._bus = bus
        self._topics = topics
        self._waiting: deque[Any] = deque()
        self._arrived = asyncio.Event()
        self._lagged = False
        self._closed = False

    def __enter__(self) -> "Subscription":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __aiter__(self) -> "Subscription":
        return self

    async def __anext__(self) -> Any:
        """The next payload; raises SubscriptionLagged after more than 1000 were not fetched."""
        while not self._waiting:
            if self._lagged:
                raise SubscriptionLagged
            if self._closed:
                raise StopAsyncIteration
            self._arrived.clear()
            await self._arrived.wait()
        return self._waiting.popleft()

    def close(self) -> None:
        """Stop receiving; an iteration under way ends after what already arrived."""
        self._closed = True
        self._bus._remove(self, self._topics)
        self._arrived.set()

    def _receive(self, payload: Any) -> None:
        if self._lagged:
            return
        if len(self._waiting) >= QUEUE_LIMIT:
            self._waiting.clear()
            self._lagged = True
        else:
            self._waiting.append(payload)
        self._arrived.set()


class MemoryBus:
    """Topics are strings such as `user:<id>`. Payloads are handed over as they are: treat them as read-only.

    A subscription that is dropped without being closed is forgotten, so a cancelled listener leaves nothing behind.
    """

    def __init__(self) -> None:
        self._subscriptions: dict[str, WeakSet[Subscription]] = {}

    def publish(self, topic: str, payload: Any) -> None:
        """Hand `payload` to everyone subscribed to `topic`; never waits. Call it from the event loop's thread."""
        for subscription in tuple(self._subscriptions.get(topic, ())):
            subscription._receive(payload)

    def subscribe(self, *topics: str) -> Subscription:
        """Listen from now on: what is published after this call is not missed, even before the first iteration."""
        subscription = Subscription(self, topics)
        for topic in topics:
            self._subscriptions.setdefault(topic, WeakSet()).add(subscription)
        return subscription

    def _remove(self, subscription: Subscription, topics: tuple[str, ...]) -> None:
        for topic in topics:
            listeners = self._subscriptions.get(topic)
            if listeners is None:
                continue
            listeners.discard(subscription)
            if not listeners:
                del self._subscriptions[topic]
