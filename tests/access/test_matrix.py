"""Every operation of the API against every kind of caller, on a real server: the access matrix."""

import io
import json
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from PIL import Image

from tests.access.matrix import MATRIX, TURN
from tests.services.freehold_server import FreeholdServer

PASSWORD = "four unrelated words walk"
PEOPLE = {"alice": "--admin", "bob": None, "carol": None}


class World:
    """A server with accounts, a browser's client per person, and what bob owns."""

    def __init__(self, server: FreeholdServer) -> None:
        self.server = server
        self.clients = {name: self._client() for name in (*PEOPLE, "nobody")}
        for name in PEOPLE:
            answer = self.clients[name].post(
                "/api/session", json={"email": f"{name}@example.org", "password": PASSWORD}
            )
            assert answer.status_code == 200, answer.text
        self.owned = self._furnish(self.clients["bob"])

    def _client(self) -> httpx2.Client:
        return httpx2.Client(base_url=self.server.url, headers={"Origin": self.server.url}, timeout=20)

    @staticmethod
    def _furnish(bob: httpx2.Client) -> dict[str, str]:
        project = bob.post("/api/projects", json={"name": "Bob's"}).json()["id"]
        thread = bob.post("/api/threads", json={"project_id": project}).json()["id"]
        frames = bob.post(f"/api/threads/{thread}/turns", json=TURN).text
        start = json.loads(next(line[6:] for line in frames.splitlines() if line.startswith("data: ")))
        picture = io.BytesIO()
        Image.new("RGB", (8, 8), "green").save(picture, "PNG")
        file = bob.post("/api/files", files={"file": ("a.png", picture.getvalue(), "image/png")}).json()["id"]
        bob.put(f"/api/drafts/{thread}", json={"text": "unsent"})
        session = bob.get("/api/sessions").json()[0]["id"]
        key = bob.post("/api/keys", json={"name": "Bob's"}).json()["key"]["id"]
        test_set = bob.post("/api/evals/sets", json={"name": "Bob's", "text": "Hello?"}).json()["id"]
        asked = bob.post("/api/arena/rounds", json={"prompt": "Hello?", "models": ["echo/echo", "second"]}).text
        test_run = bob.post(f"/api/evals/sets/{test_set}/runs", json={"models": ["echo/echo"]}).json()["id"]
        return {
            "project": project,
            "thread": thread,
            "draft": thread,
            "message": start["message"]["id"],
            "generation": start["generation"]["id"],
            "file": file,
            "session": session,
            "key": key,
            "share": bob.post("/api/shares", json={"thread_id": thread}).json()["share"]["id"],
            "fact": bob.post("/api/memory/facts", json={"text": "I keep bees."}).json()["id"],
            "export": bob.post("/api/exports", json={}).json()["id"],
            "prompt": bob.post("/api/prompts", json={"title": "Bob's", "text": "Go on."}).json()["id"],
            "test_set": test_set,
            "test_run": test_run,
            "round": json.loads(asked.partition("data: ")[2].partition("\n")[0])["id"],
            "import": bob.post("/api/imports", json={"name": "a.zip", "size_bytes": 9}).json()["id"],
        }

    def call(self, who: str, operation: tuple[str, str], thing: str | None = None) -> httpx2.Response:
        """One operation as `who`; `thing` fills the path's first parameter."""
        method, path = operation
        rule = MATRIX[operation]
        filled = re.sub(r"\{[^}]+\}", thing or "missing", path, count=1)
        filled = re.sub(r"\{[^}]+\}", "missing", filled)
        uploaded = {"file": ("a", rule.file)} if rule.file is not None else None
        return self.clients[who].request(method, f"{filled}?{rule.query}", json=rule.body, files=uploaded)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    data = tmp_path_factory.mktemp("matrix") / "data"
    data.mkdir()
    for name, flag in PEOPLE.items():
        command = [sys.executable, "-m", "freehold", "user", "add", f"{name}@example.org", "--password-stdin"]
        environment = {"FREEHOLD_DATA_DIR": str(data), "PATH": "/usr/bin:/bin"}
        subprocess.run(
            [*command, *([flag] if flag else [])], input=f"{PASSWORD}\n", text=True, check=True, env=environment
        )
    config = Path(data).parent / "freehold.yaml"
    second = {"targets": [{"provider": "echo", "model": "echo"}]}  # another name, as an arena needs two
    config.write_text(json.dumps({"models": {"second": second}}))
    server = FreeholdServer(Path(data), {"FREEHOLD_CONFIG": str(config)})
    server.start()
    world = World(server)
    yield world
    for client in world.clients.values():
        client.close()
    server.stop()


def same_problem(one: httpx2.Response, other: httpx2.Response) -> bool:
    """Whether two refusals tell a stranger the same."""
    strip = [{key: value for key, value in answer.json().items() if key != "request_id"} for answer in (one, other)]
    return one.status_code == other.status_code and strip[0] == strip[1]


def test_every_operation_has_a_row(world: World) -> None:
    document: dict[str, Any] = world.clients["alice"].get("/api/openapi.json").json()
    operations = {
        (method.upper(), path)
        for path, methods in document["paths"].items()
        for method in methods
        if method in {"get", "post", "put", "patch", "delete"}
    }
    undocumented = {("GET", "/metrics"), ("GET", "/api/openapi.json")}
    assert operations | undocumented == set(MATRIX)


@pytest.mark.parametrize("operation", [key for key, rule in MATRIX.items() if rule.level != "public"], ids=" ".join)
def test_nobody_gets_in_unsigned(world: World, operation: tuple[str, str]) -> None:
    answer = world.call("nobody", operation)
    assert answer.status_code == 401, answer.text
    assert answer.json()["code"] == "not_signed_in"


@pytest.mark.parametrize("operation", [key for key, rule in MATRIX.items() if rule.level == "admin"], ids=" ".join)
def test_members_are_not_administrators(world: World, operation: tuple[str, str]) -> None:
    answer = world.call("bob", operation)
    assert answer.status_code == 403, answer.text


@pytest.mark.parametrize("operation", [key for key, rule in MATRIX.items() if rule.owned], ids=" ".join)
def test_another_persons_thing_is_as_good_as_missing(world: World, operation: tuple[str, str]) -> None:
    kind = MATRIX[operation].owned
    assert kind is not None
    missing = str(uuid.UUID(int=(0x01A0 << 112) | (7 << 76) | (2 << 62) | 1))
    for stranger in ("carol",) if MATRIX[operation].admins else ("carol", "alice"):
        foreign = world.call(stranger, operation, world.owned[kind])
        absent = world.call(stranger, operation, missing)
        assert same_problem(foreign, absent), f"{foreign.text} is not {absent.text}"
        assert foreign.status_code == 404, foreign.text


def test_the_owner_still_has_everything(world: World) -> None:
    """Runs after the strangers' tries: nothing of theirs had an effect."""
    bob, owned = world.clients["bob"], world.owned
    detail = bob.get(f"/api/threads/{owned['thread']}").json()
    assert [message["role"] for message in detail["messages"]] == ["user", "assistant"]
    assert detail["thread"]["pinned"] is False
    assert bob.get(f"/api/drafts/{owned['draft']}").json()["text"] == "unsent"
    assert bob.get(f"/api/files/{owned['file']}").status_code == 200
    assert [project["name"] for project in bob.get("/api/projects").json()] == ["Bob's"]
    assert bob.get(f"/api/generations/{owned['generation']}").json()["status"] == "done"
    assert len(bob.get("/api/sessions").json()) == 1
    key = bob.get(f"/api/keys/{owned['key']}").json()
    assert (key["name"], key["state"], len(key["secrets"])) == ("Bob's", "active", 1)


def test_public_operations_answer_anybody(world: World) -> None:
    for operation, rule in MATRIX.items():
        if rule.level == "public":
            answer = world.call("nobody", operation)
            assert answer.status_code in (200, 401, 403, 404, 409), f"{operation}: {answer.text}"
            assert answer.json().get("code") != "not_signed_in", operation


@pytest.mark.parametrize("operation", [key for key in MATRIX if key[0] != "GET"], ids=" ".join)
def test_no_write_from_another_site(world: World, operation: tuple[str, str]) -> None:
    method, path = operation
    filled = re.sub(r"\{[^}]+\}", "missing", path)
    for headers in ({"Origin": "http://evil.example"}, {"Origin": world.server.url, "Sec-Fetch-Site": "cross-site"}):
        answer = world.clients["alice"].request(method, filled, json=MATRIX[operation].body, headers=headers)
        assert answer.status_code == 403, answer.text
        assert answer.json()["code"] == "cross_site_request"


def test_administrators_see_and_end_every_key_but_never_get_its_secret(world: World) -> None:
    bob, alice, carol = (world.clients[name] for name in ("bob", "alice", "carol"))
    made = bob.post("/api/keys", json={"name": "mine"}).json()["key"]["id"]
    assert made in [key["id"] for key in alice.get("/api/keys").json()["items"]]
    assert made not in [key["id"] for key in alice.get("/api/keys?mine=true").json()["items"]]
    assert carol.get("/api/keys").json() == {"items": [], "next_cursor": None}
    assert alice.post(f"/api/keys/{made}/rotate", json={}).status_code == 403
    assert alice.patch(f"/api/keys/{made}", json={"limits": {"concurrency": 2}}).status_code == 200
    assert alice.post(f"/api/keys/{made}/revoke").json()["state"] == "revoked"
    assert bob.get(f"/api/keys/{made}").json()["state"] == "revoked"


def test_the_secret_of_a_key_is_not_kept_for_a_repeated_request(world: World) -> None:
    bob, headers = world.clients["bob"], {"Idempotency-Key": str(uuid.uuid4())}
    before = len(bob.get("/api/keys").json()["items"])
    first = bob.post("/api/keys", json={"name": "once"}, headers=headers)
    again = bob.post("/api/keys", json={"name": "once"}, headers=headers)
    assert first.headers["cache-control"] == "no-store"
    assert (first.status_code, again.status_code) == (201, 409)
    assert "shown once" in again.json()["message"]
    assert len(bob.get("/api/keys").json()["items"]) == before + 1
    files = [path for path in world.server.data_dir.rglob("*") if path.is_file()]
    secret = first.json()["secret"].encode()
    assert [path.name for path in [*files, world.server.log] if secret in path.read_bytes()] == []


def test_a_revoked_session_ends_at_once(world: World) -> None:
    other = world._client()
    assert other.post("/api/session", json={"email": "carol@example.org", "password": PASSWORD}).status_code == 200
    current = next(row["id"] for row in other.get("/api/sessions").json() if row["current"])
    assert world.clients["carol"].delete(f"/api/sessions/{current}").status_code == 204
    assert other.get("/api/me").status_code == 401
    other.close()


def test_a_repeated_write_has_one_effect(world: World) -> None:
    bob = world.clients["bob"]
    before = len(bob.get("/api/threads").json()["items"])
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    first = bob.post("/api/threads", json={"title": "Once"}, headers=headers)
    again = bob.post("/api/threads", json={"title": "Once"}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert len(bob.get("/api/threads").json()["items"]) == before + 1
    assert bob.post("/api/threads", json={"title": "Twice"}, headers=headers).status_code == 409
    assert world.clients["carol"].post("/api/threads", json={"title": "Once"}, headers=headers).json() != first.json()


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", ""])
def test_an_unknown_host_name_is_refused(world: World, host: str) -> None:
    answer = world.clients["nobody"].get("/api/bootstrap", headers={"Host": host})
    assert answer.status_code == 400, answer.text


def test_unknown_fields_are_refused(world: World) -> None:
    answer = world.clients["bob"].patch("/api/me", json={"role": "admin"})
    assert answer.status_code == 422
    assert world.clients["bob"].get("/api/me").json()["role"] == "member"
