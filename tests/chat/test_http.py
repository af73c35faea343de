"""The endpoints by HTTP and WebSocket on a real server process: streams, headers, the live connection, files."""

import asyncio
import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import websockets

from freehold.chat import schemas
from freehold.kit.ids import new_id
from tests.chat.browser_like import Client, events
from tests.files.conftest import picture
from tests.services.freehold_server import FreeholdServer, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FreeholdServer]:
    with serving(Path(tmp_path_factory.mktemp("http")) / "data") as server:
        yield server


@pytest.fixture
def client(server: FreeholdServer) -> Client:
    return Client(server.url)


def test_a_turn_is_a_stream_that_no_proxy_may_hold(client: Client) -> None:
    thread_id = client.new_thread()
    turn = {"kind": "send", "parent_id": None, "parts": [{"type": "text", "text": "hello"}], "model": "echo/echo"}
    answer = client.open("POST", f"/api/threads/{thread_id}/turns", turn)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "no-transform" in answer.headers["cache-control"]
    assert answer.headers["x-accel-buffering"] == "no"
    assert b'"status":"complete"' in answer.read()


def test_what_is_not_there_is_404_everywhere(client: Client) -> None:
    nobody = new_id()
    turn = {"kind": "send", "parent_id": None, "parts": [{"type": "text", "text": "x"}], "model": "echo/echo"}
    for method, path, body in (
        ("GET", f"/api/threads/{nobody}", None),
        ("PATCH", f"/api/threads/{nobody}", {"pinned": True}),
        ("DELETE", f"/api/threads/{nobody}", None),
        ("POST", f"/api/threads/{nobody}/restore", None),
        ("POST", f"/api/threads/{nobody}/turns", turn),
        ("PATCH", f"/api/messages/{nobody}", {"parts": [{"type": "text", "text": "x"}]}),
        ("DELETE", f"/api/messages/{nobody}", None),
        ("POST", f"/api/messages/{nobody}/restore", None),
        ("GET", f"/api/generations/{nobody}", None),
        ("GET", f"/api/generations/{nobody}/stream", None),
        ("POST", f"/api/generations/{nobody}/stop", None),
        ("PATCH", f"/api/projects/{nobody}", {"name": "x"}),
        ("DELETE", f"/api/projects/{nobody}", None),
        ("GET", f"/api/drafts/{nobody}", None),
        ("PUT", f"/api/drafts/{nobody}", {"text": "x"}),
        ("GET", f"/api/files/{nobody}", None),
        ("DELETE", f"/api/files/{nobody}", None),
    ):
        problem = client.call(method, path, body, status=404)
        assert problem["code"] == "not_found", (method, path)


def test_a_model_that_nobody_offers_is_refused_before_anything_is_written(client: Client) -> None:
    thread_id = client.new_thread()
    parts = [{"type": "text", "text": "hello"}]
    turn = {"kind": "send", "parent_id": None, "parts": parts, "model": "echo/ecko"}
    problem = client.call("POST", f"/api/threads/{thread_id}/turns", turn, status=404)
    assert problem["code"] == "model_not_found"
    assert problem["params"]["near"] == ["echo/echo"]
    assert client.call("GET", f"/api/threads/{thread_id}")["messages"] == []
    *_, (_, end) = client.send(thread_id, "hello")
    again = {"kind": "regenerate", "message_id": end["message"]["id"], "model": "nobody/nothing"}
    assert client.call("POST", f"/api/threads/{thread_id}/turns", again, status=404)["code"] == "model_not_found"
    assert len(client.call("GET", f"/api/threads/{thread_id}")["messages"]) == 2


def test_leaving_and_coming_back_by_cursor(client: Client) -> None:
    thread_id = client.new_thread()
    stream = client.send(thread_id, "/tokens 200 5ms")
    generation_id = next(stream)[1]["generation"]["id"]
    seen = [next(stream) for _ in range(10)]
    stream.close()  # type: ignore[attr-defined]
    more = events(client.open("GET", f"/api/generations/{generation_id}/stream?cursor={seen[-1][0]}"))
    assert next(more)[1]["type"] == "start"
    rest = list(more)
    assert [seq for seq, _ in seen + rest] == list(range(1, len(seen) + len(rest) + 1))
    assert rest[-1][1]["message"]["status"] == "complete"


def test_an_event_source_comes_back_by_its_own_header(client: Client) -> None:
    stream = client.send(client.new_thread(), "/tokens 20")
    path = f"/api/generations/{next(stream)[1]['generation']['id']}/stream"
    last = max(seq for seq, _ in stream if seq)

    def first_seen(path: str, **header: str) -> int | None:
        return list(events(client.open("GET", path, **header)))[1][0]

    assert first_seen(path) == 1
    assert first_seen(path, Last_Event_ID=str(last - 1)) == last
    assert first_seen(f"{path}?cursor=0", Last_Event_ID=str(last - 1)) == 1, "the cursor in the address wins"
    assert client.open("GET", path, Last_Event_ID="x").status == 422


async def test_the_live_connection_tells_what_changes(server: FreeholdServer, client: Client) -> None:
    address = f"ws://127.0.0.1:{server.port}/api/live"
    async with websockets.connect(address, origin=server.url) as socket:  # type: ignore[arg-type]
        assert json.loads(await socket.recv()) == {"type": "hello"}
        thread_id = await asyncio.to_thread(client.new_thread)
        await asyncio.to_thread(lambda: list(client.send(thread_id, "hello")))
        kinds: list[str] = []
        async with asyncio.timeout(10):
            while kinds.count("generation") < 2:
                event = json.loads(await socket.recv())
                schemas.LiveEvent.model_validate(event)
                kinds.append(event["type"])
        assert {"thread", "message", "generation"} <= set(kinds)
    with pytest.raises(websockets.InvalidStatus):
        await websockets.connect(address, origin="https://elsewhere.example")  # type: ignore[arg-type]


async def test_a_person_has_so_many_live_connections(server: FreeholdServer) -> None:
    address = f"ws://127.0.0.1:{server.port}/api/live"
    sockets = [await websockets.connect(address, origin=server.url) for _ in range(20)]  # type: ignore[arg-type]
    for socket in sockets:
        await socket.recv()
    one_more = await websockets.connect(address, origin=server.url)  # type: ignore[arg-type]
    with pytest.raises(websockets.ConnectionClosed) as closed:
        await one_more.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4429
    for socket in sockets:
        await socket.close()


def upload(client: Client, name: str, data: bytes) -> tuple[int, Any]:
    boundary = "----freehold"
    body = (
        (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: text/html\r\n\r\n"
        ).encode()
        + data
        + f"\r\n--{boundary}--\r\n".encode()
    )
    connection = http.client.HTTPConnection(client.host, client.port, timeout=30)
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Sec-Fetch-Site": "same-origin"}
    connection.request("POST", "/api/files", body, headers)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def test_an_image_goes_up_to_the_model_and_comes_back_harmless(client: Client) -> None:
    status, info = upload(client, "Grüße.png", picture())
    assert status == 201, info
    assert info["media_type"] == "image/png", "found in the bytes, whatever the client said"
    answer = client.open("GET", f"/api/files/{info['id']}")
    assert answer.read().startswith(b"\x89PNG")
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["content-disposition"] == "inline; filename*=utf-8''Gr%C3%BC%C3%9Fe.png"
    thumb = client.open("GET", f"/api/files/{info['id']}?size=thumb")
    assert thumb.headers["content-type"] == "image/webp"
    thumb.read()

    thread_id = client.new_thread()
    parts = [{"type": "text", "text": "what is this"}, {"type": "image", "file_id": info["id"]}]
    turn = client.turn(thread_id, kind="send", parent_id=None, parts=parts, model="echo/echo")
    message = list(turn)[-1][1]["message"]
    assert message["status"] == "complete", message["error"]
    status, problem = upload(client, "x.png", b"GIF89a, but\x00not really")
    assert (status, problem["code"]) == (415, "unsupported_media")


def test_an_image_that_a_model_makes_is_kept_as_a_file(client: Client) -> None:
    thread_id = client.new_thread()
    message = list(client.send(thread_id, "/image"))[-1][1]["message"]
    image = next(part for part in message["parts"] if part["type"] == "image")
    assert client.open("GET", f"/api/files/{image['file_id']}").read().startswith(b"\x89PNG")
