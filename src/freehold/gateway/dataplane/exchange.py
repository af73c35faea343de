"""One request of a program and its answer, over plain ASGI: body, head, pieces, and whether the client is there."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from typing import Any

import orjson
from starlette.types import Receive, Scope, Send

from freehold.access.answer_headers import API_FIRST, HSTS
from freehold.errors import InvalidRequest, PayloadTooLarge
from freehold.kit import clock
from freehold.kit.deadline import Ticker
from freehold.observability import request_id

JSON = b"application/json"
NDJSON = b"application/x-ndjson"
EVENT_STREAM = b"text/event-stream; charset=utf-8"

Header = tuple[bytes, bytes]

_HSTS: Header = (b"strict-transport-security", HSTS.encode())
_LEFT_AFTER_S = 0.05
"""An answer that takes longer than this is ended when its client leaves; a quicker one is over before it matters."""


class Exchange:
    """A request under way. `status` is 0 until the answer's head was sent; `noted` gives more for its log line; `asked`
    is the model that it names, once that was read. `named`: the first header of each lower-case name. `address`: where
    the request comes from, the client's address or what a trusted proxy said.
    """

    __slots__ = (
        "_receive",
        "_secure",
        "_send",
        "address",
        "asked",
        "headers",
        "id",
        "named",
        "noted",
        "path",
        "scope",
        "status",
    )

    def __init__(self, scope: Scope, receive: Receive, send: Send, secure: bool) -> None:
        self.scope = scope
        self.path: str = scope["path"]
        self.headers: list[Header] = scope["headers"]
        self.named = dict(reversed(self.headers))
        client = scope.get("client")
        self.address: str | None = client[0] if client else None
        self.id = request_id.begin(self.named.get(request_id.HEADER))
        self.status = 0
        self.noted: Callable[[], dict[str, Any]] = dict
        self.asked = ""
        self._receive = receive
        self._send = send
        self._secure = secure or scope["scheme"] == "https"

    def header(self, name: bytes) -> bytes | None:
        """The first header of that lower-case name."""
        return self.named.get(name)

    async def read(self, limit: int) -> bytes:
        """The whole body. Raises PayloadTooLarge past `limit` bytes, ClientLeft when it never comes."""
        announced = self.named.get(b"content-length")
        if announced is not None and (not announced.isdigit() or int(announced) > limit):
            raise too_large(limit)
        message = await self._receive()
        body: bytes = message.get("body", b"")
        if message["type"] == "http.request" and not message.get("more_body", False):
            if len(body) > limit:
                raise too_large(limit)
            return body
        pieces, size = [body], len(body)
        while True:
            if message["type"] == "http.disconnect":
                raise ClientLeft
            if size > limit:
                raise too_large(limit)
            if not message.get("more_body", False):
                return b"".join(pieces)
            message = await self._receive()
            piece = message.get("body", b"")
            pieces.append(piece)
            size += len(piece)

    async def pieces(self, limit: int) -> AsyncGenerator[bytes]:
        """The body as it comes. Raises PayloadTooLarge past `limit` bytes, ClientLeft when the rest never comes."""
        announced = self.named.get(b"content-length")
        if announced is not None and (not announced.isdigit() or int(announced) > limit):
            raise too_large(limit)
        size = 0
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientLeft
            piece: bytes = message.get("body", b"")
            size += len(piece)
            if size > limit:
                raise too_large(limit)
            if piece:
                yield piece
            if not message.get("more_body", False):
                return

    async def read_object(self, limit: int) -> dict[str, Any]:
        """The body as a JSON object. Raises InvalidRequest and as `read`."""
        body = await self.read(limit)
        try:
            parsed = orjson.loads(body)
        except ValueError as error:
            raise InvalidRequest(f"The body is not JSON: {error}.", next_step="Send one JSON object.") from None
        if not isinstance(parsed, dict):
            raise InvalidRequest("The body is JSON, but not an object.", next_step="Send one JSON object.")
        return parsed

    async def begin(self, status: int, media_type: bytes, more: Iterable[Header] = ()) -> None:
        """Send the head of the answer."""
        self.status = status
        headers = [*API_FIRST, (b"content-type", media_type), (request_id.HEADER, self.id.encode()), *more]
        if self._secure:
            headers.append(_HSTS)
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def write(self, piece: bytes) -> None:
        """Send a piece of the body; waits while the client reads slower than we write."""
        await self._send({"type": "http.response.body", "body": piece, "more_body": True})

    async def end(self) -> None:
        """The answer is complete."""
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def answer(self, status: int, body: bytes, media_type: bytes = JSON, more: Iterable[Header] = ()) -> None:
        """A whole answer at once."""
        await self.begin(status, media_type, [*more, (b"content-length", str(len(body)).encode())])
        await self._send({"type": "http.response.body", "body": body, "more_body": False})

    def presence(self, ticker: Ticker) -> "Presence":
        """A block that is cancelled when the client leaves; the body must have been read."""
        return Presence(self._receive, ticker)


class ClientLeft(Exception):
    """The client closed the connection; nobody is there to be told anything."""


class Presence:
    """Cancels the block's task when the client leaves, and turns that cancellation into ClientLeft.

    Nothing is started for an answer that is over within 50 ms: watching costs more than most of such an answer.
    """

    __slots__ = ("_left", "_receive", "_since", "_task", "_ticker", "_watcher")

    def __init__(self, receive: Receive, ticker: Ticker) -> None:
        self._receive = receive
        self._ticker = ticker
        self._left = False
        self._watcher: asyncio.Task[None] | None = None
        self._task: asyncio.Task[Any] | None = None

    def __enter__(self) -> None:
        self._task = asyncio.current_task(self._ticker.loop)
        self._since = clock.monotonic()
        self._ticker.add(self)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._ticker.discard(self)
        if self._watcher is not None:
            self._watcher.cancel()
        task, self._task = self._task, None
        if self._left and task is not None:
            task.uncancel()
            if kind is not None and issubclass(kind, asyncio.CancelledError):
                raise ClientLeft

    def tick(self, now: float) -> None:
        """Begin to watch."""
        if now - self._since >= _LEFT_AFTER_S:
            self._ticker.discard(self)
            self._watcher = self._ticker.loop.create_task(self._watch(), name="client presence")

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        if self._task is not None:
            self._left = True
            self._task.cancel()


def too_large(limit: int) -> PayloadTooLarge:
    """The refusal that names the limit, in megabytes as people write them."""
    return PayloadTooLarge(f"The request is larger than {limit / 1_000_000:g} MB.", limit_bytes=limit)
