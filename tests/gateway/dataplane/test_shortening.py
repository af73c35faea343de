"""Near the end of a budget an answer without a limit is asked for with one, in the field of each dialect."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from freehold.errors import InvalidRequest
from freehold.gateway.dataplane.sizing import output_limit
from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import API_KEY, FakeUpstream
from tests.services.freehold_server import FreeholdServer

POOR, RICH = "fh_short0001_" + "p" * 43, "fh_short0002_" + "r" * 43
SAID = [{"role": "user", "content": "Hello"}]
MODEL = "acme/gpt-4o"  # writes up to 16,384 tokens at 10 dollars a million


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[FreeholdServer, FakeUpstream]]:
    place: Path = tmp_path_factory.mktemp("short")
    async with FakeUpstream(OpenAIDialect()) as fake:
        providers = [{"id": "acme", "kind": "openai", "base_url": fake.url, "api_key": API_KEY, "models": ["gpt-4o"]}]
        keys = [
            {"name": name, "key": key, "scopes": ["chat"], "budget": {"usd": usd, "period": "total"}}
            for name, key, usd in (("poor", POOR, 0.06), ("rich", RICH, 50))
        ]
        config = place / "freehold.yaml"
        config.write_text(json.dumps({"providers": providers, "keys": keys}))
        server = FreeholdServer(place / "data", {"FREEHOLD_CONFIG": str(config)})
        server.data_dir.mkdir()
        await asyncio.to_thread(server.start)
        yield server, fake
        await asyncio.to_thread(server.stop)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/chat/completions", {"messages": SAID}),
        ("/v1/chat/completions", {"messages": SAID, "max_tokens": None}),
        ("/v1/responses", {"input": "Hello"}),
        ("/ollama/api/chat", {"messages": SAID, "options": {"num_predict": -1}}),
        ("/ollama/api/generate", {"prompt": "Hello"}),
    ],
)
async def test_an_answer_gets_a_limit_and_says_so(
    running: tuple[FreeholdServer, FakeUpstream], path: str, body: dict[str, Any]
) -> None:
    server, fake = running
    async with aiohttp.ClientSession() as session:
        for key, limit in ((POOR, 4096), (RICH, None)):
            fake.requests.clear()
            sent = {"model": MODEL, "stream": False, **body}
            headers = {"Authorization": f"Bearer {key}"}
            async with session.post(server.url + path, json=sent, headers=headers) as answer:
                assert answer.status == 200, await answer.text()
                assert answer.headers.get("x-freehold-answer-limit") == (str(limit) if limit else None)
            assert output_limit(fake.requests[-1].body) == limit


def test_the_limit_of_a_request_is_found_by_all_its_names() -> None:
    assert output_limit({"max_tokens": 5}) == 5
    assert output_limit({"max_completion_tokens": 6, "max_tokens": None}) == 6
    assert output_limit({"max_output_tokens": 7}) == 7
    assert output_limit({"options": {"num_predict": 8}}) == 8
    for body in ({}, {"max_tokens": 0}, {"max_tokens": None}, {"options": {"num_predict": -1}}, {"options": 3}):
        assert output_limit(body) is None
    for wrong in ("9", 9.5, True, [9]):
        with pytest.raises(InvalidRequest, match="max_tokens must be a whole number"):
            output_limit({"max_tokens": wrong})
