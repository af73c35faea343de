"""One request on uvicorn's side, whose answer's head is checked as a whole instead of header by header."""

from typing import Any

from uvicorn.protocols.http.httptools_impl import HEADER_RE, STATUS_LINE, RequestResponseCycle

_CONTROLS = bytes([*range(9), *range(10, 32), 127])  # all but the tab
_MOST_NAMES = 256
_names: set[bytes] = {b"content-length"}
"""Names of headers that were found to be fit, in lower case; an application has a few dozen."""


class QuickCycle(RequestResponseCycle):
    """As uvicorn's. Two regular expressions for each of a dozen headers cost more than sending a short answer does."""

    async def send(self, message: Any) -> None:
        """ASGI. Raises RuntimeError for a header that is none."""
        flows = not (self.flow.write_paused or self.disconnected)
        pieces = flows and self.chunked_encoding and self.scope["method"] != "HEAD"
        if pieces and message.get("more_body") and (body := message["body"]):
            self.transport.write(b"%x\r\n%b\r\n" % (len(body), body))
        elif not (flows and message["type"] == "http.response.start" and self._begin(message)):
            await super().send(message)

    def _begin(self, message: Any) -> bool:
        """Write the head; False for whatever is not as almost every head is."""
        if self.response_started:
            return False
        status: int = message["status"]
        headers = [*self.default_headers, *message["headers"]]
        content = [STATUS_LINE[status]]
        length = None
        for name, value in headers:
            if name not in _names and not _fit(name):
                return False
            if name == b"content-length":
                length = value
            content += (name, b": ", value, b"\r\n")
        head = b"".join(content)
        if len(head) - len(head.translate(None, _CONTROLS)) != 2 * (len(headers) + 1):
            return False  # a control character in a value: it could begin a line of its own
        more = b"" if self.keep_alive else b"connection: close\r\n"
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
