"""The listening socket, the HTTP server on it, and how it stops: answers are saved, streams end, then it is over."""

import asyncio
import contextlib
import errno
import ipaddress
import logging
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from freehold.cli.corking import CorkedTransport
from freehold.cli.cycle import QuickCycle
from freehold.errors import ConfigurationError
from freehold.settings import Settings

MOST_HEAD_BYTES = 32_768
"""Twice what is answered: what is larger than that is not even read."""

MAX_FRAME_BYTES = 1_000_000

EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound


class HeadTooLarge(Exception):
    """Request line and headers together are larger than MOST_HEAD_BYTES."""


class LimitedProtocol(HttpToolsProtocol):
    """Counts the head of a request while it arrives; a larger one is answered with 400 and the connection closed.

    What an answer writes in one turn of the loop goes out at once.
    """

    _in_head = False
    _chunk = 0  # bytes of the latest piece
    _later = 0  # of the pieces after the one in which the head began

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        super().connection_made(CorkedTransport(transport, asyncio.get_running_loop()))

    def data_received(self, data: bytes) -> None:
        self._chunk = len(data)
        if self._in_head:
            self._later += len(data)
            if self._later > MOST_HEAD_BYTES:
                self.send_400_response("The head of the request is too large.")
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        self._in_head, self._later = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        # counted only where it can be: almost every head came in one small piece
        if self._later + self._chunk > MOST_HEAD_BYTES:
            size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
            if size > MOST_HEAD_BYTES:
                raise HeadTooLarge
        super().on_headers_complete()
        if self.cycle is not None and type(self.cycle) is RequestResponseCycle:
            self.cycle.__class__ = QuickCycle  # its task begins at the loop's next turn; uvicorn has no other place


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
