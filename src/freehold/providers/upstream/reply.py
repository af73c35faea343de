"""A response whose body is read as it arrives: in pieces, as events, as lines, or whole."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from freehold import errors
from freehold.providers.upstream import failures
from freehold.providers.upstream.connection import Connection
from freehold.providers.upstream.endpoint import Endpoint
from freehold.providers.upstream.pool import Pool
from freehold.wire.sse import MAX_LINE_BYTES, LineParser, LineTooLong, SseParser

MAX_BODY_BYTES = 16_000_000
_DRAIN_S = 0.05


class Headers(Mapping[str, str]):
    """Response headers by name in any case; of one that came twice, the first."""

    __slots__ = ("_raw",)

    def __init__(self, raw: dict[bytes, bytes]) -> None:
        self._raw = raw

    def __getitem__(self, name: str) -> str:
        return self._raw[name.lower().encode("latin-1", "replace")].decode("latin-1")

    def __iter__(self) -> Iterator[str]:
        return (name.decode("latin-1") for name in self._raw)

    def __len__(self) -> int:
        return len(self._raw)


class Reply:
    """A response whose body is read as it arrives. `status` and `headers` (case-insensitive) are known."""

    __slots__ = ("_connection", "_endpoint", "_pool", "_raw", "_started", "status")

    def __init__(self, connection: Connection, endpoint: Endpoint, pool: Pool) -> None:
        self.status = connection.status
        self._raw = connection.headers
        self._connection: Connection | None = connection
        self._endpoint = endpoint
        self._pool = pool
        self._started = False

    @property
    def headers(self) -> Mapping[str, str]:
        """By name in any case."""
        return Headers(self._raw)

    @property
    def is_json(self) -> bool:
        """Whether it says that it is JSON, and so no stream of events."""
        return self._raw.get(b"content-type", b"").startswith(b"application/json")

    async def next(self) -> bytes:
        """The next piece of the body, b"" at its end. Raises ProviderTimeout, ProviderProtocolError (cut stream)."""
        connection = self._connection
        if connection is None:
            return b""
        try:
            chunk = await connection.read()
        except failures.Broken as exc:
            raise failures.reading_failure(self._endpoint, exc, self._started) from exc
        self._started = True
        return chunk

    async def chunks(self) -> AsyncGenerator[bytes]:
        """The body in pieces as they arrive. Raises as `next`."""
        while chunk := await self.next():
            yield chunk

    def events(self, max_bytes: int = MAX_LINE_BYTES) -> AsyncGenerator[bytes]:
        """The `data` of each server-sent event. Raises as `chunks`, and ProviderProtocolError for a giant event."""
        return self._parsed(SseParser(max_bytes))

    def lines(self, max_bytes: int = MAX_LINE_BYTES) -> AsyncGenerator[bytes]:
        """Each non-empty line (NDJSON). Raises as `chunks`, and ProviderProtocolError for a giant line."""
        return self._parsed(LineParser(max_bytes))

    async def _parsed(self, parser: SseParser | LineParser) -> AsyncGenerator[bytes]:
        try:
            while chunk := await self.next():
                for item in parser.feed(chunk):
                    yield item
            for item in parser.finish():
                yield item
        except LineTooLong as exc:
            raise errors.ProviderProtocolError(
                f"{self._endpoint.provider} sent a line without end, so the answer was broken off.",
                **self._endpoint.params(),
            ) from exc

    async def read(self, limit: int = MAX_BODY_BYTES) -> bytes:
        """The whole body, at most `limit` bytes, else ProviderProtocolError."""
        pieces: list[bytes] = []
        size = 0
        while chunk := await self.next():
            size += len(chunk)
            if size > limit:
                raise errors.ProviderProtocolError(
                    f"{self._endpoint.provider} sent a reply larger than {limit} bytes.", **self._endpoint.params()
                )
            pieces.append(chunk)
        return b"".join(pieces)

    async def json(self, limit: int = MAX_BODY_BYTES) -> Any:
        """The body as JSON. Raises ProviderProtocolError when it is not."""
        return parse_json(await self.read(limit), self._endpoint)

    async def error_body(self) -> tuple[Any, str]:
        """Of an error reply: its JSON and "", or None and the first 2,000 characters of what it is instead."""
        raw = await self.read()
        try:
            return orjson.loads(raw), ""
        except ValueError:
            return None, raw[:2000].decode("utf-8", "replace")

    async def drain(self) -> None:
        """After the protocol's own end mark: take the transport's end too, so that the connection can be used again.

        The end mark of a chunked body usually lies in the buffer already; a server that keeps the connection open is
        not waited for.
        """
        connection = self._connection
        if connection is None or connection.complete:
            return
        with contextlib.suppress(TimeoutError, failures.Broken):
            async with asyncio.timeout(_DRAIN_S):
                while await connection.read():
                    pass

    async def aclose(self) -> None:
        """Give the connection back when the answer is here to its end, else close it at once."""
        connection, self._connection = self._connection, None
        if connection is not None and connection.settle():
            self._pool.put(connection)


@dataclass(frozen=True, slots=True)
class JsonReply:
    """A whole reply: `data` is the parsed JSON, or None when an error reply (status >= 400) holds none."""

    status: int
    headers: Mapping[str, str]
    data: Any
    text: str = ""  # of an error reply that is no JSON, at most 2,000 characters


def parse_json(body: bytes, endpoint: Endpoint) -> Any:
    """Parse JSON that a provider sent; ProviderProtocolError names the provider when it is none."""
    try:
        return orjson.loads(body)
    except ValueError as exc:
        if body.lstrip()[:1] == b"<":
            raise failures.web_page(endpoint) from exc
        raise errors.ProviderProtocolError(
            f"{endpoint.provider} ({endpoint.where}) sent a reply that is not JSON.", **endpoint.params()
        ) from exc
