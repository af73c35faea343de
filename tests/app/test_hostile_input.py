"""Input that is well-formed and still cannot be kept: refused at the door alike on both databases, never a failure."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from freehold.kit.storable import unstorable
from tests.app.fuzz_world import NOWHERE
from tests.services.freehold_server import serving

NEW = {"kind": "openai_compatible", "name": "N", "base_url": f"{NOWHERE}/v1"}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    data: Path = tmp_path_factory.mktemp("hostile") / "data"
    environment = {}
    if request.param == "postgres":
        database = request.getfixturevalue("postgres_server")
        environment["DATABASE_URL"] = database.url(database.create())
    with (
        serving(data, environment) as server,
        httpx2.Client(
            base_url=server.url, headers={"Origin": server.url, "Content-Type": "application/json"}, timeout=30
        ) as client,
    ):
        yield client
        assert "Traceback" not in server.log.read_text()


def refused(answer: httpx2.Response, *words: str) -> None:
    assert answer.status_code == 422, answer.text
    assert all(word in answer.json()["message"] for word in words), answer.text
    assert answer.json()["next_step"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/projects", {"name": "a\0b"}),
        ("POST", "/api/threads", {"title": "a\0b"}),
        ("PATCH", "/api/me", {"name": "a\0b"}),
        ("PUT", "/api/drafts/new", {"text": "a\0b"}),
        ("POST", "/api/session", {"email": "a\0@b.c", "password": "x"}),
        ("POST", "/api/providers?force=true", {**NEW, "api_key": "a\0b"}),
        ("POST", "/api/providers?force=true", {**NEW, "options": {"n": ["\0"]}}),
    ],
)
def test_nul_is_named(client: httpx2.Client, method: str, path: str, body: Any) -> None:
    refused(client.request(method, path, content=json.dumps(body)), "NUL")


@pytest.mark.parametrize(
    "path", ["/api/threads?project_id=a%00b", "/api/providers/a%00b", f"/api/threads/{'%00' * 36}"]
)
def test_nul_in_an_address_is_named(client: httpx2.Client, path: str) -> None:
    refused(client.get(path), "NUL")


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("1" + "0" * 30, "too large"),
        ("NaN", "not a number"),
        ("-1e999", "infinite"),
        ('"\\ud800"', "half of a character"),
        ("[" * 200 + "]" * 200, "nested"),
    ],
)
def test_data_that_no_list_could_show_again_is_not_saved(client: httpx2.Client, value: str, why: str) -> None:
    body = json.dumps({**NEW, "options": {"n": 0}}).replace('"n": 0', f'"n": {value}')
    refused(client.post("/api/providers?force=true", content=body), why)
    listed = client.get("/api/providers")
    assert listed.status_code == 200
    assert [item["id"] for item in listed.json()] == ["echo"]


@pytest.mark.parametrize(
    "url", ["http://[", "http://a:99999999/", "http:// ", "http://a b", "http://127.0.0.1:9/\r\nX: y", "http://a:0/"]
)
def test_what_is_no_address_is_not_even_saved_by_force(client: httpx2.Client, url: str) -> None:
    refused(client.post("/api/providers?force=true", content=json.dumps({**NEW, "base_url": url})), "base_url")


@pytest.mark.parametrize("name", ["", "X A", "X-A\r\nX-B", "X-Ü", "Host", "content-length", "Transfer-Encoding"])
def test_a_header_that_could_forge_a_request_is_refused(client: httpx2.Client, name: str) -> None:
    body = json.dumps({**NEW, "options": {"headers": {name: "b"}}})
    refused(client.post("/api/providers?force=true", content=body), "header")


@pytest.mark.parametrize("where", ["value", "key"])
def test_a_line_break_in_what_becomes_a_header_is_refused(client: httpx2.Client, where: str) -> None:
    wrong = {"api_key": "sk-a\r\nX: y"} if where == "key" else {"options": {"headers": {"X-A": "b\r\nX: y"}}}
    refused(client.post("/api/providers", content=json.dumps({**NEW, **wrong})), "line break")


@pytest.mark.parametrize(
    "key",
    [
        [{"t": "0001-01-01T00:00:00+23:59"}, "a"],
        [{"t": "9999-12-31T23:59:59-23:59"}, "a"],
        [{"t": "2026-01-01T00:00:00+00:00"}, "a\0"],
    ],
)
def test_a_cursor_that_nobody_gave_out(client: httpx2.Client, key: Any) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")
    refused(client.get("/api/threads", params={"cursor": cursor}), "cursor")


@pytest.mark.parametrize(
    ("body", "kind", "status", "words"),
    [
        (b'{"title": ', "application/json", 422, "JSON"),
        (b'{"title":"\xff"}', "application/json", 400, "understood"),
        (b"[" * 100_000, "application/json", 400, "understood"),
        (b"[]", "application/json", 422, "dictionary"),
        (b'{"title": 5}', "application/json", 422, "title"),
        (b'{"owner_id": "x"}', "application/json", 422, "owner_id"),
        (b"title=x", "text/plain", 415, "text/plain"),
        (b"title=x", "application/x-www-form-urlencoded", 415, "application/x-www-form-urlencoded"),
        (b'{"title": "' + b"x" * 1_000_000 + b'"}', "application/json", 413, "1 MB"),
    ],
)
def test_a_body_that_is_none(client: httpx2.Client, body: bytes, kind: str, status: int, words: str) -> None:
    answer = client.post("/api/threads", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status, answer.text
    assert words in answer.json()["message"]
    assert answer.json()["next_step"]


def test_what_people_write_is_storable() -> None:
    assert unstorable({"text": ["早上好 👩‍👩‍👧 \t\n", 1, -1.5, None, True]}) is None
