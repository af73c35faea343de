"""What every folder under src/freehold/providers must do; a new folder is picked up by its manifest alone.

The folder's manifest names a module with `stand()` (see tests/providers/stands/__init__.py). An ability that the
manifest does not list must be refused with ModelCannot; one that it lists must work.
"""

import asyncio
import contextlib
import importlib
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from freehold import errors
from freehold.providers import registry
from freehold.providers.completion import complete
from freehold.wire.events import (
    Event,
    Finish,
    ImageOutput,
    ReasoningDelta,
    Stage,
    TextDelta,
    ToolCallDelta,
    ToolCallStart,
    Usage,
)
from freehold.wire.request import (
    ChatRequest,
    JsonSchema,
    Message,
    Reasoning,
    Text,
    Tool,
    ToolCall,
    ToolResult,
)
from tests.fakes.upstream import API_KEY, Call, Counts, Script
from tests.providers.stands import PIXEL, Stand

CANCEL_WITHIN_S = 0.2
WEATHER = Tool(
    "get_weather",
    "The weather in a city.",
    {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False},
)
SCHEMA = JsonSchema(
    "title",
    {
        "type": "object",
        "properties": {"title": {"type": "string"}},
        "required": ["title"],
        "additionalProperties": False,
    },
)


# Imported here, because imports read files and the event loop must not.
STANDS = {
    folder: importlib.import_module(manifest.conformance) if manifest.conformance else None
    for folder, manifest in registry.manifests().items()
}


@pytest.fixture(params=sorted(STANDS))
async def stand(request: pytest.FixtureRequest, tmp_path: Any) -> AsyncIterator[Stand]:
    module = STANDS[request.param]
    assert module, f"providers/{request.param}/manifest.toml names no `conformance` module"
    async with module.stand(tmp_path) as made:
        yield made


def ask(stand: Stand, script: Script, *more: Any, **fields: Any) -> ChatRequest:
    parts = (Text(stand.prompt(script)), *more)
    return ChatRequest(stand.model, (Message("user", parts),), **fields)


async def read(stand: Stand, request: ChatRequest) -> list[Event]:
    return [event async for event in stand.build().stream(request)]


def can(stand: Stand, ability: str) -> bool:
    return ability in registry.manifest_for(stand.config.kind).abilities


def scripted(stand: Stand) -> None:
    if not stand.scripted:
        pytest.skip("inapplicable: a real model answers here, what it says cannot be told beforehand")


# --- answers --------------------------------------------------------------------------------------------------------


async def test_stream_has_the_order_of_the_contract(stand: Stand) -> None:
    events = await read(stand, ask(stand, Script(), max_tokens=24))
    kinds = [type(event) for event in events]
    assert kinds[-1] is Finish
    assert kinds.count(Finish) == 1
    assert kinds.count(Usage) <= 1
    assert Usage not in kinds or kinds[-2] is Usage
    stages = [number for number, kind in enumerate(kinds) if kind is Stage]
    assert stages == list(range(len(stages))), "stages come before everything else"
    assert any(isinstance(event, TextDelta | ReasoningDelta) for event in events)


async def test_stream_gives_the_text_piece_by_piece(stand: Stand) -> None:
    scripted(stand)
    events = await read(stand, ask(stand, Script(text=("One ", "two ", "three."))))
    assert [event.text for event in events if isinstance(event, TextDelta)] == ["One ", "two ", "three."] or (
        "".join(event.text for event in events if isinstance(event, TextDelta)) == "One two three."
    )
    assert sum(isinstance(event, TextDelta) for event in events) > 1
    assert events[-1] == Finish("stop")


async def test_complete_folds_the_same_stream(stand: Stand) -> None:
    scripted(stand)
    answer = await complete(stand.build(), ask(stand, Script(text=("Hello", ", ", "世界", " 👋", "."))))
    assert answer.text == "Hello, 世界 👋."
    assert answer.reasoning == ""
    assert answer.tool_calls == ()
    assert answer.finish_reason == "stop"


async def test_text_survives_being_torn_apart_on_the_wire(stand: Stand) -> None:
    if not stand.faults:
        pytest.skip("inapplicable: no wire")
    script = Script(text=("Grüße", " 世界", " 👩‍💻"), drip=1)
    assert (await complete(stand.build(), ask(stand, script))).text == "Grüße 世界 👩‍💻"


async def test_finish_says_that_the_length_ended_it(stand: Stand) -> None:
    scripted(stand)
    assert (await complete(stand.build(), ask(stand, Script(finish="length")))).finish_reason == "length"


async def test_finish_says_that_a_filter_ended_it(stand: Stand) -> None:
    scripted(stand)
    if not stand.filters:
        pytest.skip("inapplicable: this protocol has no such finish reason")
    answer = await complete(stand.build(), ask(stand, Script(finish="content_filter")))
    assert answer.finish_reason == "content_filter"


async def test_usage_is_what_the_provider_counted(stand: Stand) -> None:
    if not stand.faults:
        answer = await complete(stand.build(), ask(stand, Script(), max_tokens=8))
        assert answer.usage.input_tokens > 0
        assert answer.usage.output_tokens > 0
        return
    answer = await complete(stand.build(), ask(stand, Script(usage=Counts(input=120, output=30))))
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (120, 30)


async def test_system_history_and_settings_are_taken(stand: Stand) -> None:
    history = (
        Message("system", (Text("Be brief."),)),
        Message("user", (Text("Hello"),)),
        Message("assistant", (Reasoning("hm", None), Text("Hi."))),
        Message("user", (Text(stand.prompt(Script(text=("Again.",)))),)),
    )
    request = ChatRequest(
        stand.model, history, temperature=0.2, top_p=0.9, max_tokens=32, stop=("END",), seed=7, reasoning_effort="off"
    )
    answer = await complete(stand.build(), request)
    assert answer.text == "Again." if stand.scripted else answer.finish_reason in ("stop", "length")


# --- abilities ------------------------------------------------------------------------------------------------------


async def test_tools_are_called_in_parallel(stand: Stand) -> None:
    paris = Call("call_a", "get_weather", ('{"city": ', '"Paris"}'))
    beijing = Call("call_b", "get_weather", ('{"city":"北京"}',))
    script = Script(text=(), calls=(paris, beijing), finish="tool_calls")
    request = ask(stand, script, tools=(WEATHER,), tool_choice="auto")
    if not can(stand, "tools"):
        with pytest.raises(errors.ModelCannot):
            await read(stand, request)
        return
    scripted(stand)
    events = await read(stand, request)
    starts = [event for event in events if isinstance(event, ToolCallStart)]
    assert [start.index for start in starts] == [0, 1]
    assert len({start.id for start in starts}) == 2
    assert {start.name for start in starts} == {"get_weather"}
    arguments = {0: "", 1: ""}
    for event in events:
        if isinstance(event, ToolCallDelta):
            arguments[event.index] += event.arguments
    assert [json.loads(text) for text in arguments.values()] == [{"city": "Paris"}, {"city": "北京"}]
    assert events[-1] == Finish("tool_calls")


async def test_tool_results_go_back(stand: Stand) -> None:
    if not can(stand, "tools"):
        pytest.skip("inapplicable: no tools")
    scripted(stand)
    script = Script(text=(), calls=(Call("call_a", "get_weather", ('{"city":"Paris"}',)),), finish="tool_calls")
    question = Message("user", (Text(stand.prompt(script)),))
    first = await complete(stand.build(), ChatRequest(stand.model, (question,), tools=(WEATHER,)))
    ((call_id, name, arguments),) = first.tool_calls
    stand.prompt(Script(text=("result: sunny",)))
    history = (
        question,
        Message("assistant", (ToolCall(call_id, name, arguments),)),
        Message("tool", (ToolResult(call_id, "sunny"),)),
    )
    second = await complete(stand.build(), ChatRequest(stand.model, history, tools=(WEATHER,)))
    assert second.text == "result: sunny"
    assert second.finish_reason == "stop"
    if stand.requests:
        assert "sunny" in json.dumps(stand.requests[-1].body)
        assert call_id in json.dumps(stand.requests[-1].body) or name in json.dumps(stand.requests[-1].body)


async def test_a_call_without_arguments_has_empty_ones(stand: Stand) -> None:
    if not can(stand, "tools"):
        pytest.skip("inapplicable: no tools")
    scripted(stand)
    now = Tool("now", "The time.", {"type": "object", "properties": {}})
    script = Script(text=("I look.",), calls=(Call("call_a", "now", ("{}",)),), finish="tool_calls")
    answer = await complete(stand.build(), ask(stand, script, tools=(now,)))
    assert json.loads(answer.tool_calls[0][2]) == {}


async def test_images_reach_the_model(stand: Stand) -> None:
    request = ask(stand, Script(text=("A pixel.",)), PIXEL)
    if not can(stand, "vision"):
        with pytest.raises(errors.ModelCannot):
            await read(stand, request)
        return
    answer = await complete(stand.build(), request)
    if stand.seen_images is None:
        assert f"{PIXEL.media_type}, {len(PIXEL.data)} bytes" in answer.text
    else:
        assert stand.seen_images() == [PIXEL.data]


async def test_reasoning_comes_apart_from_the_answer(stand: Stand) -> None:
    if not can(stand, "reasoning"):
        pytest.skip("inapplicable: no reasoning")
    scripted(stand)
    script = Script(reasoning=("Let me ", "think."), text=("Four", "."))
    answer = await complete(stand.build(), ask(stand, script, reasoning_effort="high"))
    assert (answer.reasoning, answer.text) == ("Let me think.", "Four.")


async def test_json_schema_is_asked_for(stand: Stand) -> None:
    script = Script(text=('{"title":', '"Greeting"}'))
    request = ask(stand, script, response_format=SCHEMA, max_tokens=64)
    if not can(stand, "json_schema"):
        with pytest.raises(errors.ModelCannot):
            await read(stand, request)
        return
    answer = await complete(stand.build(), request)
    if stand.seen_schema is not None:
        assert stand.seen_schema() == SCHEMA.schema
    if answer.finish_reason == "stop":
        assert isinstance(json.loads(answer.text)["title"], str)


async def test_images_that_a_model_makes_are_complete(stand: Stand) -> None:
    events = await read(stand, ask(stand, Script(), max_tokens=8))
    assert all(event.data for event in events if isinstance(event, ImageOutput))


# --- failures -------------------------------------------------------------------------------------------------------

EXPECTED: dict[str, type[errors.ProviderError]] = {
    "key": errors.ProviderKeyRejected,
    "payment": errors.ProviderQuotaExceeded,
    "quota": errors.ProviderQuotaExceeded,
    "model": errors.ModelNotFound,
    "rate": errors.ProviderRateLimited,
    "context": errors.ContextTooLong,
    "refused": errors.ProviderRefused,
    "overloaded": errors.ProviderOverloaded,
    "broken": errors.ProviderOverloaded,
}


@pytest.mark.parametrize("name", sorted(EXPECTED))
async def test_error_replies_become_their_class(stand: Stand, name: str) -> None:
    if name not in stand.errors:
        pytest.skip(f"inapplicable: this upstream has no {name!r}")
    with pytest.raises(EXPECTED[name]) as caught:
        await read(stand, ask(stand, Script(error=name)))
    assert type(caught.value) is EXPECTED[name]
    assert caught.value.params["provider"] == "Under Test"
    assert caught.value.params["provider_id"] == "under-test"
    assert "Under Test" in caught.value.message
    assert API_KEY not in caught.value.message + json.dumps(caught.value.params)


async def test_retry_after_is_passed_on(stand: Stand) -> None:
    if "rate" not in stand.errors or not stand.faults:
        pytest.skip("inapplicable: no wire")
    with pytest.raises(errors.ProviderRateLimited) as caught:
        await read(stand, ask(stand, Script(error="rate", retry_after=17)))
    assert caught.value.params["retry_after_s"] == 17


FAULTS: dict[str, type[errors.ProviderError]] = {
    "silent": errors.ProviderTimeout,
    "stuck": errors.ProviderTimeout,
    "stall": errors.ProviderTimeout,
    "cut": errors.ProviderProtocolError,
    "short": errors.ProviderProtocolError,
    "garbage": errors.ProviderProtocolError,
    "html": errors.ProviderProtocolError,
    "giant": errors.ProviderProtocolError,
    "midway_error": errors.ProviderOverloaded,
}


SHORT_TIMEOUTS = {"first_byte_timeout": 1.5, "chunk_timeout": 0.8}


@pytest.mark.parametrize("fault", sorted(FAULTS))
async def test_broken_answers_end_with_a_clear_error(stand: Stand, fault: Any) -> None:
    if fault not in stand.faults:
        pytest.skip(f"inapplicable: this upstream cannot be made {fault!r}")
    script = Script(text=tuple(f"w{number} " for number in range(12)), fault=fault)
    # only where silence is waited for: a loaded machine would let other answers run into them
    options = SHORT_TIMEOUTS if FAULTS[fault] is errors.ProviderTimeout else {}
    events: list[Event] = []
    started = time.monotonic()
    with pytest.raises(errors.ProviderError) as caught:  # noqa: PT012 - what came before the error counts
        async for event in stand.build(options=options).stream(ask(stand, script)):
            events.append(event)
    assert type(caught.value) is FAULTS[fault]
    assert caught.value.params["provider_id"] == "under-test"
    assert time.monotonic() - started < 10, "nothing hangs"
    text = "".join(event.text for event in events if isinstance(event, TextDelta))
    if fault in ("silent", "stuck", "html"):
        assert text == ""
    else:
        assert text.startswith("w0 "), "what had arrived was handed out"
    assert not any(isinstance(event, Finish) for event in events)
    assert await stand.wait_idle(1.0)


async def test_an_address_where_nothing_listens_is_named(stand: Stand) -> None:
    if not stand.config.base_url:
        pytest.skip("inapplicable: no address")
    with pytest.raises(errors.ProviderUnreachable, match=r"127\.0\.0\.1:9") as caught:
        await complete(stand.build(base_url="http://127.0.0.1:9"), ask(stand, Script()))
    assert caught.value.params["provider"] == "Under Test"


# --- cancellation ---------------------------------------------------------------------------------------------------


async def test_closing_before_the_first_token_frees_the_upstream(stand: Stand) -> None:
    script = Script(fault="stuck") if stand.faults else Script()
    request = ask(stand, script)
    task = asyncio.ensure_future(read(stand, request))
    assert await stand.wait_busy(5.0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert await stand.wait_idle(CANCEL_WITHIN_S)


async def test_closing_before_the_headers_frees_the_upstream(stand: Stand) -> None:
    if "silent" not in stand.faults:
        pytest.skip("inapplicable: this upstream always answers")
    task = asyncio.ensure_future(read(stand, ask(stand, Script(fault="silent"))))
    assert await stand.wait_busy(5.0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert await stand.wait_idle(CANCEL_WITHIN_S)


async def test_closing_in_the_middle_frees_the_upstream(stand: Stand) -> None:
    script = Script(text=tuple(f"w{number} " for number in range(1000)), pause_s=0.01)
    stream = stand.build().stream(ask(stand, script, max_tokens=2000))
    async for event in stream:
        if isinstance(event, TextDelta | ReasoningDelta):
            break
    await stream.aclose()
    assert await stand.wait_idle(CANCEL_WITHIN_S)


async def test_two_answers_at_once_do_not_mix(stand: Stand) -> None:
    scripted(stand)
    provider = stand.build()
    request = ask(stand, Script(text=("same ", "for ", "both"), pause_s=0.005))
    first, second = await asyncio.gather(complete(provider, request), complete(provider, request))
    assert first.text == second.text == "same for both"


# --- listing and checking -------------------------------------------------------------------------------------------


async def test_models_are_listed(stand: Stand) -> None:
    listed = await stand.build().list_models()
    assert stand.model in [card.id for card in listed]
    assert len({card.id for card in listed}) == len(listed)


async def test_check_reports_what_is_there(stand: Stand) -> None:
    report = await stand.build().check()
    assert report.latency_ms >= 0
    assert stand.model in [card.id for card in report.models]


async def test_check_refuses_a_wrong_key_and_does_not_repeat_it(stand: Stand) -> None:
    if "key" not in stand.errors or not stand.faults:
        pytest.skip("inapplicable: no keys")
    wrong = "wrong-key-that-must-not-be-shown"
    with pytest.raises(errors.ProviderKeyRejected) as caught:
        await stand.build(api_key=wrong).check()
    assert wrong not in caught.value.message + json.dumps(caught.value.params)


async def test_check_without_a_key_says_that_one_is_missing(stand: Stand) -> None:
    if "key" not in stand.errors or not stand.faults:
        pytest.skip("inapplicable: no keys")
    with pytest.raises(errors.ProviderKeyMissing):
        await stand.build(api_key=None).check()
