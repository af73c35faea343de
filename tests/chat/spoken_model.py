"""A model on a real socket that speaks OpenAI's wire format and says what the test tells it, when it tells it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Call:
    """One request that the model was sent, and the mouth that answers it."""

    request: dict[str, Any]
    chunks: asyncio.Queue[bytes | None] = field(default_factory=asyncio.Queue)
    left: asyncio.Event = field(default_factory=asyncio.Event)  # the client closed the connection

    def say(self, text: str) -> None:
        self.chunks.put_nowait(chunk({"choices": [{"index": 0, "delta": {"content": text}}]}))

    def think(self, text: str) -> None:
        self.chunks.put_nowait(chunk({"choices": [{"index": 0, "delta": {"reasoning_content": text}}]}))

    def finish(self, reason: str = "stop", tokens: tuple[int, int] = (7, 3)) -> None:
        self.chunks.put_nowait(chunk({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}))
        usage = {"prompt_tokens": tokens[0], "completion_tokens": tokens[1]}
        self.chunks.put_nowait(chunk({"choices": [], "usage": usage}))
        self.chunks.put_nowait(b"data: [DONE]\n\n")
        self.chunks.put_nowait(None)

    def break_off(self) -> None:
        self.chunks.put_nowait(b"break")


@dataclass
class SpokenModel:
    """`script` answers by itself; without one the test takes each call from `calls`."""

    url: str = ""
    script: list[str] | None = None
    pause_s: float = 0.0
    title: str | None = None  # what it answers when it is asked for a title; None: it refuses
    facts: str | None = None  # what it answers when it is asked for facts; None: it refuses
    refusal: tuple[int, dict[str, Any]] | None = None
    calls: asyncio.Queue[Call] = field(default_factory=asyncio.Queue)
    asked: list[dict[str, Any]] = field(default_factory=list)
    named: list[dict[str, Any]] = field(default_factory=list)
    read: list[dict[str, Any]] = field(default_factory=list)  # requests for facts

    async def next_call(self) -> Call:
        async with asyncio.timeout(60):
            return await self.calls.get()

    async def list(self, _: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": name} for name in ("small", "other")]})

    async def chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if body.get("response_format"):
            return await self.name(request, body)
        self.asked.append(body)
        if self.refusal is not None:
            return web.json_response(self.refusal[1], status=self.refusal[0])
        call = Call(body)
        if self.script is None:
            self.calls.put_nowait(call)
        else:
            for text in self.script:
                call.say(text)
            call.finish()
        return await self.speak(request, call)

    async def name(self, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        about_facts = body["response_format"]["json_schema"]["name"] == "facts"
        (self.read if about_facts else self.named).append(body)
        said = self.facts if about_facts else self.title
        if said is None:
            return web.json_response({"error": {"message": "no titles today"}}, status=400)
        call = Call(body)
        call.say(said)
        call.finish()
        return await self.speak(request, call)

    async def speak(self, request: web.Request, call: Call) -> web.StreamResponse:
        reply = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await reply.prepare(request)
        try:
            while (data := await call.chunks.get()) is not None:
                if data == b"break":
                    assert request.transport is not None
                    request.transport.abort()
                    break
                await reply.write(data)
                await asyncio.sleep(self.pause_s)
        except (ConnectionError, asyncio.CancelledError):
            call.left.set()
            raise
        return reply


def chunk(data: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps({"id": "c", "object": "chat.completion.chunk", **data}).encode() + b"\n\n"


@asynccontextmanager
async def speaking(model: SpokenModel | None = None) -> AsyncIterator[SpokenModel]:
    """The model, listening."""
    model = model or SpokenModel()
    app = web.Application(client_max_size=100_000_000)
    app.router.add_get("/v1/models", model.list)
    app.router.add_post("/v1/chat/completions", model.chat)
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    model.url = f"http://{host}:{port}/v1"
    yield model
    await runner.cleanup()
