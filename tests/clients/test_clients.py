"""Clients that nobody here wrote, unchanged, against a real server: each streams, calls a tool and reads usage.

They come from the package registry into a scratch environment, so they are part of the long run alone.
"""

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
from tests.fakes.openai_media import PNG, SAID, SPOKEN, MediaDialect
from tests.fakes.upstream import API_KEY, Call, Counts, FakeUpstream, Script
from tests.packaging.test_wheel import uv
from tests.services.freehold_server import FreeholdServer

pytestmark = [pytest.mark.proof, pytest.mark.timeout(900)]

PROGRAMS = Path(__file__).parent / "programs"
PACKAGES = ("openai>=3", "anthropic>=2", "ollama>=0.6", "langchain-openai>=1.7", "litellm>=1.100", "llm>=0.36")
KEY = "fh_clients1_" + "k" * 43
SAYS = Script(text=("The sky ", "is ", "blue."), usage=Counts(12, 5))
CALLS = Script(text=(), calls=(Call("call_1", "get_weather", ('{"city":', '"Paris"}')),), finish="tool_calls")
CALL = ["get_weather", {"city": "Paris"}]


class Told(FakeUpstream):
    """Answers `call` with a tool call and everything else with a sentence."""

    async def record(self, request: Any) -> Any:
        recorded = await super().record(request)
        self.script = CALLS if '"call"' in json.dumps(recorded.body or {}) else SAYS
        return recorded


@pytest.fixture(scope="module")
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


async def test_openais_package_draws_speaks_and_listens(python: Path, media: FreeholdServer) -> None:
    got = await run(python, "openai_media", media, "acme")
    assert got["made"] == len(PNG)
    assert got["edited"] == 1
    assert got["spoken"] == len(SPOKEN)
    assert got["whole"] == got["streamed"] == got["translated"] == got["text"].strip() == SAID
    assert got["seconds"] == 120
    assert got["verbose"] == 90.5
    assert got["pieces"] == 4
    assert got["refused"] == ["NotFoundError", 404, "model_not_found"]


async def run(python: Path, program: str, server: FreeholdServer, model: str) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        python, PROGRAMS / f"{program}.py", server.url, KEY, model,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=server.data_dir.parent,
        env={"HOME": str(server.data_dir.parent), "PATH": "/usr/bin:/bin", "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
    )  # fmt: skip
    output, errors = await asyncio.wait_for(process.communicate(), 300)
    assert process.returncode == 0, f"{errors.decode()[-4000:]}\n{server.log.read_text()[-2000:]}"
    return json.loads(output.decode().strip().splitlines()[-1])


@pytest.mark.parametrize("model", ["acme/large", "claude/sonnet"])
@pytest.mark.parametrize(
    "program", ["openai_sdk", "anthropic_sdk", "ollama_client", "langchain_client", "litellm_client", "llm_client"]
)
async def test_a_client_works_unchanged(python: Path, server: FreeholdServer, program: str, model: str) -> None:
    got = await run(python, program, server, model)
    assert got["text"] == "The sky is blue."
    assert got["pieces"] == 3, "it streams"
    assert got["usage"] == [12, 5]
    assert got["whole"] == "The sky is blue."
    assert got["call"] == CALL
    assert got.get("streamed_call", CALL) == CALL
    assert got.get("whole_usage", [12, 5]) == [12, 5]
    assert got.get("generated", "The sky is blue.") == "The sky is blue."
    if "models" in got:
        assert {"acme/large", "claude/sonnet"} <= set(got["models"])
    if "refused" in got:
        assert got["refused"], "an unknown model is refused"
