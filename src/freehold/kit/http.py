"""The one client for outbound requests other than those to models: every address is judged before it is connected to.

Implements SECURITY.md, items 27-29. `providers/upstream` is the other client, for models only.
"""

import functools
import socket
import ssl
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import anyio
import httpcore2
import httpx2

from freehold.kit.addresses import judge

MAX_REDIRECTS = 3
_PORTS = frozenset({80, 443})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})


class AddressRefused(Exception):
    """The target is one that this client must not reach; the message names it."""


class Door(NamedTuple):
    """A host and port that the operator named for one purpose; it may be private, on any port."""

    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> "Door":
        """The door that a URL of the operator's opens."""
        parts = urlsplit(url)
        return cls((parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80))


class OutboundHttp:
    """Requests to the public internet and to `doors`; nothing else. Build one per purpose, `aclose()` it after use.

    Proxy variables and netrc are not read; certificates are the system's (SSL_CERT_FILE is honoured).
    """

    def __init__(self, doors: Collection[Door] = (), *, connect_s: float = 10, read_s: float = 30) -> None:
        self._client = httpx2.AsyncClient(
            transport=_Transport(frozenset(doors)),
            timeout=httpx2.Timeout(read_s, connect=connect_s),
            trust_env=False,
            follow_redirects=False,
            headers={"User-Agent": "freehold", "Accept-Encoding": "identity"},
        )

    @asynccontextmanager
    async def stream(
        self, method: str, url: str, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[httpx2.Response]:
        """The reply, whatever its status, after at most three redirects, each judged like the first address.

        Credentials do not travel to another host. Raises AddressRefused and httpx2.HTTPError.
        """
        sent = dict(headers or {})
        for _ in range(MAX_REDIRECTS + 1):
            _check_url(url)
            async with self._client.stream(method, url, headers=sent) as response:
                if response.status_code not in _REDIRECTS or "location" not in response.headers:
                    yield response
                    return
                following = str(response.url.join(response.headers["location"]))
            if Door.of(following) != Door.of(url):
                sent = {name: value for name, value in sent.items() if name.lower() not in _SECRET_HEADERS}
            url = following
        raise AddressRefused(f"more than {MAX_REDIRECTS} redirects, the last to {Door.of(url).host}")

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise AddressRefused(f"{url[:100]!r} is not an http or https address")


@functools.cache
def _certificates() -> ssl.SSLContext:
    """The system's authorities, or those of SSL_CERT_FILE and SSL_CERT_DIR; read once, it takes 50 ms."""
    return httpx2.create_ssl_context(trust_env=True)


class _Transport(httpx2.AsyncHTTPTransport):
    """httpx2's transport over a pool whose every connection the guard opens; httpx2 has no parameter for that."""

    def __init__(self, doors: frozenset[Door]) -> None:
        super().__init__(verify=_certificates())
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=_certificates(),
            max_connections=20,
            keepalive_expiry=15,
            network_backend=_GuardedNetwork(doors),
        )


class _GuardedNetwork(httpcore2.AsyncNetworkBackend):
    """Resolves a name once, judges every answer, and connects to exactly these addresses; TLS still checks the name."""

    def __init__(self, doors: frozenset[Door]) -> None:
        self._doors = doors
        self._inner: Any = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore2's
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        open_door = Door(host.lower(), port) in self._doors
        if port not in _PORTS and not open_door:
            raise AddressRefused(f"port {port} of {host}")
        try:
            answers = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as exc:
            raise httpcore2.ConnectError(f"the name {host} cannot be resolved") from exc
        addresses = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
        for address in addresses:
            verdict = judge(address)
            if verdict == "forbidden" or (verdict == "private" and not open_door):
                raise AddressRefused(f"{host} leads to the {verdict} address {address}")
        failure: Exception = httpcore2.ConnectError(f"{host} has no address")
        for address in addresses:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as exc:
                failure = exc
        raise failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore2's
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        raise AddressRefused("a Unix socket")

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds)
