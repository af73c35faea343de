"""One request on uvicorn's side: what almost every request needs is done here, the rest by uvicorn itself."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HEADER_RE, STATUS_LINE, RequestResponseCycle

from freehold.access.answer_headers import API_FIRST

_CONTROLS = bytes([*range(9), *range(10, 32), 127])  # all but the tab
_FIRST = b"".join(b"%b: %b\r\n" % header for header in API_FIRST)
_MOST_NAMES = 256
_names: set[bytes] = {b"content-length"}
"""Names of headers that were found to be fit, in lower case; an application has a few dozen."""


class Signal:
    """What RequestResponseCycle needs of asyncio.Event; that is made when somebody waits, which is almost never."""

    __slots__ = ("_event", "_set")

    def __init__(self) -> None:
        self._set = False
        self._event: asyncio.Event | None = None

    def is_set(self) -> bool:
        return self._set

    def set(self) -> None:
        self._set = True
        if self._event is not None:
            self._event.set()

    def clear(self) -> None:
        self._set = False
        if self._event is not None:
            self._event.clear()

    async def wait(self) -> None:
        """Until it is set."""
        if not self._set:
            if self._event is None:
                self._event = asyncio.Event()
            await self._event.wait()


class QuickCycle(RequestResponseCycle):
    """As uvicorn's. Two regular expressions for each of a dozen headers cost more than sending a short answer does."""

    async def receive(self) -> Any:
        """ASGI."""
        if (
            not self.message_event.is_set()
            or self.waiting_for_100_continue
            or self.disconnected
            or self.response_complete
        ):
            return await super().receive()
        if self.flow.read_paused:
            self.flow.resume_reading()
        self.message_event.clear()
        body, self.body = bytes(self.body), bytearray()
        return {"type": "http.request", "body": body, "more_body": self.more_body}

    async def send(self, message: Any) -> None:
        """ASGI. Raises RuntimeError for a header that is none."""
        if (
            self.flow.write_paused
            or self.disconnected
            or not (self._begin(message) if message["type"] == "http.response.start" else self._go_on(message))
        ):
            await super().send(message)

    def _go_on(self, message: Any) -> bool:
        """Write a piece of the body, or its end; False for whatever is not as almost every piece is."""
        if self.response_complete or message["type"] != "http.response.body" or self.scope["method"] == "HEAD":
            return False
        body, more = message.get("body", b""), message.get("more_body")
        if self.chunked_encoding:
            body = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            if not more:
                body += b"0\r\n\r\n"
        elif more or not self.response_started or len(body) != self.expected_content_length:
            return False
        else:
            self.expected_content_length = 0
        if body:
            self.transport.write(body)
        if not more:
            self.response_complete = True
            self.message_event.set()
            if not self.keep_alive:
                self.transport.close()
            self.on_response()
        return True

    def _begin(self, message: Any) -> bool:
        """Write the head; False for whatever is not as almost every head is."""
        if self.response_started:
            return False
        status: int = message["status"]
        headers, first = list(message["headers"]), b""
        if headers[: len(API_FIRST)] == API_FIRST:
            headers, first = headers[len(API_FIRST) :], _FIRST
        headers = [*self.default_headers, *headers]
        named = dict(headers)
        if not _names.issuperset(named) and not all(map(_fit, named)):
            return False
        head = b"%b%b\r\n" % (STATUS_LINE[status], b"\r\n".join(map(b": ".join, headers)))
        if len(head) - len(head.translate(None, _CONTROLS)) != 2 * (len(headers) + 1):
            return False  # a control character in a value: it could begin a line of its own
        more = first if self.keep_alive else first + b"connection: close\r\n"
        length = named.get(b"content-length")
        if length is not None:
            self.expected_content_length, self.chunked_encoding = int(length), False
        elif self.scope["method"] != "HEAD" and status not in (204, 304):
            self.chunked_encoding = True
            more += b"transfer-encoding: chunked\r\n"
        self.response_started, self.waiting_for_100_continue = True, False
        self.transport.write(head + more + b"\r\n")
        return True


def _fit(name: bytes) -> bool:
    """Whether a header of that name needs nothing but to be sent. What frames the answer is uvicorn's to read."""
    if name in (b"connection", b"transfer-encoding") or name != name.lower() or HEADER_RE.search(name):
        return False
    if len(_names) < _MOST_NAMES:
        _names.add(name)
    return True
