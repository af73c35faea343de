"""The playground's requests: a session in place of a key, and in everything else what /v1 does."""

import json
from typing import Any

import pytest

from tests.fakes.upstream import Script
from tests.gateway.dataplane.conftest import SAID, Reply, World

DIALECTS: dict[str, tuple[str, dict[str, Any]]] = {
    "openai_chat": ("/v1/chat/completions", {"messages": SAID, "stream_options": {"include_usage": True}}),
    "openai_responses": ("/v1/responses", {"input": "Hello there"}),
    "anthropic_messages": ("/v1/messages", {"messages": SAID, "max_tokens": 50}),
    "ollama_chat": ("/ollama/api/chat", {"messages": SAID}),
}
MOMENTARY = {
    *("id", "item_id", "created", "created_at", "completed_at"),
    *("total_duration", "load_duration", "eval_duration", "prompt_eval_duration"),
}


async def play(world: World, dialect: str, body: Any, **headers: str) -> Reply:
    """One request of the page, from the local owner's browser."""
    sent = {"Origin": world.server.url, "Content-Type": "application/json", **headers}
    url = f"{world.server.url}/api/playground/{dialect}"
    async with world.session.post(url, data=json.dumps(body), headers=sent) as answer:
        return Reply(answer.status, answer.headers, await answer.read())


def lasting(reply: Reply) -> list[Any]:
    """The lines of an answer without what no two answers share."""
    lines = [line.removeprefix("data: ") for line in reply.body.decode().splitlines()]
    return [json.loads(line, object_hook=_lasting) for line in lines if line.startswith("{")]


def _lasting(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name not in MOMENTARY}


@pytest.mark.parametrize("model", ["acme/large", "claude/sonnet"])
@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_stream_is_that_of_v1(world: World, dialect: str, model: str) -> None:
    path, asked = DIALECTS[dialect]
    body = {"model": model, "stream": True, **asked}
    played, called = await play(world, dialect, body), await world.call("POST", path, body)
    assert (played.status, called.status) == (200, 200), played.body
    assert lasting(played) == lasting(called) != []
    assert played.headers["content-type"] == called.headers["content-type"]
    assert played.headers["x-freehold-model"] == model
    assert len(played.headers.getall("x-request-id")) == 1
    assert len(played.headers.getall("x-content-type-options")) == 1


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_whole_answer_and_a_refusal_come_in_the_dialect(world: World, dialect: str) -> None:
    path, asked = DIALECTS[dialect]
    whole = {"model": "acme/large", "stream": False, **{k: v for k, v in asked.items() if k != "stream_options"}}
    assert (await play(world, dialect, whole)).json.keys() == (await world.call("POST", path, whole)).json.keys()
    wrong = {**whole, "model": "no/such"}
    refused, by_v1 = await play(world, dialect, wrong), await world.call("POST", path, wrong)
    assert refused.status == by_v1.status == 404
    assert refused.headers["x-freehold-error"] == "model_not_found"
    assert {**refused.json, "request_id": 0} == {**by_v1.json, "request_id": 0}


async def test_the_session_counts_for_the_playground_and_not_for_v1(world: World) -> None:
    body = {"model": "acme/large", "messages": SAID}
    refused = await world.call("POST", "/v1/chat/completions", body, key=None, Origin=world.server.url)
    assert (refused.status, refused.headers["x-freehold-error"]) == (401, "key_missing")
    elsewhere = await play(world, "openai_chat", body, Origin="http://evil.example")
    assert (elsewhere.status, elsewhere.json["code"]) == (403, "cross_site_request")
    form = await play(world, "openai_chat", body, **{"Content-Type": "text/plain"})
    assert form.status == 415


async def test_what_breaks_off_in_the_middle_is_told_in_the_stream(world: World) -> None:
    world.script(Script(text=("a ", "b ", "c ", "d "), fault="cut"))
    reply = await play(world, "openai_chat", {"model": "acme/large", "messages": SAID, "stream": True})
    assert reply.status == 200
    assert reply.data[-1]["error"]["code"]
