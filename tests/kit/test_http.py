"""The outbound client: what it refuses, on real sockets of this machine."""

import contextlib
import socket
from collections.abc import AsyncIterator

import httpx2
import pytest
from aiohttp import web

from freehold.kit.http import AddressRefused, Door, OutboundHttp


class Server:
    """Answers every path with its request headers, or redirects to `target`."""

    def __init__(self) -> None:
        self.target: str | None = None
        self.headers: list[dict[str, str]] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        if self.target is not None:
            return web.Response(status=302, headers={"Location": self.target})
        return web.Response(text="here")


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    server = Server()
    app = web.Application()
    app.router.add_get("/{path:.*}", server.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = "http://{}:{}".format(*runner.addresses[0][:2])
    try:
        yield server
    finally:
        await runner.cleanup()


async def get(url: str, doors: set[Door] | None = None, headers: dict[str, str] | None = None) -> tuple[int, str]:
    http = OutboundHttp(doors or set())
    try:
        async with http.stream("GET", url, headers) as reply:
            return reply.status_code, (await reply.aread()).decode()
    finally:
        await http.aclose()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fe80::1]/",
        "http://0.0.0.0/",
        "http://93.184.216.34:8080/",  # public, but not a web port
        "http://93.184.216.34:22/",
        "ftp://93.184.216.34/",
        "file:///etc/passwd",
        "http:///nothing",
    ],
)
async def test_what_is_not_public_is_refused_without_a_connection(url: str) -> None:
    with pytest.raises(AddressRefused):
        await get(url)


async def test_a_door_opens_one_host_and_port_only() -> None:
    async with serving() as server, serving() as other:
        assert await get(server.url, {Door.of(server.url)}) == (200, "here")
        with pytest.raises(AddressRefused):
            await get(other.url, {Door.of(server.url)})
        with pytest.raises(AddressRefused):
            await get(server.url.replace("127.0.0.1", "localhost"), {Door.of(server.url)})


async def test_no_door_leads_to_a_metadata_service() -> None:
    url = "http://169.254.169.254/latest/meta-data/"
    with pytest.raises(AddressRefused):
        await get(url, {Door.of(url)})


async def test_a_redirect_is_judged_like_the_first_address() -> None:
    async with serving() as server, serving() as inner:
        server.target = inner.url
        with pytest.raises(AddressRefused):
            await get(server.url, {Door.of(server.url)})
        assert inner.headers == []
        server.target = "file:///etc/passwd"
        with pytest.raises(AddressRefused):
            await get(server.url, {Door.of(server.url)})


async def test_credentials_stay_with_their_host() -> None:
    async with serving() as server, serving() as other:
        server.target = f"{other.url}/elsewhere"
        doors = {Door.of(server.url), Door.of(other.url)}
        sent = {"Authorization": "Bearer secret", "Cookie": "a=b", "Range": "bytes=5-"}
        assert await get(server.url, doors, sent) == (200, "here")
        assert server.headers[0]["authorization"] == "Bearer secret"
        assert not {"authorization", "cookie"} & other.headers[0].keys()
        assert other.headers[0]["range"] == "bytes=5-"


async def test_redirects_come_to_an_end() -> None:
    async with serving() as server:
        server.target = f"{server.url}/again"
        with pytest.raises(AddressRefused, match="redirects"):
            await get(server.url, {Door.of(server.url)})
        assert len(server.headers) == 4


async def test_proxy_variables_are_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving() as server:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
        assert await get(server.url, {Door.of(server.url)}) == (200, "here")


async def test_a_refused_connection_is_an_ordinary_error() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(httpx2.ConnectError):
            await get(url, {Door.of(url)})
