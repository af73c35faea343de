"""Model downloads and the first-run page, against a server that speaks as much of Ollama's API as they need."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from aiohttp import web

from freehold.errors import Conflict, NotFound
from freehold.kit.bus import MemoryBus
from freehold.providers.schemas import ProviderNew, Pull
from freehold.providers.service import Providers
from tests.providers.service_parts import (
    bus,
    database,
    declared,
    make_settings,
    providers,
    server,
    start_providers,
    upstream,
)

__all__ = ["bus", "database", "declared", "make_settings", "providers", "server", "start_providers", "upstream"]

STEP = 1_000_000
STEPS = 20


class Ollama:
    """Keeps what was pulled of a model when the client goes away, as the real one does."""

    def __init__(self) -> None:
        self.models = ["qwen3:0.6b"]
        self.arrived: dict[str, int] = {}
        self.starts: list[int] = []
        self.pause_s = 0.01
        self.url = ""

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/version", self.version),
            web.get("/api/tags", self.tags),
            web.post("/api/show", self.show),
            web.post("/api/pull", self.pull),
            web.delete("/api/delete", self.delete),
        ]

    async def version(self, request: web.Request) -> web.Response:
        return web.json_response({"version": "0.12.0"})

    async def tags(self, request: web.Request) -> web.Response:
        return web.json_response({"models": [{"name": name, "model": name, "size": 500} for name in self.models]})

    async def show(self, request: web.Request) -> web.Response:
        return web.json_response({"capabilities": ["completion"], "model_info": {}})

    async def delete(self, request: web.Request) -> web.Response:
        name = (await request.json())["model"]
        if name not in self.models:
            return web.json_response({"error": f"model '{name}' not found"}, status=404)
        self.models.remove(name)
        return web.Response()

    async def pull(self, request: web.Request) -> web.StreamResponse:
        name = (await request.json())["model"]
        reply = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await reply.prepare(request)

        async def say(**step: Any) -> None:
            await reply.write(json.dumps(step).encode() + b"\n")

        await say(status="pulling manifest")
        if name == "nonsense":
            await say(error="pull model manifest: file does not exist")
            return reply
        self.starts.append(self.arrived.get(name, 0))
        while self.arrived.get(name, 0) < STEPS * STEP:
            await asyncio.sleep(self.pause_s)
            self.arrived[name] = self.arrived.get(name, 0) + STEP
            await say(status="pulling 1a2b", digest="sha256:1a2b", total=STEPS * STEP, completed=self.arrived[name])
        self.models.append(name)
        await say(status="success")
        return reply


@pytest.fixture
async def ollama() -> AsyncIterator[Ollama]:
    ollama = Ollama()
    app = web.Application()
    app.add_routes(ollama.routes())
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    ollama.url = f"http://{host}:{port}"
    yield ollama
    await runner.cleanup()


@pytest.fixture
async def house(start_providers: Any, ollama: Ollama) -> Providers:
    """Ollama, connected by an administrator."""
    providers = await start_providers(ollama_addresses=[ollama.url])
    await providers.administration.add(ProviderNew(kind="ollama", base_url=ollama.url), force=False)
    return providers


async def ended(providers: Providers, pull_id: str) -> Pull:
    async with asyncio.timeout(10):
        while True:
            pull = next(pull for pull in providers.pulls.list() if pull.id == pull_id)
            if pull.state != "running":
                return pull
            await asyncio.sleep(0.01)


async def refs(providers: Providers) -> list[str]:
    return [model.ref for model in (await providers.models()).items]


async def test_a_download_ends_in_the_list_of_models(house: Providers, bus: MemoryBus) -> None:
    with bus.subscribe("admins") as heard:
        pull = house.pulls.start("ollama", "llama3.2:1b")
        done = await ended(house, pull.id)
        assert (done.state, done.completed, done.total) == ("done", STEPS * STEP, STEPS * STEP)
        assert "ollama/llama3.2:1b" in await refs(house)
        reports = [await asyncio.wait_for(anext(heard), 1)]
        while reports[-1]["pull"]["state"] == "running":
            reports.append(await asyncio.wait_for(anext(heard), 1))
    assert {report["type"] for report in reports} == {"pull"}
    assert reports[-1]["pull"]["state"] == "done"
    sizes = [report["pull"]["completed"] for report in reports]
    assert sizes == sorted(sizes)


async def test_progress_is_told_at_most_four_times_a_second(house: Providers, ollama: Ollama, bus: MemoryBus) -> None:
    ollama.pause_s = 0.06
    with bus.subscribe("admins") as heard:
        began = time.monotonic()
        await ended(house, house.pulls.start("ollama", "big").id)
        seconds = time.monotonic() - began
        count = 0
        with suppress(TimeoutError):
            while True:
                await asyncio.wait_for(anext(heard), 0.05)
                count += 1
    assert 3 <= count <= 4 * seconds + 2


async def test_a_cancelled_download_goes_on_where_it_was(house: Providers, ollama: Ollama) -> None:
    ollama.pause_s = 0.03
    pull = house.pulls.start("ollama", "big")
    while ollama.arrived.get("big", 0) < 3 * STEP:
        await asyncio.sleep(0.005)
    await house.pulls.cancel(pull.id)
    assert (await ended(house, pull.id)).state == "cancelled"
    assert "ollama/big" not in await refs(house)
    stopped_at = ollama.arrived["big"]
    await asyncio.sleep(0.1)
    assert ollama.arrived["big"] <= stopped_at + STEP  # the server heard of it
    ollama.pause_s = 0.001
    again = house.pulls.start("ollama", "big")
    assert again.id != pull.id
    assert (await ended(house, again.id)).state == "done"
    assert ollama.starts[1] >= 3 * STEP
    assert "ollama/big" in await refs(house)


async def test_the_same_model_is_not_downloaded_twice_at_once(house: Providers, ollama: Ollama) -> None:
    first, second = house.pulls.start("ollama", "big"), house.pulls.start("ollama", "big")
    assert first.id == second.id
    await ended(house, first.id)
    assert len(ollama.starts) == 1


async def test_a_model_that_does_not_exist_fails_with_the_reason(house: Providers) -> None:
    failed = await ended(house, house.pulls.start("ollama", "nonsense").id)
    assert failed.state == "failed"
    assert failed.error is not None
    assert failed.error["code"] == "model_not_found"
    await house.pulls.cancel(failed.id)  # dismissed
    assert house.pulls.list() == []
    with pytest.raises(NotFound):
        await house.pulls.cancel(failed.id)


async def test_only_providers_with_a_disk_download(providers: Providers) -> None:
    with pytest.raises(Conflict):
        providers.pulls.start("acme", "alpha")
    with pytest.raises(NotFound):
        providers.pulls.start("nobody", "alpha")


async def test_a_server_that_stops_ends_its_downloads(house: Providers, ollama: Ollama) -> None:
    ollama.pause_s = 1
    house.pulls.start("ollama", "big")
    await asyncio.sleep(0.05)
    began = time.monotonic()
    await house.stop()
    assert time.monotonic() - began < 0.5
    assert house.pulls.list()[0].state == "cancelled"


async def test_deleting_a_model_takes_it_from_the_disk(house: Providers, ollama: Ollama) -> None:
    await house.administration.remove_model("ollama", "qwen3:0.6b")
    assert ollama.models == []
    assert await refs(house) == []


async def test_a_model_pulled_in_a_terminal_can_be_asked_at_once(house: Providers, ollama: Ollama) -> None:
    ollama.models.append("fresh:1b")
    assert (await house.resolve("ollama/fresh:1b"))[1].id == "fresh:1b"


async def test_the_first_page_finds_an_ollama(start_providers: Any, ollama: Ollama) -> None:
    providers = await start_providers(ollama_addresses=[ollama.url])
    page = await providers.welcome.get()
    assert page.has_provider is False
    assert page.ollama == {
        "found": True,
        "base_url": ollama.url,
        "models": [{"id": "qwen3:0.6b", "size_bytes": 500}],
        "connected": False,
    }
    await providers.administration.add(ProviderNew(kind="ollama", base_url=ollama.url), force=False)
    page = await providers.welcome.get()
    assert page.has_provider is True
    assert page.ollama["connected"] is True


async def test_the_first_page_does_not_wait_for_nobody(start_providers: Any) -> None:
    providers = await start_providers(ollama_addresses=["http://127.0.0.1:9"])
    began = time.monotonic()
    page = await providers.welcome.get()
    assert time.monotonic() - began < 0.5
    assert page.ollama == {"found": False, "base_url": None, "models": [], "connected": False}


async def test_the_first_page_says_that_the_built_in_model_is_off_or_not_downloaded(
    start_providers: Any, make_settings: Any
) -> None:
    off = await (await start_providers(ollama_addresses=[])).welcome.get()
    assert off.embedded.reason is not None
    assert "embedded.enabled" in off.embedded.reason
    on = await start_providers(make_settings(embedded={"enabled": True}), ollama_addresses=[])
    page = await on.welcome.get()
    assert page.embedded.state in ("not_downloaded", "not_installed", "unsupported")
    assert page.has_provider is False
    assert await refs(on) == []


async def test_a_disk_without_models_needs_a_download(house: Providers, ollama: Ollama) -> None:
    assert house.status("ollama").state == "ok"
    await house.administration.remove_model("ollama", "qwen3:0.6b")
    status = house.status("ollama")
    assert status.state == "needs"
    assert status.error is not None
    assert status.error["code"] == "model_not_installed"
