"""Ollama's native API against a fake on a real socket (the real server was not at hand)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from freehold import errors
from freehold.providers.base import ProviderConfig
from freehold.providers.ollama.detect import detect
from freehold.providers.ollama.provider import OllamaProvider
from freehold.providers.registry import ProviderDeps, vendors
from freehold.providers.upstream import Upstream
from freehold.wire.events import Finish, ReasoningDelta, Stage, TextDelta, ToolCallDelta, ToolCallStart, Usage
from freehold.wire.request import (
    ChatRequest,
    Image,
    JsonSchema,
    Message,
    Reasoning,
    Text,
    Tool,
    ToolCall,
    ToolResult,
)
from tests.fakes.ollama import OllamaDialect
from tests.fakes.upstream import Call, Counts, FakeUpstream, Script

REQUEST = ChatRequest("fake-large", (Message("user", (Text("Why is the sky blue?"),)),))
CLOCK = Tool("clock", "Tells the time", {"type": "object", "properties": {"zone": {"type": "string"}}})


@pytest.fixture
def dialect() -> OllamaDialect:
    return OllamaDialect()


@pytest.fixture
async def fake(dialect: OllamaDialect) -> AsyncIterator[FakeUpstream]:
    async with FakeUpstream(dialect) as fake:
        yield fake


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    await asyncio.to_thread(vendors)
    upstream = Upstream()
    yield upstream
    await upstream.aclose()


def make(upstream: Upstream, url: str, tmp_path: Any, **options: Any) -> OllamaProvider:
    config = ProviderConfig("ollama", "ollama", "Ollama", base_url=url, self_hosted=True, options=options)
    return OllamaProvider(config, ProviderDeps(upstream, tmp_path))


@pytest.fixture
def provider(upstream: Upstream, fake: FakeUpstream, tmp_path: Any) -> OllamaProvider:
    return make(upstream, fake.url, tmp_path)


async def events_of(provider: OllamaProvider, request: ChatRequest = REQUEST) -> list[Any]:
    return [event async for event in provider.stream(request)]


def chat_of(fake: FakeUpstream) -> Any:
    return next(request.body for request in reversed(fake.requests) if request.path == "/api/chat")


async def test_text_thinking_usage_and_finish(provider: OllamaProvider, fake: FakeUpstream) -> None:
    fake.script = Script(reasoning=("Light", " scatters."), text=("Because", " 空."), usage=Counts(26, 259))
    assert await events_of(provider) == [
        ReasoningDelta("Light"),
        ReasoningDelta(" scatters."),
        TextDelta("Because"),
        TextDelta(" 空."),
        Usage(26, 259),
        Finish("stop"),
    ]
    assert chat_of(fake) == {
        "model": "fake-large",
        "messages": [{"role": "user", "content": "Why is the sky blue?"}],
        "stream": True,
        "truncate": False,
    }


async def test_a_model_that_is_not_in_memory_is_announced(provider: OllamaProvider, dialect: OllamaDialect) -> None:
    dialect.loaded = []
    assert (await events_of(provider))[0] == Stage("loading_model")


async def test_lines_torn_apart_say_the_same(provider: OllamaProvider, fake: FakeUpstream) -> None:
    fake.script = Script(text=("Blüm", "chen 花"), drip=3)
    events = await events_of(provider)
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "Blümchen 花"


async def test_calls_of_tools(provider: OllamaProvider, fake: FakeUpstream) -> None:
    fake.script = Script(text=(), calls=(Call("call_1", "clock", ('{"zone":"UTC"}',)), Call("call_2", "clock")))
    events = await events_of(provider, replace(REQUEST, tools=(CLOCK,)))
    assert events[:4] == [
        ToolCallStart(0, "call_1", "clock"),
        ToolCallDelta(0, '{"zone":"UTC"}'),
        ToolCallStart(1, "call_2", "clock"),
        ToolCallDelta(1, "{}"),
    ]
    assert events[-1] == Finish("tool_calls")
    assert chat_of(fake)["tools"][0]["function"]["parameters"] == CLOCK.parameters


async def test_calls_without_ids_get_their_own(provider: OllamaProvider, fake: FakeUpstream) -> None:
    fake.script = Script(text=(), calls=(Call("", "clock"), Call("", "clock")))
    starts = [event for event in await events_of(provider) if isinstance(event, ToolCallStart)]
    assert len({start.id for start in starts}) == 2
    assert all(start.id for start in starts)


async def test_everything_of_a_request_arrives(provider: OllamaProvider, fake: FakeUpstream) -> None:
    schema = {"type": "object", "properties": {"title": {"type": "string"}}}
    picture = b"\x89PNG..."
    request = ChatRequest(
        "fake-large",
        (
            Message("system", (Text("Be brief."),)),
            Message("user", (Text("What is it?"), Image(picture, "image/png"))),
            Message("assistant", (Reasoning("hm"), Text("A clock."), ToolCall("c1", "clock", '{"zone":"UTC"}'))),
            Message("tool", (ToolResult("c1", "12:00"),)),
        ),
        temperature=0.5,
        top_p=0.9,
        max_tokens=50,
        stop=("END",),
        seed=7,
        response_format=JsonSchema("title", schema),
        reasoning_effort="high",
        extra={"top_k": 5},
    )
    await events_of(provider, request)
    body = chat_of(fake)
    assert body["options"] == {
        "temperature": 0.5, "top_p": 0.9, "num_predict": 50, "stop": ["END"], "seed": 7, "top_k": 5,
    }  # fmt: skip
    assert body["format"] == schema
    assert body["think"] is True
    assert "api_base" not in str(body)
    assert fake.dialect.images(body) == [picture]
    assert body["messages"][2:] == [
        {
            "role": "assistant",
            "content": "A clock.",
            "thinking": "hm",
            "tool_calls": [{"id": "c1", "function": {"name": "clock", "arguments": {"zone": "UTC"}}}],
        },
        {"role": "tool", "content": "12:00", "tool_call_id": "c1", "tool_name": "clock"},
    ]


async def test_thinking_in_levels_for_the_family_that_wants_them(
    provider: OllamaProvider, fake: FakeUpstream, dialect: OllamaDialect
) -> None:
    await events_of(provider, replace(REQUEST, reasoning_effort="off"))
    assert chat_of(fake)["think"] is False
    dialect.shows["fake-small"] = {"details": {"family": "gptoss"}}
    await events_of(provider, replace(REQUEST, model="fake-small", reasoning_effort="high"))
    assert chat_of(fake)["think"] == "high"


async def test_options_of_the_provider(upstream: Upstream, fake: FakeUpstream, tmp_path: Any) -> None:
    provider = make(upstream, f"{fake.url}/v1/", tmp_path, num_ctx=4096, keep_alive="30m")
    await events_of(provider)
    assert chat_of(fake)["options"] == {"num_ctx": 4096}
    assert chat_of(fake)["keep_alive"] == "30m"
    assert {card.context_tokens for card in await provider.list_models()} == {4096}


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("model", errors.ModelNotInstalled),
        ("context", errors.ContextTooLong),
        ("refused", errors.ProviderRefused),
        ("tools", errors.ModelCannot),
        ("thinking", errors.ModelCannot),
        ("overloaded", errors.ProviderOverloaded),
        ("broken", errors.ProviderOverloaded),
        ("rate", errors.ProviderRateLimited),
    ],
)
async def test_errors_have_their_class(
    provider: OllamaProvider, fake: FakeUpstream, error: str, expected: type[errors.ProviderError]
) -> None:
    await events_of(provider)  # /api/show is remembered from here
    fake.script = Script(error=error)
    with pytest.raises(expected) as caught:
        await events_of(provider)
    assert caught.value.params["provider_id"] == "ollama"
    if expected is errors.ContextTooLong:
        assert "num_ctx" in caught.value.next_step


async def test_a_model_that_is_not_there(provider: OllamaProvider) -> None:
    with pytest.raises(errors.ModelNotInstalled) as caught:
        await events_of(provider, replace(REQUEST, model="qwen3:8b"))
    assert caught.value.params["model"] == "qwen3:8b"


async def test_nobody_there(upstream: Upstream, tmp_path: Any) -> None:
    provider = make(upstream, "http://127.0.0.1:9", tmp_path)
    for call in (events_of(provider), provider.list_models(), provider.check()):
        with pytest.raises(errors.ProviderUnreachable) as caught:
            await call
        assert "Is Ollama running?" in caught.value.next_step


@pytest.mark.parametrize("fault", ["cut", "short", "garbage", "giant"])
async def test_a_broken_stream_is_a_protocol_error(provider: OllamaProvider, fake: FakeUpstream, fault: Any) -> None:
    fake.script = Script(fault=fault)
    with pytest.raises(errors.ProviderProtocolError):
        await events_of(provider)


async def test_an_error_in_the_middle(provider: OllamaProvider, fake: FakeUpstream) -> None:
    fake.script = Script(fault="midway_error")
    with pytest.raises(errors.ProviderError) as caught:
        await events_of(provider)
    assert "an error was encountered" in caught.value.message


async def test_closing_cancels_the_call(provider: OllamaProvider, fake: FakeUpstream) -> None:
    fake.script = Script(text=("x",) * 1000, pause_s=0.01)
    async with aclosing(provider.stream(REQUEST)) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                break
    assert await fake.wait_idle(1.0)
    assert fake.last_left_at is not None


async def test_the_list_knows_abilities_context_and_kind(
    provider: OllamaProvider, fake: FakeUpstream, dialect: OllamaDialect
) -> None:
    fake.models = ["llama3.2:latest", "qwen3:8b", "nomic-embed-text:latest", "old"]
    dialect.shows["qwen3:8b"] = {
        "capabilities": ["completion", "tools", "thinking"],
        "parameters": "num_ctx                        16384",
        "model_info": {"general.architecture": "qwen3", "qwen3.context_length": 40960},
    }
    dialect.shows["nomic-embed-text:latest"] = {"capabilities": ["embedding"]}
    dialect.shows["old"] = {"capabilities": None, "model_info": {}}
    cards = {card.id: card for card in await provider.list_models()}
    llama, qwen = cards["llama3.2:latest"], cards["qwen3:8b"]
    assert (llama.name, llama.context_tokens, llama.size_bytes) == ("llama3.2", 8192, 4683075271)
    assert llama.abilities == {"vision", "tools", "json_schema"}
    assert llama.description == "7.6B Q4_K_M"
    assert qwen.abilities == {"tools", "reasoning", "json_schema"}
    assert qwen.context_tokens == 16384
    assert cards["nomic-embed-text:latest"].kind == "embedding"
    assert (cards["old"].abilities, cards["old"].context_tokens) == (frozenset(), None)
    shows = sum(request.path == "/api/show" for request in fake.requests)
    await provider.list_models()
    assert sum(request.path == "/api/show" for request in fake.requests) == shows


async def test_models_of_the_cloud_do_not_pass_for_models_of_the_house(
    upstream: Upstream, fake: FakeUpstream, dialect: OllamaDialect, tmp_path: Any
) -> None:
    remote = {"remote_model": "gpt-oss:120b", "remote_host": "https://ollama.com:443"}
    dialect.tags["fake-small"] = remote
    dialect.shows["fake-small"] = remote
    provider = make(upstream, fake.url, tmp_path)
    asked = replace(REQUEST, model="fake-small")
    assert [card.id for card in await provider.list_models()] == ["fake-large"]
    with pytest.raises(errors.ModelCannot, match="cloud"):
        await events_of(provider, asked)
    assert not any(request.path == "/api/chat" for request in fake.requests)
    allowed = make(upstream, fake.url, tmp_path, cloud_models=True)
    assert len(await allowed.list_models()) == 2
    assert (await events_of(allowed, asked))[-1] == Finish("stop")


async def test_check(provider: OllamaProvider) -> None:
    report = await provider.check()
    assert report.latency_ms > 0
    assert [card.id for card in report.models] == ["fake-large", "fake-small"]


async def test_pull_adds_the_layers_up(provider: OllamaProvider, dialect: OllamaDialect) -> None:
    dialect.pull_lines = [
        {"status": "pulling manifest"},
        {"status": "pulling a", "digest": "a", "total": 100},
        {"status": "pulling a", "digest": "a", "total": 100, "completed": 100},
        {"status": "pulling b", "digest": "b", "total": 20, "completed": 5},
        {"status": "verifying sha256 digest"},
        {"status": "success"},
    ]
    steps = [(step.status, step.completed, step.total) async for step in provider.pull("llama3.2")]
    assert steps == [
        ("pulling manifest", 0, None),
        ("pulling a", 0, 100),
        ("pulling a", 100, 100),
        ("pulling b", 105, 120),
        ("verifying sha256 digest", 105, 120),
        ("success", 105, 120),
    ]


async def test_pull_of_an_unknown_name(provider: OllamaProvider, dialect: OllamaDialect) -> None:
    dialect.pull_lines = [{"status": "pulling manifest"}, {"error": "pull model manifest: file does not exist"}]
    with pytest.raises(errors.ModelNotFound) as caught:
        [step async for step in provider.pull("llama99")]
    assert caught.value.params["model"] == "llama99"


async def test_pull_that_breaks_off(provider: OllamaProvider, dialect: OllamaDialect) -> None:
    dialect.pull_lines = [{"status": "pulling manifest"}]
    with pytest.raises(errors.ProviderProtocolError):
        [step async for step in provider.pull("llama3.2")]


async def test_closing_a_pull_cancels_it(provider: OllamaProvider, dialect: OllamaDialect) -> None:
    dialect.pull_lines = [{"status": "pulling a", "digest": "a", "total": 9, "completed": n} for n in range(500)]
    dialect.pull_pause_s = 0.01
    async with aclosing(provider.pull("llama3.2")) as steps:
        async for _ in steps:
            break
    for _ in range(100):
        if dialect.pulls_left:
            break
        await asyncio.sleep(0.01)
    assert dialect.pulls_left == 1


async def test_delete(provider: OllamaProvider, fake: FakeUpstream) -> None:
    await provider.delete_model("fake-small")
    assert fake.models == ["fake-large"]
    with pytest.raises(errors.ModelNotFound):
        await provider.delete_model("fake-small")


async def test_detection_finds_the_first_that_answers(upstream: Upstream, fake: FakeUpstream) -> None:
    assert await detect(upstream, ["http://127.0.0.1:9", fake.url]) == fake.url
    assert await detect(upstream, ["http://127.0.0.1:9"]) is None


async def test_detection_does_not_wait_for_the_silent(upstream: Upstream) -> None:
    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    started = asyncio.get_running_loop().time()
    assert await detect(upstream, [f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"]) is None
    assert asyncio.get_running_loop().time() - started < 1.0
    server.close()
