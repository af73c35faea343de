"""Usage and budgets over HTTP: members see their own, administrators all; a budget holds from the next call on."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from freehold.access.subject import Subject
from freehold.app import create_app
from freehold.deps import Services, services_of
from freehold.errors import BudgetExceeded, RateLimited
from freehold.identity.models import User
from freehold.kit.clock import monotonic, now
from freehold.settings import Settings
from freehold.usage.record import UsageRecord
from tests.usage.conftest import ANA, BO, LEGAL, call, put_into_group


@pytest.fixture
async def running(database_url: str, tmp_path: Any) -> AsyncIterator[tuple[Services, Any]]:
    """The services of the app, and a function that makes a client for a person."""
    settings = {"data_dir": tmp_path / "data", "database": {"url": database_url}, "embedded": {"enabled": False}}
    app = create_app(Settings.model_validate(settings | {"auth": {"single_user": False}}))
    async with app.router.lifespan_context(app):
        services = services_of(app)
        at = now()
        async with services.database.begin() as session:
            for user_id, name, role in ((ANA, "ana", "admin"), (BO, "bo", "member")):
                row = {"id": user_id, "email": f"{name}@example.org", "name": name, "role": role, "preferences": {}}
                session.add(User(**row, status="active", created_at=at, updated_at=at))

        def client(user_id: str, role: Any) -> httpx2.AsyncClient:
            async def signed_in(scope: Any, receive: Any, send: Any) -> None:
                scope.setdefault("state", {})["subject"] = Subject(user_id, role, None)
                await app(scope, receive, send)

            transport = httpx2.ASGITransport(signed_in)
            return httpx2.AsyncClient(
                transport=transport, base_url="http://127.0.0.1:3210", headers={"Origin": "http://127.0.0.1:3210"}
            )

        yield services, client


async def note(services: Services, *records: UsageRecord) -> None:
    for record in records:
        services.usage.ledger.record(record)
    deadline = monotonic() + 20
    while services.usage.ledger.waiting:
        assert monotonic() < deadline
        await asyncio.sleep(0.02)


async def test_members_see_their_own_and_administrators_everybodys(running: Any) -> None:
    services, client = running
    today = now()
    await note(services, call(at=today), call(at=today, user_id=BO), call(at=today, user_id=BO))
    async with client(ANA, "admin") as ana, client(BO, "member") as bo:
        everybody = (await ana.get("/api/usage?group=user")).json()
        assert {row["name"]: row["calls"] for row in everybody["rows"]} == {"ana@example.org": 1, "bo@example.org": 2}
        assert (await ana.get(f"/api/usage?user_id={BO}")).json()["total"]["calls"] == 2
        for wanted in ("", f"?user_id={ANA}"):
            own = (await bo.get(f"/api/usage{wanted}")).json()
            assert own["total"]["calls"] == 2
            text = (await bo.get(f"/api/usage.csv{wanted}")).text
            assert (text.count("bo@example.org"), text.count("ana@example.org")) == (2, 0)
        answer = await ana.get("/api/usage.csv")
        assert answer.headers["content-type"].startswith("text/csv")
        assert "attachment; filename=" in answer.headers["content-disposition"]
        assert answer.text.count("\r\n") == 4


async def pages(client: httpx2.AsyncClient, query: str = "", limit: int = 2) -> list[dict[str, Any]]:
    """All calls that are shown, page by page."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        answer = await client.get(f"/api/usage/calls?limit={limit}{query}{cursor}")
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page["items"]) <= limit
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


async def test_single_calls_are_shown_to_whom_they_concern(running: Any) -> None:
    services, client = running
    today = now()
    made = [
        call(at=today - timedelta(seconds=number), user_id=[ANA, BO][number % 2], request_id=f"request-{number}")
        for number in range(7)
    ]
    await note(services, *made)
    async with client(ANA, "admin") as ana, client(BO, "member") as bo:
        everybody = await pages(ana)
        assert [one["request_id"] for one in everybody] == [f"request-{number}" for number in range(7)]
        assert {one["user_name"] for one in everybody} == {"ana@example.org", "bo@example.org"}
        for query in ("", f"&user_id={ANA}"):
            own = await pages(bo, query)
            assert [one["request_id"] for one in own] == ["request-1", "request-3", "request-5"]
        assert await pages(bo, "&request_id=request-2") == []
        assert len(await pages(ana, f"&user_id={BO}")) == 3
        wrong = await ana.get("/api/usage/calls?cursor=nonsense")
        assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid_request")


async def test_a_single_call_tells_what_became_of_it(running: Any) -> None:
    services, client = running
    tried = [
        {"model": "acme/alpha", "error": "provider_rate_limited", "ms": 12.5},
        {"model": "spare/beta", "error": None, "ms": 80.0},
    ]
    at = now()
    async with client(ANA, "admin") as ana:
        key_id = (await ana.post("/api/keys", json={"name": "=laptop"})).json()["key"]["id"]
        await note(
            services,
            call(at=at, key_id=key_id, source="api", requested="team", model="spare/beta", provider_id="spare",
                 attempts=2, tried=tried, route={"choice": "only_one", "out": []}, request_id="one-request",
                 cost_usd=None, first_token_ms=9.5, duration_ms=92.5),
            call(at=at - timedelta(seconds=1), requested="nobody", model="", provider_id="", self_hosted=True,
                 status="refused", error="model_not_found", cost_usd=0.0, attempts=0, request_id="other-request"),
        )  # fmt: skip
        (answered, refused) = await pages(ana)
        assert answered["tried"] == tried
        assert (answered["key_name"], answered["requested"], answered["model"]) == ("=laptop", "team", "spare/beta")
        assert (answered["cost_usd"], answered["first_token_ms"], answered["duration_ms"]) == (None, 9.5, 92.5)
        assert (answered["route"]["choice"], answered["attempts"]) == ("only_one", 2)
        assert (refused["status"], refused["error"], refused["tried"]) == ("refused", "model_not_found", [])
        for query, expected in (
            ("&status=refused", [refused]),
            ("&status=ok", [answered]),
            ("&request_id=other-request", [refused]),
            ("&model=spare/beta", [answered]),
            (f"&key_id={key_id}", [answered]),
            ("&key_id=", [refused]),
            ("&source=api", [answered]),
            ("&locality=in_house", [refused]),
            ("&from=2020-01-01&to=2020-01-02", []),
        ):
            assert await pages(ana, query) == expected, query
        (_, row) = list(csv.DictReader(io.StringIO((await ana.get("/api/usage.csv")).text)))
        assert (row["key_name"], row["request_id"]) == ("'=laptop", "one-request")
        assert json.loads(row["tried"]) == tried


@pytest.mark.parametrize(
    "query", ["from=2026-09-02&to=2026-09-01", "from=0001-01-01", "to=9999-12-31", "from=yesterday", "group=planet"]
)
async def test_what_is_no_period_is_refused(running: Any, query: str) -> None:
    _, client = running
    async with client(ANA, "admin") as ana:
        answer = await ana.get(f"/api/usage?{query}")
        assert answer.status_code == 422, answer.text
        assert answer.json()["code"] == "invalid_request"


async def test_keys_are_called_by_their_names(running: Any) -> None:
    services, client = running
    async with client(BO, "member") as bo:
        made = await bo.post("/api/keys", json={"name": "laptop"})
        assert made.status_code == 201, made.text
        key_id = made.json()["key"]["id"] if "key" in made.json() else made.json()["id"]
        await note(services, call(at=now(), user_id=BO, key_id=key_id), call(at=now(), user_id=BO))
        rows = (await bo.get("/api/usage?group=key")).json()["rows"]
        assert {row["key"]: row["name"] for row in rows} == {key_id: "laptop", "": None}


async def test_an_administrator_sets_a_budget_and_it_holds_at_once(running: Any) -> None:
    services, client = running
    async with client(ANA, "admin") as ana, client(BO, "member") as bo:
        new = {"holder_kind": "user", "holder_id": BO, "period": "month", "usd": "1.50"}
        made = await ana.post("/api/budgets", json=new)
        assert made.status_code == 201, made.text
        assert (made.json()["holder_name"], made.json()["limit_usd"]) == ("bo@example.org", 1.5)
        assert (await ana.post("/api/budgets", json=new)).status_code == 409
        assert (await ana.post("/api/budgets", json=new | {"holder_id": "nobody"})).status_code == 422
        budgets = services.usage.rules.of(BO, None, "openai/gpt-4o").budgets
        (await services.usage.budgets.reserve(budgets, 10**9)).settle(10**9)
        await services.usage.budgets.flush()
        with pytest.raises(BudgetExceeded):
            await services.usage.budgets.reserve(budgets, 10**9)
        own = (await bo.get("/api/budgets")).json()
        assert [(one["spent_usd"], one["origin"]) for one in own] == [(1.0, "database")]
        assert (await bo.patch(f"/api/budgets/{made.json()['id']}", json={"usd": 99})).status_code == 403
        changed = await ana.patch(f"/api/budgets/{made.json()['id']}", json={"usd": 5})
        assert changed.json()["limit_usd"] == 5
        budgets = services.usage.rules.of(BO, None, "openai/gpt-4o").budgets
        (await services.usage.budgets.reserve(budgets, 10**9)).settle(0)
        models = {"holder_kind": "model", "holder_id": "openai/*", "period": "day", "usd": 3}
        assert (await ana.post("/api/budgets", json=models)).status_code == 201
        listed = (await ana.get("/api/budgets")).json()
        assert [(one["holder_kind"], one["holder_id"]) for one in listed] == [("user", BO), ("model", "openai/*")]
        assert (await ana.delete(f"/api/budgets/{made.json()['id']}")).status_code == 204
        assert (await ana.delete(f"/api/budgets/{made.json()['id']}")).status_code == 404
        assert (await bo.get("/api/budgets")).json() == []


async def test_a_budget_of_a_group_is_seen_by_its_people_and_goes_with_it(running: Any) -> None:
    services, client = running
    legal = await put_into_group(services.database, LEGAL, "legal", BO)
    async with client(ANA, "admin") as ana:
        new = {"holder_kind": "group", "holder_id": LEGAL, "period": "month", "usd": 2}
        made = await ana.post("/api/budgets", json=new)
        assert (made.status_code, made.json()["holder_name"]) == (201, "legal")
        everyone = {"holder_kind": "everyone", "period": "day", "usd": 1}
        assert (await ana.post("/api/budgets", json=everyone)).json()["spent_usd"] is None
        own = [one for one in (await ana.get("/api/budgets")).json() if one["holder_id"] == ANA]
        assert [(one["id"], one["origin"], one["limit_usd"]) for one in own] == [(None, "database", 1)]
        for wrong in (everyone | {"holder_id": BO}, new | {"holder_id": ""}, new | {"holder_id": BO}):
            assert (await ana.post("/api/budgets", json=wrong)).status_code == 422
        rules = services.usage.rules.of(BO, None, "openai/gpt-4o", (legal,))
        assert [budget.holder.kind for budget in rules.budgets] == ["user", "group"]
        seen = await services.usage.administration.of_person(BO, (legal,))
        assert [(one.holder_kind, one.limit_usd) for one in seen] == [("user", 1), ("group", 2)]
        assert (await ana.delete(f"/api/groups/{LEGAL}")).status_code == 204
        assert [one["holder_kind"] for one in (await ana.get("/api/budgets")).json()] == ["everyone", "user"]


async def test_an_administrator_sets_a_limit_and_it_holds_at_once(running: Any) -> None:
    services, client = running
    legal = await put_into_group(services.database, LEGAL, "legal", BO)
    async with client(ANA, "admin") as ana:
        new = {"holder_kind": "group", "holder_id": LEGAL, "requests_per_minute": 2}
        made = await ana.post("/api/limits", json=new)
        assert (made.status_code, made.json()["holder_name"]) == (201, "legal"), made.text
        assert (await ana.post("/api/limits", json=new)).status_code == 409
        nothing = {"holder_kind": "everyone"}
        assert (await ana.post("/api/limits", json=nothing)).status_code == 422
        limits = services.usage.rules.of(BO, None, "openai/gpt-4o", (legal,)).limits
        claims = [services.usage.limits.claim(limits, 40) for _ in range(2)]
        with pytest.raises(RateLimited, match="the group “legal”"):
            services.usage.limits.claim(limits, 1)
        claims[0].release(50)
        used = (await ana.get("/api/limits")).json()[0]["used"]
        assert (used["requests"], used["tokens"], used["running"]) == (2, 90, 1)
        assert 59 <= used["free_in_s"] <= 61
        path = f"/api/limits/{made.json()['id']}"
        assert (await ana.patch(path, json={"requests_per_minute": None})).status_code == 422
        changed = await ana.patch(path, json={"requests_per_minute": None, "concurrency": 5})
        assert (changed.json()["requests_per_minute"], changed.json()["concurrency"]) == (None, 5)
        limits = services.usage.rules.of(BO, None, "openai/gpt-4o", (legal,)).limits
        services.usage.limits.claim(limits, 1)
        assert (await ana.delete(path)).status_code == 204
        assert (await ana.delete(path)).status_code == 404
        assert (await ana.get("/api/limits")).json() == []
        assert services.usage.rules.of(BO, None, "openai/gpt-4o", (legal,)).limits == ()
