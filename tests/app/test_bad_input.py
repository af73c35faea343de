"""Bad input at a real server process: it says what is wrong and what to do next, and nothing is lost.

What is shown elsewhere and not repeated here:
- broken YAML of every kind, by line: tests/settings/test_load.py
- master key wrong or lost: tests/settings/test_master_key.py
- full disk and locked database below the API: tests/db/test_engine.py; while answers are written:
  tests/chat/test_storage_trouble.py; newer schema: tests/db/test_migrate.py; who holds the lock: tests/db/test_lock.py
- wrong key and unreachable address while a provider is added: tests/providers/test_endpoints.py
- malformed and oversized bodies, unknown fields, forged headers: test_hostile_input.py and test_edge.py
"""

import base64
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.app.fuzz_world import NOWHERE
from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import API_KEY, FakeUpstream
from tests.services.freehold_server import FreeholdServer, serving


def client_of(server: FreeholdServer) -> httpx2.Client:
    return httpx2.Client(base_url=server.url, headers={"Origin": server.url}, timeout=60)


def refusal(data_dir: Path, *arguments: str, **environment: str) -> str:
    """What `freehold serve` says when it does not start, without a traceback."""
    given = {"FREEHOLD_DATA_DIR": str(data_dir), "FREEHOLD_SERVER__PORT": "0", "FREEHOLD_EMBEDDED__ENABLED": "false"}
    done = subprocess.run(
        [sys.executable, "-m", "freehold", "serve", *arguments],
        env={**os.environ, **given, **environment},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode not in (0, -15), done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return " ".join(done.stderr.split())


def turn(client: httpx2.Client, model: str) -> dict[str, Any]:
    """The message that a turn ends with."""
    thread = client.post("/api/threads", json={}).json()["id"]
    parts = [{"type": "text", "text": "my question"}]
    wish = {"kind": "send", "parent_id": None, "parts": parts, "model": model}
    answer = client.post(f"/api/threads/{thread}/turns", json=wish)
    assert answer.status_code == 200, answer.text
    messages = client.get(f"/api/threads/{thread}").json()["messages"]
    assert [part["text"] for part in messages[0]["parts"]] == ["my question"]
    return messages[-1]


# --- a server that does not start ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with a conversation in it."""
    data = tmp_path_factory.mktemp("used") / "data"
    with serving(data) as server, client_of(server) as client:
        client.post("/api/threads", json={"title": "Kept"})
    return data


@pytest.fixture
def data(used: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(used, tmp_path / "data"))


def still_there(data: Path) -> None:
    with serving(data) as server, client_of(server) as client:
        assert [thread["title"] for thread in client.get("/api/threads").json()["items"]] == ["Kept"]


def test_a_newer_schema(data: Path) -> None:
    with closing(sqlite3.connect(data / "freehold.sqlite")) as database:
        (known,) = database.execute("SELECT version_num FROM alembic_version").fetchone()
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    told = refusal(data)
    assert "9999" in told
    assert "newer" in told
    with closing(sqlite3.connect(data / "freehold.sqlite")) as database:
        database.execute("UPDATE alembic_version SET version_num = ?", (known,))
        database.commit()
    still_there(data)


def test_another_master_key(data: Path) -> None:
    other = base64.b64encode(os.urandom(32)).decode()
    told = refusal(data, FREEHOLD_MASTER_KEY=other)
    assert "master key" in told
    assert other not in told
    still_there(data)


def test_a_second_server_on_the_same_data(data: Path) -> None:
    with serving(data) as server, client_of(server) as client:
        assert server.process is not None
        told = refusal(data)
        assert f"Another Freehold (process {server.process.pid}) already uses the database" in told
        assert client.get("/readyz").status_code == 200
    still_there(data)


def test_a_port_in_use(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = refusal(data, "--port", str(port))
    assert f"Port {port} on 127.0.0.1 is in use by another program." in told
    assert "choose another port with --port" in told


def test_a_file_where_the_data_directory_should_be(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    told = refusal(tmp_path / "data")
    assert f"The folder {tmp_path / 'data'} cannot be used" in told
    assert "--data-dir" in told


def test_a_data_directory_that_may_not_be_written(data: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("platform: root may write everywhere")
    data.chmod(0o500)
    try:
        told = refusal(data)
    finally:
        data.chmod(0o700)
    assert str(data) in told
    still_there(data)


def test_a_broken_file_at_the_start(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "freehold.yaml"
    file.write_text("server:\n  port: [1\nlog: {}\n")
    told = refusal(data, "--config", str(file))
    assert f"{file}:3" in told


# --- a server that runs -------------------------------------------------------------------------------------------


def test_a_broken_file_while_it_runs(tmp_path: Path) -> None:
    file = tmp_path / "freehold.yaml"
    declared = f"providers:\n  - id: box\n    kind: openai_compatible\n    base_url: {NOWHERE}/v1\n    models: [m]\n"
    file.write_text(declared)
    with serving(tmp_path / "data", {"FREEHOLD_CONFIG": str(file)}) as server, client_of(server) as client:
        assert "box" in [item["id"] for item in client.get("/api/providers").json()]
        file.write_text(declared + "  - id: [\n")
        until(lambda: "the new configuration is refused; the running one stays" in server.log.read_text())
        assert f"{file}:" in server.log.read_text()
        assert "box" in [item["id"] for item in client.get("/api/providers").json()]
        file.write_text(declared.replace("id: box", "id: crate"))
        until(lambda: "crate" in [item["id"] for item in client.get("/api/providers").json()])


def until(true: Callable[[], bool], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FreeholdServer]:
    with serving(tmp_path_factory.mktemp("running") / "data") as server:
        yield server


@pytest.fixture
def client(running: FreeholdServer) -> Iterator[httpx2.Client]:
    with client_of(running) as client:
        yield client


async def test_a_key_that_stopped_working(client: httpx2.Client) -> None:
    import anyio.to_thread

    def converse(url: str) -> None:
        wish = {"kind": "openai_compatible", "id": "fake", "name": "Fake", "base_url": url}
        client.post("/api/providers?force=true", json={**wish, "api_key": "sk-not-right-000", "enabled_models": ["m"]})
        checked = client.post("/api/providers/fake/check").json()
        message = turn(client, "fake/m")
        for error in (checked["error"], message["error"]):
            assert error["code"] == "provider_key_rejected"
            assert "Fake" in error["message"]
            assert error["next_step"]
            assert "sk-not-right" not in json.dumps(error)
        assert message["status"] == "failed"
        client.patch("/api/providers/fake", json={"api_key": API_KEY})
        assert turn(client, "fake/m")["status"] == "complete"

    async with FakeUpstream(OpenAIDialect()) as fake:
        await anyio.to_thread.run_sync(converse, fake.url)


def test_an_unknown_model(client: httpx2.Client) -> None:
    thread = client.post("/api/threads", json={}).json()["id"]
    parts = [{"type": "text", "text": "hello"}]
    wish = {"kind": "send", "parent_id": None, "parts": parts, "model": "echo/ecco"}
    refused = client.post(f"/api/threads/{thread}/turns", json=wish)
    assert refused.status_code == 404
    assert client.get(f"/api/threads/{thread}").json()["messages"] == [], (
        "nothing is written for a turn that is refused"
    )
    error = refused.json()
    assert error["code"] == "model_not_found"
    assert error["params"]["near"] == ["echo/echo"]
    assert error["next_step"] == "Did you mean echo/echo? Else pick another model."


def test_a_provider_that_cannot_be_reached(client: httpx2.Client) -> None:
    wish = {"kind": "openai_compatible", "id": "away", "name": "Away", "base_url": f"{NOWHERE}/v1"}
    client.post("/api/providers?force=true", json={**wish, "enabled_models": ["m"]})
    checked = client.post("/api/providers/away/check").json()
    for error in (checked["error"], turn(client, "away/m")["error"]):
        assert error["code"] == "provider_unreachable"
        assert error["message"] == "127.0.0.1:9 refused the connection."
        assert error["next_step"] == "Check the address and that the server runs, then retry."
        assert error["retryable"]


def test_a_database_that_another_program_locks(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server, client_of(server) as client:
        client.post("/api/threads", json={"title": "Kept"})
        with closing(sqlite3.connect(tmp_path / "data" / "freehold.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            answer = client.post("/api/threads", json={"title": "Not kept"})
            assert answer.status_code == 503
            assert answer.json()["code"] == "database_locked"
            assert answer.json()["message"] == (
                "Another program keeps the database locked. "
                "The last change was not saved; everything before it is safe."
            )
            assert answer.json()["next_step"]
            assert len(client.get("/api/threads").json()["items"]) == 1
            other.execute("ROLLBACK")
        assert client.post("/api/threads", json={"title": "Again"}).status_code == 201


def test_a_full_disk(tmp_path: Path) -> None:
    """A file system of 3 MB, which only root may mount."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mounted, capture_output=True, check=False).returncode != 0:
        pytest.skip("platform: only root may mount a small disk; tests/db and tests/chat fill a small database")
    try:
        with serving(disk / "data") as server, client_of(server) as client:
            thread = client.post("/api/threads", json={"title": "Kept"}).json()["id"]
            answers = [client.put(f"/api/drafts/{thread}", json={"text": "x" * 300_000})]
            while answers[-1].status_code == 200 and len(answers) < 100:
                new = client.post("/api/threads", json={"title": "More"})
                if new.status_code != 201:
                    answers.append(new)
                    break
                answers.append(client.put(f"/api/drafts/{new.json()['id']}", json={"text": "x" * 300_000}))
            assert answers[-1].status_code == 507, answers[-1].text
            assert answers[-1].json()["code"] == "disk_full"
            assert "Free space" in answers[-1].json()["next_step"]
            kept = client.get(f"/api/drafts/{thread}").json()["text"]
        assert kept == "x" * 300_000
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)


@pytest.mark.parametrize("origin", ["http://evil.example", None])
def test_a_socket_of_another_page_is_refused_before_it_opens(running: FreeholdServer, origin: str | None) -> None:
    headers = {"Origin": origin} if origin else {}
    with pytest.raises(InvalidStatus) as caught, connect(f"ws{running.url[4:]}/api/live", additional_headers=headers):
        pass
    assert caught.value.response.status_code == 403
    log = running.log.read_text()
    assert "Traceback" not in log
    assert '"level":"error"' not in log


def test_the_doctor_beside_a_server_and_on_nothing(running: FreeholdServer, tmp_path: Path) -> None:
    def doctor(folder: Path) -> str:
        command = [sys.executable, "-m", "freehold", "doctor", "--data-dir", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        return done.stdout

    assert running.process is not None
    assert f"Another Freehold (process {running.process.pid}) already uses the database" in doctor(running.data_dir)
    assert "does not exist yet; the server makes it" in doctor(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    assert "no database yet" in doctor(tmp_path / "empty")
    assert list(tmp_path.rglob("*")) == [tmp_path / "empty"]
