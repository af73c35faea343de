"""The image, built and run for real: the README's one line, and conversations that outlive a container."""

import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.services.availability import missing

pytestmark = [pytest.mark.proof, pytest.mark.timeout(1500)]  # the first test waits for the build

ROOT = Path(__file__).parents[2]
BASE = "docker.io/library/python:3.12-slim"
HARDENED = ["--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--security-opt=no-new-privileges"]
PASSWORD = "quiet lantern above 41 rivers"


@dataclass(frozen=True)
class Engine:
    """Docker or podman, whichever answers on this machine."""

    program: str

    def __call__(self, *arguments: str | Path, stdin: str | None = None, timeout: float = 60, ok: bool = True) -> str:
        done = subprocess.run(
            [self.program, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
            cwd=ROOT,
        )
        assert not ok or done.returncode == 0, f"{arguments}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        return done.stdout + ("" if ok else done.stderr)

    def does(self, *arguments: str) -> bool:
        """Whether the engine carries that out."""
        done = subprocess.run([self.program, *arguments], capture_output=True, check=False, timeout=300)
        return done.returncode == 0


@pytest.fixture(scope="module")
def engine() -> Engine:
    for program in ("docker", "podman"):
        if shutil.which(program) and Engine(program).does("info"):
            return Engine(program)
    return missing("A container engine", "Install docker or podman; .ci/container_engine.sh sets one up on Debian.")


@pytest.fixture(scope="module")
def image(engine: Engine) -> Iterator[str]:
    if not engine.does("image", "inspect", BASE) and not engine.does("pull", BASE):
        missing(f"The base image {BASE}", "Its registry does not answer.")
    tag = f"localhost/freehold-test-{uuid4().hex[:8]}"
    # podman keeps HEALTHCHECK in Docker's format only
    own = ["--format=docker"] if engine.program == "podman" else []
    engine("build", "--network=host", *own, "-f", "deploy/Dockerfile", "-t", tag, ".", timeout=900)
    yield tag
    engine("rmi", "-f", tag, ok=False)


@dataclass
class Server:
    """A running container and somebody's session in it."""

    engine: Engine
    name: str
    address: str
    cookie: str = ""

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """One request as the app's own page would make it; the parsed JSON, or the text of anything else."""
        headers = {"Origin": self.address, "Content-Type": "application/json", "Cookie": self.cookie}
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.address + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                status, sent, text = answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            status, sent, text = error.code, error.headers, error.read().decode()
        if sent.get("set-cookie"):
            self.cookie = sent["set-cookie"].split(";")[0]
        return status, json.loads(text) if "json" in sent.get("content-type", "") and text else text

    def sign_in(self) -> None:
        status, answer = self.call("POST", "/api/session", {"email": "ann@example.org", "password": PASSWORD})
        assert status == 200, answer


@contextmanager
def running(engine: Engine, *arguments: str) -> Iterator[Server]:
    """A container of `arguments` (options, then the image) with its port published, ready; removed afterwards."""
    name = f"freehold-test-{uuid4().hex[:8]}"
    engine("run", "-d", "--name", name, "-p", "127.0.0.1::3210", *arguments)
    try:
        address = f"http://{engine('port', name, '3210').split()[-1]}"
        server = Server(engine, name, address)
        deadline = time.monotonic() + 60
        while True:
            try:
                if server.call("GET", "/readyz")[0] == 200:
                    break
            except OSError:
                pass
            assert time.monotonic() < deadline, engine("logs", name, ok=False)
            time.sleep(0.1)
        yield server
    finally:
        engine("rm", "-f", name, ok=False)


@pytest.fixture
def folder(engine: Engine, tmp_path: Path) -> Iterator[Path]:
    """A folder for a bind mount: docker makes it itself, as root; podman wants it to be there."""
    if engine.program == "podman":
        (tmp_path / "data").mkdir()
    yield tmp_path / "data"
    if os.geteuid() == 0:
        shutil.rmtree(tmp_path / "data", ignore_errors=True)


def test_the_one_line_keeps_conversations_across_a_new_container(engine: Engine, image: str, folder: Path) -> None:
    line = [
        "-v",
        f"{folder}:/app/data",
        "-e",
        "DATABASE_URL=file:///app/data/db.sqlite",
        "-e",
        "FREEHOLD_ECHO__ENABLED=true",
    ]
    with running(engine, *line, image) as server:
        status, page = server.call("GET", "/")
        assert status == 200
        assert "<script" in page
        add = ["freehold", "user", "add", "ann@example.org", "--admin", "--password-stdin"]
        engine("exec", "-i", server.name, *add, stdin=f"{PASSWORD}\n")
        server.sign_in()
        status, thread = server.call("POST", "/api/threads", {})
        assert status == 201, thread
        turn = {
            "kind": "send",
            "parent_id": None,
            "parts": [{"type": "text", "text": "Keep this."}],
            "model": "echo/echo",
        }
        status, stream = server.call("POST", f"/api/threads/{thread['id']}/turns", turn)
        assert status == 200, stream
        before = server.call("GET", f"/api/threads/{thread['id']}")[1]
        assert [message["role"] for message in before["messages"]] == ["user", "assistant"]
        engine("stop", "-t", "10", server.name)
        assert engine("inspect", "--format", "{{.State.ExitCode}}", server.name).strip() == "0"

    with running(engine, *line, *HARDENED, image) as server:  # what it wrote itself, it can also use without privileges
        server.sign_in()
        after = server.call("GET", f"/api/threads/{thread['id']}")[1]
        assert after["messages"] == before["messages"]


def test_the_compose_files_options_run_on_a_named_volume(engine: Engine, image: str) -> None:
    volume = f"freehold-test-{uuid4().hex[:8]}"
    try:
        with running(engine, *HARDENED, "-v", f"{volume}:/app/data", image) as server:
            assert engine("exec", server.name, "id", "-u").strip() == "10001"
            assert engine("exec", server.name, "stat", "-c", "%u %a", "/app/data").strip() == "10001 700"
            health = ["/app/.venv/bin/python", "/app/entrypoint.py", "healthcheck"]
            engine("exec", server.name, *health)
            # nothing but the data and /tmp can be written
            assert "Read-only" in engine("exec", server.name, "sh", "-c", "echo > /app/x", ok=False)
    finally:
        engine("volume", "rm", "-f", volume, ok=False)


def test_the_image_is_not_root_and_checks_its_health(engine: Engine, image: str) -> None:
    inspected = json.loads(engine("image", "inspect", image))[0]
    config = inspected["Config"]
    assert config["User"] == "10001:10001"
    assert "/app/data" in config["Volumes"]
    assert "3210/tcp" in config["ExposedPorts"]
    health = config.get("Healthcheck") or inspected["Healthcheck"]  # podman shows it one level higher
    assert health["Test"][0] == "CMD"


@pytest.mark.skipif(os.geteuid() != 0, reason="platform: only root can make a folder that is root's")
def test_a_folder_that_cannot_be_written_is_explained(engine: Engine, image: str, tmp_path: Path) -> None:
    mount = ["-v", f"{tmp_path}:/app/data"]
    said = engine("run", "--rm", *HARDENED, *mount, image, ok=False)
    assert "not writable for user 10001: it belongs to user 0" in said
    assert "sudo chown -R 10001:10001 ./data" in said
    (tmp_path / "somebody's").write_text("file")  # a folder in use is not taken over
    assert "not writable" in engine("run", "--rm", *mount, image, ok=False)
    assert tmp_path.stat().st_uid == 0
    assert "read-only" in engine("run", "--rm", "-v", f"{tmp_path}:/app/data:ro", image, ok=False)
