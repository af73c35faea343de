"""The one HTTP client towards models: failures become clear errors, nothing hangs, addresses are judged."""

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from freehold import errors
from freehold.providers.completion import complete
from freehold.providers.upstream import Endpoint, Upstream
from freehold.wire.request import ChatRequest, Message, Text
from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import API_KEY, FakeUpstream, Script
from tests.providers.stands import http_stand

AUTH = {"Authorization": f"Bearer {API_KEY}"}


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    client = Upstream()
    yield client
    await client.aclose()


@pytest.fixture
async def fake() -> AsyncIterator[FakeUpstream]:
    async with FakeUpstream(OpenAIDialect()) as running:
        yield running


def endpoint(url: str, **fields: Any) -> Endpoint:
    return Endpoint("p", "Provider P", url, **fields)


async def events(upstream: Upstream, to: Endpoint, script_body: Any = None) -> list[bytes]:
    body = script_body or {"model": "m", "stream": True}
    async with upstream.open_stream(to, "POST", "chat/completions", json=body, headers=AUTH) as reply:
        return [data async for data in reply.events()]


@asynccontextmanager
async def serving(handler: Any, ssl_context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A tiny server of its own for what the fake does not do."""
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=ssl_context).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


# --- addresses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/v1",
        "http://168.63.129.16/v1",
        "http://[fe80::1]/v1",
        "http://[fd00:ec2::254]/v1",
        "http://[::ffff:169.254.169.254]/v1",
        "http://[64:ff9b::a9fe:a9fe]/v1",
    ],
)
async def test_metadata_and_link_local_addresses_are_never_reached(upstream: Upstream, url: str) -> None:
    with pytest.raises(errors.ProviderUnreachable, match="never connects"):
        await upstream.request_json(endpoint(url), "GET", "models")


async def test_a_name_that_leads_to_a_forbidden_address_is_refused(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every answer is judged: one good address beside the bad one does not help."""

    async def resolve(*_: Any, **__: Any) -> list[Any]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 80)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 80)),
        ]

    monkeypatch.setattr(asyncio.get_running_loop().__class__, "getaddrinfo", resolve)
    with pytest.raises(errors.ProviderUnreachable, match="never connects"):
        await upstream.request_json(endpoint("http://models.example/v1"), "GET", "models")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://127.0.0.1/",
        "127.0.0.1:11434",
        "http://",
        "http://user:pass@127.0.0.1/",
        "http://127.0.0.1:99999/",
        "http://2130706433/",
    ],
)
async def test_addresses_that_cannot_be_used_are_said_to_be(upstream: Upstream, url: str) -> None:
    with pytest.raises(errors.ProviderUnreachable, match="The address of Provider P"):
        await upstream.request_json(endpoint(url), "GET", "models")


async def test_the_error_names_host_and_port(upstream: Upstream) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused
        port = taken.getsockname()[1]
        with pytest.raises(errors.ProviderUnreachable) as caught:
            await upstream.request_json(endpoint(f"http://127.0.0.1:{port}/v1"), "GET", "models")
    assert caught.value.message == f"127.0.0.1:{port} refused the connection."
    params = caught.value.params
    assert (params["provider_id"], params["address"], params["reason"]) == ("p", f"127.0.0.1:{port}", "refused")


async def test_the_error_says_that_a_name_is_unknown(upstream: Upstream) -> None:
    with pytest.raises(errors.ProviderUnreachable, match=r"nobody\.invalid:81") as caught:
        await upstream.request_json(endpoint("http://nobody.invalid:81"), "GET", "x")
    assert (caught.value.params["address"], caught.value.params["reason"]) == ("nobody.invalid:81", "name_unknown")


async def test_a_header_cannot_carry_a_line_break(upstream: Upstream, fake: FakeUpstream) -> None:
    for headers in ({"Authorization": "Bearer a\r\nX-Evil: 1"}, {"X-\n": "1"}):
        with pytest.raises(errors.InvalidRequest, match="line break"):
            await upstream.request_json(endpoint(fake.url), "GET", "models", headers=headers)
    assert fake.requests == []


async def test_proxies_of_the_environment_are_ignored(
    upstream: Upstream, fake: FakeUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    reply = await upstream.request_json(endpoint(fake.url), "GET", "models", headers=AUTH)
    assert reply.status == 200


async def test_redirects_are_not_followed(upstream: Upstream) -> None:
    seen: list[str] = []

    async def redirect(request: web.Request) -> web.Response:
        seen.append(request.path)
        raise web.HTTPTemporaryRedirect("/elsewhere")

    async with serving(redirect) as port:
        with pytest.raises(errors.ProviderProtocolError, match="redirect") as caught:
            await upstream.request_json(endpoint(f"http://127.0.0.1:{port}"), "GET", "models")
    assert seen == ["/models"]
    assert caught.value.params["location"] == "/elsewhere"


# --- TLS, and what is not HTTP --------------------------------------------------------------------------------------


async def test_https_towards_a_plain_server_is_explained(upstream: Upstream, fake: FakeUpstream) -> None:
    with pytest.raises(errors.ProviderUnreachable, match="TLS") as caught:
        await upstream.request_json(endpoint(f"https://127.0.0.1:{fake.port}"), "GET", "models")
    assert "http://" in caught.value.next_step
    assert caught.value.params["reason"] == "tls"


@pytest.mark.parametrize("sent", [b"SSH-2.0-OpenSSH_9.2\r\n", b"", b"HTTP/1.1 200 OK\r\nContent-Le"])
async def test_a_server_that_is_not_http_is_said_to_be(upstream: Upstream, sent: bytes) -> None:
    async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises((errors.ProviderProtocolError, errors.ProviderUnreachable), match=str(port)):
        await upstream.request_json(endpoint(f"http://127.0.0.1:{port}"), "GET", "models")
    server.close()


@pytest.mark.parametrize("value", ["half a pair \ud83d", 2**70, {1: "x"}])
async def test_what_json_cannot_hold_is_the_requests_fault(upstream: Upstream, fake: FakeUpstream, value: Any) -> None:
    with pytest.raises(errors.InvalidRequest, match="JSON"):
        await events(upstream, endpoint(fake.url), {"model": value})
    assert fake.requests == []


# --- time -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["silent", "stuck"])
async def test_silence_before_the_first_byte_ends_in_time(upstream: Upstream, fake: FakeUpstream, fault: Any) -> None:
    fake.script = Script(fault=fault)
    started = time.monotonic()
    with pytest.raises(errors.ProviderTimeout, match=r"0\.2 seconds before"):
        await events(upstream, endpoint(fake.url, first_byte_s=0.2, between_chunks_s=9))
    assert 0.15 < time.monotonic() - started < 1


async def test_silence_in_the_middle_ends_in_time_even_when_the_first_byte_may_take_long(
    upstream: Upstream, fake: FakeUpstream
) -> None:
    fake.script = Script(fault="stall")
    started = time.monotonic()
    with pytest.raises(errors.ProviderTimeout, match=r"0\.2 seconds in the middle"):
        await events(upstream, endpoint(fake.url, first_byte_s=30, between_chunks_s=0.2))
    assert 0.15 < time.monotonic() - started < 1


async def test_a_long_answer_is_not_a_timeout(upstream: Upstream, fake: FakeUpstream) -> None:
    fake.script = Script(text=("a",) * 12, pause_s=0.05)
    got = await events(upstream, endpoint(fake.url, first_byte_s=0.3, between_chunks_s=0.3))
    assert got[-1] == b"[DONE]"


async def test_a_slow_reader_is_not_the_providers_fault(upstream: Upstream, fake: FakeUpstream) -> None:
    fake.script = Script(text=("a",) * 6)
    to = endpoint(fake.url, between_chunks_s=0.05)
    async with upstream.open_stream(
        to, "POST", "chat/completions", json={"model": "m", "stream": True}, headers=AUTH
    ) as reply:
        count = 0
        async for _ in reply.events():
            count += 1
            await asyncio.sleep(0.08)
    assert count >= 8


# --- connections ----------------------------------------------------------------------------------------------------


async def test_connections_are_used_again(upstream: Upstream) -> None:
    peers: set[Any] = set()

    async def answer(request: web.Request) -> web.Response:
        peers.add(request.transport and request.transport.get_extra_info("peername"))
        return web.json_response({"data": []})

    async with serving(answer) as port:
        for _ in range(5):
            await upstream.request_json(endpoint(f"http://127.0.0.1:{port}"), "GET", "models")
    assert len(peers) == 1


async def test_leaving_early_closes_the_connection_at_once(upstream: Upstream, fake: FakeUpstream) -> None:
    fake.script = Script(text=("a",) * 1000, pause_s=0.01)
    to = endpoint(fake.url)
    async with upstream.open_stream(
        to, "POST", "chat/completions", json={"model": "m", "stream": True}, headers=AUTH
    ) as reply:
        async for _ in reply.events():
            break
    left = time.monotonic()
    assert await fake.wait_idle(0.2)
    assert fake.last_left_at is not None
    assert fake.last_left_at - left < 0.2


async def test_a_task_cancelled_while_connecting_leaves_nothing(upstream: Upstream, fake: FakeUpstream) -> None:
    fake.script = Script(fault="silent")
    task = asyncio.ensure_future(events(upstream, endpoint(fake.url)))
    assert await fake.wait_busy()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await fake.wait_idle(0.2)


# --- bodies ---------------------------------------------------------------------------------------------------------


async def test_error_replies_are_handed_on_with_what_they_hold(upstream: Upstream, fake: FakeUpstream) -> None:
    fake.script = Script(error="model")
    reply = await upstream.request_json(endpoint(fake.url), "GET", "models")
    assert reply.status == 404
    assert reply.data["error"]["code"] == "model_not_found"


async def test_an_error_page_is_handed_on_as_text(upstream: Upstream) -> None:
    async def broken(_: web.Request) -> web.Response:
        return web.Response(status=502, text="<html>Bad Gateway</html>", content_type="text/html")

    async with serving(broken) as port:
        reply = await upstream.request_json(endpoint(f"http://127.0.0.1:{port}"), "GET", "models")
    assert (reply.status, reply.data, reply.text) == (502, None, "<html>Bad Gateway</html>")


@pytest.mark.parametrize("body", ["not json", "{", ""])
async def test_a_good_status_with_bad_json_is_a_protocol_error(upstream: Upstream, body: str) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=body, content_type="application/json")

    async with serving(answer) as port:
        with pytest.raises(errors.ProviderProtocolError, match="not JSON"):
            await upstream.request_json(endpoint(f"http://127.0.0.1:{port}"), "GET", "models")


async def test_a_reply_without_end_is_cut(upstream: Upstream) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"[" * 65536)

    async with serving(endless) as port:
        with pytest.raises(errors.ProviderProtocolError, match="larger than"):
            await upstream.request_json(endpoint(f"http://127.0.0.1:{port}"), "GET", "models", max_bytes=200_000)


async def test_lines_of_json_are_read_one_by_one(upstream: Upstream) -> None:
    async def pull(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        for piece in (b'{"a":1}\n{"b"', b':"\xe4\xb8', b'\x96"}\r\n', b'{"c":3}'):
            await response.write(piece)
            await asyncio.sleep(0.01)
        return response

    async with (
        serving(pull) as port,
        upstream.open_stream(endpoint(f"http://127.0.0.1:{port}"), "POST", "api/pull", json={}) as reply,
    ):
        assert [line async for line in reply.lines()] == [b'{"a":1}', '{"b":"世"}'.encode(), b'{"c":3}']


async def test_a_reader_of_a_closed_client_gets_a_new_one(upstream: Upstream, fake: FakeUpstream) -> None:
    await upstream.aclose()
    assert (await upstream.request_json(endpoint(fake.url), "GET", "models", headers=AUTH)).status == 200


def test_paths_are_joined_to_the_address() -> None:
    to = endpoint("https://models.example/v1/")
    assert to.url("/models") == to.url("models") == "https://models.example/v1/models"
    assert to.where == "models.example:443"
    assert replace(to, base_url="http://[::1]:8080").where == "[::1]:8080"


async def test_a_stream_read_to_its_end_mark_gives_its_connection_back(tmp_path: Any) -> None:
    """The dialect ends before HTTP does; to stop at the first end would cost a handshake per answer."""
    async with http_stand("openai_compatible", OpenAIDialect(), tmp_path) as stand:
        provider = stand.build()
        for _ in range(4):
            await complete(provider, ChatRequest("m", (Message("user", (Text(stand.prompt(Script())),)),)))
        assert len({request.peer for request in stand.requests}) == 1
