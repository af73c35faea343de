"""A server in front of two scripted providers, and scratch environments that hold clients nobody here wrote."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.anthropic import AnthropicDialect
from tests.fakes.openai import OpenAIDialect
from tests.fakes.openai_media import MediaDialect
from tests.fakes.upstream import API_KEY, Call, Counts, FakeUpstream, Script
from tests.packaging.test_wheel import uv
from tests.services.freehold_server import FreeholdServer

PACKAGES = ("openai>=3", "anthropic>=2", "ollama>=0.6", "langchain-openai>=1.7", "litellm>=1.100", "llm>=0.36")
KEY = "fh_clients1_" + "k" * 43
SAYS = Script(text=("The sky ", "is ", "blue."), usage=Counts(12, 5))
CALLS = Script(text=(), calls=(Call("call_1", "get_weather", ('{"city":', '"Paris"}')),), finish="tool_calls")


class Told(FakeUpstream):
    """Answers `call` with a tool call and everything else with a sentence."""

    async def record(self, request: Any) -> Any:
        recorded = await super().record(request)
        self.script = CALLS if '"call"' in json.dumps(recorded.body or {}) else SAYS
        return recorded


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that holds the clients."""
    place = tmp_path_factory.mktemp("clients")
    subprocess.run([uv(), "venv", "--quiet", "--python", sys.executable, place / "venv"], check=True, cwd=place)
    program = place / "venv/bin/python"
    command = [uv(), "pip", "install", "--quiet", "--python", program, *PACKAGES]
    subprocess.run(command, check=True, cwd=place, timeout=600)
    return program


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FreeholdServer]:
    place = tmp_path_factory.mktemp("server")
    async with Told(OpenAIDialect()) as openai, Told(AnthropicDialect()) as anthropic:
        config = place / "freehold.yaml"
        providers = [
            {
                "id": "acme",
                "kind": "openai_compatible",
                "base_url": openai.url,
                "api_key": API_KEY,
                "models": ["large"],
            },
            {"id": "claude", "kind": "anthropic", "base_url": anthropic.url, "api_key": API_KEY, "models": ["sonnet"]},
        ]
        keys = [{"name": "clients", "key": KEY, "scopes": ["chat", "models"]}]
        config.write_text(json.dumps({"providers": providers, "keys": keys}))  # JSON is YAML
        running = FreeholdServer(place / "data", {"FREEHOLD_CONFIG": str(config)})
        running.data_dir.mkdir()
        await asyncio.to_thread(running.start)
        yield running
        await asyncio.to_thread(running.stop)


@pytest.fixture(scope="module")
async def media(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FreeholdServer]:
    """A server before a provider that draws, speaks and listens."""
    place = tmp_path_factory.mktemp("media")
    async with FakeUpstream(MediaDialect()) as openai:
        config = place / "freehold.yaml"
        models = ["whisper-1", "gpt-4o-transcribe", "tts-1", "gpt-image-1"]
        providers = [
            {"id": "acme", "kind": "openai_compatible", "base_url": openai.url, "api_key": API_KEY, "models": models}
        ]
        keys = [{"name": "media", "key": KEY, "scopes": ["audio", "images"]}]
        config.write_text(json.dumps({"providers": providers, "keys": keys}))
        running = FreeholdServer(place / "data", {"FREEHOLD_CONFIG": str(config)})
        running.data_dir.mkdir()
        await asyncio.to_thread(running.start)
        yield running
        await asyncio.to_thread(running.stop)
