"""Requests to providers: each is one exchange on a connection of the pool."""

import asyncio
import functools
import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson

from freehold import errors
from freehold.providers.upstream import failures
from freehold.providers.upstream.connection import Connection
from freehold.providers.upstream.endpoint import Door, Endpoint, request_target, target_of
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

    @asynccontextmanager
    async def open_stream(
        self,
        endpoint: Endpoint,
        method: str,
        path: str,
        *,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> AsyncIterator[Reply]:
        """Send a request and hand out the reply once its headers are here, whatever the status.

        Leaving the block, by any way, closes the connection unless the body was read to its end. Raises
        ProviderUnreachable, ProviderTimeout, and ProviderProtocolError for a redirect or a web page with status < 400.
        """
        body = None if json is None else _encode(json, endpoint)
        pairs = [(b"Content-Type", b"application/json")] if body is not None else []
        pairs += [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
        async with _Opening(self._pool, endpoint, method, path, body=body, headers=pairs, params=params) as reply:
            yield reply

    def send(
        self, endpoint: Endpoint, method: str, path: str, body: bytes, headers: Sequence[tuple[bytes, bytes]]
    ) -> "_Opening":
        """Like `open_stream` for a body that is bytes already; `headers` say what they are. Raises the same."""
        return _Opening(self._pool, endpoint, method, path, body=body, headers=headers)

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


class _Opening:
    """The block in which a reply is read; a class because the generator that `asynccontextmanager` needs costs more."""

    __slots__ = ("_body", "_endpoint", "_headers", "_method", "_params", "_path", "_pool", "_reply")

    def __init__(
        self,
        pool: Pool,
        endpoint: Endpoint,
        method: str,
        path: str,
        *,
        body: bytes | None,
        headers: Sequence[tuple[bytes, bytes]],
        params: Mapping[str, str] | None = None,
    ) -> None:
        self._pool = pool
        self._endpoint = endpoint
        self._method = method
        self._path = path
        self._body = body
        self._headers = headers
        self._params = params

    async def __aenter__(self) -> Reply:
        endpoint = self._endpoint
        try:
            target = target_of(endpoint.base_url)
            if target is None:
                raise failures.unusable(endpoint)
            if target.forbidden:
                raise failures.forbidden(endpoint)
            params = tuple(self._params.items()) if self._params else ()
            first_lines = _first_lines(self._method, endpoint.url(self._path), target.authority, params)
            head = _head(endpoint, first_lines, self._headers)
            body = self._body
            request = head + b"\r\n" if body is None else b"%sContent-Length: %d\r\n\r\n%s" % (head, len(body), body)
            connection = await _exchange(self._pool, endpoint, target.door, request, self._method == "HEAD")
        except (OSError, ValueError, failures.Broken, failures.ConnectTimeout, failures.AddressForbidden) as exc:
            raise failures.opening_failure(endpoint, exc) from exc
        self._reply = reply = Reply(connection, endpoint, self._pool)
        try:
            _check_reply(endpoint, connection)
        except errors.ProviderError:
            await reply.aclose()
            raise
        return reply

    async def __aexit__(self, *_: object) -> None:
        await self._reply.aclose()


async def _exchange(pool: Pool, endpoint: Endpoint, door: Door, request: bytes, headless: bool) -> Connection:
    """Send the request and wait for the head of the answer. Only a connection that was kept too long is tried again."""
    first_byte_at = asyncio.get_running_loop().time() + endpoint.first_byte_s
    connection = pool.take(door)
    if connection is not None:
        try:
            return await _asked(connection, request, first_byte_at, endpoint.between_chunks_s, headless)
        except failures.Stale:
            pass
    connection = await _connected(pool, door, first_byte_at)
    return await _asked(connection, request, first_byte_at, endpoint.between_chunks_s, headless)


async def _asked(
    connection: Connection, request: bytes, first_byte_at: float, between_s: float, headless: bool
) -> Connection:
    try:
        connection.begin(request, first_byte_at, between_s, headless)
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


def _encode(value: Any, endpoint: Endpoint) -> bytes:
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


@functools.lru_cache(maxsize=512)
def _first_lines(method: str, url: str, authority: bytes, params: tuple[tuple[str, str], ...]) -> bytes:
    """The request line and the Host header. Raises ValueError for a method or a URL that is none."""
    encoded = method.encode("ascii")
    if not _NAME.fullmatch(encoded):
        raise ValueError(f"{method!r} is no method")
    return b"%s %s HTTP/1.1\r\nHost: %s\r\n" % (encoded, request_target(url, dict(params)), authority)


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
