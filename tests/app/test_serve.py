"""`freehold serve` from the outside: it starts, says what is wrong, reloads, and stops in order."""

import contextlib
import json
import os
import re
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from freehold.db import migrate
from tests.services.freehold_server import FreeholdServer, serving
from tests.services.ports import free_port


def ask(server: FreeholdServer, path: str, body: Any = None) -> Any:
    request = urllib.request.Request(f"{server.url}{path}", headers={"Sec-Fetch-Site": "same-origin"})
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=10) as answer:
        text = answer.read().decode()
    return json.loads(text) if text.startswith(("{", "[")) else text


def eventually(check: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(urllib.error.URLError):
            if check():
                return True
        time.sleep(0.05)
    return False


def refused(*arguments: str, environment: dict[str, str] | None = None) -> str:
    """What a server that cannot start says; it must be short, without a traceback, and end with status 1."""
    done = subprocess.run(
        [sys.executable, "-m", "freehold", "serve", *arguments],
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_the_questions_of_an_operator(server: FreeholdServer) -> None:
    assert ask(server, "/healthz") == {"status": "ok"}
    assert ask(server, "/readyz") == {"status": "ok"}
    system = ask(server, "/api/system")
    assert (system["database"], system["schema_revision"], system["config_error"]) == ("sqlite", migrate.head(), None)
    assert system["storage_free"] > 0
    assert 'freehold_http_requests_total{method="GET",route="/healthz",status="200"}' in ask(server, "/metrics")
    described = ask(server, "/api/openapi.json")
    assert "/api/threads/{thread_id}/turns" in described["paths"]
    names = [operation["operationId"] for path in described["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))
    assert "/api/threads" in ask(server, "/api/docs")


def test_it_starts_on_both_databases_and_keeps_what_it_had(database_url: str, tmp_path: Path) -> None:
    with serving(tmp_path / "data", {"DATABASE_URL": database_url}) as server:
        thread = ask(server, "/api/threads", {"title": "kept"})
        server.stop()
        server.start()
        assert ask(server, f"/api/threads/{thread['id']}")["thread"]["title"] == "kept"


def test_a_port_in_use_is_told(server: FreeholdServer, tmp_path: Path) -> None:
    said = refused("--port", str(server.port), "--data-dir", str(tmp_path))
    assert f"Port {server.port} on 127.0.0.1 is in use" in said
    assert "--port" in said


def test_a_data_directory_in_use_is_told(server: FreeholdServer) -> None:
    assert server.process is not None
    said = refused("--port", "0", "--data-dir", str(server.data_dir))
    assert f"process {server.process.pid}" in said
    assert "--data-dir" in said


def test_a_broken_configuration_is_told_with_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "freehold.yaml"
    file.write_text("providers:\n  - {id: a, kind: ollama}\n  - {id: b, kind: nonsense}\n")
    assert "freehold.yaml:3" in refused("--config", str(file), "--data-dir", str(tmp_path / "d"), "--port", "0")
    file.write_text("server: {port: x}\nproviders: [\n")
    assert f"{file}:3" in refused("--config", str(file), "--data-dir", str(tmp_path / "d"))


def test_a_newer_schema_is_told_and_left_alone(tmp_path: Path) -> None:
    with serving(tmp_path / "data"):
        pass
    with contextlib.closing(sqlite3.connect(tmp_path / "data/freehold.sqlite")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    said = refused("--data-dir", str(tmp_path / "data"), "--port", "0")
    assert "9999" in said
    assert "newer Freehold" in said


def test_a_lost_master_key_is_told(tmp_path: Path) -> None:
    with serving(tmp_path / "data"):
        pass
    (tmp_path / "data/secrets/master.key").unlink()
    assert "master key is missing" in refused("--data-dir", str(tmp_path / "data"), "--port", "0")


def test_an_unreachable_postgresql_is_told(tmp_path: Path) -> None:
    url = f"postgresql://u:hiddenpassword@127.0.0.1:{free_port()}/d"
    said = refused("--data-dir", str(tmp_path), "--port", "0", environment={"DATABASE_URL": url})
    assert "does not answer" in said
    assert "DATABASE_URL" in said
    assert "hiddenpassword" not in said


def test_off_loopback_without_accounts_it_prints_a_one_time_link(tmp_path: Path) -> None:
    environment = {"FREEHOLD_HOST": "0.0.0.0", "FREEHOLD_PUBLIC_URL": "https://chat.example.com"}
    with serving(tmp_path / "data", environment) as server:
        assert eventually(lambda: "https://chat.example.com/setup?token=" in server.log.read_text())
        assert ask(server, "/api/bootstrap")["mode"] == "setup"


def test_the_ready_line_names_the_address(server: FreeholdServer) -> None:
    assert f"Freehold is ready: {server.url}" in server.log.read_text()


def test_a_server_that_listens_everywhere_names_the_addresses_that_reach_it(tmp_path: Path) -> None:
    with serving(tmp_path / "data", {"FREEHOLD_HOST": "0.0.0.0"}) as server:
        assert eventually(lambda: f"Freehold is ready: http://localhost:{server.port}" in server.log.read_text())
        for host in re.findall(r"From other machines: http://([\d.]+):\d+", server.log.read_text()):
            assert not host.startswith("127.")
            with socket.socket() as own:
                own.bind((host, 0))  # only an address of this machine can be bound


def test_a_stop_saves_the_answer_under_way_and_ends_its_stream_soon(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        thread = ask(server, "/api/threads", {"title": "long"})
        turn = {
            "kind": "send",
            "parent_id": None,
            "model": "echo/echo",
            "parts": [{"type": "text", "text": "/tokens 100000 5ms"}],
        }
        request = urllib.request.Request(
            f"{server.url}/api/threads/{thread['id']}/turns",
            data=json.dumps(turn).encode(),
            headers={"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"},
        )
        with urllib.request.urlopen(request, timeout=20) as stream:
            while b'"delta"' not in stream.readline():
                pass
            assert server.process is not None
            began = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            stream.read()
        assert server.process.wait(10) == 0
        assert time.monotonic() - began < 5
        server.process = None
        assert "Traceback" not in server.log.read_text()
        server.start()
        (_, answer) = ask(server, f"/api/threads/{thread['id']}")["messages"]
        assert answer["status"] == "interrupted"
        assert answer["parts"][0]["text"]


def test_an_idle_stream_or_socket_does_not_hold_up_a_stop(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server, socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(
            f"GET /api/live HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nOrigin: {server.url}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        assert b" 101 " in client.recv(4096)
        assert server.process is not None
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(15) == 0
        assert time.monotonic() - began < 8
        server.process = None


def provider(name: str, port: int) -> str:
    return (
        "providers:\n"
        f"  - {{id: house, kind: openai_compatible, name: {name}, models: [m],"
        f" base_url: 'http://127.0.0.1:{port}/v1'}}\n"
    )


@pytest.mark.parametrize("how", ["change", "SIGHUP"])
def test_a_change_of_the_file_is_taken_and_a_bad_one_is_not(tmp_path: Path, how: str) -> None:
    file = tmp_path / "freehold.yaml"
    port = free_port()
    file.write_text(provider("First", port))
    with serving(tmp_path / "data", {"FREEHOLD_CONFIG": str(file)}) as server:

        def names() -> list[str]:
            return [item["name"] for item in ask(server, "/api/providers") if item["id"] == "house"]

        def change(text: str) -> None:
            file.write_text(text)
            if how == "SIGHUP":
                assert server.process is not None
                server.process.send_signal(signal.SIGHUP)

        assert names() == ["First"]
        change(provider("Second", port))
        assert eventually(lambda: names() == ["Second"])
        change("providers:\n  - {id: house\n")
        assert eventually(lambda: f"{file}:" in (ask(server, "/api/system")["config_error"] or ""))
        assert names() == ["Second"]
        change("providers:\n  - {id: house, kind: nonsense}\n")
        assert eventually(lambda: "nonsense" in (ask(server, "/api/system")["config_error"] or ""))
        assert names() == ["Second"]
        change(provider("Third", port))
        assert eventually(lambda: names() == ["Third"])
        assert ask(server, "/api/system")["config_error"] is None


def test_declared_keys_follow_the_file(tmp_path: Path) -> None:
    file = tmp_path / "freehold.yaml"
    file.write_text("keys:\n- {name: ci, key: a-secret-of-theirs}\n")
    with serving(tmp_path / "data", {"FREEHOLD_CONFIG": str(file)}) as server:

        def keys() -> list[tuple[str, str, str]]:
            items = ask(server, "/api/keys")["items"]
            return [(item["name"], item["owner"]["name"], item["origin_detail"]) for item in items]

        assert keys() == [("ci", "Service", "freehold.yaml:2")]
        file.write_text("log: {level: info}\nkeys:\n- {name: nightly, key: another-secret-of-theirs}\n")
        assert eventually(lambda: keys() == [("nightly", "Service", "freehold.yaml:3")])
        assert "secret-of-theirs" not in server.log.read_text()


def test_metrics_on_a_port_of_their_own(tmp_path: Path) -> None:
    port = free_port()
    with serving(tmp_path / "data", {"FREEHOLD_METRICS__PORT": str(port)}) as server:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            assert b"freehold_build_info" in answer.read()
        with pytest.raises(urllib.error.HTTPError) as caught:
            ask(server, "/metrics")
        assert caught.value.code == 404


def test_the_data_directory_is_private(server: FreeholdServer) -> None:
    # serving() makes the folder itself; what the server makes inside is its own
    for path in (server.data_dir / "secrets", server.data_dir / "secrets/master.key"):
        assert path.stat().st_mode & 0o077 == 0, path


LIBRARIES = "import fastapi, sqlalchemy.ext.asyncio, sqlalchemy.orm"
"""What the work of a start is compared with: machines differ by four times, and one machine from hour to hour."""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="platform: reads /proc")
def test_start_and_idle_memory_stay_within_their_budgets(tmp_path: Path) -> None:
    compiled = {"PYTHONDONTWRITEBYTECODE": ""}
    with serving(tmp_path / "data", compiled):
        pass
    server = FreeholdServer(tmp_path / "data", {"FREEHOLD_EMBEDDED__ENABLED": "true"} | compiled)
    # the least of three: what else the machine does only ever adds to processor time
    measured = [(*work_and_memory(server), work_of_import(compiled)) for _ in range(3)]
    worked, memory, imported = (min(figures) for figures in zip(*measured, strict=True))
    assert memory < 130, f"{memory:.0f} MB idle"
    # processor time, because other work on the machine stretches the clock
    assert worked < 3 * imported, f"{worked:.2f} s of work until ready, {imported:.2f} s for importing the libraries"


def work_of_import(environment: dict[str, str]) -> float:
    """Seconds of processor time of a fresh interpreter that imports `LIBRARIES`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", LIBRARIES], check=True, env=os.environ | environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def work_and_memory(server: FreeholdServer) -> tuple[float, float]:
    """Seconds of processor time from the start to ready, and resident megabytes then, of a fresh process."""
    server.start()
    try:
        assert server.process is not None
        status = Path(f"/proc/{server.process.pid}/status").read_text()
        memory = int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))) / 1024
        times = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
        worked = (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")
    finally:
        server.stop()
    return worked, memory
