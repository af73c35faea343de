"""What changes of a key or a model acts at the very next request, whatever the requests before have left in memory."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from freehold.access.subject import Subject
from freehold.app import create_app
from freehold.deps import Services, services_of
from freehold.identity.models import User
from freehold.kit.clock import now
from freehold.settings import Settings

BO = "bo"
HOST = "http://127.0.0.1:3210"


@pytest.fixture
async def running(tmp_path: Any) -> AsyncIterator[tuple[Services, httpx2.AsyncClient]]:
    """The services, and a client: its /api acts for a member, its /v1 for whatever key it sends."""
    settings = {
        "data_dir": tmp_path / "data",
        "embedded": {"enabled": False},
        "auth": {"single_user": False},
        "echo": {"enabled": True},
        "declared": {"models": {"quick": {"targets": [{"provider": "echo", "model": "echo"}]}}},
    }
    app = create_app(Settings.model_validate(settings))

    async def signed_in(scope: Any, receive: Any, send: Any) -> None:
        scope.setdefault("state", {})["subject"] = Subject(BO, "member", None)
        await app(scope, receive, send)

    async with app.router.lifespan_context(app):
        services = services_of(app)
        async with services.database.begin() as session:
            row = {"id": BO, "email": "bo@example.org", "name": "bo", "role": "member", "preferences": {}}
            session.add(User(**row, status="active", created_at=now(), updated_at=now()))
        transport = httpx2.ASGITransport(signed_in)
        async with httpx2.AsyncClient(transport=transport, base_url=HOST, headers={"Origin": HOST}) as client:
            yield services, client


async def made(client: httpx2.AsyncClient, **more: Any) -> tuple[str, dict[str, str]]:
    """A new key: where it is changed, and the header that carries it."""
    answer = await client.post("/api/keys", json={"name": "tool", "scopes": ["chat", "models"], **more})
    assert answer.status_code == 201, answer.text
    found = answer.json()
    return f"/api/keys/{found['key']['id']}", {"Authorization": f"Bearer {found['secret']}"}


async def asked(client: httpx2.AsyncClient, key: dict[str, str], model: str = "echo/echo") -> tuple[int, str | None]:
    """Status, and the code of the error."""
    body = {"model": model, "messages": [{"role": "user", "content": "one two"}]}
    answer = await client.post("/v1/chat/completions", json=body, headers=key)
    return answer.status_code, answer.headers.get("x-freehold-error")


OK = (200, None)


async def test_a_revoked_key_is_refused_at_once(running: Any) -> None:
    _, client = running
    at, key = await made(client)
    assert [await asked(client, key) for _ in range(3)] == [OK] * 3
    assert (await client.post(f"{at}/revoke")).status_code < 300
    assert await asked(client, key) == (401, "key_revoked")


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"scopes": ["models"]}, (403, "scope_missing")),
        ({"networks": ["192.0.2.0/24"]}, (403, "address_not_allowed")),
        ({"models": ["other/*"]}, (403, "model_not_allowed")),
        ({"limits": {"requests_per_minute": 3}}, (429, "rate_limited")),
    ],
)
async def test_a_changed_key_acts_at_once_and_back_again(running: Any, change: Any, refusal: Any) -> None:
    _, client = running
    before = {"scopes": ["chat", "models"], "networks": [], "models": ["*"], "limits": {"requests_per_minute": 100}}
    at, key = await made(client, limits=before["limits"])
    assert [await asked(client, key) for _ in range(3)] == [OK] * 3
    answer = await client.patch(at, json=change)
    assert answer.status_code == 200, answer.text
    assert await asked(client, key) == refusal
    assert (await client.patch(at, json={name: before[name] for name in change})).status_code == 200
    assert await asked(client, key) == OK


async def test_two_secrets_of_one_key_are_told_apart(running: Any) -> None:
    _, client = running
    at, older = await made(client)
    assert await asked(client, older) == OK
    answer = await client.post(f"{at}/rotate", json={"overlap_hours": 1})
    newer = {"Authorization": f"Bearer {answer.json()['secret']}"}
    assert [await asked(client, key) for key in (newer, older, newer)] == [OK] * 3
    await client.post(f"{at}/rotate", json={"overlap_hours": 0})
    assert [(await asked(client, key))[0] for key in (newer, older)] == [401, 401]


async def test_a_changed_alias_acts_at_once(running: Any) -> None:
    services, client = running
    _, key = await made(client)
    assert await asked(client, key, "quick") == OK
    assert (await asked(client, key, "slow"))[0] == 404
    settings = services.providers.settings
    declared = {"models": {"slow": {"targets": [{"provider": "echo", "model": "echo"}]}}}
    changed = Settings.model_validate({**settings.model_dump(), "declared": declared})
    await services.providers.reconfigure(changed)
    assert await asked(client, key, "slow") == OK
    assert (await asked(client, key, "quick"))[0] == 404
