"""The code that the playground and the page of keys show, run as it is pasted: each prints the model's answer.

What curl runs needs nothing but curl and Node; the SDKs come from their registries, so they are part of the long run.
"""

import asyncio
import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from shutil import which

import pytest

from tests.clients.conftest import KEY
from tests.services.availability import missing
from tests.services.freehold_server import FreeholdServer

ROOT = Path(__file__).parents[2]
SAID = "The sky is blue."
AWKWARD = 'It\'s a "quoted" \\ back\\slash, $HOME, `id`, 100%, 你好\nand a second line'
TOOLS = json.dumps(
    [{"name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}]
)
SCHEMA = json.dumps({"type": "object", "properties": {"sky": {"type": "string", "default": None}}, "required": ["sky"]})
ASKS = {
    "plain": {"stream": False},
    "streamed": {"stream": True},
    "awkward": {"stream": False, "system": AWKWARD, "messages": [{"id": "a", "role": "user", "text": AWKWARD}]},
    "steered": {
        "stream": True,
        "temperature": "0.5",
        "topP": "0.9",
        "maxTokens": "64",
        "stop": "END\nIt's",
        "seed": "7",
        "effort": "low",
    },
    "conversation": {
        "stream": False,
        "messages": [
            {"id": "a", "role": "user", "text": "One"},
            {"id": "b", "role": "assistant", "text": "Two"},
            {"id": "c", "role": "user", "text": "Three"},
        ],
    },
    "formed": {"stream": False, "schema": SCHEMA},
    "calls": {"stream": False, "tools": TOOLS, "messages": [{"id": "a", "role": "user", "text": "call"}]},
}
DIALECTS = ("openai_chat", "openai_responses", "anthropic_messages", "ollama_chat")


@dataclass(frozen=True)
class Snippet:
    name: str
    client: str
    language: str
    stream: bool
    code: str


def node() -> Path:
    """The Node that ./check brought, else the one on PATH."""
    own = ROOT / ".freehold/node/bin/node"
    found = own if own.exists() else which("node")
    return Path(found) if found else missing("node", "Run ./check once; it brings its own.")


@pytest.fixture(scope="module")
def snippets(server: FreeholdServer, tmp_path_factory: pytest.TempPathFactory) -> list[Snippet]:
    """Every snippet of every form, in every dialect that can be chosen in the form."""
    rolldown = ROOT / "web/node_modules/rolldown/bin/cli.mjs"
    if not rolldown.exists():
        missing("web/node_modules", "Run ./check once; it fills them.")
    place = tmp_path_factory.mktemp("snippets")
    (place / "all.ts").write_text(
        f'export * from "{ROOT}/web/src/features/playground/snippets.ts";\n'
        f'export {{ EMPTY }} from "{ROOT}/web/src/features/playground/request.ts";\n'
    )
    bundle = place / "all.mjs"
    subprocess.run([node(), rolldown, place / "all.ts", "--file", bundle], check=True, capture_output=True, cwd=place)
    asks = [
        {"name": f"{name} {dialect} {model}", "dialect": dialect, "model": model, **ask}
        for name, ask in ASKS.items()
        for dialect in DIALECTS
        for model in ("acme/large", "claude/sonnet")
    ]
    program = ROOT / "tests/clients/programs/snippets.mjs"
    told = subprocess.run(
        [node(), program, bundle, server.url, KEY, json.dumps(asks)], check=True, capture_output=True, text=True
    )
    every = {Snippet(**one) for one in json.loads(told.stdout)}
    distinct = {(one.client, one.code): one for one in every}
    return sorted(distinct.values(), key=lambda one: (one.name, one.client, one.language))


async def run_all(snippets: list[Snippet], command: Callable[[Snippet, Path], list[str | Path]], place: Path) -> None:
    """Run each, two at a time; every one prints what the model said or called."""
    assert snippets
    places = asyncio.Semaphore(2)
    wrong: list[str] = []

    async def run(number: int, one: Snippet) -> None:
        async with places:
            process = await asyncio.create_subprocess_exec(
                *command(one, place / f"{number}.code"),
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=place,
                env={"HOME": str(place), "PATH": "/usr/bin:/bin"},
            )  # fmt: skip
            output, errors = await asyncio.wait_for(process.communicate(), 60)
        printed = output.decode()
        expected = "get_weather" if one.name.startswith("calls") else SAID
        whole = printed if not (one.client == "curl" and one.stream) else "".join(_texts(printed))
        if process.returncode or expected not in whole:
            wrong.append(f"{one.name}, {one.client} {one.language}:\n{one.code}\n{printed}\n{errors.decode()[-1500:]}")

    await asyncio.gather(*(run(number, one) for number, one in enumerate(snippets)))
    assert not wrong, f"{len(wrong)} of {len(snippets)} fail\n" + "\n\n".join(wrong[:3])


def _texts(stream: str) -> list[str]:
    """The pieces of text in a stream of any dialect."""
    found: list[str] = []
    for line in stream.splitlines():
        if not line.removeprefix("data: ").startswith("{"):
            continue
        frame = json.loads(line.removeprefix("data: "))
        delta = frame.get("delta")
        pieces = [choice["delta"].get("content") for choice in frame.get("choices", [])]
        pieces += [
            delta if isinstance(delta, str) else (delta or {}).get("text"),
            frame.get("message", {}).get("content"),
        ]
        found += [piece for piece in pieces if isinstance(piece, str)]
    return found


async def test_curl(snippets: list[Snippet], tmp_path: Path) -> None:
    mine = [one for one in snippets if one.client == "curl"]
    assert len(mine) == len(ASKS) * len(DIALECTS) * 2
    await run_all(mine, lambda one, _: ["/bin/sh", "-c", one.code.replace("curl ", "curl --fail -sS ", 1)], tmp_path)


@pytest.mark.proof
@pytest.mark.timeout(900)
async def test_python(snippets: list[Snippet], python: Path, tmp_path: Path) -> None:
    mine = [one for one in snippets if one.language == "python"]
    assert {one.client for one in mine} == {"openai", "anthropic", "ollama"}
    await run_all(mine, lambda one, _: [python, "-c", one.code], tmp_path)


@pytest.mark.proof
@pytest.mark.timeout(900)
async def test_javascript(snippets: list[Snippet], tmp_path: Path) -> None:
    mine = [one for one in snippets if one.language == "javascript"]
    assert {one.client for one in mine} == {"openai", "anthropic"}
    npm = node().parent / "npm"
    command = [npm, "install", "--no-audit", "--no-fund", "--silent", "openai@7", "@anthropic-ai/sdk@1"]
    await asyncio.to_thread(subprocess.run, command, check=True, cwd=tmp_path, timeout=300)

    def program(one: Snippet, path: Path) -> list[str | Path]:
        file = path.with_suffix(".mjs")
        file.write_text(one.code)
        return [node(), file]

    await run_all(mine, program, tmp_path)
