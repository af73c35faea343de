"""A model provider that spends almost no processor time: `python -m bench.gateway.fake` prints its port and serves.

It speaks OpenAI's chat completions (`/v1/chat/completions`) and Anthropic's messages (`/v1/messages`). What it does
depends on the model's name, which every gateway passes through:

    instant             8 tokens at once
    paced-COUNT-MS      COUNT tokens, one each MS milliseconds
    limited             each third request: 429, the others as instant

`GET /asked` says how many answers it gave and how often `limited` was asked: what reached it, for a measurement.
"""

import asyncio
import re
import sys
from typing import Any

import httptools

TOKENS = 8
WORD = "lorem "
MARK = b"lorem"
"""What each token holds, and nothing else of an answer; the load counts it."""

_MODEL = re.compile(rb'"model"\s*:\s*"([^"]*)"')
_STREAM = re.compile(rb'"stream"\s*:\s*true')
_STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_LAST = b"0\r\n\r\n"


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _whole(status: bytes, body: bytes, more: bytes = b"") -> bytes:
    head = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n"
    return head % (status, len(body), more) + body


class OpenAI:
    """Frames of chat completions."""

    _SHAPE = (
        b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"instant",'
        b'"system_fingerprint":"fp_1","choices":[{"index":0,"delta":%s,"logprobs":null,"finish_reason":%s}]}\n\n'
    )
    first = _chunk(_SHAPE % (b'{"role":"assistant","content":""}', b"null"))
    token = _chunk(_SHAPE % (b'{"content":"%s"}' % WORD.encode(), b"null"))

    @classmethod
    def last(cls, count: int) -> bytes:
        """Finish reason, usage, end mark."""
        usage = (
            b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"instant",'
            b'"system_fingerprint":"fp_1","choices":[],'
            b'"usage":{"prompt_tokens":42,"completion_tokens":%d,"total_tokens":%d}}\n\n' % (count, 42 + count)
        )
        return _chunk(cls._SHAPE % (b"{}", b'"stop"')) + _chunk(usage) + _chunk(b"data: [DONE]\n\n") + _LAST

    @staticmethod
    def whole(count: int) -> bytes:
        """The answer that is not streamed."""
        return (
            b'{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"instant","choices":[{"index":0,'
            b'"message":{"role":"assistant","content":"%s"},"logprobs":null,"finish_reason":"stop"}],'
            b'"usage":{"prompt_tokens":42,"completion_tokens":%d,"total_tokens":%d}}'
            % (WORD.encode() * count, count, 42 + count)
        )


class Anthropic:
    """Frames of messages."""

    first = _chunk(
        b'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message",'
        b'"role":"assistant","model":"instant","content":[],"stop_reason":null,"stop_sequence":null,'
        b'"usage":{"input_tokens":42,"output_tokens":1}}}\n\n'
    ) + _chunk(
        b"event: content_block_start\n"
        b'data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n'
    )
    token = _chunk(
        b"event: content_block_delta\n"
        b'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"%s"}}\n\n' % WORD.encode()
    )

    @staticmethod
    def last(count: int) -> bytes:
        """Stop reason, usage, end mark."""
        return (
            _chunk(b'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n')
            + _chunk(
                b'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn",'
                b'"stop_sequence":null},"usage":{"output_tokens":%d}}\n\n' % count
            )
            + _chunk(b'event: message_stop\ndata: {"type":"message_stop"}\n\n')
            + _LAST
        )

    @staticmethod
    def whole(count: int) -> bytes:
        """The answer that is not streamed."""
        return (
            b'{"id":"msg_1","type":"message","role":"assistant","model":"instant","content":[{"type":"text","text":"%s"}],'
            b'"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":42,"output_tokens":%d}}'
            % (WORD.encode() * count, count)
        )


Dialect = type[OpenAI] | type[Anthropic]

_INSTANT = {
    dialect: _STREAM_HEAD + dialect.first + dialect.token * TOKENS + dialect.last(TOKENS)
    for dialect in (OpenAI, Anthropic)
}
_WHOLE = {dialect: _whole(b"200 OK", dialect.whole(TOKENS)) for dialect in (OpenAI, Anthropic)}
_LIMITED = _whole(
    b"429 Too Many Requests",
    b'{"type":"error","error":{"type":"rate_limit_error","message":"Too many requests.","code":"rate_limit_exceeded"}}',
    b"Retry-After: 0\r\n",  # so that the next request meets it, too
)
_MISSING = _whole(b"404 Not Found", b'{"error":{"message":"Nothing here.","type":"invalid_request_error","code":null}}')


class Asked:
    """How many requests came, over all connections."""

    answered = 0
    limited = 0  # of these each third was refused: never often enough for a gateway to leave the model alone


class Answering(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._path = b""
        self._body = b""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.close()

    def on_message_begin(self) -> None:
        self._path = self._body = b""

    def on_url(self, url: bytes) -> None:
        self._path += url

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        """Answer as the model's name says."""
        dialect: Dialect
        if self._path.startswith(b"/v1/chat/completions"):
            dialect = OpenAI
        elif self._path.startswith(b"/v1/messages"):
            dialect = Anthropic
        else:
            counts = b'{"answered":%d,"limited":%d}' % (Asked.answered, Asked.limited)
            self._transport.write(_whole(b"200 OK", counts) if self._path == b"/asked" else _MISSING)
            return
        found = _MODEL.search(self._body)
        model = found[1] if found else b""
        if model == b"limited":
            Asked.limited += 1
            if Asked.limited % 3 == 0:
                self._transport.write(_LIMITED)
                return
        Asked.answered += 1
        if not _STREAM.search(self._body):
            self._transport.write(_WHOLE[dialect])
        elif model.startswith(b"paced-"):
            _, count, pause = model.split(b"-")
            self._transport.write(_STREAM_HEAD + dialect.first)
            self._pace(dialect, int(count), 0, int(pause) / 1000, self._loop.time())
        else:
            self._transport.write(_INSTANT[dialect])

    def _pace(self, dialect: Dialect, count: int, sent: int, pause_s: float, due: float) -> None:
        sent += 1
        if sent == count:
            self._timer = None
            self._transport.write(dialect.token + dialect.last(count))
            return
        self._transport.write(dialect.token)
        due += pause_s  # counted from when it was due, so that a late timer does not slow the stream down
        self._timer = self._loop.call_at(due, self._pace, dialect, count, sent, pause_s, due)


async def serve() -> None:
    """Listen on a free port of the loopback, print the port, serve until the process is ended."""
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    if sys.platform == "win32":
        asyncio.run(serve())
    else:
        import uvloop

        uvloop.run(serve())
