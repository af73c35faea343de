"""Connections that wait to be used again, and new ones: resolved once, every address judged, connected to just these.

SECURITY.md, items 27-29. TLS checks the certificate against the host name, whatever address it was reached by.
"""

import asyncio
import socket
import ssl
import time
from typing import Any

from freehold.kit import addresses
from freehold.providers.upstream.connection import Connection
from freehold.providers.upstream.endpoint import Door
from freehold.providers.upstream.failures import AddressForbidden

KEEP_ALIVE_S = 30.0
SWEEP_S = 10.0
NAMES_S = 30.0
"""How long an answer of the name service is used for new connections."""

NEXT_ADDRESS_S = 0.25  # RFC 8305, section 5: when to try the next address while the first is still silent


class Pool:
    """All connections of one client, in use or idle, of one event loop."""

    def __init__(self) -> None:
        self._idle: dict[Door, list[Connection]] = {}
        self._open: set[Connection] = set()
        self._names: dict[tuple[str, int], tuple[float, list[str]]] = {}
        self._resolving: dict[tuple[str, int], asyncio.Task[list[str]]] = {}
        self._sweeper: asyncio.TimerHandle | None = None
        self._all_lost: asyncio.Future[None] | None = None  # while the pool closes
        self._tls: ssl.SSLContext | None = None

    def take(self, door: Door) -> Connection | None:
        """The idle connection that was used last, if there is one."""
        idle = self._idle.get(door)
        while idle:
            connection = idle.pop()
            if not connection.closed:
                return connection
        return None

    def put(self, connection: Connection) -> None:
        """Keep a connection whose exchange is over."""
        connection.idle_since = time.monotonic()
        self._idle.setdefault(connection.key, []).append(connection)
        if self._sweeper is None:
            self._sweeper = asyncio.get_running_loop().call_later(SWEEP_S, self._sweep)

    async def connect(self, door: Door) -> Connection:
        """A new connection. Raises OSError (also of TLS and names), ValueError, AddressForbidden."""
        found = await self._addresses(door.host, door.port)
        tls = await self._context() if door.tls else None
        failure: Exception = OSError("no address")
        if len(found) == 1:
            return await self._connect_to(door, found[0], tls)
        running: set[asyncio.Task[Connection]] = set()
        waiting = list(found)
        try:
            while running or waiting:
                if waiting:
                    running.add(asyncio.ensure_future(self._connect_to(door, waiting.pop(0), tls)))
                done, running = await asyncio.wait(
                    running, timeout=NEXT_ADDRESS_S if waiting else None, return_when=asyncio.FIRST_COMPLETED
                )
                good = [task.result() for task in done if task.exception() is None]
                for spare in good[1:]:
                    spare.abort()
                if good:
                    return good[0]
                failure = next((error for task in done if isinstance(error := task.exception(), Exception)), failure)
        finally:
            await _give_up(running)
        raise failure

    async def _connect_to(self, door: Door, address: str, tls: ssl.SSLContext | None) -> Connection:
        more: dict[str, Any] = {} if tls is None else {"ssl": tls, "server_hostname": door.host}
        _, connection = await asyncio.get_running_loop().create_connection(
            lambda: Connection(door, self._lost), address, door.port, **more
        )
        if not connection.closed:
            self._open.add(connection)
        return connection

    async def _addresses(self, host: str, port: int) -> list[str]:
        """What to connect to: the literal address itself, else the answers for the name, all of them judged."""
        try:
            addresses.judge(host)
        except ValueError:
            pass
        else:
            return [host]  # judged with the endpoint
        key = (host, port)
        known = self._names.get(key)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        task = self._resolving.get(key)
        if task is None:
            task = self._resolving[key] = asyncio.ensure_future(_resolve(host, port))
            task.add_done_callback(lambda done: self._resolved(key, done))
        return await asyncio.shield(task)  # others wait for the same answer

    def _resolved(self, key: tuple[str, int], task: asyncio.Task[list[str]]) -> None:
        self._resolving.pop(key, None)
        if not task.cancelled() and task.exception() is None:
            self._names[key] = (time.monotonic() + NAMES_S, task.result())

    async def _context(self) -> ssl.SSLContext:
        """The system's authorities, or those of SSL_CERT_FILE and SSL_CERT_DIR; reading them takes 50 ms."""
        if self._tls is None:
            self._tls = await asyncio.to_thread(_new_context)
        return self._tls

    def _lost(self, connection: Connection) -> None:
        self._open.discard(connection)
        if self._all_lost is not None and not self._open and not self._all_lost.done():
            self._all_lost.set_result(None)

    def _sweep(self) -> None:
        """Close what nobody used for a while."""
        oldest = time.monotonic() - KEEP_ALIVE_S
        for door, idle in list(self._idle.items()):
            for connection in idle:
                if connection.idle_since < oldest:
                    connection.abort()
            idle[:] = [connection for connection in idle if not connection.closed]
            if not idle:
                del self._idle[door]
        loop = asyncio.get_running_loop()
        self._sweeper = loop.call_later(SWEEP_S, self._sweep) if self._idle else None

    async def aclose(self) -> None:
        """Close every connection, also those in use, and wait until they are closed."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        self._idle.clear()
        await _give_up(set(self._resolving.values()))
        for connection in list(self._open):
            connection.abort()
        if self._open:
            self._all_lost = asyncio.get_running_loop().create_future()
            await asyncio.wait((self._all_lost,), timeout=1)


async def _give_up(tasks: set[asyncio.Task[Any]]) -> None:
    """Cancel what still runs; a connection that came about all the same is closed."""
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Connection):
            result.abort()


async def _resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, IPv6 and IPv4 in turn (RFC 8305, section 4). Raises AddressForbidden, OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    answers = list(dict.fromkeys(str(socket_address[0]) for *_, socket_address in found))
    for answer in answers:
        if addresses.judge(answer) == "forbidden":
            raise AddressForbidden(answer)
    first = [answer for answer in answers if (":" in answer) == (":" in answers[0])]
    second = [answer for answer in answers if answer not in first]
    ordered: list[str] = []
    for index in range(max(len(first), len(second))):
        ordered += first[index : index + 1] + second[index : index + 1]
    return ordered


def _new_context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context
