"""Anthropic's dialect, beyond what the conformance suite asks of everyone."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from freehold.providers import catalogue
from freehold.providers.anthropic.decode import StreamDecoder
from freehold.providers.anthropic.encode import REDACTED, SIGNED, encode, ignored
from freehold.providers.failures import BrokenStream, VendorError
from freehold.wire.events import Event, Finish, ReasoningDelta, TextDelta, Usage
from freehold.wire.request import ChatRequest, Image, JsonSchema, Message, Reasoning, Text, Tool, ToolCall, ToolResult
from tests.fakes.anthropic import AnthropicDialect
from tests.fakes.upstream import Counts, Script

USER = Message("user", (Text("Hi"),))
TOOL = Tool("look", "Looks.", {"type": "object"})
OLD, NEW = "claude-sonnet-4-5-20250929", "claude-opus-4-7"


def body(request: ChatRequest) -> dict[str, Any]:
    return encode(request, catalogue.card_for("anthropic", request.model))


def decode(script: Script, **fields: Any) -> list[Event]:
    decoder = StreamDecoder(**fields)
    events: list[Event] = []
    for frame in AnthropicDialect().frames(script, {"model": "m"}):
        events += decoder.feed(frame.partition(b"data: ")[2].strip())
    return events + decoder.finish()


def test_a_whole_conversation_is_written_as_documented() -> None:
    request = ChatRequest(
        OLD,
        (
            Message("system", (Text("Be brief."),)),
            Message("user", (Text("What is this?"), Image(b"png", "image/png"))),
            Message(
                "assistant", (Text("I look."), Reasoning("hm", SIGNED + "sig"), ToolCall("c1", "look", '{"at":1}'))
            ),
            Message("tool", (ToolResult("c1", "a cat"),)),
            Message("tool", (ToolResult("c2", "broke", is_error=True),)),
            Message("user", (Text("And?"),)),
        ),
        tools=(TOOL,),
        max_tokens=100,
        reasoning_effort="low",
    )
    assert body(request) == {
        "model": OLD,
        "max_tokens": 100 + 2048,
        "system": "Be brief.",
        "stream": True,
        "thinking": {"type": "enabled", "budget_tokens": 2048},
        "tools": [{"name": "look", "description": "Looks.", "input_schema": {"type": "object"}}],
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is this?"},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "cG5n"}},
                ],
            },
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "hm", "signature": "sig"},
                    {"type": "text", "text": "I look."},
                    {"type": "tool_use", "id": "c1", "name": "look", "input": {"at": 1}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "c1", "content": "a cat"},
                    {"type": "tool_result", "tool_use_id": "c2", "content": "broke", "is_error": True},
                    {"type": "text", "text": "And?"},
                ],
            },
        ],
    }


def test_what_a_model_does_not_take_is_named() -> None:
    def left_out(request: ChatRequest) -> tuple[str, ...]:
        return ignored(request, catalogue.card_for("anthropic", request.model))

    asked = ChatRequest(NEW, (USER,), temperature=0.3, top_p=0.5, extra={"top_k": 5})
    assert left_out(asked) == ("temperature", "top_p", "top_k")
    assert left_out(replace(asked, model=OLD)) == ("top_p",)
    assert left_out(replace(asked, model=OLD, temperature=None)) == ()
    assert left_out(replace(asked, model=OLD, reasoning_effort="low")) == ("temperature", "top_p", "top_k")
    assert left_out(ChatRequest(NEW, (USER,))) == ()
    for request in (asked, replace(asked, model=OLD)):
        sent = body(request)
        wanted = {"temperature", "top_p", "top_k"}
        assert wanted - sent.keys() == set(left_out(request))


def test_later_models_think_by_effort_and_take_no_temperature() -> None:
    sent = body(ChatRequest(NEW, (USER,), temperature=0.3, reasoning_effort="medium"))
    assert sent["thinking"] == {"type": "adaptive"}
    assert sent["output_config"] == {"effort": "medium"}
    assert "temperature" not in sent
    assert "temperature" not in body(ChatRequest(NEW, (USER,), temperature=0.3))
    assert body(ChatRequest(OLD, (USER,), temperature=1.7, top_p=0.5))["temperature"] == 1.0
    assert "top_p" not in body(ChatRequest(OLD, (USER,), temperature=0.7, top_p=0.5))


def test_another_vendors_reasoning_is_left_out() -> None:
    history = (
        USER,
        Message("assistant", (Reasoning("hm", "gemini:sig"), Reasoning("plain"), Text("Yes"))),
        Message("assistant", (Reasoning("", REDACTED + "blob"), Text("No  "))),
    )
    sent = body(ChatRequest(OLD, history, reasoning_effort="high"))["messages"][1]["content"]
    assert sent == [
        {"type": "text", "text": "Yes"},
        {"type": "redacted_thinking", "data": "blob"},
        {"type": "text", "text": "No"},
    ]


def test_a_tool_loop_that_another_model_began_goes_on_without_thinking() -> None:
    called = Message("assistant", (Reasoning("hm", "gemini:sig"), ToolCall("c1", "look", "{}")))
    result = Message("tool", (ToolResult("c1", "a cat"),))
    assert "thinking" not in body(ChatRequest(OLD, (USER, called, result), tools=(TOOL,), reasoning_effort="high"))
    again = (USER, called, result, Message("assistant", (Text("A cat."),)), USER)
    assert "thinking" in body(ChatRequest(OLD, again, tools=(TOOL,), reasoning_effort="high"))


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ("auto", {"type": "auto"}),
        ("none", {"type": "none"}),
        ("required", {"type": "any"}),
        ("look", {"type": "tool", "name": "look"}),
    ],
)
def test_tool_choice(choice: str, sent: Any) -> None:
    assert body(ChatRequest(OLD, (USER,), tools=(TOOL,), tool_choice=choice))["tool_choice"] == sent


def test_arguments_that_a_model_wrote_wrongly_do_not_stop_the_conversation() -> None:
    called = Message("assistant", (ToolCall("c1", "look", '{"at":'), ToolCall("c2", "look", "[1]")))
    first, second = body(ChatRequest(OLD, (USER, called)))["messages"][1]["content"]
    assert first["input"] == {"malformed_arguments": '{"at":'}
    assert second["input"] == {"value": [1]}


def test_a_schema_is_a_forced_tool_whose_arguments_are_the_answer() -> None:
    wanted = JsonSchema("title", {"type": "object"})
    sent = body(ChatRequest(OLD, (USER,), response_format=wanted, reasoning_effort="high"))
    assert sent["tool_choice"] == {"type": "tool", "name": "title"}
    assert "thinking" not in sent, "a forced tool and thinking exclude each other"
    from tests.fakes.upstream import Call

    script = Script(
        text=(), calls=(Call("c", "title", ('{"title":', '"A"}')),), finish="tool_calls", usage=Counts(1, 1)
    )
    assert decode(script, schema_tool="title") == [
        TextDelta('{"title":'),
        TextDelta('"A"}'),
        Usage(1, 1),
        Finish("stop"),
    ]
    with_tools = body(ChatRequest(OLD, (USER,), response_format=wanted, tools=(TOOL,)))
    assert "validate against" in with_tools["system"]
    assert "tool_choice" not in with_tools


def test_thinking_is_signed_and_usage_counts_the_cache() -> None:
    script = Script(reasoning=("hm",), signature="sig", text=("Yes",), usage=Counts(100, 9, cached=60))
    assert decode(script) == [
        ReasoningDelta("hm"),
        ReasoningDelta("", SIGNED + "sig"),
        TextDelta("Yes"),
        Usage(100, 9, 60),
        Finish("stop"),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"[]",
        b"{}",
        b'{"type":"content_block_delta"}',
        b'{"type":"content_block_start","content_block":{}}',
        b'{"type":"message_start"}',
    ],
)
def test_events_without_what_belongs_to_them_are_refused(data: bytes) -> None:
    with pytest.raises(BrokenStream):
        StreamDecoder().feed(data)


def test_new_kinds_of_events_are_passed_over() -> None:
    decoder = StreamDecoder()
    assert decoder.feed(b'{"type":"ping"}') == []
    assert decoder.feed(b'{"type":"something_new","x":1}') == []
    assert (
        decoder.feed(b'{"type":"content_block_delta","index":0,"delta":{"type":"citations_delta","citation":{}}}') == []
    )


def test_an_error_event_has_the_status_of_its_type() -> None:
    event = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    with pytest.raises(VendorError) as caught:
        StreamDecoder().feed(orjson.dumps(event))
    assert caught.value.status == 529
