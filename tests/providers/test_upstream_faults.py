"""What a provider can do wrong on the wire, and what it comes to: the answer, one clear error, or a new connection."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from freehold import errors
from freehold.providers.upstream import Endpoint, Upstream
from tests.providers.raw_server import STREAM, RawServer, Visit, chunked, raw_server, whole

OK = whole(b'{"ok":true}')


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    client = Upstream()
    yield client
    await client.aclose()


def endpoint(server: RawServer, scheme: str = "http", host: str = "127.0.0.1", **fields: Any) -> Endpoint:
    return Endpoint("p", "Provider P", f"{scheme}://{host}:{server.port}/v1", **fields)


async def ask(upstream: Upstream, to: Endpoint) -> Any:
    return (await upstream.request_json(to, "POST", "chat/completions", json={"model": "m", "stream": True})).data


async def read_into(got: list[bytes], upstream: Upstream, to: Endpoint, events: bool = False) -> None:
    async with upstream.send(to, "POST", "chat/completions", b"{}", ()) as reply:
        async for piece in reply.events() if events else reply.chunks():
            got.append(piece)


async def body_of(upstream: Upstream, to: Endpoint) -> bytes:
    got: list[bytes] = []
    await read_into(got, upstream, to)
    return b"".join(got)


# --- answers that are right, though they come in an unusual way -----------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        OK,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b'{"ok"', b":true}"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7;a=b\r\n"
        + b'{"ok":t\r\n4\r\nrue}\r\n0\r\nX-Sum: 1\r\n\r\n',
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK,
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + OK,
        b"HTTP/1.1 200 OK\r\nX-Empty:\r\nContent-Length: 11\r\n\r\n" + b'{"ok":true}',
        b"HTTP/1.0 200 OK\r\nContent-Length: 11\r\n\r\n" + b'{"ok":true}',
    ],
    ids=["length", "chunks", "extension and trailer", "continue", "early hints", "empty header", "HTTP/1.0"],
)
@pytest.mark.parametrize("drip", [False, True])
async def test_every_framing_gives_the_same_answer(upstream: Upstream, sent: bytes, drip: bool) -> None:
    async def answer(visit: Visit) -> None:
        await visit.say(*((sent[i : i + 1] for i in range(len(sent))) if drip else (sent,)))

    async with raw_server(answer) as server:
        for _ in range(3):
            assert await ask(upstream, endpoint(server)) == {"ok": True}


async def test_a_body_without_length_ends_with_the_connection(upstream: Upstream) -> None:
    async def answer(visit: Visit) -> None:
        await visit.say(b"HTTP/1.1 200 OK\r\n\r\n", b'{"ok":', b"true}")
        visit.writer.write_eof()  # half-closed: it could still read

    async with raw_server(answer) as server:
        assert await ask(upstream, endpoint(server)) == {"ok": True}
        assert await ask(upstream, endpoint(server)) == {"ok": True}
        assert server.connections == 2


async def test_an_answer_without_a_body_is_complete_at_once(upstream: Upstream) -> None:
    async def answer(visit: Visit) -> None:
        await visit.say(b"HTTP/1.1 204 No Content\r\n\r\n" if visit.nth == 1 else OK)

    async with raw_server(answer) as server:
        assert await body_of(upstream, endpoint(server)) == b""
        assert await ask(upstream, endpoint(server)) == {"ok": True}
        assert server.connections == 1


async def test_the_answer_to_head_has_no_body_whatever_it_announces(upstream: Upstream) -> None:
    async def answer(visit: Visit) -> None:
        await visit.say(b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n")

    async with raw_server(answer) as server, upstream.open_stream(endpoint(server), "HEAD", "models") as reply:
        assert (reply.headers["content-length"], await reply.read()) == ("4000", b"")


async def test_an_answer_given_while_the_body_was_still_on_its_way_counts(upstream: Upstream) -> None:
    gone = asyncio.Event()

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(whole(b'{"error":"too large"}', b"413 Content Too Large", b"Connection: close"))
        await writer.drain()
        with contextlib.suppress(OSError):
            await reader.read()
        writer.close()
        gone.set()

    running = await asyncio.start_server(refuse, "127.0.0.1", 0)
    to = Endpoint("p", "P", f"http://127.0.0.1:{running.sockets[0].getsockname()[1]}")
    async with upstream.send(to, "POST", "x", b"x" * 30_000_000, ()) as reply:
        assert (reply.status, await reply.json()) == (413, {"error": "too large"})
    await asyncio.wait_for(gone.wait(), 10)
    running.close()


@pytest.mark.parametrize(("status", "name"), [(b"429 Too Many Requests", 429), (b"500 Internal Server Error", 500)])
async def test_an_error_keeps_its_headers_and_its_connection(upstream: Upstream, status: bytes, name: int) -> None:
    async def answer(visit: Visit) -> None:
        await visit.say(whole(b'{"error":{"message":"no"}}', status, b"Retry-After: 7"))

    async with raw_server(answer) as server:
        for _ in range(3):
            reply = await upstream.request_json(endpoint(server), "GET", "models")
            assert (reply.status, reply.headers["RETRY-AFTER"], reply.data["error"]["message"]) == (name, "7", "no")
        assert server.connections == 1


# --- answers that are wrong -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\nxyz\r\n",
    ],
    ids=["short of its length", "inside a chunk", "without the last chunk", "bad chunk"],
)
async def test_a_cut_answer_is_told_from_a_whole_one(upstream: Upstream, sent: bytes) -> None:
    async def answer(visit: Visit) -> None:
        await visit.say(sent)
        visit.writer.close()

    got: list[bytes] = []
    async with raw_server(answer) as server:
        with pytest.raises(errors.ProviderProtocolError, match="broke the connection off"):
            await read_into(got, upstream, endpoint(server))
        assert got == [b"{"]  # what came is not lost
        assert server.connections == 1  # and nothing is asked twice


@pytest.mark.parametrize(
    "sent",
    [
        b"HTTP/1.1 200 OK\r\nX-Giant: " + b"x" * 300_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-Many: 1\r\n" * 30_000 + b"\r\n",
        b"HTTP/1.1 100 Continue\r\nX-Again: yes\r\n\r\n" * 10_000,
        b"HTTP/1.1 " + b"2" * 300_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    ],
    ids=["giant header", "many headers", "endless continue", "giant status", "two framings", "two lengths", "upgrade"],
)
async def test_a_head_that_is_none_is_refused_within_bounds(upstream: Upstream, sent: bytes) -> None:
    async def answer(visit: Visit) -> None:
        await visit.say(sent)

    async with raw_server(answer) as server:
        with pytest.raises(errors.ProviderProtocolError, match="not HTTP") as caught:
            await ask(upstream, endpoint(server))
        assert caught.value.params["reason"] == "not_http"
        assert await server.all_left()


async def test_a_trailer_without_end_is_refused_within_bounds(upstream: Upstream) -> None:
    async def answer(visit: Visit) -> None:
        await visit.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n0\r\nX-Sum: ")
        while True:
            await visit.say(b"1" * 10_000)

    async with raw_server(answer) as server:
        with pytest.raises(errors.ProviderProtocolError, match="broke the connection off"):
            await body_of(upstream, endpoint(server))
        assert await server.all_left()


async def test_a_line_without_end_is_broken_off(upstream: Upstream) -> None:
    async def answer(visit: Visit) -> None:
        await visit.say(STREAM, b"3E8000\r\ndata: ")
        while True:
            await visit.say(b"x" * 65_536)

    async with raw_server(answer) as server:
        with pytest.raises(errors.ProviderProtocolError, match="line without end"):
            await read_into([], upstream, endpoint(server), events=True)
        assert await server.all_left()


# --- what must never be taken for another request's answer ----------------------------------------------------------


@pytest.mark.parametrize("behind", [b"garbage", whole(b'{"ok":"someone else\'s"}'), b"HTTP/1.1 200 OK\r\n"])
async def test_what_comes_behind_an_answer_is_nobodys(upstream: Upstream, behind: bytes) -> None:
    async def answer(visit: Visit) -> None:
        await visit.say(OK + behind)

    async with raw_server(answer) as server:
        for _ in range(3):
            assert await ask(upstream, endpoint(server)) == {"ok": True}
        assert server.connections == 3


async def test_what_comes_on_a_resting_connection_ends_it(upstream: Upstream) -> None:
    async def answer(visit: Visit) -> None:
        await visit.say(OK)
        await asyncio.sleep(0.05)
        await visit.say(whole(b'{"ok":"unasked"}'))

    async with raw_server(answer) as server:
        for _ in range(2):
            assert await ask(upstream, endpoint(server)) == {"ok": True}
            assert await server.all_left()


# --- connections that were kept -------------------------------------------------------------------------------------


async def test_a_kept_connection_that_the_server_closes_on_the_next_request_is_replaced(upstream: Upstream) -> None:
    async def answer(visit: Visit) -> None:
        if visit.nth > 1:  # it gave the connection up while the request was on its way
            visit.writer.transport.abort()
            return
        await visit.say(OK)

    async with raw_server(answer) as server:
        for _ in range(4):
            assert await ask(upstream, endpoint(server)) == {"ok": True}
        assert server.connections == 4


async def test_a_fresh_connection_that_ends_without_a_word_is_an_error_and_not_a_second_request(
    upstream: Upstream,
) -> None:
    async def answer(visit: Visit) -> None:
        visit.writer.close()

    async with raw_server(answer) as server:
        with pytest.raises(errors.ProviderUnreachable, match="without an answer") as caught:
            await ask(upstream, endpoint(server))
        assert (caught.value.params["reason"], len(server.visits)) == ("closed", 1)


async def test_a_kept_connection_that_ends_after_the_first_byte_is_an_error_and_not_a_second_request(
    upstream: Upstream,
) -> None:
    async def answer(visit: Visit) -> None:
        await visit.say(OK if visit.nth == 1 else b"H")
        if visit.nth > 1:
            visit.writer.close()

    async with raw_server(answer) as server:
        await ask(upstream, endpoint(server))
        with pytest.raises(errors.ProviderUnreachable, match="without an answer"):
            await ask(upstream, endpoint(server))
        assert len(server.visits) == 2


async def test_a_connection_that_closed_while_it_rested_is_not_used(upstream: Upstream) -> None:
    async def answer(visit: Visit) -> None:
        await visit.say(OK)
        visit.writer.close()

    async with raw_server(answer) as server:
        for number in range(1, 4):
            assert await ask(upstream, endpoint(server)) == {"ok": True}
            assert server.connections == number


async def test_many_requests_at_once_each_get_their_own_answer(upstream: Upstream) -> None:
    async def answer(visit: Visit) -> None:
        await visit.say(whole(visit.body))

    async def one(server: RawServer, number: int) -> None:
        reply = await upstream.request_json(endpoint(server), "POST", "x", json={"n": number})
        assert reply.data == {"n": number}

    async with raw_server(answer) as server:
        for _ in range(4):
            await asyncio.gather(*(one(server, number) for number in range(50)))
        assert server.connections <= 50
        assert len(server.visits) == 200


# --- leaving, and readers that are slow -----------------------------------------------------------------------------


@pytest.mark.parametrize("said", [b"", STREAM, STREAM + b"5\r\nhello\r\n"], ids=["nothing", "head", "first piece"])
async def test_a_cancelled_request_closes_its_socket_at_once(upstream: Upstream, said: bytes) -> None:
    async def answer(visit: Visit) -> None:
        await visit.say(said)
        await visit.left()

    async with raw_server(answer) as server:
        task = asyncio.ensure_future(body_of(upstream, endpoint(server)))
        async with asyncio.timeout(10):
            while not server.visits:
                await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await server.all_left(2)


async def test_a_reader_that_lags_holds_the_server_back(upstream: Upstream) -> None:
    piece, pieces = b"x" * 65_536, 1_000
    written = 0

    async def answer(visit: Visit) -> None:
        nonlocal written
        await visit.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(piece) * pieces))
        for _ in range(pieces):
            await visit.say(piece)
            written += len(piece)

    async with raw_server(answer) as server:
        async with upstream.send(endpoint(server), "POST", "x", b"{}", ()) as reply:
            chunks = reply.chunks()
            size = len(await anext(chunks))
            before = -1
            while before != written:  # until nothing moves any more
                before = written
                await asyncio.sleep(0.3)
            assert written < 32_000_000  # what lies in the sockets of both sides, and a little here
            largest = 0
            async for chunk in chunks:
                size += len(chunk)
                largest = max(largest, len(chunk))
        assert size == len(piece) * pieces
        assert largest < 2_000_000


async def test_closing_the_client_closes_what_is_in_use(upstream: Upstream) -> None:
    async def answer(visit: Visit) -> None:
        await visit.say(STREAM)

    async with raw_server(answer) as server, upstream.send(endpoint(server), "POST", "x", b"{}", ()) as reply:
        await upstream.aclose()
        assert await server.all_left()
        with pytest.raises(errors.ProviderProtocolError):
            await reply.read()


# --- the request ----------------------------------------------------------------------------------------------------


async def test_a_request_is_framed_by_us_alone(upstream: Upstream) -> None:
    async def answer(visit: Visit) -> None:
        await visit.say(OK)

    smuggled = (
        (b"Content-Length", b"0"), (b"transfer-encoding", b"chunked"), (b"HOST", b"elsewhere"),
        (b"Connection", b"close"), (b"Expect", b"100-continue"), (b"X-Kept", b"yes"),
    )  # fmt: skip
    async with raw_server(answer) as server:
        async with upstream.send(endpoint(server), "POST", "a b/\r\nX: 1/模", b"{}", smuggled) as reply:
            await reply.read()
        [visit] = server.visits
    lines = visit.head.decode().split("\r\n")
    assert lines[0] == "POST /v1/a%20b/%0D%0AX:%201/%E6%A8%A1 HTTP/1.1"
    assert sorted(line.lower() for line in lines[1:] if line) == [
        "accept-encoding: identity", "accept: */*", "content-length: 2", f"host: 127.0.0.1:{server.port}",
        "user-agent: freehold", "x-kept: yes",
    ]  # fmt: skip
    assert visit.body == b"{}"


# --- names ------------------------------------------------------------------------------------------------------------


async def test_the_next_address_of_a_name_is_tried_when_one_refuses(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answer(visit: Visit) -> None:
        await visit.say(OK)

    async with raw_server(answer) as server:
        asked = 0

        async def resolve(*_: Any, **__: Any) -> list[Any]:
            nonlocal asked
            asked += 1
            return [
                (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", server.port, 0, 0)),
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port)),
            ]

        monkeypatch.setattr(asyncio.get_running_loop().__class__, "getaddrinfo", resolve)
        to = endpoint(server, host="models.example")
        await asyncio.gather(*(ask(upstream, to) for _ in range(5)))
        assert asked == 1
        assert server.visits[0].head.decode().count(f"Host: models.example:{server.port}\r\n") == 1
