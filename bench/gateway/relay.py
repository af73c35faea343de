"""The least a gateway on this stack can cost: uvicorn, the product's upstream client, nothing between them."""

import sys
from typing import Any

import uvicorn

from freehold.providers.upstream import Endpoint, Upstream

HEADERS = ((b"authorization", b"Bearer bench-upstream"), (b"content-type", b"application/json"))


class Relay:
    """An ASGI app that passes each request on and each piece of the answer back."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._upstream = Upstream()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        path = scope["path"].removeprefix("/v1/")
        async with self._upstream.send(self._endpoint, "POST", path, body, HEADERS) as reply:
            kind = reply.headers.get("Content-Type", "").encode()
            await send({"type": "http.response.start", "status": reply.status, "headers": [(b"content-type", kind)]})
            while chunk := await reply.next():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def main(port: int, upstream_port: int) -> None:
    """Serve until the process is ended."""
    app = Relay(Endpoint("bench", "Bench", f"http://127.0.0.1:{upstream_port}/v1"))
    uvicorn.run(
        app, port=port, loop="uvloop", http="httptools", lifespan="off", log_level="warning", access_log=False,
        backlog=2048,
    )  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
