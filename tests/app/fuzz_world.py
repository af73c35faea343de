"""A real server to throw generated requests at: three kinds of caller, and things of theirs that the paths can name."""

import io
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
from hypothesis import strategies as st
from PIL import Image

from tests.services.freehold_server import FreeholdServer

PASSWORD = "four unrelated words walk"
PEOPLE = {"admin": ["--admin"], "member": []}
NOWHERE = "http://127.0.0.1:9"
"""Where nobody listens: generated addresses are sent here, so that a test asks nobody on a network."""

TURN = {"kind": "send", "parent_id": None, "parts": [{"type": "text", "text": "hello"}], "model": "echo/echo"}


def add_people(data_dir: Path, people: dict[str, list[str]]) -> None:
    """Accounts <name>@example.org by the command line, with PASSWORD."""
    for name, flags in people.items():
        subprocess.run(
            [sys.executable, "-m", "freehold", "user", "add", f"{name}@example.org", "--password-stdin", *flags],
            input=f"{PASSWORD}\n",
            text=True,
            check=True,
            env={"FREEHOLD_DATA_DIR": str(data_dir), "PATH": "/usr/bin:/bin"},
            stdout=subprocess.DEVNULL,
        )


def new_client(server: FreeholdServer, name: str | None = None) -> httpx2.Client:
    """A browser's client, signed in as `name`."""
    client = httpx2.Client(base_url=server.url, headers={"Origin": server.url}, timeout=60)
    if name is not None:
        answer = client.post("/api/session", json={"email": f"{name}@example.org", "password": PASSWORD})
        assert answer.status_code == 200, answer.text
    return client


@dataclass
class World:
    """The server, a client per role, and the description of its API."""

    server: FreeholdServer
    clients: dict[str, httpx2.Client]
    document: dict[str, Any]

    def furnish(self, role: str) -> dict[str, list[str]]:
        """Fresh things of `role` by the name of the path parameter that takes them; none for nobody."""
        client = self.clients[role]
        if role == "nobody":
            return {}
        self._nothing_refuses()
        project = client.post("/api/projects", json={"name": "P"}).json()["id"]
        thread = client.post("/api/threads", json={"project_id": project}).json()["id"]
        answer = client.post(f"/api/threads/{thread}/turns", json=TURN)
        assert answer.status_code == 200, answer.text
        start = json.loads(next(line[6:] for line in answer.text.splitlines() if line.startswith("data: ")))
        picture = io.BytesIO()
        Image.new("RGB", (8, 8), "green").save(picture, "PNG")
        file = client.post("/api/files", files={"file": ("a.png", picture.getvalue(), "image/png")}).json()["id"]
        tree = client.get(f"/api/threads/{thread}").json()["messages"]
        return {
            "project_id": [project],
            "thread_id": [thread],
            "scope": [thread, "new"],
            "message_id": [start["message"]["id"], *(message["id"] for message in tree)],
            "generation_id": [start["generation"]["id"]],
            "file_id": [file],
            "share_id": [client.post("/api/shares", json={"thread_id": thread}).json()["share"]["id"]],
            "token": [client.post("/api/shares", json={"thread_id": thread}).json()["token"]],
            "import_id": [self._import(client)],
            "key_id": [client.post("/api/keys", json={"name": "K"}).json()["key"]["id"]],
            "provider_id": ["echo", *self._provider(client)] if role == "admin" else ["echo"],
            "model_id": ["echo", "by-hand"],
        }

    def _nothing_refuses(self) -> None:
        """What an administrator sent before may have limited calls, ruled models out or turned one off."""
        admin = self.clients["admin"]
        for kind in ("limits", "budgets"):
            for one in admin.get(f"/api/{kind}").json():
                if one["origin"] == "database":
                    admin.delete(f"/api/{kind}/{one['id']}")
        saved_at = admin.get("/api/routing/rules").json()["saved_at"]
        answer = admin.put("/api/routing/rules", json={"rules": [], "tests": [], "seen": saved_at})
        assert answer.status_code < 300, answer.text
        answer = admin.patch("/api/providers/echo/models/echo", json={"enabled": True, "overrides": {}})
        assert answer.status_code == 200, answer.text

    @staticmethod
    def _import(client: httpx2.Client) -> str:
        """One that waits for its archive. A person has few at once, and what was sent before may have made those."""
        for one in client.get("/api/imports").json():
            client.delete(f"/api/imports/{one['id']}")
        return client.post("/api/imports", json={"name": "a.zip", "size_bytes": 9}).json()["id"]

    @staticmethod
    def _provider(client: httpx2.Client) -> list[str]:
        wish = {"kind": "openai_compatible", "name": "Nowhere", "base_url": f"{NOWHERE}/v1", "enabled_models": ["m"]}
        answer = client.post("/api/providers?force=true", json=wish)
        assert answer.status_code == 201, answer.text
        found = answer.json()["provider"]["id"]
        client.post(f"/api/providers/{found}/models", json={"id": "by-hand"})
        return [found]


def at_home(body: Any) -> Any:
    """The body with what could reach a network led to NOWHERE; an address that names no host stays as it is."""
    if not isinstance(body, dict):
        return body
    changed = dict(body)
    url = changed.get("base_url")
    if isinstance(url, str) and re.match("https?://", url):
        try:
            reaches = bool(urlsplit(url).hostname) and urlsplit(url).port is not None
        except ValueError:
            return changed
        changed["base_url"] = NOWHERE + "/" + url.split("//", 1)[1].partition("/")[2] if reaches or url else url
    elif url is None and changed.get("kind") in ("openai", "anthropic", "gemini"):
        changed["base_url"] = NOWHERE
    return changed


def real_ids(names: list[str], things: dict[str, list[str]]) -> st.SearchStrategy[dict[str, str]]:
    """For each path parameter a thing that exists."""
    return st.fixed_dictionaries({name: st.sampled_from(things[name]) for name in names if name in things})
