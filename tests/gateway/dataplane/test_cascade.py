"""The cascade over /v1 of a real server: the house, a second model there and one outside, in both dialects."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.fakes.anthropic import AnthropicDialect
from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import API_KEY, Call, FakeUpstream, Script
from tests.gateway.dataplane.conftest import KEY, Reply
from tests.services.freehold_server import FreeholdServer

SORRY = Script(text=("I'm sorry, ", "but I can't ", "help with that."))
QUESTION = "How many meters does he run a week?"
PREMIUM = Script(text=("Premium", " says ", "540."))
TOOL = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
}


def config(house: str, second: str, cloud: str, **cascade: Any) -> str:
    """JSON is YAML."""
    providers: list[dict[str, Any]] = [
        {"id": "house", "kind": "openai_compatible", "base_url": house, "models": ["small"], "self_hosted": True},
        {"id": "other", "kind": "openai_compatible", "base_url": second, "models": ["tiny"], "self_hosted": True},
        {"id": "cloud", "kind": "anthropic", "base_url": cloud, "models": ["large"]},
    ]
    for provider in providers:
        provider |= {"api_key": API_KEY, "options": {"first_byte_timeout": 6, "chunk_timeout": 6}}
    models = {"local": {"provider": "house", "model": "small"}, "premium": {"provider": "cloud", "model": "large"}}
    auto = {"cascade": {"second": "other/tiny", **cascade}} if cascade.pop("on", True) else {}
    keys = [{"name": "all", "key": KEY, "scopes": ["chat", "models"]}]
    return json.dumps({"providers": providers, "models": models, "keys": keys, "routing": {"auto": auto}})


@dataclass
class World:
    server: FreeholdServer
    house: FakeUpstream
    second: FakeUpstream
    cloud: FakeUpstream
    session: aiohttp.ClientSession

    @property
    def counts(self) -> tuple[int, int, int]:
        return len(self.house.requests), len(self.second.requests), len(self.cloud.requests)

    async def post(self, dialect: str, text: str = QUESTION, *, stream: bool = True, **more: Any) -> Reply:
        path = "/v1/chat/completions" if dialect == "openai" else "/v1/messages"
        body = {
            "model": "auto",
            "messages": [{"role": "user", "content": text}],
            "stream": stream,
            "max_tokens": 500,
            **more,
        }
        headers = {"Authorization": f"Bearer {KEY}"}
        async with self.session.post(self.server.url + path, json=body, headers=headers) as answer:
            return Reply(answer.status, answer.headers, await answer.read())


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    place: Path = tmp_path_factory.mktemp("cascade")
    async with (
        FakeUpstream(OpenAIDialect()) as house,
        FakeUpstream(OpenAIDialect()) as second,
        FakeUpstream(AnthropicDialect()) as cloud,
    ):
        file = place / "freehold.yaml"
        file.write_text(config(house.url, second.url, cloud.url))
        server = FreeholdServer(place / "data", {"FREEHOLD_CONFIG": str(file)})
        server.data_dir.mkdir()
        await asyncio.to_thread(server.start)
        async with aiohttp.ClientSession() as session:
            yield World(server, house, second, cloud, session)
        await asyncio.to_thread(server.stop)


@pytest.fixture
def world(running: World) -> World:
    for server in (running.house, running.second, running.cloud):
        server.script = Script()
        server.requests.clear()
    running.cloud.script = PREMIUM
    return running


def said(reply: Reply, dialect: str, stream: bool) -> str:
    """The text of an answer."""
    if dialect == "openai":
        return reply.text if stream else reply.json["choices"][0]["message"]["content"]
    if not stream:
        return "".join(block.get("text", "") for block in reply.json["content"])
    return "".join(event["delta"].get("text", "") for event in reply.data if event["type"] == "content_block_delta")


BOTH = pytest.mark.parametrize(
    ("dialect", "stream"), [("openai", True), ("openai", False), ("anthropic", True), ("anthropic", False)]
)


@BOTH
async def test_a_refusal_is_answered_by_the_better_model(world: World, dialect: str, stream: bool) -> None:
    world.house.script = SORRY
    reply = await world.post(dialect, "Tell me a story", stream=stream)
    assert (reply.status, said(reply, dialect, stream)) == (200, "Premium says 540.")
    assert reply.headers["x-freehold-model"] == "cloud/large"
    assert "cascade=escalated; check=refused" in reply.headers["x-freehold-route"]
    assert b"sorry" not in reply.body
    assert world.counts == (1, 0, 1)


@BOTH
async def test_an_answer_that_is_well_goes_out_whole(world: World, dialect: str, stream: bool) -> None:
    reply = await world.post(dialect, "Tell me a story", stream=stream)
    assert (reply.status, said(reply, dialect, stream)) == (200, "Hello, world.")
    assert "cascade=kept" in reply.headers["x-freehold-route"]
    assert world.counts == (1, 0, 0), "a story cannot be compared"


@BOTH
async def test_a_second_model_that_agrees_keeps_it_in_the_house(world: World, dialect: str, stream: bool) -> None:
    world.house.script = Script(text=("3 times 180 is ", "540.", "\n#### 540"))
    world.second.script = Script(
        text=(
            "The answer is ",
            "**五百四十**",
        )
    )
    reply = await world.post(dialect, stream=stream)
    assert said(reply, dialect, stream).endswith("#### 540")
    assert reply.headers["x-freehold-model"] == "house/small"
    assert world.counts == (1, 1, 0)


@BOTH
async def test_a_second_model_that_differs_sends_it_out(world: World, dialect: str, stream: bool) -> None:
    world.house.script = Script(text=("The answer is 180.",))
    world.second.script = Script(text=("The answer is 540.",))
    reply = await world.post(dialect, stream=stream)
    assert said(reply, dialect, stream) == "Premium says 540."
    assert "check=second_differs" in reply.headers["x-freehold-route"]
    assert world.counts == (1, 1, 1)


async def test_a_second_model_that_cannot_be_asked_says_nothing(world: World) -> None:
    world.house.script = Script(text=("The answer is 540.",))
    world.second.script = Script(error="broken")
    reply = await world.post("openai")
    assert (reply.text, world.counts[2]) == ("The answer is 540.", 0)


@pytest.mark.parametrize("stream", [True, False])
async def test_a_tool_call_is_held_against_its_schema(world: World, stream: bool) -> None:
    tools = [{"type": "function", "function": {"name": "weather", "parameters": TOOL}}]
    for argument, expected in (('{"city": "Paris"}', "house/small"), ('{"town": 1}', "cloud/large")):
        world.house.script = Script(text=(), calls=(Call("c1", "weather", (argument,)),), finish="tool_calls")
        reply = await world.post("openai", "The weather in Paris?", stream=stream, tools=tools)
        assert reply.headers["x-freehold-model"] == expected


async def test_after_a_tool_was_called_nobody_else_goes_on(world: World) -> None:
    world.house.script = SORRY
    call = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Paris"}'}}
    messages = [
        {"role": "user", "content": "The weather in Paris?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "rain"},
    ]
    reply = await world.post("openai", messages=messages)
    assert reply.text.startswith("I'm sorry")
    assert world.counts == (1, 0, 0)


async def test_the_house_answers_after_all_when_nobody_outside_does(world: World) -> None:
    world.house.script = SORRY
    world.cloud.script = Script(error="refused")
    for stream in (True, False):
        reply = await world.post("openai", stream=stream)
        assert said(reply, "openai", stream).startswith("I'm sorry")
        assert reply.headers["x-freehold-model"] == "house/small"
        assert "cascade=stayed; check=refused" in reply.headers["x-freehold-route"]


async def test_an_answer_that_breaks_off_is_given_by_another_one(world: World) -> None:
    world.house.script = Script(fault="cut")
    reply = await world.post("openai")
    assert reply.text == "Premium says 540."
    assert "check=broken" in reply.headers["x-freehold-route"]


async def test_metrics_tell_what_came_of_it(world: World) -> None:
    world.house.script = Script(text=("The answer is 180.",))
    world.second.script = Script(text=("The answer is 540.",))
    await world.post("openai", "How many are 3 times 180?")
    async with world.session.get(world.server.url + "/metrics") as answer:
        told = await answer.text()
    assert 'freehold_cascade_total{check="second_differs",outcome="escalated"}' in told
    assert 'freehold_cascade_seconds_count{outcome="escalated"}' in told


@pytest.mark.parametrize("where", ["house", "second", "cloud"])
async def test_a_client_that_leaves_ends_every_call(world: World, where: str) -> None:
    answers = {"house": "The answer is 180.", "second": "The answer is 540.", "cloud": "540"}
    for name, text in answers.items():
        pieces = tuple(text) * (1 if name != where else 20)
        getattr(world, name).script = Script(text=pieces, pause_s=0.05 if name == where else 0.0)
    slow: FakeUpstream = getattr(world, where)
    task = asyncio.create_task(world.post("openai"))
    assert await slow.wait_busy(10)
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    left = time.monotonic()
    for server in (world.house, world.second, world.cloud):
        assert await server.wait_idle(10)
    assert slow.last_left_at is not None
    assert slow.last_left_at - left < 3.0, "within 200 ms on a quiet machine"


async def test_it_is_turned_off_and_on_by_a_reload(running: World, world: World) -> None:
    file = running.server.data_dir.parent / "freehold.yaml"
    before = file.read_text()
    urls = [provider["base_url"] for provider in json.loads(before)["providers"]]
    world.house.script = SORRY
    file.write_text(config(*urls, on=False))
    reply = await world.post("openai")
    for _ in range(60):
        if "cascade" not in reply.headers["x-freehold-route"]:
            break
        await asyncio.sleep(0.25)
        reply = await world.post("openai")
    assert reply.text.startswith("I'm sorry")
    file.write_text(config(*urls, mode="offer"))
    await asyncio.sleep(2.5)
    assert "cascade" not in (await world.post("openai")).headers["x-freehold-route"], "offers are for the chat"
    file.write_text(before)
    for _ in range(60):
        reply = await world.post("openai")
        if "cascade" in reply.headers["x-freehold-route"]:
            break
        await asyncio.sleep(0.25)
    assert reply.text == "Premium says 540."


async def test_nothing_of_a_try_without_an_answer_reaches_the_client(world: World) -> None:
    """The last one here: the provider outside is left alone for a while after so many failures."""
    world.house.script = SORRY
    world.cloud.script = Script(text=("x",), fault="cut")  # after the frames that come before its first word
    reply = await world.post("anthropic")
    assert said(reply, "anthropic", stream=True).startswith("I'm sorry")
    assert [event["type"] for event in reply.data].count("message_start") == 1
    assert reply.headers["x-freehold-model"] == "house/small"
    assert "cascade=stayed" in reply.headers["x-freehold-route"]
