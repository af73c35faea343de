"""200 mixed prompts through /v1 with `auto`, a model in the house and a scripted premium provider: it adds up."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import aiohttp
import anyio.to_thread
import pytest
from sqlalchemy import select

from freehold.db import Database, open_database, parse_target
from freehold.usage.models import UsageRow
from freehold.usage.money import to_nano
from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import API_KEY, Counts, FakeUpstream, Script
from tests.services.freehold_server import FreeholdServer

KEY = "fh_saves0001_" + "s" * 43
HARD = "证明：对任意素数 p，√p 是无理数。" + "并给出每一步的严格论证，讨论推广到 n 次方根的情形。" * 12
_script: ContextVar[Script] = ContextVar("script", default=Script())  # noqa: B039 - frozen


class Premium(FakeUpstream):
    """Answers with counts of the prompt's own; is overloaded, or breaks off, where the prompt says so."""

    @property
    def script(self) -> Script:  # type: ignore[override]
        return _script.get()

    @script.setter
    def script(self, script: Script) -> None:
        """What the base class begins with is of no use here."""

    async def record(self, request: Any) -> Any:
        recorded = await super().record(request)
        said = recorded.body["messages"][-1]["content"] if recorded.body else ""
        number = int(said.rpartition("#")[2] or 0)
        usage = Counts(300 + number, 40 + 7 * (number % 13), number % 5)
        error = "overloaded" if "[busy]" in said else None
        _script.set(Script(usage=usage, error=error, fault="cut" if "[cut]" in said else None))
        return recorded


def of(number: int) -> int:
    """Which prompt it is: two of twenty are the same each time."""
    return number % 20 if number % 20 in (3, 8) else number


def prompt(number: int) -> str:
    """Easy, hard, hard and overloaded, hard and broken off."""
    asked = of(number)
    text = ["What is the capital of France?", HARD, "Translate: good morning", HARD][asked % 4]
    fault = {1: " [busy]", 5: " [cut]"}.get(asked % 20, "")
    return f"{text}{fault} #{asked}"


@pytest.fixture
async def opened(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    database = await anyio.to_thread.run_sync(open_database, parse_target(database_url, tmp_path))
    yield database
    await database.dispose()


async def test_the_savings_are_the_ledger_to_the_cent(database_url: str, opened: Database, tmp_path: Path) -> None:
    async with Premium(OpenAIDialect()) as premium:
        config = {
            "providers": [
                {"id": "acme", "kind": "openai", "base_url": premium.url, "api_key": API_KEY, "models": ["gpt-4o"]}
            ],
            "models": {
                "house": {"provider": "echo", "model": "echo", "tier": "local"},
                "premium": {"provider": "acme", "model": "gpt-4o", "tier": "premium"},
            },
            "routing": {"auto": {"baseline": "premium"}, "local_cost_per_hour": 0.4},
            "keys": [{"name": "saves", "key": KEY, "scopes": ["chat"]}],
        }
        (tmp_path / "freehold.yaml").write_text(json.dumps(config))  # JSON is YAML
        environment = {"FREEHOLD_CONFIG": str(tmp_path / "freehold.yaml"), "FREEHOLD_CACHE__MODE": "on_request"}
        server = FreeholdServer(tmp_path / "data", {**environment, "DATABASE_URL": database_url})
        server.data_dir.mkdir()
        await asyncio.to_thread(server.start)
        try:
            async with aiohttp.ClientSession() as session:
                await traffic(session, server.url)
                reports = await told(session, server.url)
                async with session.post(
                    f"{server.url}/api/savings/what-if",
                    json={"quality_floor": 0.3},
                    headers={"Origin": server.url},
                ) as answer:
                    assert answer.status == 200, await answer.text()
                    lower = await answer.json()
        finally:
            await asyncio.to_thread(server.stop)
    async with opened.read() as read:
        rows = [row for row in await read.scalars(select(UsageRow)) if row.status != "refused"]
    compare(rows, reports)
    total = reports["day"]["total"]
    assert total["cached_calls"] == 18
    assert {row.status for row in rows} >= {"ok", "failed"}
    assert total["routing_usd"] > 0
    assert total["cache_usd"] > 0
    assert total["house_usd"] > 0
    assert [one["model"] for one in reports["day"]["baselines"]] == ["acme/gpt-4o"]
    assert {one["path"] for one in reports["day"]["latency"]} == {"in_house", "outside", "cache"}
    assert lower["calls"] == lower["replayed"] + lower["not_replayed"]
    assert lower["moved"] > 50, "every hard one stays at home"
    assert lower["then"]["saved_share"] > lower["now"]["saved_share"]


def compare(rows: list[UsageRow], reports: dict[str, Any]) -> None:
    """Every report against the rows, in whole nano-dollars; a failed attempt costs and is answered once."""
    compared = [row for row in rows if row.baseline_nanodollars is not None]
    spent = sum(row.cost_nanodollars or 0 for row in rows)
    baseline = sum(row.baseline_nanodollars or 0 for row in compared)
    house = sum(row.house_nanodollars or 0 for row in compared)
    saved = baseline - sum(row.cost_nanodollars or 0 for row in compared) - house
    assert len(compared) > 150
    for name, report in reports.items():
        total = report["total"]
        assert to_nano(total["spent_usd"]) == spent, name
        assert to_nano(total["baseline_usd"]) == baseline
        assert to_nano(total["house_usd"]) == house
        assert to_nano(total["saved_usd"]) == saved
        assert sum(to_nano(row["saved_usd"]) for row in report["rows"]) == saved
        assert total["calls"] + total["failed_calls"] == len(rows)
    for row in compared:
        if row.status == "failed":
            assert row.baseline_nanodollars == 0
        elif row.model == "acme/gpt-4o" and row.cache is None and row.status == "ok":
            assert (row.baseline_length, row.baseline_nanodollars) == ("own", row.cost_nanodollars)


async def traffic(session: aiohttp.ClientSession, url: str) -> None:
    room = asyncio.Semaphore(4)
    headers = {"Authorization": f"Bearer {KEY}", "x-freehold-cache": "on"}

    async def send(number: int) -> int:
        body = {
            "model": "auto",
            "messages": [{"role": "user", "content": prompt(number)}],
            "stream": of(number) % 3 == 0,
        }
        async with room, session.post(f"{url}/v1/chat/completions", json=body, headers=headers) as answer:
            await answer.read()
            return answer.status

    again = [number for number in range(200) if of(number) != number]
    first = [number for number in range(200) if number not in again]
    statuses = await asyncio.gather(*map(send, first))
    assert statuses.count(200) > 150
    assert set(await asyncio.gather(*map(send, again))) == {200}


async def told(session: aiohttp.ClientSession, url: str) -> dict[str, Any]:
    """Every report, once the ledger has written."""
    before: dict[str, Any] | None = None
    while (now := await report(session, url, "day")) != before or now["total"]["calls"] < 150:
        before = now
        await asyncio.sleep(2)  # more than twice what the ledger waits
    found = {}
    for group_by in ("day", "model", "user", "locality"):
        found[group_by] = await report(session, url, group_by)
    return found


async def report(session: aiohttp.ClientSession, url: str, group_by: str) -> dict[str, Any]:
    async with session.get(f"{url}/api/savings?group_by={group_by}") as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()
