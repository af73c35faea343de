"""The HTTP of providers, models and downloads through the real app: who may, what is said, what is never said."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest

from freehold.app import create_app
from freehold.deps import Services
from freehold.providers.base import Prices
from freehold.settings import Settings
from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import API_KEY, FakeUpstream

PASSWORD = "four unrelated words walk"
Client = httpx2.AsyncClient


@pytest.fixture
async def server() -> AsyncIterator[FakeUpstream]:
    async with FakeUpstream(OpenAIDialect(), models=["alpha", "org/beta"]) as server:
        yield server


class Running:
    """The app in its lifespan, and clients that reach it from this machine."""

    def __init__(self, app: Any, services: Services, stack: AsyncExitStack) -> None:
        self.app, self.services, self._stack = app, services, stack

    async def client(self, email: str | None = None) -> Client:
        """Signed in as `email`, else nobody; in single-user mode nobody is the owner."""
        client = Client(
            transport=httpx2.ASGITransport(self.app),
            base_url="http://127.0.0.1",
            headers={"Sec-Fetch-Site": "same-origin"},
        )
        await self._stack.enter_async_context(client)
        if email is not None:
            reply = await client.post("/api/session", json={"email": email, "password": PASSWORD})
            assert reply.status_code == 200, reply.text
        return client


@pytest.fixture
async def start(database_url: str, tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    async with AsyncExitStack() as stack:

        async def start(**areas: Any) -> Running:
            given = {
                "data_dir": tmp_path,
                "database": {"url": database_url},
                "embedded": {"enabled": False},
                "echo": {"enabled": True},
            }
            app = create_app(Settings.model_validate(given | areas))
            await stack.enter_async_context(app.router.lifespan_context(app))
            return Running(app, app.state.services, stack)

        yield start


@pytest.fixture
async def admin(start: Callable[..., Any]) -> Client:
    return await (await start()).client()


def wish(server: FakeUpstream, **more: Any) -> dict[str, Any]:
    return {"kind": "openai_compatible", "base_url": server.url, "api_key": API_KEY, "name": "Box"} | more


def problem(reply: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    assert reply.status_code == status, reply.text
    body = reply.json()
    assert body["code"] == code
    assert body["message"]
    assert body["next_step"]
    assert API_KEY not in reply.text
    return body


async def test_from_a_pasted_key_to_models_and_away(admin: Client, server: FakeUpstream) -> None:
    tried = await admin.post("/api/providers/check", json={k: v for k, v in wish(server).items() if k != "name"})
    assert tried.json()["ok"] is True
    assert [model["id"] for model in tried.json()["models"]] == ["alpha", "org/beta"]
    made = await admin.post("/api/providers", json=wish(server))
    assert made.status_code == 201, made.text
    assert made.json()["provider"]["has_key"] is True
    everything = [made.text, (await admin.get("/api/providers")).text, (await admin.get("/api/providers/box")).text]
    assert not any(API_KEY in text or "api_key" in text for text in everything)

    models = (await admin.get("/api/models")).json()
    assert [model["ref"] for model in models["items"]] == ["auto", "box/alpha", "box/org/beta", "echo/echo"]
    assert models["default"] == "box/alpha"

    off = await admin.patch("/api/providers/box/models/org/beta", json={"enabled": False})
    assert off.json()["enabled"] is False
    named = await admin.patch("/api/providers/box/models/alpha", json={"overrides": {"name": "The First"}})
    assert named.json()["name"] == "The First"
    assert [model["name"] for model in (await admin.get("/api/models")).json()["items"]] == ["The First", "Echo"]

    added = await admin.post("/api/providers/box/models", json={"id": "org/gem"})
    assert (added.status_code, added.json()["ref"]) == (201, "box/org/gem")
    assert (await admin.delete("/api/providers/box/models/org/gem")).status_code == 204
    again = await admin.post("/api/providers/box/models/refresh")
    assert len(again.json()["models"]) == 2
    assert (await admin.post("/api/providers/box/check")).json()["ok"] is True

    assert (await admin.delete("/api/providers/box")).status_code == 204
    problem(await admin.get("/api/providers/box"), 404, "not_found")


async def test_a_wrong_key_is_a_result_of_check_and_an_error_of_save(admin: Client, server: FakeUpstream) -> None:
    wrong = wish(server, api_key="sk-wrong-but-secret-000000")
    tried = await admin.post("/api/providers/check", json={k: v for k, v in wrong.items() if k != "name"})
    assert tried.status_code == 200
    assert tried.json()["ok"] is False
    assert tried.json()["error"]["code"] == "provider_key_rejected"
    refused = await admin.post("/api/providers", json=wrong)
    body = problem(refused, 502, "provider_key_rejected")
    assert "sk-wrong" not in refused.text
    assert body["params"]["provider"] == "Box"
    assert (await admin.get("/api/providers")).json()[0]["id"] == "echo"
    forced = await admin.post("/api/providers?force=true", json=wrong)
    assert forced.json()["provider"]["status"]["state"] == "failing"


async def test_an_address_where_nobody_answers(admin: Client, server: FakeUpstream) -> None:
    body = problem(
        await admin.post("/api/providers", json=wish(server, base_url="http://127.0.0.1:9/v1")),
        502,
        "provider_unreachable",
    )
    assert "127.0.0.1:9" in body["message"]
    assert body["retryable"] is True


async def test_bad_input_names_its_field(admin: Client, server: FakeUpstream) -> None:
    reply = await admin.post("/api/providers", json=wish(server, base_url="ftp://nowhere"))
    assert reply.status_code == 422
    assert reply.json()["fields"][0]["path"].endswith("base_url")
    assert API_KEY not in reply.text
    await admin.post("/api/providers", json=wish(server))
    reply = await admin.patch("/api/providers/box/models/alpha", json={"overrides": {"context_tokens": -1}})
    assert problem(reply, 422, "invalid_request")["params"]["field"] == "overrides.context_tokens"


async def test_prices_are_entered_changed_and_taken_back(start: Callable[..., Any], server: FakeUpstream) -> None:
    running = await start()
    admin = await running.client()
    await admin.post("/api/providers", json=wish(server))

    async def priced(prices: Any) -> tuple[str, dict[str, Any]]:
        reply = await admin.patch("/api/providers/box/models/org/beta", json={"prices": prices})
        assert reply.status_code == 200, reply.text
        found = {model["id"]: model for model in (await admin.get("/api/providers/box")).json()["models"]}
        assert found["org/beta"] == reply.json()
        assert found["alpha"]["price_source"] == "unknown"
        said = reply.json()
        return said["price_source"], {key: value for key, value in said["prices"].items() if value is not None}

    assert await priced({"input": 2, "output": 8.5, "cached_input": 0.2}) == (
        "entered",
        {"input": 2, "output": 8.5, "cached_input": 0.2},
    )
    await admin.patch("/api/providers/box/models/org/beta", json={"enabled": False, "overrides": {"name": "Beta"}})
    await admin.post("/api/providers/box/models/refresh")
    assert await priced({"input": 3, "output": 9}) == ("entered", {"input": 3, "output": 9})
    await running.services.providers.reload()
    card = running.services.providers.offers("box")["org/beta"].effective()
    assert (card.name, card.prices) == ("Beta", Prices(3.0, 9.0))
    assert await priced({"audio_minute": 0.006}) == ("entered", {"audio_minute": 0.006})
    assert await priced(None) == ("unknown", {})


@pytest.mark.parametrize(
    ("prices", "why"),
    [
        ({"input": -1, "output": 2}, "greater than or equal to 0"),
        ({"input": 1, "output": 2, "cache_write": 100_001}, "less than or equal to 100000"),
        ({"input": float("nan"), "output": 2}, "not a number"),
        ({"input": float("inf"), "output": 2}, "infinite"),
        ({"input": True, "output": 2}, "valid number"),
        ({"input": "1", "output": 2}, "valid number"),
        ({"input": 1}, "give both input and output"),
        ({"output": 1, "audio_minute": 1}, "give both input and output"),
        ({"cached_input": 1}, "give input and output"),
        ({}, "give input and output"),
        ({"input": 1, "output": 2, "by_moon": 3}, "not permitted"),
    ],
)
async def test_prices_that_cannot_be_are_refused_at_their_field(
    admin: Client, server: FakeUpstream, prices: dict[str, Any], why: str
) -> None:
    await admin.post("/api/providers", json=wish(server))
    content = json.dumps({"prices": prices})  # as Python writes it, NaN and all
    headers = {"Content-Type": "application/json"}
    reply = await admin.patch("/api/providers/box/models/alpha", content=content, headers=headers)
    (field,) = problem(reply, 422, "invalid_request")["fields"]
    assert why in field["message"]
    assert "prices" in field["path"] or why in ("not a number", "infinite")
    model = (await admin.get("/api/providers/box")).json()["models"][0]
    assert (model["id"], model["price_source"]) == ("alpha", "unknown")


async def test_prices_of_the_file_are_locked_and_those_beside_it_are_kept(
    start: Callable[..., Any], server: FakeUpstream
) -> None:
    models = [{"id": "alpha", "prices": {"input": 7, "output": 8}}, "unlisted", "org/*"]
    declared = {**wish(server), "id": "house", "origin_detail": "freehold.yaml:7", "models": models}
    running = await start(declared={"providers": [declared]})
    admin = await running.client()
    entered = {"prices": {"input": 1, "output": 2}}
    refused = await admin.patch("/api/providers/house/models/alpha", json=entered)
    said = problem(refused, 409, "conflict")["params"]
    assert (said["origin_detail"], said["fields"]) == ("freehold.yaml:7", ["prices"])
    await admin.post("/api/providers/house/models/refresh")
    for model in ("unlisted", "org/beta"):
        assert (await admin.patch(f"/api/providers/house/models/{model}", json=entered)).status_code == 200
    server.models = ["alpha"]
    await admin.post("/api/providers/house/models/refresh")
    shown = {model["id"]: model for model in (await admin.get("/api/providers/house")).json()["models"]}
    assert {key: (one["price_source"], one["prices"]["output"]) for key, one in shown.items()} == {
        "alpha": ("file", 8),
        "unlisted": ("entered", 2),
    }
    # what the file says is laid over anew each time, so a file without prices has none
    bare = Settings.model_validate({"declared": {"providers": [declared | {"models": ["alpha", "unlisted"]}]}})
    await admin.patch("/api/providers/house/models/alpha", json={"overrides": {"name": "Alpha"}})
    await running.services.providers.reconfigure(bare)
    assert running.services.providers.offers("house")["alpha"].price_source == "unknown"


async def test_a_model_in_the_house_has_no_price(admin: Client, server: FakeUpstream) -> None:
    made = await admin.post("/api/providers", json=wish(server, self_hosted=True))
    assert {(model["prices"], model["price_source"]) for model in made.json()["models"]} == {(None, None)}
    refused = await admin.patch("/api/providers/box/models/alpha", json={"prices": {"input": 1, "output": 2}})
    assert "cost nothing" in problem(refused, 409, "conflict")["message"]


async def test_what_settings_declare_is_locked(start: Callable[..., Any], server: FakeUpstream) -> None:
    declared = {**wish(server), "id": "house", "origin_detail": "freehold.yaml:7", "self_hosted": True}
    admin = await (await start(declared={"providers": [declared]})).client()
    shown = {item["id"]: item for item in (await admin.get("/api/providers")).json()}
    assert (shown["house"]["origin"], shown["house"]["origin_detail"]) == ("file", "freehold.yaml:7")
    assert shown["echo"]["origin"] == "builtin"
    for reply in (
        await admin.patch("/api/providers/house", json={"name": "Mine"}),
        await admin.delete("/api/providers/house"),
    ):
        assert problem(reply, 409, "conflict")["params"]["origin_detail"] == "freehold.yaml:7"
    problem(await admin.patch("/api/providers/echo", json={"enabled": False}), 409, "conflict")


async def test_vendors_are_offered_with_what_the_page_needs(admin: Client) -> None:
    vendors = {vendor["id"]: vendor for vendor in (await admin.get("/api/vendors")).json()}
    assert len(vendors) >= 45
    assert vendors["openai"]["key_prefixes"]
    assert vendors["ollama"]["manages_models"] is True
    assert vendors["deepseek"]["api_key_url"].startswith("https://")
    assert not {"echo", "embedded"} & set(vendors)


async def test_the_first_page(admin: Client) -> None:
    page = (await admin.get("/api/welcome")).json()
    assert page["has_provider"] is False
    assert page["embedded"]["state"] == "not_installed"
    assert set(page["ollama"]) == {"found", "base_url", "models", "connected"}


async def test_downloads_of_a_provider_that_has_no_disk(admin: Client) -> None:
    assert (await admin.get("/api/pulls")).json() == []
    problem(await admin.post("/api/providers/echo/pulls", json={"model": "x"}), 409, "conflict")
    problem(await admin.post("/api/providers/nobody/pulls", json={"model": "x"}), 404, "not_found")
    problem(await admin.delete("/api/pulls/nothing"), 404, "not_found")


FOR_ADMINISTRATORS = [
    ("GET", "/api/vendors"),
    ("GET", "/api/providers"),
    ("GET", "/api/providers/echo"),
    ("GET", "/api/pulls"),
    ("POST", "/api/providers"),
    ("POST", "/api/providers/check"),
    ("PATCH", "/api/providers/echo"),
    ("DELETE", "/api/providers/echo"),
    ("POST", "/api/providers/echo/check"),
    ("POST", "/api/providers/echo/models/refresh"),
    ("POST", "/api/providers/echo/models"),
    ("PATCH", "/api/providers/echo/models/echo"),
    ("DELETE", "/api/providers/echo/models/echo"),
    ("POST", "/api/providers/echo/pulls"),
    ("DELETE", "/api/pulls/x"),
]


async def test_members_see_models_and_nothing_of_the_providers(start: Callable[..., Any]) -> None:
    running = await start()
    await running.services.identity.add_user("boss@example.org", "Boss", PASSWORD, "admin")
    await running.services.identity.add_user("ann@example.org", "Ann", PASSWORD, "member")
    member, nobody = await running.client("ann@example.org"), await running.client()
    assert (await member.get("/api/models")).json()["default"] == "echo/echo"
    assert (await member.get("/api/welcome")).status_code == 200
    body = {"kind": "openai_compatible", "base_url": "http://127.0.0.1:9"}
    for method, path in FOR_ADMINISTRATORS:
        content = body if method in ("POST", "PATCH") else None
        problem(await member.request(method, path, json=content), 403, "forbidden")
        problem(await nobody.request(method, path, json=content), 401, "not_signed_in")
    for path in ("/api/models", "/api/welcome"):
        problem(await nobody.get(path), 401, "not_signed_in")


async def test_every_endpoint_of_the_slice_is_in_the_matrix(start: Callable[..., Any]) -> None:
    from freehold.providers.endpoints import router

    listed = {(method, path.count("/")) for method, path in FOR_ADMINISTRATORS}
    listed |= {("GET", "/api/models".count("/"))}
    known = {(method, route.path.count("/")) for route in router.routes for method in route.methods}  # type: ignore[attr-defined]
    assert known <= listed
    assert len(router.routes) == len(FOR_ADMINISTRATORS) + 2


async def test_another_sites_page_cannot_add_a_provider(admin: Client, server: FakeUpstream) -> None:
    reply = await admin.post("/api/providers", json=wish(server), headers={"Sec-Fetch-Site": "cross-site"})
    problem(reply, 403, "cross_site_request")
