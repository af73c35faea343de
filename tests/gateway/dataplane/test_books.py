"""The books after mixed traffic over real sockets: to the token what the providers themselves counted."""

import asyncio
import contextlib
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import aiohttp
import anyio.to_thread
import pytest
from sqlalchemy import func, select

from freehold.db import Database, open_database, parse_target
from freehold.usage.models import BudgetWindow, UsageDay, UsageRow
from tests.fakes.anthropic import AnthropicDialect
from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import API_KEY, Counts, Dialect, FakeUpstream, Script
from tests.services.freehold_server import FreeholdServer

KEY = "fh_books0001_" + "b" * 43
POOR = "fh_books0002_" + "p" * 43
LARGE, SMALL, CLAUDE = "acme/gpt-4o", "acme/gpt-4o-mini", "claude/claude-sonnet-4-5"
ROUNDS = 6
SCRIPTS = {
    "cut": {"fault": "cut"},
    "slow": {"pause_s": 0.2, "text": ("some words of an answer ", "and then many more ") * 20},
    "refuses": {"error": "refused"},
    "starts": {"text": (), "fault": "midway_error"},  # tells what it read, and then breaks before the first token
    "stuck": {"fault": "stuck"},
}
_script: ContextVar[Script] = ContextVar("script", default=Script())  # noqa: B039 - frozen


class Counting(FakeUpstream):
    """Answers what the last message says, in JSON, and keeps books of its own of the counts it told."""

    def __init__(self, dialect: Dialect) -> None:
        self.told: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        super().__init__(dialect)

    @property
    def script(self) -> Script:  # type: ignore[override]
        return _script.get()

    @script.setter
    def script(self, script: Script) -> None:
        """What the base class begins with is of no use here."""

    async def record(self, request: Any) -> Any:
        recorded = await super().record(request)
        if recorded.body is None:
            return recorded
        content = recorded.body["messages"][-1]["content"]
        wish = json.loads(content if isinstance(content, str) else content[0]["text"])
        model, kind = recorded.body["model"], wish["kind"]
        if kind == "falls":  # the first of the alias breaks, the second answers
            kind = "starts" if isinstance(self.dialect, AnthropicDialect) else "answers"
        if kind == "races":
            kind = "stuck" if model == "gpt-4o-mini" else "answers"
        counts = Counts(wish["in"], wish["out"], wish["cached"])
        _script.set(Script(usage=counts, **SCRIPTS.get(kind, {})))
        told = self.told[model]
        if kind == "answers":
            for index, number in enumerate((counts.input, counts.output, counts.cached)):
                told[index] += number
        elif kind == "starts":
            told[0], told[1], told[2] = told[0] + counts.input, told[1] + 1, told[2] + counts.cached
        return recorded


@pytest.fixture
async def opened(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    database = await anyio.to_thread.run_sync(open_database, parse_target(database_url, tmp_path))
    yield database
    await database.dispose()


def wish(kind: str, number: int) -> dict[str, Any]:
    said = json.dumps({"kind": kind, "in": 20 + number, "out": 5 + number, "cached": number % 7})
    return {"messages": [{"role": "user", "content": said}], "max_tokens": 300}


async def test_the_books_are_those_of_the_providers(database_url: str, opened: Database, tmp_path: Path) -> None:
    async with Counting(OpenAIDialect()) as acme, Counting(AnthropicDialect()) as claude:
        providers = [
            {"id": "acme", "kind": "openai", "base_url": acme.url, "api_key": API_KEY},
            {"id": "claude", "kind": "anthropic", "base_url": claude.url, "api_key": API_KEY},
        ]
        for provider, models in zip(providers, (["gpt-4o", "gpt-4o-mini"], ["claude-sonnet-4-5"]), strict=True):
            provider["models"] = models  # type: ignore[assignment]
        target = {
            name: dict(zip(("provider", "model"), name.split("/"), strict=True)) for name in (LARGE, SMALL, CLAUDE)
        }
        models = {
            "steady": {"targets": [target[CLAUDE]], "fallback": ["spare"], "retries": 0},
            "spare": target[LARGE],
            "quick": {
                "targets": [{**target[SMALL], "priority": 0}, {**target[LARGE], "priority": 1}],
                "hedge_after_s": 0.1,
            },
        }
        keys = [
            {"name": "books", "key": KEY, "scopes": ["chat"], "budget": {"usd": 900, "period": "total"}},
            {"name": "poor", "key": POOR, "scopes": ["chat"], "limits": {"concurrency": 1, "requests_per_minute": 1}},
        ]
        config = tmp_path / "freehold.yaml"
        config.write_text(json.dumps({"providers": providers, "models": models, "keys": keys}))
        environment = {"FREEHOLD_CONFIG": str(config), "FREEHOLD_CACHE__MODE": "on_request"}
        server = FreeholdServer(tmp_path / "data", {**environment, "DATABASE_URL": database_url})
        server.data_dir.mkdir()
        await asyncio.to_thread(server.start)
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"}) as session:
            await traffic(session, server.url)
        await asyncio.to_thread(server.stop)
    async with opened.read() as read:
        rows = list(await read.scalars(select(UsageRow)))
        day_sums = [func.sum(getattr(UsageDay, name)) for name in ("input_tokens", "output_tokens", "cost_nanodollars")]
        days = (await read.execute(select(*day_sums))).one()
        spent = await read.scalar(select(func.sum(BudgetWindow.spent)))
    # to the token what each provider told
    for model, told in (
        (LARGE, acme.told["gpt-4o"]),
        (SMALL, acme.told["gpt-4o-mini"]),
        (CLAUDE, claude.told["claude-sonnet-4-5"]),
    ):
        ours = [row for row in rows if row.model == model and not row.estimated and row.input_tokens is not None]
        counts = [[row.input_tokens or 0, row.output_tokens or 0, row.cached_input_tokens or 0] for row in ours]
        cached = [row for row in ours if row.cache == "hit"]
        assert [sum(column) for column in zip(*counts, strict=True)] == told, model
        assert all(row.cost_nanodollars for row in ours if row not in cached)
    # what nobody told is estimated, and says so
    estimated = [row for row in rows if row.estimated]
    assert {(row.status, row.error) for row in estimated} == {
        ("stopped", None),
        ("failed", "provider_protocol_error"),
        ("stopped", "slower"),
    }
    assert all(row.input_tokens and row.cost_nanodollars for row in estimated)
    # the attempts that did not answer have their own model's name on them
    broken = [row for row in rows if row.requested == "steady" and row.status == "failed"]
    assert [row.model for row in broken] == [CLAUDE] * ROUNDS
    assert {row.model for row in rows if row.requested == "quick" and row.error == "slower"} == {SMALL}
    # who was tried for it is told with the answer that came in the end, by the same request
    fell = [row for row in rows if row.requested == "steady" and row.status == "ok"]
    assert {row.request_id for row in fell} == {row.request_id for row in broken}
    assert len({row.request_id for row in fell}) == ROUNDS
    for row in fell:
        first, second = json.loads(row.tried or "")
        assert (first["model"], second["model"], second["error"]) == (CLAUDE, LARGE, None)
        assert first["error"] == "provider_protocol_error"
        assert first["ms"] > 0
    at_once = [row for row in rows if row.status == "ok" and row.requested == row.model]
    assert at_once
    assert {row.tried for row in at_once} == {None}
    assert all(row.request_id for row in rows)
    # the sums, and the budget
    columns = ("input_tokens", "output_tokens", "cost_nanodollars")
    assert tuple(map(int, days)) == tuple(sum(getattr(row, name) or 0 for row in rows) for name in columns)
    (limited,) = {row.key_id for row in rows if row.requested == "steady"}
    assert spent == sum(row.cost_nanodollars or 0 for row in rows if row.key_id == limited)
    # what was refused is there by name, and is no call
    refused = sorted((row.requested, row.error) for row in rows if row.status == "refused")
    assert refused == sorted([("", "invalid_request"), ("acme/nothing", "model_not_found"), (LARGE, "rate_limited")])


async def traffic(session: aiohttp.ClientSession, url: str) -> None:
    """Everything at once, but for the answers from the cache, which must be there before they are given again."""
    room = asyncio.Semaphore(8)

    async def send(path: str, body: Any, *, leave: bool = False, **headers: str) -> int:
        async with room, session.post(url + path, json=body, headers=headers) as answer:
            if leave:
                await answer.content.readuntil(b"many more")
                return answer.status  # and closes the connection, as the answer is not over
            await answer.read()
            return answer.status

    async def leave_early(body: Any) -> int:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                return await send("/v1/chat/completions", body)
        return 0

    chat, messages = "/v1/chat/completions", "/v1/messages"
    calls = []
    for number in range(ROUNDS):
        for stream in (True, False):
            for model in (LARGE, CLAUDE):
                calls.append(send(chat, {"model": model, "stream": stream, **wish("answers", number)}))
                calls.append(send(messages, {"model": model, "stream": stream, **wish("answers", 10 + number)}))
            calls.append(send(chat, {"model": SMALL, "stream": stream, **wish("refuses", number)}))
        calls.append(send(messages, {"model": "steady", "stream": True, **wish("falls", number)}))
        calls.append(send(chat, {"model": "quick", "stream": True, **wish("races", number)}))
        calls.append(send(chat, {"model": LARGE, "stream": True, **wish("cut", number)}))
        calls.append(send(chat, {"model": LARGE, "stream": True, **wish("slow", number)}, leave=True))
        calls.append(send(messages, {"model": CLAUDE, "stream": True, **wish("slow", number)}, leave=True))
        calls.append(leave_early({"model": LARGE, **wish("slow", number)}))
    statuses = await asyncio.gather(*calls)
    assert set(statuses) == {200, 400, 0}
    for _ in range(3):
        assert await send(chat, {"model": SMALL, **wish("answers", 3)}, x_freehold_cache="on") == 200
        same = {"x-freehold-cache": "on"}
        assert await send(chat, {"model": LARGE, **wish("answers", 3)}, **same) == 200
    assert await send(chat, {"model": "acme/nothing", **wish("answers", 1)}) == 404
    async with session.post(url + chat, data=b"{not JSON") as answer:
        assert answer.status == 400
    poor = {"Authorization": f"Bearer {POOR}"}
    assert await send(chat, {"model": LARGE, **wish("answers", 1)}, **poor) == 200
    assert await send(chat, {"model": LARGE, **wish("answers", 1)}, **poor) == 429
    assert await send(chat, {"model": LARGE, **wish("answers", 1)}, Authorization="Bearer fh_nobody000_wrong") == 401
