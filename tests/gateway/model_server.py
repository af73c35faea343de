"""A model server on a real socket that speaks OpenAI's wire format and misbehaves as told."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

KEY = "sk-test-0123456789abcdef0123456789"


@dataclass
class ModelServer:
    """Knobs, and what was seen. `failures` are (status, headers, body) one per chat request before it works."""

    url: str = ""
    key: str | None = KEY
    models: list[str] = field(default_factory=lambda: ["alpha", "beta"])
    words: list[str] = field(default_factory=lambda: ["one ", "two ", "three"])
    pause_s: float = 0.0  # between words
    silence_s: float = 0.0  # after the headers, before the first word
    usage: dict[str, int] | None = field(default_factory=lambda: {"prompt_tokens": 7, "completion_tokens": 3})
    failures: list[tuple[int, dict[str, str], Any]] = field(default_factory=list)
    cut_after: int | None = None  # break the connection off after so many words
    finish: bool = True  # say that the answer is complete
    asked: list[dict[str, Any]] = field(default_factory=list)
    listings: int = 0
    running: int = 0
    dropped: asyncio.Event = field(default_factory=asyncio.Event)  # a client went away in the middle

    def refused(self, request: web.Request) -> web.Response | None:
        if self.key is None or request.headers.get("Authorization") == f"Bearer {self.key}":
            return None
        said = {"error": {"message": "Incorrect API key provided: sk-***", "code": "invalid_api_key"}}
        return web.json_response(said, status=401)

    async def list(self, request: web.Request) -> web.Response:
        self.listings += 1
        refusal = self.refused(request)
        return refusal or web.json_response({"object": "list", "data": [{"id": name} for name in self.models]})

    async def chat(self, request: web.Request) -> web.StreamResponse:
        if refusal := self.refused(request):
            return refusal
        self.asked.append(await request.json())
        if self.failures:
            status, headers, body = self.failures.pop(0)
            return web.json_response(body, status=status, headers=headers)
        reply = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await reply.prepare(request)
        self.running += 1
        try:
            await asyncio.sleep(self.silence_s)
            for number, word in enumerate(self.words):
                if number == self.cut_after:
                    assert request.transport is not None
                    request.transport.abort()
                    return reply
                await reply.write(chunk({"choices": [{"index": 0, "delta": {"content": word}}]}))
                await asyncio.sleep(self.pause_s)
            if self.finish:
                await reply.write(chunk({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}))
                if self.usage:
                    await reply.write(chunk({"choices": [], "usage": self.usage}))
                await reply.write(b"data: [DONE]\n\n")
        except (ConnectionError, asyncio.CancelledError):
            self.dropped.set()
            raise
        finally:
            self.running -= 1
        return reply


def chunk(data: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps({"id": "c", "object": "chat.completion.chunk", **data}).encode() + b"\n\n"


@asynccontextmanager
async def running(server: ModelServer) -> AsyncIterator[ModelServer]:
    app = web.Application()
    app.router.add_get("/v1/models", server.list)
    app.router.add_post("/v1/chat/completions", server.chat)
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}/v1"
    yield server
    await runner.cleanup()
