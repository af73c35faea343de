"""The one HTTP client towards models: streams, JSON calls, timeouts, and failures as `freehold.errors` classes."""

import asyncio
import contextlib
import math
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson
from aiohttp.abc import AbstractResolver, ResolveResult

from freehold import errors
from freehold.kit import addresses
from freehold.wire.sse import MAX_LINE_BYTES, LineParser, LineTooLong, SseParser

CONNECT_S = 10.0
FIRST_BYTE_S = 120.0
BETWEEN_CHUNKS_S = 120.0
MAX_BODY_BYTES = 16_000_000
KEEP_ALIVE_S = 30.0
_DRAIN_S = 0.05


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one provider lives and how long to wait for it (seconds).

    Requests built on an endpoint can only go to the host and port of `base_url`, so an administrator who configures
    a private address opens that one door and no other.
    """

    provider_id: str
    provider: str  # display name, for the sentences of errors
    base_url: str
    first_byte_s: float = FIRST_BYTE_S
    between_chunks_s: float = BETWEEN_CHUNKS_S

    @property
    def where(self) -> str:
        """host:port, as an error sentence names it."""
        parts = urlsplit(self.base_url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        host = parts.hostname or "?"
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def url(self, path: str) -> str:
        """`base_url` with `path` appended."""
        return f"{self.base_url.rstrip('/')}/{path.lstrip('/')}" if path else self.base_url

    def params(self, **more: Any) -> dict[str, Any]:
        """What every ProviderError's `params` must hold, and more."""
        return {"provider": self.provider, "provider_id": self.provider_id, **more}


class Reply:
    """A response whose body is read as it arrives. `status` and `headers` (case-insensitive) are known."""

    __slots__ = (
        "_deadline",
        "_endpoint",
        "_loop",
        "_response",
        "_started",
        "_timed_out",
        "_timer",
        "headers",
        "status",
    )

    def __init__(self, response: aiohttp.ClientResponse, endpoint: Endpoint, first_byte_at: float) -> None:
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers
        self._response = response
        self._endpoint = endpoint
        self._loop = asyncio.get_running_loop()
        self._deadline = first_byte_at
        self._started = False
        self._timed_out = False
        # One timer for the whole reply that looks at a number: re-arming it per chunk would cost more than parsing.
        self._timer = self._loop.call_at(first_byte_at, self._watch)

    async def chunks(self) -> AsyncGenerator[bytes]:
        """The body in pieces as they arrive. Raises ProviderTimeout, ProviderProtocolError (cut stream)."""
        content, loop, wait = self._response.content, self._loop, self._endpoint.between_chunks_s
        try:
            while True:
                chunk = await content.readany()
                if not chunk:
                    return
                self._deadline = math.inf  # the time that our own reader takes is not the provider's
                if not self._started:
                    self._started = True
                    self._timer.cancel()
                    self._timer = loop.call_later(wait, self._watch)
                yield chunk
                self._deadline = loop.time() + wait
        except asyncio.CancelledError:
            raise
        except (aiohttp.ClientError, OSError, TimeoutError) as exc:
            raise self._failure(exc) from exc

    def events(self, max_bytes: int = MAX_LINE_BYTES) -> AsyncGenerator[bytes]:
        """The `data` of each server-sent event. Raises as `chunks`, and ProviderProtocolError for a giant event."""
        return self._parsed(SseParser(max_bytes))

    def lines(self, max_bytes: int = MAX_LINE_BYTES) -> AsyncGenerator[bytes]:
        """Each non-empty line (NDJSON). Raises as `chunks`, and ProviderProtocolError for a giant line."""
        return self._parsed(LineParser(max_bytes))

    async def _parsed(self, parser: SseParser | LineParser) -> AsyncGenerator[bytes]:
        try:
            async with contextlib.aclosing(self.chunks()) as chunks:
                async for chunk in chunks:
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
        async with contextlib.aclosing(self.chunks()) as chunks:
            async for chunk in chunks:
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
        with contextlib.suppress(TimeoutError, aiohttp.ClientError, OSError):
            async with asyncio.timeout(_DRAIN_S):
                while await self._response.content.readany():
                    pass

    async def aclose(self) -> None:
        """Give the connection back when the body was read to its end, else close it at once."""
        self._timer.cancel()
        if self._response.content.at_eof():
            self._response.release()
        else:
            self._response.close()

    def _watch(self) -> None:
        now = self._loop.time()
        if now >= self._deadline:
            self._timed_out = True
            self._response.close()  # wakes the reader with an error, which `_failure` turns into ProviderTimeout
        else:
            self._timer = self._loop.call_at(min(self._deadline, now + self._endpoint.between_chunks_s), self._watch)

    def _failure(self, exc: BaseException) -> errors.ProviderError:
        endpoint = self._endpoint
        if self._timed_out:
            seconds = endpoint.between_chunks_s if self._started else endpoint.first_byte_s
            return _timeout(endpoint, seconds, "in the middle of the answer" if self._started else "before it began")
        return errors.ProviderProtocolError(
            f"{endpoint.provider} ({endpoint.where}) broke the connection off before the answer was complete.",
            **endpoint.params(cause=type(exc).__name__),
        )


@dataclass(frozen=True, slots=True)
class JsonReply:
    """A whole reply: `data` is the parsed JSON, or None when an error reply (status >= 400) holds none."""

    status: int
    headers: Mapping[str, str]
    data: Any
    text: str = ""  # of an error reply that is no JSON, at most 2,000 characters


class Upstream:
    """The connections to all providers. Build one in the lifespan of the app, `aclose()` it at the end."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    def _ready(self) -> aiohttp.ClientSession:
        if self._session is None:  # aiohttp wants the running loop
            connector = aiohttp.TCPConnector(
                resolver=_JudgingResolver(), limit=0, ttl_dns_cache=30, keepalive_timeout=KEEP_ALIVE_S
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                read_bufsize=256 * 1024,
                # Ours are the only timeouts: `connect` here (name, socket, TLS), the rest in `open_stream` and `Reply`.
                timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_S, sock_read=None),
                headers={"User-Agent": "freehold"},
            )
        return self._session

    @contextlib.asynccontextmanager
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
        all_headers = {"Accept-Encoding": "identity"}
        if body is not None:
            all_headers["Content-Type"] = "application/json"
        all_headers.update(headers or {})
        async with self._opened(endpoint, method, path, body, all_headers=all_headers, params=params) as reply:
            yield reply

    @contextlib.asynccontextmanager
    async def send(
        self, endpoint: Endpoint, method: str, path: str, body: bytes, headers: Sequence[tuple[bytes, bytes]]
    ) -> AsyncIterator[Reply]:
        """Like `open_stream` for a body that is bytes already; `headers` say what they are. Raises the same."""
        texts = {"Accept-Encoding": "identity"}
        texts.update((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
        async with self._opened(endpoint, method, path, body, all_headers=texts, params=None) as reply:
            yield reply

    @contextlib.asynccontextmanager
    async def _opened(
        self,
        endpoint: Endpoint,
        method: str,
        path: str,
        body: bytes | None,
        *,
        all_headers: Mapping[str, str],
        params: Mapping[str, str] | None,
    ) -> AsyncIterator[Reply]:
        session = self._ready()
        _check_target(endpoint)
        _check_headers(endpoint, all_headers)
        first_byte_at = asyncio.get_running_loop().time() + endpoint.first_byte_s
        try:
            async with asyncio.timeout_at(first_byte_at):
                response = await session.request(
                    method, endpoint.url(path), data=body, headers=all_headers, params=params, allow_redirects=False
                )
        except asyncio.CancelledError:
            raise
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as exc:
            raise _opening_failure(endpoint, exc) from exc
        reply = Reply(response, endpoint, first_byte_at)
        try:
            _check_reply(endpoint, reply)
            yield reply
        finally:
            await reply.aclose()

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
        if self._session is not None:
            await self._session.close()
            self._session = None


def parse_json(body: bytes, endpoint: Endpoint) -> Any:
    """Parse JSON that a provider sent; ProviderProtocolError names the provider when it is none."""
    try:
        return orjson.loads(body)
    except ValueError as exc:
        if body.lstrip()[:1] == b"<":
            raise _web_page(endpoint) from exc
        raise errors.ProviderProtocolError(
            f"{endpoint.provider} ({endpoint.where}) sent a reply that is not JSON.", **endpoint.params()
        ) from exc


def _encode(value: Any, endpoint: Endpoint) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError as exc:  # half a surrogate pair, an integer over 64 bits, a key that is no text
        raise errors.InvalidRequest(f"The request cannot be written as JSON: {exc}.", **endpoint.params()) from exc


class _ForbiddenAddress(aiohttp.ClientError):
    """A host name leads to an address that nothing may connect to."""


class _JudgingResolver(AbstractResolver):
    """Resolves once and judges every answer; the connector then connects to exactly these addresses."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        results: list[ResolveResult] = []
        for answer_family, _, proto, _, socket_address in found:
            address = str(socket_address[0])
            if addresses.judge(address) == "forbidden":
                raise _ForbiddenAddress(address)
            results.append(
                ResolveResult(
                    hostname=host,
                    host=address,
                    port=port,
                    family=answer_family,
                    proto=proto,
                    flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
                )
            )
        return results

    async def close(self) -> None:
        """Nothing is held."""


def _check_target(endpoint: Endpoint) -> None:
    """Refuse what the resolver never sees: other schemes, credentials in the URL, forbidden literal addresses."""
    try:
        parts = urlsplit(endpoint.base_url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        raise errors.ProviderUnreachable(
            f"The address of {endpoint.provider} is not a usable http or https address.",
            next_step="Correct the address in the provider's settings, for example http://127.0.0.1:11434.",
            **endpoint.params(reason="unusable_address"),
        )
    try:
        verdict = addresses.judge(host)
    except ValueError:
        return  # a name; the resolver judges its answers
    if verdict == "forbidden":
        raise _forbidden(endpoint)


def _check_headers(endpoint: Endpoint, headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        if any(character in name or character in value for character in "\r\n\0"):
            raise errors.InvalidRequest(
                f"The header {name.splitlines()[0]!r} for {endpoint.provider} holds a line break.",
                next_step="Enter the key or header again on a single line.",
                **endpoint.params(),
            )


def _check_reply(endpoint: Endpoint, reply: Reply) -> None:
    if 300 <= reply.status < 400:
        raise errors.ProviderProtocolError(
            f"{endpoint.provider} ({endpoint.where}) answers with a redirect, which is not followed.",
            next_step="Enter the final address, often https:// instead of http://, in the provider's settings.",
            **endpoint.params(location=reply.headers.get("Location", "")[:500]),
        )
    if reply.status < 300 and reply.headers.get("Content-Type", "").startswith("text/html"):
        raise _web_page(endpoint)


def _web_page(endpoint: Endpoint) -> errors.ProviderProtocolError:
    return errors.ProviderProtocolError(
        f"{endpoint.provider} ({endpoint.where}) answered with a web page instead of an API reply.",
        next_step="Check the address; for most servers it ends in /v1.",
        **endpoint.params(),
    )


def _forbidden(endpoint: Endpoint) -> errors.ProviderUnreachable:
    return errors.ProviderUnreachable(
        f"{endpoint.where} leads to a link-local or metadata address, which Freehold never connects to.",
        next_step="Enter the address of the model server itself.",
        **endpoint.params(address=endpoint.where, reason="forbidden_address"),
    )


def _timeout(endpoint: Endpoint, seconds: float, when: str) -> errors.ProviderTimeout:
    return errors.ProviderTimeout(
        f"{endpoint.provider} ({endpoint.where}) was silent for {seconds:g} seconds {when}.",
        **endpoint.params(address=endpoint.where, reason="timeout", seconds=seconds),
    )


def _opening_failure(endpoint: Endpoint, exc: BaseException) -> errors.ProviderError:
    """The error class and sentence for a request that got no reply; `params` name the address and a reason."""
    where = endpoint.where
    params = endpoint.params(cause=type(exc).__name__, address=where, reason=_reason(exc))
    if isinstance(exc, _ForbiddenAddress):
        return _forbidden(endpoint)
    if isinstance(exc, aiohttp.ConnectionTimeoutError):
        return errors.ProviderTimeout(f"Connecting to {where} took longer than {CONNECT_S:g} seconds.", **params)
    if isinstance(exc, aiohttp.ClientConnectorDNSError):
        return errors.ProviderUnreachable(f"The name of {where} is not known to this machine's DNS.", **params)
    if isinstance(exc, aiohttp.ClientConnectorCertificateError):
        return errors.ProviderUnreachable(
            f"The TLS certificate of {where} is not valid for it.",
            next_step="Check the address; for a server with its own authority, add that to the system's certificates.",
            **params,
        )
    if isinstance(exc, aiohttp.ClientSSLError):
        return errors.ProviderUnreachable(
            f"{where} does not speak TLS as expected.",
            next_step="Check whether the address should start with http:// instead of https://.",
            **params,
        )
    if isinstance(exc, aiohttp.ClientConnectorError):
        reason = "refused the connection" if isinstance(exc.os_error, ConnectionRefusedError) else "cannot be reached"
        return errors.ProviderUnreachable(f"{where} {reason}.", **params)
    if isinstance(exc, TimeoutError):
        return _timeout(endpoint, endpoint.first_byte_s, "before it began")
    if isinstance(exc, (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError, ValueError)) and not isinstance(
        exc, aiohttp.ClientResponseError
    ):
        return errors.ProviderUnreachable(
            f"The address of {endpoint.provider} cannot be used.",
            next_step="Correct the address in the provider's settings.",
            **params,
        )
    if isinstance(exc, aiohttp.ClientResponseError):
        return errors.ProviderProtocolError(f"{where} answered with something that is not HTTP.", **params)
    return errors.ProviderUnreachable(f"{where} closed the connection without an answer.", **params)


def _reason(exc: BaseException) -> str:
    """Why there was no reply, in one word for clients that write their own sentence."""
    if isinstance(exc, TimeoutError):
        return "timeout"
    if isinstance(exc, aiohttp.ClientConnectorDNSError):
        return "name_unknown"
    if isinstance(exc, aiohttp.ClientConnectorCertificateError):
        return "certificate"
    if isinstance(exc, aiohttp.ClientSSLError):
        return "tls"
    if isinstance(exc, aiohttp.ClientConnectorError):
        return "refused" if isinstance(exc.os_error, ConnectionRefusedError) else "unreachable"
    if isinstance(exc, aiohttp.ClientResponseError):
        return "not_http"
    return "unusable_address" if isinstance(exc, ValueError) else "closed"
