"""The listening socket, the HTTP server on it, and how it stops: answers are saved, streams end, then it is over."""

import asyncio
import contextlib
import errno
import ipaddress
import logging
import re
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from freehold.cli.corking import CorkedTransport
from freehold.cli.cycle import QuickCycle, Signal
from freehold.errors import ConfigurationError
from freehold.settings import Settings

MOST_HEAD_BYTES = 32_768
"""Twice what is answered: what is larger than that is not even read."""

MAX_FRAME_BYTES = 1_000_000

_PLAIN_PATH = re.compile(rb"/(?!/)[A-Za-z0-9_.~/-]*")
"""A request target that is a path and nothing else, without anything encoded."""

_MOST_KNOWN, _LONGEST_KNOWN = 256, 64
_paths: dict[bytes, str] = {}
"""Those that were found to be plain; programs ask a dozen short ones again and again."""

EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound


class HeadTooLarge(Exception):
    """Request line and headers together are larger than MOST_HEAD_BYTES."""


class LimitedProtocol(HttpToolsProtocol):
    """Counts the head of a request while it arrives; a larger one is answered with 400 and the connection closed.

    What an answer writes in one turn of the loop goes out at once, and one timer ends a connection that nobody uses:
    uvicorn makes one for each request. What is no ordinary request goes uvicorn's own way.
    """

    _in_head = False
    _chunk = 0  # bytes of the latest piece
    _later = 0  # of the pieces after the one in which the head began
    _ordinary = False  # the request that arrives
    _idle_since: float | None = None  # None: a request is under way, or none came yet
    _idle_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        super().connection_made(CorkedTransport(transport, asyncio.get_running_loop()))

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None

    def data_received(self, data: bytes) -> None:
        self._chunk = len(data)
        if self._in_head:
            self._later += len(data)
            if self._later > MOST_HEAD_BYTES:
                self.send_400_response("The head of the request is too large.")
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        self._in_head, self._later, self._ordinary = True, 0, False
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self._in_head = False
        if b"expect" in dict(self.headers):  # uvicorn asks it of each header
            self.expect_100_continue = any(
                name == b"expect" and value.lower() == b"100-continue" for name, value in self.headers
            )
        # counted only where it can be: almost every head came in one small piece
        if self._later + self._chunk > MOST_HEAD_BYTES:
            size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
            if size > MOST_HEAD_BYTES:
                raise HeadTooLarge
        url, before = self.url, self.cycle
        path = _paths.get(url) or _plain(url)
        parser: Any = self.parser
        app: Any = self.app
        if (
            path is None
            or parser.get_http_version() != "1.1"
            or parser.should_upgrade()
            or not (before is None or before.response_complete)
        ):
            super().on_headers_complete()
            return
        scope = self.scope
        scope["method"] = parser.get_method().decode("ascii")
        scope["path"] = path
        scope["raw_path"] = url
        scope["query_string"] = b""
        self._ordinary = True
        self.cycle = QuickCycle(
            scope,
            self.transport,
            self.flow,
            self.logger,
            self.access_logger,
            self.access_log,
            self.server_state.default_headers,
            Signal(),  # pyright: ignore[reportArgumentType]
            self.expect_100_continue,
            parser.should_keep_alive(),
            self.on_response_complete,
        )
        self._start_asgi_task(self.cycle, app)

    def on_body(self, body: bytes) -> None:
        if not self._ordinary:
            super().on_body(body)
            return
        cycle = self.cycle
        if not cycle.response_complete:
            cycle.body += body
            if len(cycle.body) > HIGH_WATER_LIMIT:
                self.flow.pause_reading()
            cycle.message_event.set()

    def on_message_complete(self) -> None:
        if not self._ordinary:
            super().on_message_complete()
            return
        cycle = self.cycle
        if not cycle.response_complete:
            cycle.more_body = False
            cycle.message_event.set()

    # --- between requests ---------------------------------------------------------------------------------------------

    def on_response_complete(self) -> None:
        if self.pipeline or self.transport.is_closing():
            super().on_response_complete()
            return
        self.server_state.total_requests += 1
        self.flow.resume_reading()
        self._idle_since = self.loop.time()
        if self._idle_timer is None:
            self._idle_timer = self.loop.call_later(self.timeout_keep_alive, self._end_idle)

    def _unset_keepalive_if_required(self) -> None:
        self._idle_since = None

    def _end_idle(self) -> None:
        """Close the connection once nothing came for the time that it is kept."""
        self._idle_timer = None
        if self._idle_since is None:
            return  # the end of the answer under way sets the timer again
        left_s = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left_s > 0:
            self._idle_timer = self.loop.call_later(left_s, self._end_idle)
        else:
            self.timeout_keep_alive_handler()


def _plain(url: bytes) -> str | None:
    """The path that a request's target is; None for one that is more than that."""
    if not _PLAIN_PATH.fullmatch(url):
        return None
    path = url.decode("ascii")
    if len(url) <= _LONGEST_KNOWN:
        if len(_paths) >= _MOST_KNOWN:
            _paths.clear()
        _paths[url] = path
    return path


class Server(uvicorn.Server):
    """uvicorn, stopping in our order."""

    def __init__(self, app: FastAPI, settings: Settings, before_close: Callable[[], Awaitable[None]]) -> None:
        """`before_close` runs when a stop was asked for, while streams are still connected."""
        super().__init__(
            uvicorn.Config(
                app,
                lifespan="off",
                loop="none",
                http=LimitedProtocol,
                ws="websockets-sansio",
                ws_max_size=MAX_FRAME_BYTES,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=bool(settings.server.trusted_proxies),
                forwarded_allow_ips=list(settings.server.trusted_proxies),
                timeout_graceful_shutdown=max(1, round(settings.server.shutdown_seconds)),
            )
        )
        self._before_close = before_close

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Stop on SIGINT and SIGTERM. uvicorn raises the signal again when it is done, before our services stopped."""
        loop = asyncio.get_running_loop()
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C arrives as KeyboardInterrupt
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, self.handle_exit, number, None)
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Save answers under way, so that their streams end by themselves, then close what is left."""
        await self._before_close()
        await super().shutdown(sockets)


class Expected(logging.Filter):
    """What uvicorn logs as an error and is none: streams that it cancelled at the end, as it was asked to, and
    WebSockets that were refused with an HTTP answer (websockets-sansio forgets that this completes a handshake).
    """

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        refused = record.msg == "ASGI callable returned without completing handshake."
        return not refused and not isinstance(error, asyncio.CancelledError)


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; raises ConfigurationError that says why the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # two sockets may bind the same address with SO_REUSEADDR; only one may listen
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise _refused(host, port, error) from error
    return listener


def _refused(host: str, port: int, error: OSError) -> ConfigurationError:
    if error.errno == errno.EADDRINUSE:
        return ConfigurationError(
            f"Port {port} on {host} is in use by another program.",
            next_step="Stop that program, or choose another port with --port (0 takes a free one).",
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return ConfigurationError(
            f"Port {port} may not be used by this user.", next_step="Choose a port from 1024 on with --port."
        )
    return ConfigurationError(
        f"The address {host} cannot be listened on: {error.strerror or error}.",
        next_step="Use 127.0.0.1, 0.0.0.0, or an address of this machine with --host.",
    )


def addresses_of(listener: socket.socket, settings: Settings) -> list[str]:
    """Where a person opens the page: the public URL, else what the socket is bound to.

    Bound to every address: this machine's name for itself first, then the addresses by which others reach it.
    """
    if settings.server.public_url:
        return [settings.server.public_url]
    host, port = listener.getsockname()[:2]
    hosts = ["localhost", *_own_addresses(host)] if host in EVERY_ADDRESS else [host]
    return [f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}" for host in hosts]


def _own_addresses(bound: str) -> list[str]:
    """The addresses of this machine that its routes to the outside start from. Nothing is sent."""
    found: list[str] = []
    families = [(socket.AF_INET, "192.0.2.1")]  # addresses of documentation (RFC 5737, RFC 3849): nobody's
    if bound == "::":
        families.append((socket.AF_INET6, "2001:db8::1"))
    for family, outside in families:
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((outside, 9))  # for a datagram socket this only chooses the route
            found.append(probe.getsockname()[0])
    return [address for address in found if not ipaddress.ip_address(address).is_loopback]


def on_hangup(action: Callable[[], Any]) -> None:
    """Call `action` on SIGHUP where the system has it."""
    number = getattr(signal, "SIGHUP", None)
    if number is not None:
        asyncio.get_running_loop().add_signal_handler(number, action)
