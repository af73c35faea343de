"""Gemini's dialect, beyond what the conformance suite asks of everyone."""

import base64
from typing import Any

import orjson
import pytest

from freehold.providers import catalogue
from freehold.providers.failures import BrokenStream, VendorError
from freehold.providers.gemini.decode import StreamDecoder
from freehold.providers.gemini.encode import SIGNED, encode
from freehold.wire.events import (
    Event,
    Finish,
    ImageOutput,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    ToolCallStart,
    Usage,
)
from freehold.wire.request import ChatRequest, Image, JsonSchema, Message, Reasoning, Text, Tool, ToolCall, ToolResult

USER = Message("user", (Text("Hi"),))


def body(request: ChatRequest) -> dict[str, Any]:
    return encode(request, catalogue.card_for("gemini", request.model))


def decode(*chunks: dict[str, Any]) -> list[Event]:
    decoder = StreamDecoder()
    return [event for data in chunks for event in decoder.feed(orjson.dumps(data))] + decoder.finish()


def candidate(*parts: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
    return {"candidates": [{"content": {"parts": list(parts), "role": "model"}, "finishReason": finish}], **more}


def test_a_whole_conversation_is_written_as_documented() -> None:
    request = ChatRequest(
        "gemini-2.5-flash",
        (
            Message("system", (Text("Be brief."),)),
            Message("user", (Text("What is this?"), Image(b"png", "image/png"))),
            Message("assistant", (Reasoning("hm"), Text("I look."), ToolCall("c1", "look", '{"at":1}'))),
            Message("tool", (ToolResult("c1", "a cat"), ToolResult("c1", "no", is_error=True))),
            Message("user", (Text("And?"),)),
        ),
        tools=(Tool("look", "Looks.", {"type": "object"}),),
        tool_choice="look",
        max_tokens=100,
        stop=("END",),
        seed=7,
        reasoning_effort="low",
        response_format=JsonSchema("a", {"type": "object"}),
    )
    assert body(request) == {
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "contents": [
            {
                "role": "user",
                "parts": [{"text": "What is this?"}, {"inlineData": {"mimeType": "image/png", "data": "cG5n"}}],
            },
            {"role": "model", "parts": [{"text": "I look."}, {"functionCall": {"name": "look", "args": {"at": 1}}}]},
            {
                "role": "user",
                "parts": [
                    {"functionResponse": {"name": "look", "response": {"result": "a cat"}}},
                    {"functionResponse": {"name": "look", "response": {"error": "no"}}},
                    {"text": "And?"},
                ],
            },
        ],
        "tools": [
            {
                "functionDeclarations": [
                    {"name": "look", "description": "Looks.", "parametersJsonSchema": {"type": "object"}}
                ]
            }
        ],
        "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["look"]}},
        "generationConfig": {
            "maxOutputTokens": 100,
            "stopSequences": ["END"],
            "seed": 7,
            "responseMimeType": "application/json",
            "responseJsonSchema": {"type": "object"},
            "thinkingConfig": {"includeThoughts": True, "thinkingBudget": 1024},
        },
    }


@pytest.mark.parametrize(
    ("model", "effort", "expected"),
    [
        ("gemini-2.5-flash", None, {"includeThoughts": True}),
        ("gemini-2.5-flash", "off", {"includeThoughts": False, "thinkingBudget": 0}),
        ("gemini-2.5-pro", "off", {"includeThoughts": False, "thinkingBudget": 128}),
        ("gemini-3-flash-preview", "off", {"includeThoughts": False, "thinkingLevel": "minimal"}),
        ("gemini-3.5-flash", "medium", {"includeThoughts": True, "thinkingLevel": "medium"}),
        ("gemini-3-pro-preview", "medium", {"includeThoughts": True, "thinkingLevel": "high"}),
    ],
)
def test_thinking_by_budget_or_level(model: str, effort: Any, expected: Any) -> None:
    assert body(ChatRequest(model, (USER,), reasoning_effort=effort))["generationConfig"]["thinkingConfig"] == expected


def test_models_that_do_not_think_are_not_told_to() -> None:
    assert "generationConfig" not in body(ChatRequest("gemini-2.0-flash", (USER,), reasoning_effort="high"))


def test_signatures_return_to_the_calls_they_came_with() -> None:
    chunks = candidate(
        {"functionCall": {"name": "a", "args": {}}, "thoughtSignature": "sig"}, {"functionCall": {"name": "b"}}
    )
    events = decode(chunks, candidate(finish="STOP"))
    signed, first, *_ = events
    assert isinstance(signed, ReasoningDelta)
    assert isinstance(first, ToolCallStart)
    parts = (Reasoning(signed.text, signed.signature), ToolCall("1", "a", "{}"), ToolCall("2", "b", "{}"))
    model_turn = body(ChatRequest("gemini-3-flash-preview", (USER, Message("assistant", parts))))["contents"][1]
    assert model_turn["parts"][0]["thoughtSignature"] == "sig"
    assert "thoughtSignature" not in model_turn["parts"][1]


def test_a_call_that_another_model_made_says_so() -> None:
    """Gemini 3 refuses unsigned calls."""
    foreign = Message("assistant", (Reasoning("hm", "anthropic:sig"), ToolCall("1", "a", "{}")))
    new = body(ChatRequest("gemini-3-flash-preview", (USER, foreign)))["contents"][1]["parts"][0]
    old = body(ChatRequest("gemini-2.5-flash", (USER, foreign)))["contents"][1]["parts"][0]
    assert new["thoughtSignature"] == "skip_thought_signature_validator"
    assert "thoughtSignature" not in old


def test_thoughts_text_pictures_and_usage() -> None:
    usage = {"promptTokenCount": 10, "candidatesTokenCount": 5, "thoughtsTokenCount": 7, "cachedContentTokenCount": 4}
    events = decode(
        candidate({"text": "hm", "thought": True}),
        candidate({"text": "Yes"}, {"inlineData": {"mimeType": "image/png", "data": base64.b64encode(b"p").decode()}}),
        candidate({"text": "", "thoughtSignature": "sig"}, finish="STOP", usageMetadata=usage),
    )
    assert events == [
        ReasoningDelta("hm"),
        TextDelta("Yes"),
        ImageOutput(b"p", "image/png"),
        ReasoningDelta("", SIGNED + "sig"),
        Usage(10, 12, 4, 7),
        Finish("stop"),
    ]


def test_a_blocked_prompt_is_a_filtered_answer() -> None:
    blocked = {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": {"promptTokenCount": 3}}
    assert decode(blocked) == [Usage(3, 0), Finish("content_filter")]


def test_calls_get_ids() -> None:
    start, arguments, finish = decode(candidate({"functionCall": {"name": "a"}}, finish="STOP"))
    assert isinstance(start, ToolCallStart)
    assert start.id.startswith("call_")
    assert (arguments, finish) == (ToolCallDelta(0, "{}"), Finish("tool_calls"))


@pytest.mark.parametrize("chunks", [[], [candidate({"text": "a"})], [candidate(finish="MALFORMED_FUNCTION_CALL")]])
def test_what_is_no_whole_answer_is_refused(chunks: list[Any]) -> None:
    with pytest.raises(BrokenStream):
        decode(*chunks)


@pytest.mark.parametrize(
    "data",
    [b"{", b"[]", b'{"candidates":[7]}', b'{"candidates":[{"content":{"parts":[{"functionCall":{"args":{}}}]}}]}'],
)
def test_broken_chunks_are_refused(data: bytes) -> None:
    with pytest.raises(BrokenStream):
        StreamDecoder().feed(data)


def test_an_error_in_the_stream() -> None:
    with pytest.raises(VendorError) as caught:
        decode({"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}})
    assert caught.value.status == 503
