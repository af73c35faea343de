"""Clients that nobody here wrote, unchanged, against a real server: each streams, calls a tool and reads usage.

They come from the package registry into a scratch environment, so they are part of the long run alone.
"""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import KEY
from tests.fakes.openai_media import PNG, SAID, SPOKEN
from tests.services.freehold_server import FreeholdServer

pytestmark = [pytest.mark.proof, pytest.mark.timeout(900)]

PROGRAMS = Path(__file__).parent / "programs"
CALL = ["get_weather", {"city": "Paris"}]


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
