"""The head of an answer, against what uvicorn itself writes."""

import asyncio
import logging
from typing import Any

import pytest
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from freehold.access.answer_headers import API_FIRST
from freehold.cli.cycle import QuickCycle

Message = dict[str, Any]


class Wire:
    """A transport and its flow."""

    write_paused = False

    def __init__(self) -> None:
        self.written = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True


async def sent(kind: type[RequestResponseCycle], method: str, keep_alive: bool, messages: list[Message]) -> Wire:
    wire = Wire()
    log = logging.getLogger("test")
    cycle = kind(
        scope={"method": method},  # pyright: ignore[reportArgumentType]
        transport=wire,  # pyright: ignore[reportArgumentType]
        flow=wire,  # pyright: ignore[reportArgumentType]
        logger=log,
        access_logger=log,
        access_log=False,
        default_headers=[(b"date", b"Thu, 26 Nov 2026 10:00:00 GMT")],
        message_event=asyncio.Event(),
        expect_100_continue=False,
        keep_alive=keep_alive,
        on_response=lambda: None,
    )
    for message in messages:
        await cycle.send(message)  # pyright: ignore[reportArgumentType]
    return wire


def lines_of(wire: Wire) -> tuple[bytes, list[bytes], bytes]:
    """Status line, the headers in the order of their names, and the body."""
    head, _, body = wire.written.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    return first, sorted(lines), body


def answer(status: int, headers: list[tuple[bytes, bytes]], *pieces: bytes) -> list[Message]:
    start = {"type": "http.response.start", "status": status, "headers": headers}
    bodies = [{"type": "http.response.body", "body": piece, "more_body": True} for piece in pieces]
    return [start, *bodies, {"type": "http.response.body", "body": b"", "more_body": False}]


PLAIN = [(b"content-type", b"text/event-stream"), (b"X-Mixed", b"a\tb"), (b"x-request-id", b"1")]


FIRST = [*API_FIRST, (b"content-type", b"application/json")]


@pytest.mark.parametrize("keep_alive", [True, False])
@pytest.mark.parametrize("method", ["POST", "HEAD"])
@pytest.mark.parametrize(
    "messages",
    [
        answer(200, PLAIN, b"one", b"two" * 100),
        answer(200, PLAIN),
        answer(204, []),
        answer(200, FIRST, b"one"),
        answer(200, [*FIRST, (b"content-length", b"0")]),
        answer(200, FIRST[1:], b"one"),
        [answer(200, PLAIN)[0], {"type": "http.response.body"}],
        answer(304, PLAIN),
        answer(200, [*PLAIN, (b"content-length", b"0")]),
        answer(200, [(b"connection", b"close"), *PLAIN], b"one"),
        answer(200, [(b"transfer-encoding", b"chunked"), *PLAIN], b"one"),
    ],
)
async def test_the_same_bytes_as_uvicorn(method: str, keep_alive: bool, messages: list[Message]) -> None:
    ours = await sent(QuickCycle, method, keep_alive, messages)
    theirs = await sent(RequestResponseCycle, method, keep_alive, messages)
    assert lines_of(ours) == lines_of(theirs)
    assert ours.closed == theirs.closed


async def test_a_body_of_the_length_that_was_said() -> None:
    messages = [
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"3")]},
        {"type": "http.response.body", "body": b"abc", "more_body": False},
    ]
    assert (await sent(QuickCycle, "GET", True, messages)).written.endswith(b"content-length: 3\r\n\r\nabc")
    messages[1]["body"] = b"abcd"
    with pytest.raises(RuntimeError, match="longer"):
        await sent(QuickCycle, "GET", True, messages)


@pytest.mark.parametrize(
    "header",
    [(b"x-one", b"a\r\nx-two: b"), (b"x-one", b"a\nb"), (b"x-one", b"a\rb"), (b"x-one", b"a\0b"), (b"x one", b"a"),
     (b"x-one:", b"a"), (b"x-one\r\nx-two", b"a"), (b"", b"\r\n\r\n<body>")],
)  # fmt: skip
async def test_no_header_becomes_two(header: tuple[bytes, bytes]) -> None:
    with pytest.raises(RuntimeError, match="Invalid HTTP header"):
        await sent(QuickCycle, "GET", True, answer(200, [header]))
