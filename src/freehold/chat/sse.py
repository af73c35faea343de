"""Server-sent events as bytes, and the response that carries them to one client.

Source: WHATWG HTML, section 9.2 "Server-sent events".
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import orjson
from starlette.responses import StreamingResponse
from starlette.types import Send

PING = b": ping\n\n"
PING_SECONDS = 15.0


def frame(event: dict[str, Any], seq: int | None = None) -> bytes:
    """One event; `seq` is the cursor that a client comes back with."""
    data = b"data: " + orjson.dumps(event) + b"\n\n"
    return data if seq is None else b"id: %d\n%b" % (seq, data)


def event_of(framed: bytes) -> dict[str, Any]:
    """The event inside a frame made by `frame`."""
    return orjson.loads(framed[framed.index(b"data: ") + 6 :])


class EventStreamResponse(StreamingResponse):
    """Sends the chunks of a generator until it ends or the client leaves, and closes it in both cases at once.

    Nothing in between may hold or change the bytes: `no-transform` keeps proxies from compressing, and
    `X-Accel-Buffering: no` keeps nginx from collecting them.
    """

    def __init__(self, chunks: AsyncGenerator[bytes]) -> None:
        super().__init__(
            chunks,
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"},
        )
        self._chunks = chunks

    async def stream_response(self, send: Send) -> None:
        async with aclosing(self._chunks):
            await super().stream_response(send)
