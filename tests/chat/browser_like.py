"""A plain HTTP client that reads server-sent events byte by byte; blocking, for a server apart."""

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from freehold.kit.ids import new_id


class Client:
    """Talks to one server as its local owner."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname
        assert parts.port
        self.host, self.port = parts.hostname, parts.port

    def open(self, method: str, path: str, body: Any = None, **more: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        headers = {"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin", "Idempotency-Key": new_id()}
        headers |= {name.replace("_", "-"): value for name, value in more.items()}
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        return connection.getresponse()

    def call(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        with self.open(method, path, body) as answer:
            content = answer.read()
            assert answer.status == status, (answer.status, content)
            return json.loads(content) if content else None

    def new_thread(self) -> str:
        return self.call("POST", "/api/threads", {}, status=201)["id"]

    def turn(self, thread_id: str, **turn: Any) -> Iterator[tuple[int | None, dict[str, Any]]]:
        answer = self.open("POST", f"/api/threads/{thread_id}/turns", turn)
        assert answer.status == 200, answer.read()
        return events(answer)

    def send(self, thread_id: str, text: str, model: str = "echo/echo") -> Iterator[tuple[int | None, dict[str, Any]]]:
        parts = [{"type": "text", "text": text}]
        return self.turn(thread_id, kind="send", parent_id=None, parts=parts, model=model)


def events(answer: http.client.HTTPResponse) -> Iterator[tuple[int | None, dict[str, Any]]]:
    """(number, event) of a stream; it may end in the middle, when its server dies."""
    seq: int | None = None
    while True:
        try:
            line = answer.readline()
        except (ConnectionError, http.client.HTTPException):
            return
        if not line.endswith(b"\n"):
            return
        if line.startswith(b"id: "):
            seq = int(line[4:])
        elif line.startswith(b"data: "):
            yield seq, json.loads(line[6:])
            seq = None
