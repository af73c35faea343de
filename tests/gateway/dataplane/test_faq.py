"""Curated answers over /v1 and /ollama, in every dialect, where the caller asked for them."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from typing import Any

import pytest

from tests.gateway.dataplane.conftest import CHAT_ONLY, LISTED, Reply, World

QUESTION = "Where do I find the holiday calendar?"
ANSWER = "On the *intranet*, under 日历."
PATHS: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"messages": [{"role": "user", "content": QUESTION}]},
    "/v1/messages": {"messages": [{"role": "user", "content": [{"type": "text", "text": QUESTION}]}], "max_tokens": 9},
    "/v1/responses": {"input": QUESTION},
    "/ollama/api/chat": {"messages": [{"role": "user", "content": QUESTION}]},
    "/ollama/api/generate": {"prompt": QUESTION},
}


async def admin(world: World, method: str, path: str, body: Any = None) -> Reply:
    """As the web app of the local owner asks."""
    return await world.call(method, path, body, key=None, sec_fetch_site="same-origin", content_type="application/json")


@pytest.fixture
async def entry(world: World) -> AsyncIterator[str]:
    made = await admin(world, "POST", "/api/faq", {"question": QUESTION, "answer": ANSWER, "approved": True})
    assert made.status == 201, made.body
    yield made.json["id"]
    assert (await admin(world, "DELETE", f"/api/faq/{made.json['id']}")).status == 204


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("path", PATHS)
async def test_a_curated_answer_in_the_callers_dialect(world: World, entry: str, path: str, stream: bool) -> None:
    body = {"model": "acme/large", "stream": stream, **PATHS[path]}
    reply = await world.call("POST", path, body, x_freehold_cache="on")
    assert (reply.status, reply.headers["x-freehold-cache"]) == (200, "faq")
    assert "日历" in reply.body.decode() or "\\u65e5\\u5386" in reply.body.decode()
    if path == "/v1/chat/completions":
        text = reply.text if stream else reply.json["choices"][0]["message"]["content"]
        assert text == ANSWER
    assert world.openai.requests == world.anthropic.requests == []


async def test_who_did_not_ask_for_it_gets_the_model(world: World, entry: str) -> None:
    said = PATHS["/v1/chat/completions"]["messages"]
    states = []
    for headers in ({}, {"x_freehold_cache": "off"}, {"x_freehold_cache": "refresh"}, {"cache_control": "no-store"}):
        reply = await world.chat(messages=said, headers=headers)
        states.append((reply.text, reply.headers["x-freehold-cache"]))
    assert [text for text, _ in states] == ["Hello, world."] * 4
    assert "faq" not in {state for _, state in states}


@pytest.mark.parametrize(
    "more",
    [
        {"messages": [{"role": "system", "content": "Answer in verse."}, {"role": "user", "content": QUESTION}]},
        {"tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]},
        {"response_format": {"type": "json_object"}},
        {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hi"},
                      {"role": "user", "content": QUESTION}]},
        {"stop": ["x"]},
        {"logprobs": True},
    ],
)  # fmt: skip
async def test_whoever_asks_for_something_else_gets_it(world: World, entry: str, more: dict[str, Any]) -> None:
    said = {"messages": PATHS["/v1/chat/completions"]["messages"], **more}
    reply = await world.chat(**said, headers={"x_freehold_cache": "on"})
    assert reply.headers["x-freehold-cache"] != "faq"
    assert len(world.openai.requests) == 1


async def test_a_model_that_the_key_may_not_use_is_refused_all_the_same(world: World, entry: str) -> None:
    body = {"model": "acme/large", **PATHS["/v1/chat/completions"]}
    reply = await world.call("POST", "/v1/chat/completions", body, key=LISTED, x_freehold_cache="on")
    assert reply.status == 403


async def test_the_ledger_has_it_for_nothing(world: World, entry: str) -> None:
    body = {"model": "acme/large", **PATHS["/v1/chat/completions"]}
    await world.call("POST", "/v1/chat/completions", body, key=CHAT_ONLY, x_freehold_cache="on")

    def lines() -> list[Any]:
        with closing(sqlite3.connect(world.server.data_dir / "freehold.sqlite")) as connection:
            query = "SELECT cost_nanodollars, input_tokens, self_hosted, model FROM usage_records WHERE cache = 'faq'"
            return connection.execute(query + " ORDER BY id DESC LIMIT 1").fetchall()

    async with asyncio.timeout(30):
        while not (found := await asyncio.to_thread(lines)):
            await asyncio.sleep(0.1)
    assert found == [(0, 0, 1, "acme/large")]


async def test_wrong_input_is_told(world: World) -> None:
    for body in ({}, {"question": "?", "answer": "x"}, {"question": "What?", "answer": " "}, {"group_id": "x" * 36}):
        assert (await admin(world, "POST", "/api/faq", body)).status == 422
    gone = {"question": "What is it?", "answer": "This.", "group_id": "0192d7a0-0000-7000-8000-000000000001"}
    reply = await admin(world, "POST", "/api/faq", gone)
    assert (reply.status, reply.json["params"]["fields"]) == (422, ["group_id"])
    assert (await admin(world, "DELETE", "/api/faq/frequent/" + "z" * 64)).status == 404
