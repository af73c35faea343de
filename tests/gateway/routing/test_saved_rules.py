"""Rules that the app keeps, over HTTP on both databases."""

from pathlib import Path
from typing import Any

import httpx2

from freehold.access.subject import Subject
from freehold.app import create_app
from freehold.deps import services_of
from freehold.identity.repository import LOCAL_OWNER_ID
from freehold.settings import Settings

SITE = "http://127.0.0.1:3210"


def rule(name: str) -> dict[str, Any]:
    return {"id": name, "when": {"keyword": ["合同"]}, "then": {"require": {"self_hosted": True}}}


async def test_a_rule_is_kept_under_a_name_in_any_script(database_url: str, tmp_path: Path) -> None:
    given = {"data_dir": tmp_path / "data", "database": {"url": database_url}, "embedded": {"enabled": False}}
    house = {"models": {"house": {"provider": "echo", "model": "echo"}}, "routing": {"auto": {}}}
    app = create_app(Settings.model_validate(given | {"echo": {"enabled": True}, "declared": house}))
    test = {"given": {"text": "审阅合同"}, "expect": {"rule": "法务"}}

    async def signed_in(scope: Any, receive: Any, send: Any) -> None:
        scope.setdefault("state", {})["subject"] = Subject(LOCAL_OWNER_ID, "admin", None)
        await app(scope, receive, send)

    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(
            transport=httpx2.ASGITransport(signed_in), base_url=SITE, headers={"Origin": SITE}
        ) as client,
    ):
        kept = await client.put("/api/routing/rules", json={"rules": [rule("法务")], "tests": [test], "seen": None})
        assert kept.status_code == 200, kept.text
        assert [one["rule"]["id"] for one in (await client.get("/api/routing/rules")).json()["rules"]] == ["法务"]
        rulebook = services_of(app).rulebook
        await rulebook.refresh()  # as another server reads it
        told = await client.post("/api/routing/explain", json={"given": {"text": "审阅合同"}})
        assert told.json()["route"]["rule"] == "法务", told.text
        seen = kept.json()["saved_at"]
        for name in ("法务 合同", "法务\n", "\u200b法务", "a/b", ""):
            wrong = await client.put("/api/routing/rules", json={"rules": [rule(name)], "tests": [], "seen": seen})
            assert wrong.status_code == 422, name
            assert wrong.json()["fields"][0]["path"] == "rules.0.id"
        twice = {"rules": [rule("法务"), rule("法务")], "tests": [], "seen": seen}
        assert (await client.put("/api/routing/rules", json=twice)).json()["code"] == "rules_refused"
