"""/v1 as programs meet it: who may call, what is refused and how, what passes through, and when a client leaves."""

import asyncio
import contextlib
import json
import socket
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from freehold.gateway.dataplane.refusals import MOST_A_MINUTE
from freehold.gateway.dataplane.routes import BELOW, ENDPOINTS
from tests.fakes.upstream import Call, Counts, Script
from tests.gateway.dataplane.conftest import CHAT_ONLY, HOME, KEY, LISTED, READ_ONLY, SAID, World

WORDS = ("one ", "two ", "three")


# --- who may call ---------------------------------------------------------------------------------------------------


async def test_without_a_key_nothing_is_answered(world: World) -> None:
    reply = await world.call("POST", "/v1/chat/completions", {"model": "acme/large", "messages": SAID}, key=None)
    assert reply.status == 401
    assert reply.json["error"]["type"] == "authentication_error"
    assert not world.openai.requests


@pytest.mark.parametrize(("method", "path"), [*ENDPOINTS, *BELOW])
async def test_every_endpoint_wants_a_key_with_its_scope(world: World, method: str, path: str) -> None:
    assert (await world.call(method, path, {}, key=None)).status == 401
    refused = await world.call(method, path, {}, key=READ_ONLY)
    assert refused.status == 403
    assert refused.headers["x-freehold-error"] == "scope_missing"
    assert not world.openai.requests


@pytest.mark.parametrize("key", ["", "sk-123", "fh_unknown1_" + "x" * 43, "fh_tests001_" + "x" * 43, "ü"])
async def test_a_wrong_key_is_refused(world: World, key: str) -> None:
    assert (await world.call("GET", "/v1/models", key=key)).status == 401


async def test_a_session_cookie_opens_nothing_here(world: World) -> None:
    reply = await world.call(
        "GET", "/v1/models", key=None, Cookie="__Host-session=abc; session=abc", Sec_Fetch_Site="same-origin"
    )
    assert reply.status == 401


async def test_two_different_keys_are_an_error(world: World) -> None:
    reply = await world.call("GET", "/v1/models", x_api_key=CHAT_ONLY)
    assert reply.status == 400
    same = await world.call("GET", "/v1/models", x_api_key=KEY)
    assert same.status == 200


async def test_a_key_does_what_its_scopes_say(world: World) -> None:
    assert (await world.call("GET", "/v1/models", key=CHAT_ONLY)).status == 403
    body = {"model": "acme/large", "messages": SAID}
    assert (await world.call("POST", "/v1/chat/completions", body, key=CHAT_ONLY)).status == 200


async def test_a_key_reaches_its_models_alone(world: World) -> None:
    async def status(model: str) -> int:
        body = {"model": model, "messages": SAID}
        return (await world.call("POST", "/v1/chat/completions", body, key=LISTED)).status

    assert await status("spare") == 200
    assert await status("claude/sonnet") == 200
    assert await status("acme/large") == 403
    assert await status("smart") == 200, "by the one of its targets that the key may use by name"
    assert not world.openai.requests
    listed = await world.call("GET", "/v1/models", key=LISTED)
    assert {model["id"] for model in listed.json["data"]} == {"spare", "claude/sonnet"}


async def test_a_key_is_used_from_its_addresses_alone(world: World) -> None:
    body = {"model": "acme/large", "messages": SAID}
    assert (await world.call("POST", "/v1/chat/completions", body, key=HOME)).status == 403
    assert not world.openai.requests


# --- passing through ------------------------------------------------------------------------------------------------


async def test_the_same_dialect_goes_through_as_it_came(world: World) -> None:
    world.script(Script(text=WORDS, usage=Counts(7, 3)))
    fields = {"logprobs": True, "vendor_field": {"a": [1]}, "temperature": 0.3, "seed": 1}
    reply = await world.chat(**fields)
    assert reply.status == 200
    assert reply.headers["content-type"].startswith("text/event-stream")
    assert reply.headers["x-freehold-model"] == "acme/large"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.text == "one two three"
    assert reply.body.endswith(b"data: [DONE]\n\n")
    assert all(chunk["choices"] for chunk in reply.data), "counts that nobody asked for stay here"
    sent = world.openai.requests[-1].body
    assert sent["model"] == "large"
    assert sent["messages"] == SAID
    assert {name: sent[name] for name in fields} == fields
    assert sent["stream_options"] == {"include_usage": True}


async def test_counts_come_to_whoever_asks_for_them(world: World) -> None:
    world.script(Script(text=WORDS, usage=Counts(7, 3)))
    reply = await world.chat(stream_options={"include_usage": True})
    usage = reply.data[-1]["usage"]
    assert (usage["prompt_tokens"], usage["completion_tokens"]) == (7, 3)


@pytest.mark.parametrize("model", ["acme/large", "claude/sonnet", "smart", "spare"])
async def test_whole_answers_in_openais_dialect(world: World, model: str) -> None:
    world.script(Script(text=WORDS, usage=Counts(7, 3)))
    reply = await world.chat(model, stream=False)
    assert reply.status == 200, reply.body
    answer = reply.json
    assert answer["object"] == "chat.completion"
    assert answer["choices"][0]["message"]["content"] == "one two three"
    assert answer["usage"]["prompt_tokens"] == 7


@pytest.mark.parametrize("model", ["claude/sonnet", "acme/large"])
async def test_anthropics_dialect_over_either_provider(world: World, model: str) -> None:
    world.script(Script(text=WORDS, usage=Counts(7, 3)))
    streamed = await world.message(model)
    assert streamed.status == 200, streamed.body
    texts = [event["delta"].get("text", "") for event in streamed.data if event["type"] == "content_block_delta"]
    assert "".join(texts) == "one two three"
    assert streamed.data[-1]["type"] == "message_stop"
    whole = await world.message(model, stream=False)
    assert whole.json["content"] == [{"type": "text", "text": "one two three"}]
    assert whole.json["usage"]["input_tokens"] == 7


@pytest.mark.parametrize("model", ["claude/sonnet", "acme/large"])
async def test_tool_calls_in_both_dialects(world: World, model: str) -> None:
    call = Call("call_1", "get_weather", ('{"city":', '"Paris"}'))
    world.script(Script(text=(), calls=(call,), finish="tool_calls"))
    function = {"name": "get_weather", "description": "", "parameters": {"type": "object", "properties": {}}}
    openai = await world.chat(model, stream=False, tools=[{"type": "function", "function": function}])
    (called,) = openai.json["choices"][0]["message"]["tool_calls"]
    assert called["function"] == {"name": "get_weather", "arguments": '{"city":"Paris"}'}
    tool = {"name": "get_weather", "description": "", "input_schema": {"type": "object", "properties": {}}}
    anthropic = await world.message(model, stream=False, tools=[tool])
    (used,) = [block for block in anthropic.json["content"] if block["type"] == "tool_use"]
    assert (used["name"], used["input"]) == ("get_weather", {"city": "Paris"})
    assert anthropic.json["stop_reason"] == "tool_use"


async def test_a_provider_that_is_away_is_replaced_by_the_fallback(world: World) -> None:
    reply = await world.chat("steady")
    assert reply.status == 200
    assert reply.text == "Hello, world."
    assert reply.headers["x-freehold-model"] == "claude/sonnet"


async def test_embeddings_for_clients_of_openai_and_ollama(world: World) -> None:
    asked = {"model": "acme/embed", "input": "Hello"}
    reply = await world.call("POST", "/v1/embeddings", asked)
    assert (reply.status, reply.json["data"][0]["embedding"]) == (200, [0.25, -0.5])
    assert world.openai.requests[-1].body == {"model": "embed", "input": "Hello"}
    ollama = await world.call("POST", "/ollama/api/embed", asked)
    assert ollama.json == {"model": "acme/embed", "embeddings": [[0.25, -0.5]], "prompt_eval_count": 5}
    elsewhere = await world.call("POST", "/v1/embeddings", {**asked, "model": "claude/sonnet"})
    assert elsewhere.status == 400
    world.script(Script(fault="garbage"))
    assert (await world.call("POST", "/v1/embeddings", asked)).status == 502


# --- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'{"messages": []}', 400),
        (b'{"model": 1, "messages": []}', 400),
        (b'{"model": "acme/large", "api_base": "http://evil.example", "messages": []}', 400),
        (b'{"model": "acme/large", "api_key": "sk-1", "messages": []}', 400),
        (b'{"model": "no/such", "messages": [{"role": "user", "content": "x"}]}', 404),
        (b'{"model": "OTHER", "max_tokens": 9, "messages": "x"}', 400),
        (b'{"model": "OTHER", "max_tokens": 9, "messages": [{"role": "wizard", "content": "x"}]}', 400),
        (b'{"model": "SAME", "max_tokens": 9}', 400),
        (b'{"model": "SAME", "max_tokens": 9, "messages": "x"}', 400),
        (b'{"model": "SAME", "max_tokens": "many", "messages": [{"role": "user", "content": "x"}]}', 400),
        (b'{"model": "SAME", "max_tokens": true, "messages": [{"role": "user", "content": "x"}]}', 400),
        (b"\xff\xfe", 400),
    ],
)
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
async def test_bad_bodies_are_refused_in_the_dialect(world: World, path: str, raw: bytes, status: int) -> None:
    # a provider of the other dialect, so that the request is parsed here, or of the same, so that it would go through
    same, other = b"acme/large", b"claude/sonnet"
    if path == "/v1/messages":
        same, other = other, same
    reply = await world.call("POST", path, raw=raw.replace(b"OTHER", other).replace(b"SAME", same))
    assert reply.status == status, reply.body
    error = reply.json["error"]
    assert error["message"]
    assert error["type"]
    assert not world.openai.requests
    assert not world.anthropic.requests


async def test_a_body_over_the_limit_is_refused_before_it_is_read(world: World) -> None:
    with socket.create_connection(("127.0.0.1", world.server.port), timeout=10) as client:
        head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {KEY}\r\n"
        client.sendall(f"{head}Content-Length: 90000000000\r\n\r\n".encode())
        answer = await asyncio.to_thread(client.recv, 65536)
    assert b" 413 " in answer.split(b"\r\n")[0]


async def test_unknown_paths_and_methods_are_not_found(world: World) -> None:
    assert (await world.call("POST", "/v1/nothing", {})).status == 404
    assert (await world.call("GET", "/v1/chat/completions")).status == 404
    assert (await world.call("GET", "/v1/models/acme/large")).json["id"] == "acme/large"
    assert (await world.call("GET", "/v1/models/acme/none")).status == 404


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/chat/completions", "/models", "/messages", "/v1", "/ollama", "/ollama/"])
async def test_a_client_whose_address_lacks_a_part_is_told_so(world: World, method: str, path: str) -> None:
    answer = await world.call(method, path, {} if method == "POST" else None)
    assert answer.status == 404
    assert "with /v1" in str(answer.json) or "with /ollama" in str(answer.json)
    if path == "/messages":
        assert answer.json["type"] == "error", "Anthropic's clients read their own shape"


async def test_what_is_not_there_names_what_is(world: World) -> None:
    said = str((await world.call("POST", "/v1/moderations", {})).json)
    assert "/v1/chat/completions" in said
    assert "/ollama/api/chat" not in said


@pytest.mark.parametrize(
    ("script", "status"),
    [
        (Script(error="key"), 502),
        (Script(error="rate", retry_after=30), 429),
        (Script(error="refused"), 400),
        (Script(error="context"), 400),
        (Script(fault="html"), 502),
        (Script(fault="stuck"), 504),
    ],
)
async def test_a_providers_failure_before_the_first_token_has_a_status(
    world: World, script: Script, status: int
) -> None:
    world.script(script)
    reply = await world.chat()
    assert reply.status == status, reply.body
    assert "test-key" not in reply.body.decode()
    if script.retry_after:
        assert reply.headers["retry-after"] == "30"


@pytest.mark.parametrize("fault", ["cut", "short", "stall", "midway_error", "giant"])
@pytest.mark.parametrize("model", ["acme/large", "claude/sonnet"])
async def test_a_failure_in_the_middle_is_told_in_the_stream(world: World, fault: Any, model: str) -> None:
    # with pauses, so that something has gone out before: what fails within one piece still gets a status
    world.script(Script(text=tuple(f"w{number} " for number in range(12)), fault=fault, pause_s=0.02))
    reply = await world.chat(model)
    assert reply.status == 200
    assert reply.text.startswith("w0 ")
    assert reply.data[-1]["error"]["message"]
    assert b"[DONE]" not in reply.body


# --- presence -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "script", [Script(fault="silent"), Script(fault="stuck"), Script(text=("x ",) * 500, pause_s=0.02)]
)
@pytest.mark.parametrize("stream", [True, False])
async def test_a_client_that_leaves_ends_the_call_upstream(world: World, script: Script, stream: bool) -> None:
    world.script(script)
    body = json.dumps({"model": "acme/large", "messages": SAID, "stream": stream}).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {KEY}\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", world.server.port)
    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    assert await world.openai.wait_busy(10)
    if script.fault is None and stream:
        await asyncio.wait_for(reader.readuntil(b"data: "), 10)
    left = time.monotonic()
    writer.close()
    assert await world.openai.wait_idle(10)
    assert world.openai.last_left_at is not None
    assert world.openai.last_left_at - left < 3.0, "within 200 ms on a quiet machine"


async def test_a_slow_reader_is_waited_for_and_loses_nothing(world: World) -> None:
    words = tuple(f"{number:06d} " * 4000 for number in range(1000))  # 28 MB: more than all buffers on the way
    world.script(Script(text=words))
    body = json.dumps({"model": "acme/large", "messages": SAID, "stream": True}).encode()
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {KEY}\r\nConnection: close\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", world.server.port, limit=1024)
    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    await asyncio.sleep(1.0)
    assert world.openai.busy == 1, "the provider is held back as well"
    received = await asyncio.wait_for(reader.read(), 60)
    writer.close()
    assert received.count(words[-1].encode()) == 1
    assert b"[DONE]" in received


# --- the cache ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", [True, False])
async def test_an_answer_is_given_again_on_request(world: World, stream: bool) -> None:
    question = [{"role": "user", "content": f"Only once {stream}?"}]
    first = await world.chat(messages=question, stream=stream, headers={"x_freehold_cache": "on"})
    again = await world.chat(messages=question, stream=stream, headers={"x_freehold_cache": "on"})
    fresh = await world.chat(messages=question, stream=stream)
    assert [reply.headers["x-freehold-cache"] for reply in (first, again, fresh)] == ["miss", "hit", "bypass"]
    assert again.body == first.body
    assert again.headers["content-type"] == first.headers["content-type"]
    assert int(again.headers["age"]) >= 0
    assert again.headers["x-freehold-model"] == "acme/large"
    assert len(world.openai.requests) == 2
    other = await world.call(
        "POST", "/v1/chat/completions", {"model": "acme/large", "messages": question, "stream": stream},
        key=KEY, x_freehold_cache="on", cache_control="no-store",
    )  # fmt: skip
    assert other.headers["x-freehold-cache"] == "bypass"


async def test_a_bad_answer_is_forgotten_by_its_key_alone(world: World) -> None:
    question = [{"role": "user", "content": "Forget me?"}]
    first = await world.chat(messages=question, headers={"x_freehold_cache": "on"})
    again = await world.chat(messages=question, headers={"x_freehold_cache": "on"})
    path = f"/v1/cache/{first.headers['x-freehold-cache-key']}"
    assert again.headers["x-freehold-cache-key"] == first.headers["x-freehold-cache-key"]
    foreign = path[:10] + ("1" if path[10] == "0" else "0") + path[11:]
    for wrong in ("/v1/cache/", "/v1/cache/xyz", path[:-4], foreign):
        assert (await world.call("DELETE", wrong)).status == 404
    assert (await world.call("DELETE", path, key=None)).status == 401
    assert (await world.call("DELETE", path)).status == 204
    third = await world.chat(messages=question, headers={"x_freehold_cache": "on"})
    assert third.headers["x-freehold-cache"] == "miss"


async def test_an_answer_that_broke_off_is_not_given_again(world: World) -> None:
    question = [{"role": "user", "content": "Broken?"}]
    world.script(Script(text=("a ", "b ", "c ", "d "), fault="cut"))
    await world.chat(messages=question, headers={"x_freehold_cache": "on"})
    world.script(Script())
    again = await world.chat(messages=question, headers={"x_freehold_cache": "on"})
    assert again.headers["x-freehold-cache"] == "miss"
    assert again.text == "Hello, world."


async def test_what_a_model_does_not_take_is_named_in_the_head(world: World) -> None:
    """`sonnet` is none of the models that are known to take a temperature."""
    for stream in (True, False):
        reply = await world.chat("claude/sonnet", stream=stream, temperature=0.2, top_p=0.9)
        assert reply.status == 200
        assert reply.headers["x-freehold-ignored"] == "temperature, top_p"
        assert "temperature" not in world.anthropic.requests[-1].body
    assert "x-freehold-ignored" not in (await world.chat("claude/sonnet")).headers


# --- what is written down -------------------------------------------------------------------------------------------


async def rows(world: World) -> list[dict[str, Any]]:
    """The ledger, once what was asked so far is in it."""
    await asyncio.sleep(0.8)
    return await asyncio.to_thread(_rows, world.server.data_dir / "freehold.sqlite")


def _rows(path: Path) -> list[dict[str, Any]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute("SELECT * FROM usage_records ORDER BY id")]


async def test_counting_tokens_is_no_call_of_a_model(world: World) -> None:
    before = len(await rows(world))
    body = {"model": "acme/large", "messages": SAID}
    assert (await world.call("POST", "/v1/messages/count_tokens", body)).json["input_tokens"] > 0
    assert len(await rows(world)) == before


async def test_refused_requests_are_written_down_up_to_a_number(world: World) -> None:
    before = len(await rows(world))
    for number in range(MOST_A_MINUTE + 15):
        body = {"model": f"acme2/{number}", "messages": SAID}
        assert (await world.call("POST", "/v1/chat/completions", body, key=CHAT_ONLY)).status == 404
        assert (await world.call("POST", "/v1/chat/completions", body, key="fh_unknown1_" + "x" * 43)).status == 401
    refused = (await rows(world))[before:]
    assert MOST_A_MINUTE <= len(refused) <= 2 * MOST_A_MINUTE, "twice where the minute changes"
    assert {(row["status"], row["error"], row["model"], row["attempts"]) for row in refused} == {
        ("refused", "model_not_found", "", 0)
    }
    assert refused[0]["requested"] == "acme2/0"


async def in_flight(world: World) -> int:
    """Requests being answered, but for the one that asks."""
    said = (await world.call("GET", "/metrics", key=None)).body.decode()
    (line,) = [line for line in said.splitlines() if line.startswith("freehold_http_requests_in_flight ")]
    return round(float(line.split()[1])) - 1


async def test_requests_in_flight_are_counted(world: World) -> None:
    world.script(Script(fault="stuck"))
    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(world.chat()) for _ in range(3)]
        assert await world.openai.wait_busy(10)
        await asyncio.sleep(0.2)
        assert await in_flight(world) >= 3
        for task in waiting:
            task.cancel()
    assert await world.openai.wait_idle(10)
    await asyncio.sleep(0.2)
    assert await in_flight(world) == 0
