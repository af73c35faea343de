"""Two real servers on one PostgreSQL and one Redis: together they let pass what one would, and spend no more."""

import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest

from freehold.kit.crypto import new_key
from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import API_KEY, Counts, FakeUpstream, Script
from tests.services import redis
from tests.services.availability import missing
from tests.services.freehold_server import FreeholdServer

pytestmark = pytest.mark.postgres

COST = Decimal("0.0010175")  # 7 tokens in, 100 out, at 2.5 and 10 dollars a million
ASKED = {"model": "paid/gpt-4o", "max_tokens": 100, "messages": [{"role": "user", "content": "Hello there"}]}


class House(NamedTuple):
    """Two servers, a key of somebody in the groups `limited` and `budgeted`, and the paid provider."""

    servers: list[FreeholdServer]
    secret: str
    provider: FakeUpstream


@pytest.fixture
async def house(postgres_server: Any, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[House]:
    program = redis.find_redis()
    if program is None:
        missing("Redis", redis.REMEDY)
    database, rules = postgres_server.create(), request.param
    async with FakeUpstream(OpenAIDialect()) as provider:
        provider.script = Script(text=("well",), usage=Counts(7, 100), pause_s=0.02)
        paid = f"{{id: paid, kind: openai, base_url: '{provider.url}', api_key: {API_KEY}, models: [gpt-4o]}}"
        (tmp_path / "freehold.yaml").write_text(f"providers: [{paid}]\n{rules}\n")
        with redis.running(program, tmp_path) as redis_url:
            environment = {
                "DATABASE_URL": postgres_server.url(database),
                "REDIS_URL": redis_url,
                "FREEHOLD_MASTER_KEY": new_key(),
                "FREEHOLD_CONFIG": str(tmp_path / "freehold.yaml"),
            }
            servers = [FreeholdServer(tmp_path / name, environment) for name in ("one", "two")]
            try:
                secret = await asyncio.to_thread(furnish, tmp_path, environment)
                for server in servers:
                    server.data_dir.mkdir()
                    await asyncio.to_thread(server.start)
                yield House(servers, secret, provider)
            finally:
                for server in servers:
                    await asyncio.to_thread(server.stop)
    postgres_server.drop(database)


def furnish(folder: Path, environment: dict[str, str]) -> str:
    """An account in a group, and its key's secret."""

    def freehold(*arguments: str, entered: str = "") -> str:
        command = [sys.executable, "-m", "freehold", *arguments]
        given = {**os.environ, **environment, "FREEHOLD_DATA_DIR": str(folder / "cli")}
        done = subprocess.run(command, input=entered, env=given, text=True, capture_output=True, check=True)
        return done.stdout.strip()

    freehold("user", "add", "bo@example.org", "--password-stdin", entered="four unrelated words walk\n")
    freehold("group", "add", "legal")
    freehold("group", "join", "legal", "bo@example.org")
    return freehold("key", "create", "ci", "--user", "bo@example.org")


async def ask_both(house: House, calls: int) -> Counter[int]:
    """So many calls at the same time, one after the other to each server; how many got which status."""
    headers = {"Authorization": f"Bearer {house.secret}"}
    async with httpx2.AsyncClient(headers=headers, timeout=60, limits=httpx2.Limits(max_connections=64)) as client:
        urls = [server.url for server in house.servers]
        answers = await asyncio.gather(
            *(client.post(f"{urls[n % 2]}/v1/chat/completions", json=ASKED) for n in range(calls))
        )
    return Counter(answer.status_code for answer in answers)


@pytest.mark.parametrize(
    "house", ["limits: {groups: {legal: {requests_per_minute: 40}}}"], indirect=True, ids=["requests"]
)
async def test_a_limit_holds_for_both_together(house: House) -> None:
    assert await ask_both(house, 200) == {200: 40, 429: 160}
    assert len([one for one in house.provider.requests if one.method == "POST"]) == 40


@pytest.mark.parametrize("house", ["limits: {groups: {legal: {concurrency: 3}}}"], indirect=True, ids=["concurrency"])
async def test_calls_at_the_same_time_are_counted_together_and_places_come_back(house: House) -> None:
    house.provider.script = Script(text=("well",), usage=Counts(7, 100), pause_s=0.5)
    statuses = await ask_both(house, 40)
    assert set(statuses) == {200, 429}
    assert house.provider.busiest == 3
    house.provider.script = Script(text=("well",), usage=Counts(7, 100))
    await asyncio.sleep(0.2)
    assert (await ask_both(house, 3)) == {200: 3}


@pytest.mark.parametrize(
    "house",
    [f"budgets: {{groups: {{legal: {{usd: {COST * 50:f}, period: total}}}}}}"],
    indirect=True,
    ids=["budget"],
)
async def test_a_budget_is_never_overspent_by_both_together(house: House) -> None:
    statuses = await ask_both(house, 200)
    assert set(statuses) == {200, 402}
    assert 0 < statuses[200] <= 50
    assert len([one for one in house.provider.requests if one.method == "POST"]) == statuses[200]
