"""`auto` and the rules over /v1 of a real server: who is asked, the head that says so, the ledger, and a reload."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import aiohttp
import pytest

from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import API_KEY, FakeUpstream, Script
from tests.gateway.dataplane.conftest import HOME, KEY, World
from tests.services.freehold_server import FreeholdServer

SECRET = "My number is 11010519491231002X, please check it."


def config(house: str, cloud: str, **routing: Any) -> str:
    """JSON is YAML."""
    providers = [
        {"id": "house", "kind": "openai_compatible", "base_url": house, "api_key": API_KEY, "models": ["small"]},
        {"id": "cloud", "kind": "openai_compatible", "base_url": cloud, "api_key": API_KEY, "models": ["large"]},
    ]
    providers[0]["self_hosted"] = True
    models = {
        "local": {"provider": "house", "model": "small", "fallback": ["premium"]},
        "premium": {"provider": "cloud", "model": "large"},
    }
    rules = [
        {"id": "stays-home", "when": {"regex": r"\d{17}[\dXx]"}, "then": {"require": {"self_hosted": True}}},
        {"id": "legal", "when": {"keyword": ["contract", "合同"]}, "then": {"pin": "premium"}},
        {"id": "发票-Ü", "when": {"keyword": ["发票"]}, "then": {"pin": "premium"}},
        {"id": "封存", "when": {"keyword": ["封存"]}, "then": {"deny": ["house/*", "cloud/*"]}},
    ]
    tests = [{"given": {"text": "审阅合同"}, "expect": {"model": "premium", "rule": "legal"}}]
    keys = [
        {"name": "all", "key": KEY, "scopes": ["chat", "models", "embeddings"]},
        {"name": "listed", "key": HOME, "scopes": ["chat"], "models": ["house/*"]},
    ]
    return json.dumps(
        {
            "providers": providers,
            "models": models,
            "keys": keys,
            "routing": {"rules": rules, "tests": tests, "auto": {}, **routing},
        }
    )


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    place: Path = tmp_path_factory.mktemp("routes")
    async with FakeUpstream(OpenAIDialect()) as house, FakeUpstream(OpenAIDialect()) as cloud:
        file = place / "freehold.yaml"
        file.write_text(config(house.url, cloud.url))
        server = FreeholdServer(place / "data", {"FREEHOLD_CONFIG": str(file)})
        server.data_dir.mkdir()
        await asyncio.to_thread(server.start)
        async with aiohttp.ClientSession() as session:
            yield World(server, house, cloud, session)
        await asyncio.to_thread(server.stop)


@pytest.fixture
def world(running: World) -> World:
    """`openai` is the house, `anthropic` the cloud."""
    running.script(Script())
    running.openai.requests.clear()
    running.anthropic.requests.clear()
    return running


async def test_auto_answers_in_the_house_and_says_why(world: World) -> None:
    reply = await world.chat("auto")
    assert (reply.status, reply.text) == (200, "Hello, world.")
    assert reply.headers["x-freehold-model"] == "house/small"
    assert reply.headers["x-freehold-route"] == "choice=likely_enough; tier=local; need=0.92; left=2"


async def test_a_keyword_pins_and_its_rule_is_named(world: World) -> None:
    for text in ("Review the contract", "请审阅这份合同"):
        reply = await world.chat("auto", messages=[{"role": "user", "content": text}], stream=False)
        assert reply.headers["x-freehold-route"] == "choice=rule_pins; rule=legal; tier=premium; left=1; out=1"
    assert len(world.anthropic.requests) == 2
    assert world.openai.requests == []


async def test_a_name_in_any_script_is_told_in_ascii_in_the_head_and_as_it_is_elsewhere(world: World) -> None:
    for stream in (True, False):
        asked = [{"role": "user", "content": "请开发票"}]
        reply = await world.chat("auto", messages=asked, stream=stream)
        told = reply.headers["x-freehold-route"]
        assert told.isascii()
        assert told == "choice=rule_pins; rule=%E5%8F%91%E7%A5%A8-%C3%9C; tier=premium; left=1; out=1"
        assert unquote(told.split("; ")[1]) == "rule=发票-Ü"
    refused = await world.chat("auto", messages=[{"role": "user", "content": "请封存"}], stream=False)
    assert refused.status == 403
    assert "The routing rule 封存 leaves no model" in json.dumps(refused.json, ensure_ascii=False)
    rows: list[tuple[str]] = []
    with sqlite3.connect(world.server.data_dir / "freehold.sqlite") as ledger:
        for _ in range(60):
            rows = ledger.execute("SELECT route FROM usage_records WHERE route LIKE '%发票%'").fetchall()
            if len(rows) >= 2:
                break
            await asyncio.sleep(0.25)
    assert {json.loads(route)["rule"] for (route,) in rows} == {"发票-Ü"}
    async with world.session.get(f"{world.server.url}/metrics") as answer:
        metrics = await answer.text()
    assert "freehold_http_requests" in metrics
    assert "发票" not in metrics
    assert "封存" not in metrics


async def test_what_has_to_stay_stays_however_it_is_asked_for(world: World) -> None:
    said = [{"role": "user", "content": SECRET}, {"role": "assistant", "content": "It is fine."}]
    said.append({"role": "user", "content": "Are you sure?"})
    for model in ("auto", "local"):
        reply = await world.chat(model, messages=said)
        assert reply.headers["x-freehold-model"] == "house/small"
    refused = await world.chat("premium", messages=said)
    assert refused.status == 403
    assert "stays-home" in refused.json["error"]["message"]
    parts = [{"role": "user", "content": [{"type": "text", "text": SECRET}]}]
    assert (await world.chat("cloud/large", messages=parts)).status == 403
    for path, body in (
        ("/v1/messages", {"model": "premium", "max_tokens": 9, "messages": parts}),
        ("/v1/responses", {"model": "premium", "input": SECRET}),
        ("/v1/responses", {"model": "premium", "input": parts}),
        ("/v1/embeddings", {"model": "premium", "input": [SECRET]}),
        ("/v1/messages", {"model": "premium", "max_tokens": 9, "messages": [
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": SECRET}]}
        ]}),
    ):  # fmt: skip
        assert (await world.call("POST", path, body)).status == 403, (path, body)
    assert world.anthropic.requests == []


async def test_no_fallback_of_an_alias_leads_around_a_rule(world: World) -> None:
    world.openai.script = Script(error="broken")
    reply = await world.chat("local", messages=[{"role": "user", "content": SECRET}])
    assert reply.status >= 500
    assert world.anthropic.requests == []
    plain = await world.chat("local")
    assert plain.headers["x-freehold-model"] == "cloud/large"
    auto = await world.chat("auto")
    assert auto.headers["x-freehold-model"] == "cloud/large"


async def test_a_key_gets_what_it_may_use(world: World) -> None:
    body = {"model": "auto", "messages": [{"role": "user", "content": "Review the contract"}]}
    reply = await world.call("POST", "/v1/chat/completions", body, key=HOME)
    assert reply.headers["x-freehold-model"] == "house/small", "a pin that may not be had is a wish"


async def test_auto_is_listed_first_for_those_who_may_use_it(world: World) -> None:
    listed = await world.call("GET", "/v1/models")
    assert listed.json["data"][0]["id"] == "auto"


async def test_the_ledger_keeps_how_it_was_chosen(world: World) -> None:
    await world.chat("auto", messages=[{"role": "user", "content": "the contract again"}])
    found = None
    for _ in range(40):
        with sqlite3.connect(world.server.data_dir / "freehold.sqlite") as database:
            rows = database.execute("SELECT route FROM usage_records WHERE model = 'cloud/large' ORDER BY id DESC")
            found = rows.fetchone()
        if found is not None and json.loads(found[0])["rule"] == "legal":
            break
        await asyncio.sleep(0.25)
    assert found is not None
    route = json.loads(found[0])
    assert route["choice"] == "rule_pins"
    assert [one["ref"] for one in route["candidates"]] == ["cloud/large"]
    assert route["out"] == [{"ref": "house/small", "stage": "rules", "why": "rule_pins_another", "rule": "legal"}]


async def test_a_reload_that_breaks_a_test_keeps_the_running_rules(running: World) -> None:
    world, file = running, running.server.data_dir.parent / "freehold.yaml"
    before = file.read_text()
    urls = [provider["base_url"] for provider in json.loads(before)["providers"]]
    file.write_text(config(*urls, rules=[]))
    seen: dict[str, Any] = {"config_error": ""}
    for _ in range(60):
        seen = json.loads(await _api(world, "/api/system"))
        if seen["config_error"]:
            break
        await asyncio.sleep(0.25)
    assert "house/small would be asked, not premium" in seen["config_error"]
    reply = await world.chat("auto", messages=[{"role": "user", "content": "Review the contract"}])
    assert "rule=legal" in reply.headers["x-freehold-route"]
    file.write_text(config(*urls, rules=[], tests=[]))
    for _ in range(60):
        reply = await world.chat("auto", messages=[{"role": "user", "content": "Review the contract"}])
        if "rule=legal" not in reply.headers["x-freehold-route"]:
            break
        await asyncio.sleep(0.25)
    assert reply.headers["x-freehold-model"] == "house/small"
    file.write_text(before)


async def test_a_trial_begins_and_ends_with_a_reload(running: World) -> None:
    world, file = running, running.server.data_dir.parent / "freehold.yaml"
    before = file.read_text()
    urls = [provider["base_url"] for provider in json.loads(before)["providers"]]
    assert json.loads(await _api(world, "/api/routing/trial")) == {"trial": None}

    async def declared(trial: dict[str, Any] | None) -> Any:
        file.write_text(config(*urls, trial=trial))
        for _ in range(120):
            found = json.loads(await _api(world, "/api/routing/trial"))["trial"]
            if (found and found["id"]) == (trial and trial["id"]):
                return found
            await asyncio.sleep(0.25)
        raise AssertionError(found)

    found = await declared({"id": "one", "share": 1, "set": {"quality_floor": 0.5}})
    assert (found["state"], found["tried"]["quality_floor"], found["usual"]["quality_floor"]) == (
        "not_enough", 0.5, 0.95,
    )  # fmt: skip
    assert (await world.chat("auto")).status == 200
    for _ in range(120):
        found = json.loads(await _api(world, "/api/routing/trial"))["trial"]
        if found["arms"][0]["calls"]:
            break
        await asyncio.sleep(0.25)
    assert [one["calls"] for one in found["arms"]] == [1, 0]
    owner = json.loads(await _api(world, "/api/me"))["id"]
    for given, trial in (({"user": owner}, {"id": "one", "arm": "trial"}), ({}, None), ({"user": "a@b.example"}, None)):
        explained = json.loads(await _api(world, "/api/routing/explain", {"given": {"text": "hello", **given}}))
        assert explained["route"]["trial"] == trial
    found = await declared({"id": "two", "share": 0.5, "set": {"objective": "cost"}})
    assert [one["calls"] for one in found["arms"]] == [0, 0]
    await declared(None)
    file.write_text(before)


async def _api(world: World, path: str, body: Any = None) -> str:
    asked = {"json": body, "headers": {"Origin": world.server.url}} if body is not None else {}
    async with world.session.request("POST" if asked else "GET", world.server.url + path, **asked) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.text()
