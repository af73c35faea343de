"""However the bytes of an answer are split on their way, it reads the same."""

import asyncio
import itertools
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from freehold.providers.upstream.connection import MAX_HEAD_BYTES, Connection
from freehold.providers.upstream.failures import Broken
from tests.providers.raw_server import STREAM, chunked, whole

ANSWERS = (
    whole(b'{"ok":true}', b"200 OK", b"X-Empty:", b"X-Twice: 1", b"X-Twice: 2"),
    whole(b"", b"500 Internal Server Error"),
    STREAM + chunked(b"data: a\n\n", b"data: " + b"b" * 300 + b"\n\n", b"data: [DONE]\n\n"),
    b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + whole(b"{}"),
    whole(b"{}") + b"garbage",
    whole(b"{}") + whole(b"[1]"),
    b"HTTP/1.1 200 OK\r\n\r\nuntil the end",
    b"HTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nX-Sum: 1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbodyzz\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\ncut",
    b"SSH-2.0-OpenSSH\r\n",
    b"HTTP/1.1 200 OK\r\nX: " + b"x" * (2 * MAX_HEAD_BYTES) + b"\r\n\r\n",
)


class Wire:
    """A transport without a network."""

    def __init__(self) -> None:
        self.aborted = False

    def write(self, data: bytes) -> None:
        del data

    def abort(self) -> None:
        self.aborted = True

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def get_write_buffer_size(self) -> int:
        return 0


async def read(pieces: list[bytes]) -> tuple[Any, ...]:
    """Everything there is to know of an answer that arrives in these pieces and then ends."""
    connection = Connection("door", lambda _: None)
    connection.connection_made(Wire())
    connection.begin(b"GET", asyncio.get_running_loop().time() + 60, 60)
    for piece in pieces:
        connection.data_received(piece)
    if not connection.closed:
        connection.eof_received()
    body, failure = b"", ""
    try:
        await connection.head()
        while chunk := await connection.read():
            body += chunk
    except Broken as exc:
        failure = type(exc).__name__
    known = (connection.status, connection.headers) if connection.status else None
    connection.abort()
    return known, body, failure


@pytest.fixture(scope="module")
def loop() -> Any:
    with asyncio.Runner() as runner:
        yield runner


@pytest.mark.parametrize("answer", ANSWERS)
@given(cuts=st.lists(st.integers(0, 400), max_size=12), single=st.booleans())
def test_any_split_gives_the_same_result(loop: asyncio.Runner, answer: bytes, cuts: list[int], single: bool) -> None:
    places = sorted({0, len(answer), *(cut for cut in cuts if cut < len(answer))})
    pieces = [answer[a:b] for a, b in itertools.pairwise(places)]
    if single and len(answer) < 2_000:
        pieces = [answer[i : i + 1] for i in range(len(answer))]
    assert loop.run(read(pieces)) == loop.run(read([answer]))


@given(noise=st.binary(max_size=2_000), head=st.booleans())
def test_no_bytes_make_anything_but_an_answer_or_one_of_our_failures(
    loop: asyncio.Runner, noise: bytes, head: bool
) -> None:
    loop.run(read([STREAM + noise if head else noise]))
