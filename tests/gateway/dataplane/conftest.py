"""A real server with two scripted providers behind it, and a raw HTTP client for /v1."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.fakes.anthropic import AnthropicDialect
from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import API_KEY, FakeUpstream, Script
from tests.services.freehold_server import FreeholdServer

KEY = "fh_tests001_" + "t" * 43
CHAT_ONLY = "fh_tests002_" + "c" * 43
LISTED = "fh_tests003_" + "l" * 43
HOME = "fh_tests004_" + "h" * 43
READ_ONLY = "fh_tests005_" + "r" * 43
SAID: list[dict[str, Any]] = [{"role": "user", "content": "Hello there"}]


@dataclass
class Reply:
    """A whole answer."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def data(self) -> list[Any]:
        """The JSON of every server-sent event but [DONE]."""
        lines = [line[6:] for line in self.body.decode().splitlines() if line.startswith("data: ")]
        return [json.loads(line) for line in lines if line != "[DONE]"]

    @property
    def text(self) -> str:
        """The text of a streamed chat completion."""
        return "".join(
            choice["delta"].get("content") or "" for chunk in self.data for choice in chunk.get("choices", [])
        )


@dataclass
class World:
    """The server, what it asks, and a client of it."""

    server: FreeholdServer
    openai: FakeUpstream
    anthropic: FakeUpstream
    session: aiohttp.ClientSession
    asked: list[Any] = field(default_factory=list)

    def script(self, script: Script) -> None:
        """What both providers answer from now on."""
        self.openai.script = self.anthropic.script = script

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = KEY,
        raw: bytes | None = None,
        **headers: str,
    ) -> Reply:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            sent["Authorization"] = f"Bearer {key}"
        data = raw if raw is not None else (json.dumps(body).encode() if body is not None else None)
        async with self.session.request(method, self.server.url + path, data=data, headers=sent) as answer:
            return Reply(answer.status, answer.headers, await answer.read())

    async def chat(self, model: str = "acme/large", **more: Any) -> Reply:
        headers = more.pop("headers", {})
        body = {"model": model, "messages": SAID, "stream": True, **more}
        return await self.call("POST", "/v1/chat/completions", body, **headers)

    async def message(self, model: str = "claude/sonnet", **more: Any) -> Reply:
        body = {"model": model, "messages": SAID, "max_tokens": 50, "stream": True, **more}
        return await self.call("POST", "/v1/messages", body)


@pytest.fixture(scope="package")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    place: Path = tmp_path_factory.mktemp("plane")
    async with FakeUpstream(OpenAIDialect()) as openai, FakeUpstream(AnthropicDialect()) as anthropic:
        providers = [
            {
                "id": "acme",
                "kind": "openai_compatible",
                "base_url": openai.url,
                "api_key": API_KEY,
                "models": ["large", "embed"],
                "options": {"first_byte_timeout": 6, "chunk_timeout": 6},
            },
            {
                "id": "claude",
                "kind": "anthropic",
                "base_url": anthropic.url,
                "api_key": API_KEY,
                "models": ["sonnet"],
                "options": {"first_byte_timeout": 6, "chunk_timeout": 6},
            },
            {"id": "gone", "kind": "openai_compatible", "base_url": "http://127.0.0.1:9/v1", "models": ["large"]},
        ]
        models = {
            "smart": {"targets": [{"provider": "acme", "model": "large"}], "fallback": ["spare"]},
            "spare": {"provider": "claude", "model": "sonnet"},
            "steady": {"targets": [{"provider": "gone", "model": "large"}], "fallback": ["spare"]},
        }
        keys = [
            {"name": "all", "key": KEY, "scopes": ["chat", "models", "embeddings", "images", "audio"]},
            {"name": "chat", "key": CHAT_ONLY, "scopes": ["chat"]},
            {"name": "listed", "key": LISTED, "scopes": ["chat", "models"], "models": ["spare", "claude/*"]},
            {"name": "reads", "key": READ_ONLY, "scopes": ["read"]},
            {"name": "home", "key": HOME, "scopes": ["chat"], "networks": ["10.1.2.0/24"]},
        ]
        config = place / "freehold.yaml"
        config.write_text(json.dumps({"providers": providers, "models": models, "keys": keys}))  # JSON is YAML
        server = FreeholdServer(place / "data", {"FREEHOLD_CONFIG": str(config), "FREEHOLD_CACHE__MODE": "on_request"})
        server.data_dir.mkdir()
        await asyncio.to_thread(server.start)
        async with aiohttp.ClientSession() as session:
            yield World(server, openai, anthropic, session)
        await asyncio.to_thread(server.stop)


@pytest.fixture
def world(running: World) -> World:
    """The server, with both providers answering as usual."""
    running.script(Script())
    running.openai.requests.clear()
    running.anthropic.requests.clear()
    return running
