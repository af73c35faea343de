"""One connection to a provider: HTTP/1.1 as httptools reads it, with backpressure and one deadline at a time.

RFC 9112. It serves one exchange after another: `begin`, `head`, `read` until b"", then `settle`.
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httptools

from freehold.providers.upstream.failures import Closed, NotHttp, Silent, Stale

MAX_HEAD_BYTES = 65_536
HIGH_WATER_BYTES = 262_144
"""What lies here unread before the provider has to wait."""

STALE_S = 1.0
"""A connection used before that ends so soon after a request, without a byte, ended before the provider saw it."""


class Connection(asyncio.Protocol):
    """Bytes to and from one provider. Not safe for two exchanges at once; the pool sees to that."""

    __slots__ = (
        "_answered",
        "_bare",
        "_between_s",
        "_beyond",
        "_deadline",
        "_due",
        "_failure",
        "_first_byte_at",
        "_full",
        "_head_bytes",
        "_head_done",
        "_headless",
        "_interim",
        "_keep",
        "_loop",
        "_lost",
        "_parser",
        "_paused",
        "_pieces",
        "_sending",
        "_sent_at",
        "_size",
        "_started",
        "_timer",
        "_transport",
        "_until_end",
        "_used",
        "_waiter",
        "closed",
        "complete",
        "headers",
        "idle_since",
        "key",
        "on_body",
        "status",
        "timed_out",
    )

    def __init__(self, key: Any, lost: Callable[["Connection"], None]) -> None:
        self.key = key
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self.idle_since = 0.0
        self.closed = False
        self.complete = True  # no exchange is under way
        self.timed_out = False
        self._lost = lost
        self._used = False
        self._loop = asyncio.get_running_loop()
        self._transport: Any = None
        self._pieces: list[bytes] = []
        self.on_body = self._pieces.append  # called for each chunk of a chunked body: no function of ours between
        self._parser: Any = httptools.HttpResponseParser(self)
        self._waiter: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._paused = False
        self._due = math.inf
        self._reset(math.inf, math.inf)

    def _reset(self, first_byte_at: float, between_s: float) -> None:
        self._first_byte_at = first_byte_at
        self._between_s = between_s
        self._deadline = math.inf
        self._size = self._bare = self._head_bytes = 0
        self._beyond: int | None = None  # the index in `_pieces` from where on they are none of this answer
        self._failure: Exception | None = None
        self._answered = self._head_done = self._started = self._interim = False
        self._keep = self._until_end = self._headless = False
        self._full = self._sending = False

    # --- the exchange -------------------------------------------------------------------------------------------------

    def begin(self, request: bytes, first_byte_at: float, between_s: float, headless: bool = False) -> None:
        """Send a request. `first_byte_at` is a time of the loop; `headless` is the answer to HEAD, without a body."""
        self._reset(first_byte_at, between_s)
        self._headless = headless
        self.headers = {}
        self.complete = False
        if self._timer is None or first_byte_at < self._due:
            self._rearm(first_byte_at)
        self._sent_at = time.monotonic()
        self._transport.write(request)

    async def send(self, pieces: AsyncIterator[bytes], first_byte_s: float) -> None:
        """Send a body after its head, no faster than the provider takes it; its time to answer begins at the end.

        Ends early when the answer is here already or never comes; then the connection serves no other exchange.
        """
        self._sending = True
        async for piece in pieces:
            while self._full and not self._head_done and self._failure is None:
                await self._wait(self._loop.time() + self._between_s)
            if self._head_done or self._failure is not None:
                return
            self._transport.write(piece)
        self._sending = False
        self._first_byte_at = self._loop.time() + first_byte_s

    async def head(self) -> None:
        """Wait for `status` and `headers`. Raises Silent, Closed, NotHttp, and Stale when it can be sent again."""
        while not self._head_done:
            if self._failure is not None:
                raise self._failure
            await self._wait(self._first_byte_at)

    async def read(self) -> bytes:
        """The body as far as it is here, at least one byte; b"" at its end. Raises as `head`."""
        while not self._pieces:
            if self._failure is not None:
                raise self._failure
            if self.complete:
                return b""
            await self._wait(self._loop.time() + self._between_s if self._started else self._first_byte_at)
        self._started = True
        pieces = self._pieces
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        self._size = 0
        if self._paused:
            self._paused = False
            if not self.closed:
                self._transport.resume_reading()
        return data

    def settle(self) -> bool:
        """End the exchange; whether the connection can serve another. It is closed at once when it cannot."""
        if (
            self._keep
            and self.complete
            and not self.closed
            and not self._sending
            and not self._transport.get_write_buffer_size()
        ):
            self._pieces.clear()  # complete but unread
            if self._paused:
                self._paused = False
                self._transport.resume_reading()
            self._used = True
            return True
        self.abort()
        return False

    def abort(self) -> None:
        """Close without waiting for anything, in whatever state it is."""
        self._disarm()
        self.closed = True
        if self._transport is not None:
            self._transport.abort()

    async def _wait(self, deadline: float) -> None:
        """Until something happens. The provider's time runs only here: what our own reader takes is not its silence."""
        self._deadline = deadline
        if deadline < self._due:
            self._rearm(deadline)
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None
            self._deadline = math.inf

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _rearm(self, due: float) -> None:
        self._disarm()
        self._due = due
        self._timer = self._loop.call_at(due, self._watch)

    def _watch(self) -> None:
        """One timer for all exchanges that looks at a number: a new one for every token, or answer, would cost more."""
        self._timer = None
        if self.complete:
            return
        now = self._loop.time()
        if now < self._deadline:
            self._rearm(min(self._deadline, now + self._between_s))
            return
        self.timed_out = True
        self._fail(Silent())

    def _wake(self) -> None:
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def _fail(self, failure: Exception) -> None:
        if self._failure is None:
            self._failure = failure
        self.abort()
        self._wake()

    # --- asyncio.Protocol ---------------------------------------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self.closed:
            return
        if self.complete:  # nobody asked for anything
            self.abort()
            return
        self._answered = True
        pieces, before = self._pieces, len(self._pieces)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as exc:
            self._keep = False
            if not self.complete:  # else the answer is whole, and what follows it is none of ours
                self._fail(NotHttp(str(exc)))
                return
        if self._beyond is not None:
            del pieces[self._beyond :]
        if len(pieces) != before:
            self._bare = 0
            self._size += sum(map(len, pieces[before:]))
            if self._size > HIGH_WATER_BYTES and not self._paused and not self.complete:
                self._paused = True
                self._transport.pause_reading()
        elif not self.complete:
            self._bare += len(data)
        if self._bare > MAX_HEAD_BYTES or self._head_bytes > MAX_HEAD_BYTES:
            self._fail(NotHttp(f"more than {MAX_HEAD_BYTES} bytes around the body"))
            return
        self._wake()

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        self._wake()

    def eof_received(self) -> bool:
        self._ended(None)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended(exc)
        self._disarm()
        self._parser = None  # they hold each other
        self._lost(self)

    def _ended(self, exc: Exception | None) -> None:
        self.closed = True
        if self.complete or self._failure is not None:
            return
        if self._head_done and self._until_end and exc is None:
            self.complete = True
            self._keep = False
            self._wake()
        elif self._used and not self._answered and time.monotonic() - self._sent_at < STALE_S:
            self._fail(Stale())
        else:
            self._fail(Closed(type(exc).__name__ if exc else "end"))

    # --- httptools ----------------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        if self.complete:  # a second answer right behind the first: nobody asked for it
            self._foreign()

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._head_done and not self.complete:
            self._head_bytes += len(name) + len(value)
            self.headers.setdefault(name.lower(), value.strip())

    def on_headers_complete(self) -> None:
        if self.complete:
            return
        parser = self._parser
        status: int = parser.get_status_code()
        if 100 <= status < 200 and status != 101:
            self._interim = True
            return
        headers = self.headers
        self.status = status
        self._keep = parser.should_keep_alive() and not self._headless
        self._until_end = not (
            b"content-length" in headers or b"chunked" in headers.get(b"transfer-encoding", b"").lower()
        )
        self._head_done = True
        if self._headless:
            self.complete = True
            self._foreign()

    def _foreign(self) -> None:
        """What comes from here on belongs to no request."""
        self._keep = False
        if self._beyond is None:
            self._beyond = len(self._pieces)

    def on_message_complete(self) -> None:
        if self._interim:
            self._interim = False
            self.headers.clear()
        else:
            self.complete = True
