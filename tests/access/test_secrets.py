"""Seeded secrets are searched for wherever they could leak to: answers, logs, metrics, database, web app."""

import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from tests.services.freehold_server import FreeholdServer

ROOT = Path(__file__).parents[2]
PASSWORD = "seeded-password four words"
KEYS = {
    "from the web app": "sk-seeded-7f3a9c1e5b2d4f6a8c0e",
    "from the environment": "sk-seeded-environment-51d2c3",
    "from freehold.yaml": "plain-seeded-yaml-secret-9d1f",
    "of a declared API key": "plain-seeded-api-key-c3a8",
}


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Everything a server with seeded secrets says or keeps, by where it was found."""
    folder = tmp_path_factory.mktemp("secrets")
    data = folder / "data"
    data.mkdir()
    config = folder / "freehold.yaml"
    config.write_text(
        "providers:\n  - {id: declared, kind: openai_compatible, base_url: 'http://127.0.0.1:9/v1', "
        f"api_key: {KEYS['from freehold.yaml']}}}\n"
        f"keys:\n  - {{name: ci, key: {KEYS['of a declared API key']}}}\n"
    )
    environment = {
        "OPENAI_API_KEY": KEYS["from the environment"],
        "OPENAI_PROXY_URL": "http://127.0.0.1:9/v1",
        "FREEHOLD_CONFIG": str(config),
        "FREEHOLD_LOG__LEVEL": "debug",
    }
    subprocess.run(
        [sys.executable, "-m", "freehold", "user", "add", "a@example.org", "--admin", "--password-stdin"],
        input=f"{PASSWORD}\n",
        text=True,
        check=True,
        env={"FREEHOLD_DATA_DIR": str(data), "PATH": "/usr/bin:/bin"},
    )
    server = FreeholdServer(data, environment)
    server.start()
    found: dict[str, bytes] = {}
    with httpx2.Client(base_url=server.url, headers={"Origin": server.url}, timeout=30) as client:
        entered = client.post("/api/session", json={"email": "a@example.org", "password": PASSWORD})
        cookie = entered.headers["set-cookie"].partition("=")[2].partition(";")[0]
        new = {"kind": "openai_compatible", "name": "Seeded", "base_url": "http://127.0.0.1:9/v1"}
        made = client.post("/api/providers?force=true", json={**new, "api_key": KEYS["from the web app"]})
        assert made.status_code == 201, made.text
        found["the answer to saving a key"] = made.content
        provider = made.json()["provider"]["id"]
        wrong = {"kind": "openai_compatible", "base_url": "http://127.0.0.1:9/v1", "api_key": KEYS["from the web app"]}
        found["a failed check"] = client.post("/api/providers/check", json=wrong).content
        found["a malformed request"] = client.post("/api/providers", json={**wrong, "nonsense": 1}).content
        document = client.get("/api/openapi.json").json()
        for path, methods in document["paths"].items():
            if "get" in methods and "generation" not in path and "file_id" not in path:
                address = path.replace("{provider_id}", provider).replace("{scope}", "new")
                found[f"GET {address}"] = client.get(address).content
        found["/metrics"] = client.get("/metrics").content
        turn = {
            "kind": "send",
            "parent_id": None,
            "parts": [{"type": "text", "text": "hello"}],
            "model": f"{provider}/x",
        }
        thread = client.post("/api/threads", json={}).json()["id"]
        found["a failed turn"] = client.post(f"/api/threads/{thread}/turns", json=turn).content
    server.stop()
    found["the log"] = server.log.read_bytes()
    for file in data.rglob("*"):
        if file.is_file() and file.parent.name != "secrets":
            found[str(file.relative_to(data))] = file.read_bytes()
    for file in (ROOT / "src/freehold/web_dist").rglob("*.js"):
        found[f"web_dist/{file.name}"] = file.read_bytes()
    found["cookie"] = cookie.encode()
    return found


def test_the_traces_are_really_there(traces: dict[str, bytes]) -> None:
    """A search that finds nothing must have had something to search."""
    assert b"Seeded" in traces["GET /api/providers"]
    assert b"/api/providers" in traces["the log"]
    assert b"Seeded" in traces["freehold.sqlite"]
    assert b"freehold_" in traces["/metrics"]


@pytest.mark.parametrize("origin", KEYS)
def test_a_provider_key_is_nowhere(traces: dict[str, bytes], origin: str) -> None:
    leaks = [place for place, content in traces.items() if KEYS[origin].encode() in content]
    assert leaks == []


def test_neither_password_nor_cookie_is_anywhere(traces: dict[str, bytes]) -> None:
    cookie = traces["cookie"]
    assert len(cookie) > 30
    leaks = [
        place
        for place, content in traces.items()
        if place != "cookie" and (cookie in content or PASSWORD.encode() in content)
    ]
    assert leaks == []
