"""A server that says exactly the bytes a test gives it, on a real socket, and counts what came."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable

Answer = Callable[["Visit"], Awaitable[None]]
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Visit:
    """One request as it came, and the way to answer it."""

    def __init__(self, head: bytes, body: bytes, streams: Streams, number: int, nth: int) -> None:
        self.head = head
        self.body = body
        self._reader, self.writer = streams
        self.connection = number  # of the server, from 1
        self.nth = nth  # request on this connection, from 1

    async def say(self, *pieces: bytes, pause_s: float = 0.0) -> None:
        """Write each piece by itself."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            if pause_s:
                await asyncio.sleep(pause_s)

    async def left(self) -> None:
        """Wait until the client closes the connection."""
        while await self._reader.read(65_536):
            pass


class RawServer:
    """Answers each request with `answer`; keeps what it saw."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.port = 0
        self.connections = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self.visits: list[Visit] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side ends it."""
        self.connections += 1
        number, nth = self.connections, 0
        self._writers.add(writer)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
                )
                nth += 1
                visit = Visit(head, await reader.readexactly(length), (reader, writer), number, nth)
                self.visits.append(visit)
                await self._answer(visit)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            self._writers.discard(writer)

    def hang_up(self) -> None:
        """Break every connection off."""
        for writer in self._writers:
            writer.transport.abort()

    async def all_left(self, timeout_s: float = 10.0) -> bool:
        """Wait until no connection is open."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self._writers:
                    await asyncio.sleep(0.005)
        return not self._writers


@contextlib.asynccontextmanager
async def raw_server(
    answer: Answer, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[RawServer]:
    """A running server on a free port."""
    server = RawServer(answer)
    running = await asyncio.start_server(server.serve, host, 0, ssl=tls)
    server.port = running.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        running.close()
        server.hang_up()
        await server.all_left()


def chunked(*pieces: bytes) -> bytes:
    """A body in chunks, each piece one of them, with its end."""
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def whole(body: bytes, status: bytes = b"200 OK", *headers: bytes) -> bytes:
    """A JSON answer with its length."""
    more = b"".join(header + b"\r\n" for header in headers)
    return b"HTTP/1.1 %s\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s" % (
        status, more, len(body), body,
    )  # fmt: skip


STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
