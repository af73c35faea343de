"""The built web app is served compressed, cached for ever where it may be, and never in place of an API error."""

import gzip
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from freehold.web import IMMUTABLE, WebApp

PAGE = "<!doctype html><title>Freehold</title>"
SCRIPT = "console.log('hello');" * 100


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    (tmp_path / "assets").mkdir()
    (tmp_path / "frames").mkdir()
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "favicon.svg").write_text("<svg/>")
    (tmp_path / "frames/artifact.html").write_text("<p>frame</p>")
    script = tmp_path / "assets/index-abc.js"
    script.write_text(SCRIPT)
    script.with_name("index-abc.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    script.with_name("index-abc.js.br").write_bytes(b"brotli bytes")
    (tmp_path.parent / "secret.txt").write_text("outside")
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(WebApp(tmp_path)), base_url="http://test") as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/threads/123", "/settings/providers", "/sign-in"])
async def test_every_page_of_the_router_is_the_index(client: httpx2.AsyncClient, path: str) -> None:
    reply = await client.get(path, headers={"Accept": "text/html,*/*;q=0.8"})
    assert (reply.status_code, reply.text) == (200, PAGE)
    assert reply.headers["cache-control"] == "no-cache"
    assert reply.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    "path", ["/assets/none.js", "/favicon.png", "/api/none", "/v1/models", "/frames/none", "/.env", "/health"]
)
async def test_what_is_not_there_is_an_error_and_not_the_page(client: httpx2.AsyncClient, path: str) -> None:
    reply = await client.get(path, headers={"Accept": "*/*"})
    assert reply.status_code == 404
    assert reply.json()["code"] == "not_found"


async def test_an_unchanged_page_is_not_sent_again(client: httpx2.AsyncClient) -> None:
    tag = (await client.get("/")).headers["etag"]
    again = await client.get("/", headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("identity", None),
        ("", None),
        ("br;q=0.0,gzip;q=0", None),
    ],
)
async def test_assets_come_precompressed_and_for_ever(
    client: httpx2.AsyncClient, accept: str, encoding: str | None
) -> None:
    request = client.build_request("GET", "/assets/index-abc.js", headers={"Accept-Encoding": accept})
    reply = await client.send(request, stream=True)
    raw = b"".join([chunk async for chunk in reply.aiter_raw()])
    assert reply.headers.get("content-encoding") == encoding
    assert reply.headers["cache-control"] == IMMUTABLE
    assert reply.headers["vary"] == "Accept-Encoding"
    assert reply.headers["content-type"] == "text/javascript; charset=utf-8"
    assert int(reply.headers["content-length"]) == len(raw)
    plain = {"br": b"brotli bytes", "gzip": raw, None: SCRIPT.encode()}[encoding]
    assert raw == plain
    assert encoding != "gzip" or gzip.decompress(raw) == SCRIPT.encode()


async def test_a_frame_is_a_sandbox_without_network_or_origin(client: httpx2.AsyncClient) -> None:
    reply = await client.get("/frames/artifact.html")
    policy = reply.headers["content-security-policy"]
    for rule in ("sandbox allow-scripts;", "script-src 'self'", "connect-src 'none'", "frame-ancestors 'self'"):
        assert rule in policy
    assert "allow-same-origin" not in policy
    assert reply.headers["cross-origin-resource-policy"] == "cross-origin"


async def test_an_artifact_runs_scripts_without_network_or_origin(client: httpx2.AsyncClient) -> None:
    """The headers are SECURITY.md 21, word for word; a copy in the browser's cache keeps them too."""
    reply = await client.get("/artifact-frame")
    assert reply.text == "<p>frame</p>"
    again = await client.get("/artifact-frame", headers={"If-None-Match": reply.headers["etag"]})
    assert again.status_code == 304
    for headers in (reply.headers, again.headers):
        assert headers["content-security-policy"] == (
            "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob:; "
            "style-src 'unsafe-inline'; img-src data: blob:; font-src data:; media-src data: blob:; worker-src blob:; "
            "connect-src 'none'; frame-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
        )
        assert headers["connection-allowlist"] == "();webrtc=block"
        assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize("path", ["/../secret.txt", "/assets/../../secret.txt", "/%2e%2e/secret.txt", "//secret.txt"])
async def test_nothing_outside_the_build_is_served(client: httpx2.AsyncClient, path: str) -> None:
    reply = await client.get(f"http://test{path}", headers={"Accept": "*/*"})
    assert "outside" not in reply.text


async def test_a_build_that_is_made_anew_is_served_without_a_restart(tmp_path: Path) -> None:
    assets = tmp_path / "assets"
    assets.mkdir()
    transport = httpx2.ASGITransport(WebApp(tmp_path))
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        for name in ("one", "two"):
            (assets / f"{name}.js").write_text(name)
            (tmp_path / "index.html").write_text(f"<script src=/assets/{name}.js>")
            os.utime(tmp_path / "index.html", ns=(0, len(name) + ord(name[0])))
            page = await client.get("/", headers={"Accept": "text/html"})
            assert name in page.text
            assert (await client.get(f"/assets/{name}.js")).text == name


async def test_without_a_build_the_page_says_how_to_make_one(tmp_path: Path) -> None:
    transport = httpx2.ASGITransport(WebApp(tmp_path))
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        reply = await client.get("/", headers={"Accept": "text/html"})
    assert reply.status_code == 503
    assert "./start" in reply.text
