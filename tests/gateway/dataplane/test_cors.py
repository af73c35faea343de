"""Pages of other origins: those that a setting names may call the gateway, and nobody else."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import anyio.to_thread
import pytest
from aiohttp import web

from freehold.errors import ConfigurationError
from freehold.settings import load
from tests.gateway.dataplane.conftest import World
from tests.services.freehold_server import FreeholdServer

if TYPE_CHECKING:
    from playwright.async_api import Browser

KEY = "fh_browser01_" + "b" * 43
APP = "https://app.example.com"
ASKS = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,x-stainless-lang"}


@pytest.fixture(scope="module")
async def page_server() -> AsyncIterator[str]:
    """A web page of another origin."""

    async def page(request: web.Request) -> web.Response:
        del request
        return web.Response(text="<!doctype html><title>elsewhere</title>", content_type="text/html")

    app = web.Application()
    app.add_routes([web.get("/", page)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory, page_server: str) -> AsyncIterator[FreeholdServer]:
    place: Path = tmp_path_factory.mktemp("cors")
    config = place / "freehold.yaml"
    config.write_text(json.dumps({"keys": [{"name": "page", "key": KEY, "scopes": ["chat", "models"]}]}))
    origins = f"{APP}, {page_server}"
    server = FreeholdServer(place / "data", {"FREEHOLD_CONFIG": str(config), "FREEHOLD_SERVER__CORS_ORIGINS": origins})
    server.data_dir.mkdir()
    await anyio.to_thread.run_sync(server.start)
    yield server
    await anyio.to_thread.run_sync(server.stop)


async def send(url: str, method: str, **headers: str) -> tuple[int, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.request(
            method, url, headers={name.replace("_", "-"): value for name, value in headers.items()}
        ) as answer,
    ):
        return answer.status, answer.headers


async def test_a_preflight_from_an_allowed_origin(server: FreeholdServer) -> None:
    status, headers = await send(f"{server.url}/v1/chat/completions", "OPTIONS", origin=APP, **ASKS)
    assert status == 204
    assert headers["access-control-allow-origin"] == APP
    assert headers["access-control-allow-headers"] == ASKS["access-control-request-headers"]
    assert "POST" in headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in headers
    assert "origin" in headers["vary"]


async def test_other_origins_get_nothing(server: FreeholdServer) -> None:
    for origin in ("https://evil.example.com", "https://app.example.com.evil.com", "http://app.example.com", "null"):
        status, headers = await send(f"{server.url}/v1/chat/completions", "OPTIONS", origin=origin, **ASKS)
        assert status == 404
        assert "access-control-allow-origin" not in headers
        _, headers = await send(f"{server.url}/v1/models", "GET", origin=origin, authorization=f"Bearer {KEY}")
        assert "access-control-allow-origin" not in headers
        assert headers["vary"] == "origin"


async def test_answers_and_refusals_can_be_read(server: FreeholdServer) -> None:
    for key, expected in ((KEY, 200), ("fh_browser01_wrong", 401)):
        status, headers = await send(f"{server.url}/v1/models", "GET", origin=APP, authorization=f"Bearer {key}")
        assert status == expected
        assert headers["access-control-allow-origin"] == APP
        assert "x-freehold-model" in headers["access-control-expose-headers"]


async def test_the_web_apps_own_api_stays_closed(server: FreeholdServer) -> None:
    status, headers = await send(f"{server.url}/api/threads", "OPTIONS", origin=APP, **ASKS)
    assert status in (404, 405)
    assert "access-control-allow-origin" not in headers


async def test_without_the_setting_no_page_may(world: World) -> None:
    status, headers = await send(f"{world.server.url}/v1/chat/completions", "OPTIONS", origin=APP, **ASKS)
    assert status == 404
    assert "access-control-allow-origin" not in headers


@pytest.mark.browser
async def test_a_page_in_a_browser_calls_the_gateway(
    browser: "Browser", server: FreeholdServer, page_server: str
) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(page_server)
    body = {"model": "echo/echo", "messages": [{"role": "user", "content": "one two three"}], "stream": True}
    script = """async ([url, key, body]) => {
        const headers = {authorization: `Bearer ${key}`, 'content-type': 'application/json', 'x-stainless-lang': 'js'};
        const answer = await fetch(url, {method: 'POST', headers, body: JSON.stringify(body)});
        return [answer.status, answer.headers.get('x-freehold-model'), await answer.text()];
    }"""
    status, model, text = await page.evaluate(script, [f"{server.url}/v1/chat/completions", KEY, body])
    assert (status, model) == (200, "echo/echo")
    assert text.rstrip().endswith("data: [DONE]")
    await context.close()


@pytest.mark.parametrize(
    "wrong", ["app.example.com", "https://app.example.com/path", "ftp://app.example.com", "https://"]
)
def test_what_is_no_origin_is_named(wrong: str) -> None:
    with pytest.raises(ConfigurationError, match="must be an origin"):
        load(environ={"FREEHOLD_SERVER__CORS_ORIGINS": wrong})
