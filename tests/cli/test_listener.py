"""The server's protocol on a socket, against uvicorn's own: the same answers, and idle connections end."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from freehold.cli.listener import MOST_HEAD_BYTES, LimitedProtocol


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers with what it was asked; /fails raises, /stream sends pieces."""
    if scope["path"] == "/fails":
        raise ValueError("as asked")
    body, more = b"", True
    while more:
        message = await receive()
        body += message["body"]
        more = message["more_body"]
    seen = [scope[name] for name in ("method", "path", "raw_path", "query_string", "http_version")]
    content = repr([*seen, body]).encode()
    headers = [(b"x-kind", b"echo")]
    if scope["path"] != "/stream":
        headers.append((b"content-length", b"%d" % len(content)))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if scope["path"] == "/stream":
        await send({"type": "http.response.body", "body": content[:5], "more_body": True})
        content = content[5:]
    await send({"type": "http.response.body", "body": content, "more_body": False})


@asynccontextmanager
async def serving(kind: type[HttpToolsProtocol], keep_alive_s: int = 5) -> AsyncGenerator[tuple[int, ServerState]]:
    config = uvicorn.Config(echo, lifespan="off", log_config=None, access_log=False, timeout_keep_alive=keep_alive_s)
    config.load()
    state, loop = ServerState(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: kind(config, state, {}, loop), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], state


async def said(port: int, *pieces: bytes) -> bytes:
    """Everything that the server says before it closes, also where it closes before it has read every piece.

    The kernel then resets the connection; asyncio's streams raise that instead of giving what had arrived before.
    """
    loop, answer = asyncio.get_running_loop(), b""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setblocking(False)
        with suppress(ConnectionError):
            for piece in pieces:
                await loop.sock_sendall(connection, piece)
                await asyncio.sleep(0.02)  # so that pieces arrive one by one
        with suppress(ConnectionError):
            while heard := await asyncio.wait_for(loop.sock_recv(connection, 65_536), 20):
                answer += heard
    return answer


HOST = b"Host: x\r\n"
LAST = b"GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize(
    "pieces",
    [
        (b"GET /a HTTP/1.1\r\n" + HOST + b"\r\n", LAST),
        (b"GET /a?b=%20c HTTP/1.1\r\n" + HOST + b"\r\n", LAST),
        (b"GET /a%20b HTTP/1.1\r\n" + HOST + b"\r\n", LAST),
        (b"GET //a HTTP/1.1\r\n" + HOST + b"\r\n", LAST),
        (b"GET http://x/a HTTP/1.1\r\n" + HOST + b"\r\n", LAST),
        (b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", LAST),
        (b"HEAD /a HTTP/1.1\r\n" + HOST + b"\r\n", LAST),
        (b"GET /stream HTTP/1.1\r\n" + HOST + b"\r\n", LAST),
        (b"GET /stream HTTP/1.0\r\n" + HOST + b"\r\n",),
        (b"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", LAST),
        (b"POST /a HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nhello", LAST),
        (b"POST /a HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nhe", b"llo", LAST),
        (b"POST /a HTTP/1.1\r\n" + HOST + b"Content-Length: 200000\r\n\r\n", b"x" * 100_000, b"y" * 100_000, LAST),
        (b"POST /a HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n1\r\nh", b"\r\n0\r\n\r\n", LAST),
        (b"POST /a HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n", b"ok", LAST),
        (b"GET /one HTTP/1.1\r\n" + HOST + b"\r\nGET /two HTTP/1.1\r\n" + HOST + b"\r\n" + LAST,),
        (b"GET /a HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n", LAST),
        (b"GET /fails HTTP/1.1\r\n" + HOST + b"\r\n",),
        (b"nonsense\r\n\r\n",),
    ],
)  # fmt: skip
async def test_the_same_answers_as_uvicorn(pieces: tuple[bytes, ...]) -> None:
    async with serving(LimitedProtocol) as (port, _):
        ours = await said(port, *pieces)
    async with serving(HttpToolsProtocol) as (port, _):
        theirs = await said(port, *pieces)
    assert ours == theirs
    assert ours


async def test_a_head_that_is_too_large_ends_the_connection() -> None:
    async with serving(LimitedProtocol) as (port, _):
        whole = b"GET /a HTTP/1.1\r\n" + HOST + b"X-Large: " + b"a" * MOST_HEAD_BYTES
        assert (await said(port, whole + b"\r\n\r\n")).startswith(b"HTTP/1.1 400")
        assert (await said(port, whole[:20_000], whole[20_000:], whole)).startswith(b"HTTP/1.1 400")


async def test_a_connection_that_nobody_uses_ends_and_a_busy_one_does_not() -> None:
    async with serving(LimitedProtocol, keep_alive_s=1) as (port, state):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        loop = asyncio.get_running_loop()
        began = last = loop.time()
        for _ in range(4):  # longer than the time to keep it, each pause shorter
            writer.write(b"GET /a HTTP/1.1\r\n" + HOST + b"\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.rpartition(b"content-length: ")[2]))
            last = loop.time()
            await asyncio.sleep(0.4)
        assert last - began > 1
        assert await asyncio.wait_for(reader.read(), 20) == b""
        assert loop.time() - last >= 0.99
        assert state.total_requests == 4
        writer.close()


async def test_a_request_under_way_keeps_its_connection() -> None:
    async with serving(LimitedProtocol, keep_alive_s=1) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /a HTTP/1.1\r\n" + HOST + b"\r\n")
        await reader.readuntil(b"content-length")
        writer.write(b"POST /slow HTTP/1.1\r\n" + HOST + b"Content-Length: 2\r\nConnection: close\r\n\r\n")
        await asyncio.sleep(1.5)  # past the time to keep what nobody uses
        writer.write(b"ok")
        assert b"/slow" in await asyncio.wait_for(reader.read(), 20)
        writer.close()
