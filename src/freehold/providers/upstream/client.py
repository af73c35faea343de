"""Requests to providers: each is one exchange on a connection of the pool."""

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from freehold import errors
from freehold.kit import clock
from freehold.providers.upstream import failures
from freehold.providers.upstream.connection import Connection
from freehold.providers.upstream.endpoint import Door, Endpoint, request_target, target_of
from freehold.providers.upstream.form import Upload
from freehold.providers.upstream.pool import Pool
from freehold.providers.upstream.reply import MAX_BODY_BYTES, JsonReply, Reply

# RFC 9110, sections 5.1 and 5.5
_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_BREAK = re.compile(rb"[\r\n\0]")
_DEFAULTS = ((b"accept", b"Accept: */*\r\n"), (b"accept-encoding", b"Accept-Encoding: identity\r\n"),
             (b"user-agent", b"User-Agent: freehold\r\n"))  # fmt: skip
_FRAMING = frozenset(
    {b"connection", b"content-length", b"expect", b"host", b"te", b"trailer", b"transfer-encoding", b"upgrade"}
)
"""Ours alone, whoever gives another: they say where a request ends, and could make one request look like two."""


class Upstream:
    """The connections to all providers. Build one in the lifespan of the app, `aclose()` it at the end."""

    def __init__(self) -> None:
        self._pool = Pool()

    def prepare(
        self,
        endpoint: Endpoint,
        method: str,
        path: str,
        headers: Iterable[tuple[bytes, bytes]],
        params: Mapping[str, str] | None = None,
    ) -> "Prepared":
        """What requests that differ in nothing but their body share. Raises ProviderUnreachable, InvalidRequest."""
        try:
            target = target_of(endpoint.base_url)
            if target is None:
                raise failures.unusable(endpoint)
            if target.forbidden:
                raise failures.forbidden(endpoint)
            first_lines = _first_lines(method, endpoint.url(path), target.authority, params)
        except ValueError as exc:
            raise failures.opening_failure(endpoint, exc) from exc
        return Prepared(endpoint, target.door, _head(endpoint, first_lines, headers), method == "HEAD")

    def open(
        self,
        prepared: "Prepared",
        body: bytes | Upload | None,
        *,
        first_byte_s: float | None = None,
        refused: "Refused | None" = None,
    ) -> "Opening":
        """Send a request and hand out the reply, for a block, once its headers are here. An Upload goes in pieces.

        `first_byte_s`: how long that may take, where it is not the endpoint's usual time. `refused` makes the error of
        a reply with status >= 400; without it any status is handed out. Leaving the block, by any way, closes the
        connection unless the body was read to its end. Raises ProviderUnreachable, ProviderTimeout, and
        ProviderProtocolError for a redirect or a web page with status < 400.
        """
        return Opening(self._pool, prepared, body, first_byte_s, refused)

    def open_stream(
        self,
        endpoint: Endpoint,
        method: str,
        path: str,
        *,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> "Opening":
        """As `open`, whatever the status, for a request that is made once, with a body of JSON."""
        body = None if json is None else encode(json, endpoint)
        return self.open(self.prepare(endpoint, method, path, encoded(headers or {}, json is not None), params), body)

    def send(
        self, endpoint: Endpoint, method: str, path: str, body: bytes, headers: Iterable[tuple[bytes, bytes]]
    ) -> "Opening":
        """Like `open_stream` for a body that is bytes already; `headers` say what they are. Raises the same."""
        return self.open(self.prepare(endpoint, method, path, headers), body)

    async def request_json(
        self,
        endpoint: Endpoint,
        method: str,
        path: str,
        *,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        max_bytes: int = MAX_BODY_BYTES,
    ) -> JsonReply:
        """Send a request and read its JSON, whatever the status. Raises as `open_stream`, and for bad JSON."""
        async with self.open_stream(endpoint, method, path, json=json, headers=headers, params=params) as reply:
            if reply.status < 400:
                return JsonReply(reply.status, reply.headers, await reply.json(max_bytes))
            data, text = await reply.error_body()
            return JsonReply(reply.status, reply.headers, data, text)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()


Refused = Callable[[Reply, Any, str], Exception]
"""Makes the error of a reply: itself, its JSON, or what it is instead; see Reply.error_body."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request without its body; made by `Upstream.prepare`."""

    endpoint: Endpoint
    door: Door
    head: bytes
    headless: bool

    def with_headers(self, headers: Iterable[tuple[bytes, bytes]]) -> "Prepared":
        """The same with headers of one request alone, which it has not yet."""
        more = b"".join(b"%s: %s\r\n" % header for header in headers)
        return replace(self, head=self.head + more)


class Opening:
    """The block in which a reply is read; a class because the generator that `asynccontextmanager` needs costs more."""

    __slots__ = ("_body", "_first_byte_s", "_pool", "_prepared", "_refused", "_reply")

    def __init__(
        self,
        pool: Pool,
        prepared: Prepared,
        body: bytes | Upload | None,
        first_byte_s: float | None,
        refused: Refused | None,
    ) -> None:
        self._pool = pool
        self._prepared = prepared
        self._body = body
        self._first_byte_s = first_byte_s
        self._refused = refused

    async def __aenter__(self) -> Reply:
        prepared, body = self._prepared, self._body
        endpoint, head = prepared.endpoint, prepared.head
        try:
            if isinstance(body, Upload):
                connection = await _sent_in_pieces(self._pool, prepared, body, self._first_byte_s)
            else:
                request = (
                    head + b"\r\n" if body is None else b"%sContent-Length: %d\r\n\r\n%s" % (head, len(body), body)
                )
                first_byte_at = clock.monotonic() + (self._first_byte_s or endpoint.first_byte_s)
                connection = await _exchange(self._pool, prepared, request, first_byte_at)
        except (OSError, ValueError, failures.Broken, failures.ConnectTimeout, failures.AddressForbidden) as exc:
            raise failures.opening_failure(endpoint, exc) from exc
        self._reply = reply = Reply(connection, endpoint, self._pool)
        try:
            if reply.status >= 400 and self._refused is not None:
                raise self._refused(reply, *await reply.error_body())
            _check_reply(endpoint, connection)
        except BaseException:
            await reply.aclose()
            raise
        return reply

    async def __aexit__(self, *_: object) -> None:
        await self._reply.aclose()


async def _exchange(pool: Pool, prepared: Prepared, request: bytes, first_byte_at: float) -> Connection:
    """Send the request and wait for the head of the answer. Only a connection that was kept too long is tried again."""
    between_s, headless = prepared.endpoint.between_chunks_s, prepared.headless
    connection = pool.take(prepared.door)
    while True:
        fresh = connection is None
        if connection is None:
            connection = await _connected(pool, prepared.door, first_byte_at)
        try:
            connection.begin(request, first_byte_at, between_s, headless)
            await connection.head()
        except failures.Stale:
            connection.abort()
            if fresh:
                raise
            connection = None
        except BaseException:
            connection.abort()
            raise
        else:
            return connection


async def _sent_in_pieces(pool: Pool, prepared: Prepared, body: Upload, first_byte_s: float | None) -> Connection:
    """The same for a body in pieces, on a connection of its own: one that was kept might have to be tried again."""
    loop, endpoint = asyncio.get_running_loop(), prepared.endpoint
    within_s = first_byte_s or endpoint.first_byte_s
    connection = await _connected(pool, prepared.door, loop.time() + within_s)
    try:
        request = b"%sContent-Length: %d\r\n\r\n" % (prepared.head, body.length)
        connection.begin(request, loop.time() + within_s, endpoint.between_chunks_s)
        await connection.send(body.pieces(), within_s)
        await connection.head()
    except BaseException:
        connection.abort()
        raise
    return connection


async def _connected(pool: Pool, door: Door, first_byte_at: float) -> Connection:
    connect_until = asyncio.get_running_loop().time() + failures.CONNECT_S
    try:
        async with asyncio.timeout_at(min(connect_until, first_byte_at)):
            return await pool.connect(door)
    except TimeoutError as exc:
        raise (failures.ConnectTimeout if connect_until <= first_byte_at else failures.Silent)() from exc


def encoded(headers: Mapping[str, str], json: bool) -> list[tuple[bytes, bytes]]:
    """Headers as bytes, with the Content-Type of a body of JSON."""
    pairs = [(b"Content-Type", b"application/json")] if json else []
    return [*pairs, *((name.encode(), value.encode()) for name, value in headers.items())]


def encode(value: Any, endpoint: Endpoint) -> bytes:
    """The body of a request as JSON. Raises InvalidRequest for what is none."""
    try:
        return orjson.dumps(value)
    except TypeError as exc:  # half a surrogate pair, an integer over 64 bits, a key that is no text
        raise errors.InvalidRequest(f"The request cannot be written as JSON: {exc}.", **endpoint.params()) from exc


def _head(endpoint: Endpoint, first_lines: bytes, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Request line and headers, the last line ended. Raises InvalidRequest for what would be more than one line."""
    given: dict[bytes, bytes] = {}
    for name, value in headers:
        if _BREAK.search(value) or not _NAME.fullmatch(name):
            raise failures.bad_header(endpoint, name)
        given[name.lower()] = b"%s: %s\r\n" % (name, value)
    lines = [first_lines]
    lines += [line for name, line in _DEFAULTS if name not in given]
    lines += [line for name, line in given.items() if name not in _FRAMING]
    return b"".join(lines)


def _first_lines(method: str, url: str, authority: bytes, params: Mapping[str, str] | None) -> bytes:
    """The request line and the Host header. Raises ValueError for a method or a URL that is none."""
    encoded = method.encode("ascii")
    if not _NAME.fullmatch(encoded):
        raise ValueError(f"{method!r} is no method")
    return b"%s %s HTTP/1.1\r\nHost: %s\r\n" % (encoded, request_target(url, params), authority)


def _check_reply(endpoint: Endpoint, connection: Connection) -> None:
    status, headers = connection.status, connection.headers
    if status >= 400:
        return
    if status >= 300:
        raise failures.redirect(endpoint, headers.get(b"location", b"").decode("latin-1"))
    if status == 101:
        raise failures.opening_failure(endpoint, failures.NotHttp("101"))
    if headers.get(b"content-type", b"").startswith(b"text/html"):
        raise failures.web_page(endpoint)
