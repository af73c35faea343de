"""Programs that wait for a place at a self-hosted server: told where they stand, and when to come back."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import API_KEY, FakeUpstream, Script
from tests.services.freehold_server import FreeholdServer

KEY = "fh_queue0001_" + "q" * 43
SAID = [{"role": "user", "content": "Hello"}]
CHAT, MESSAGES, OLLAMA = "/v1/chat/completions", "/v1/messages", "/ollama/api/chat"


class World:
    def __init__(self, server: FreeholdServer, house: FakeUpstream, session: aiohttp.ClientSession) -> None:
        self.server, self.house, self.session = server, house, session

    def send(self, path: str, model: str = "house/m", **more: Any) -> Any:
        """To be entered; comes back with the head of the answer."""
        headers = {"Authorization": f"Bearer {KEY}", "x-freehold-cache": "on"}
        body = {"model": model, "messages": SAID, "stream": True, **more}
        if path == MESSAGES:
            body["max_tokens"] = 50
        return self.session.post(self.server.url + path, json=body, headers=headers)

    async def whole(self, path: str, **more: Any) -> tuple[int, Any, str]:
        async with self.send(path, **more) as answer:
            return answer.status, answer.headers, (await answer.read()).decode()

    async def taken(self) -> asyncio.Task[Any]:
        """A call that holds the one place until it is cancelled."""
        self.house.script = Script(fault="stuck")
        task = asyncio.create_task(self.whole(CHAT, messages=[{"role": "user", "content": "stuck"}]))
        assert await self.house.wait_busy(10)
        self.house.script = Script()
        return task

    async def waiting(self, number: int) -> None:
        """Until so many wait."""
        async with asyncio.timeout(10):
            while True:
                async with self.session.get(f"{self.server.url}/metrics") as answer:
                    said = await answer.text()
                if f'freehold_queue_waiting{{provider="house"}} {number}.0' in said:
                    return
                await asyncio.sleep(0.05)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with FakeUpstream(OpenAIDialect()) as house, FakeUpstream(OpenAIDialect()) as other:
        shared = {"kind": "openai_compatible", "api_key": API_KEY, "models": ["m"]}
        options = {"slots": 1, "queue": 2}
        providers = [
            {"id": "house", "base_url": house.url, "self_hosted": True, "options": options, **shared},
            {"id": "other", "base_url": other.url, **shared},
        ]
        models = {"smart": {"targets": [{"provider": "house", "model": "m"}], "fallback": ["other/m"], "retries": 0}}
        config = tmp_path / "freehold.yaml"
        keys = [{"name": "queue", "key": KEY, "scopes": ["chat"]}]
        config.write_text(json.dumps({"providers": providers, "models": models, "keys": keys}))
        environment = {"FREEHOLD_CONFIG": str(config), "FREEHOLD_CACHE__MODE": "on_request"}
        server = FreeholdServer(tmp_path / "data", environment)
        server.data_dir.mkdir()
        await asyncio.to_thread(server.start)
        async with aiohttp.ClientSession() as session:
            yield World(server, house, session)
        await asyncio.to_thread(server.stop)


async def test_a_stream_that_waits_is_told_its_place_and_then_answered(world: World) -> None:
    holds = await world.taken()
    chat = asyncio.create_task(world.whole(CHAT))
    await world.waiting(1)
    message = asyncio.create_task(world.whole(MESSAGES))
    await world.waiting(2)
    for path in (CHAT, MESSAGES):
        status, headers, body = await world.whole(path)
        assert status == 503
        assert int(headers["retry-after"]) >= 1
        assert headers["x-freehold-error"] == "queue_full"
    # an alias goes elsewhere instead
    status, headers, _ = await world.whole(CHAT, model="smart", messages=[{"role": "user", "content": "elsewhere"}])
    assert (status, headers["x-freehold-model"]) == (200, "other/m")
    await asyncio.sleep(6)
    holds.cancel()
    for task, place in ((chat, 1), (message, 2)):
        status, headers, body = await task
        assert status == 200
        assert headers["x-freehold-queue"] == str(place)
        assert "x-freehold-model" not in headers, "who answers is not known yet"
        assert body.startswith(f": queued {place}\n\n")
        assert "world" in body
    assert (await chat)[2].rstrip().endswith("data: [DONE]")
    # what is given again holds no word of the queue
    _, headers, body = await world.whole(CHAT)
    assert headers["x-freehold-cache"] == "hit"
    assert "queued" not in body


async def test_a_short_wait_changes_nothing_but_a_header(world: World) -> None:
    holds = await world.taken()
    waits = [
        asyncio.create_task(world.whole(CHAT, stream=False)),
        asyncio.create_task(world.whole(OLLAMA, messages=[{"role": "user", "content": "short"}])),
    ]
    await world.waiting(2)
    holds.cancel()
    for task in waits:
        status, headers, body = await task
        assert (status, headers["x-freehold-model"]) == (200, "house/m")
        assert headers["x-freehold-queue"] in ("1", "2")
        assert "queued" not in body


async def test_a_failure_after_the_wait_is_an_error_in_the_stream(world: World) -> None:
    holds = await world.taken()
    waits = asyncio.create_task(world.whole(CHAT))
    await world.waiting(1)
    await asyncio.sleep(6)
    world.house.script = Script(error="refused")
    holds.cancel()
    status, _, body = await waits
    assert status == 200
    assert body.startswith(": queued 1\n\n")
    assert json.loads(body.split("data: ", 1)[1].split("\n")[0])["error"]["type"] == "invalid_request_error"
    assert "[DONE]" not in body


async def test_who_leaves_gives_up_the_place(world: World) -> None:
    holds = await world.taken()
    waits = asyncio.create_task(world.whole(CHAT))
    await world.waiting(1)
    waits.cancel()
    await world.waiting(0)
    holds.cancel()
