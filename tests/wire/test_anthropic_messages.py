"""What a client may send to /v1/messages, and the shapes of its answers and errors."""

import base64
import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freehold import errors
from freehold.wire.anthropic_messages import StreamEncoder, error_reply, fold, parse, parse_count
from freehold.wire.events import Finish, ImageOutput, ReasoningDelta, TextDelta, ToolCallDelta, ToolCallStart
from freehold.wire.request import (
    CachePoint,
    ChatRequest,
    Document,
    Image,
    JsonSchema,
    Message,
    Reasoning,
    Text,
    ToolCall,
    ToolResult,
)
from tests.wire.dialects import CLIENTS, HEAD

USER = {"role": "user", "content": "Hi"}
TOOL = {"name": "look", "input_schema": {"type": "object"}}
PNG = base64.b64encode(b"png").decode()
client = CLIENTS["anthropic_messages"]


def asked(**fields: Any) -> ChatRequest:
    return parse({"model": "m", "max_tokens": 10, "messages": [USER], **fields}).request


def refused(**fields: Any) -> errors.InvalidRequest:
    with pytest.raises(errors.InvalidRequest) as caught:
        asked(**fields)
    return caught.value


def test_the_least_that_can_be_asked() -> None:
    assert asked() == ChatRequest("m", (Message("user", (Text("Hi"),)),), max_tokens=10)


def test_counting_needs_no_max_tokens() -> None:
    assert parse_count({"model": "m", "messages": [USER], "system": "Be brief."}).messages[0].text() == "Be brief."
    assert refused(max_tokens=None).params["field"] == "max_tokens"


def test_blocks_become_parts_and_results_come_first() -> None:
    request = asked(
        messages=[
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "hm", "signature": "s"},
                    {"type": "redacted_thinking", "data": "blob"},
                    {"type": "thinking", "thinking": "", "signature": "gemini:g"},
                    {"type": "thinking", "thinking": "unsigned", "signature": ""},
                    {"type": "tool_use", "id": "c1", "name": "look", "input": {"at": 1}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {
                        "type": "tool_result",
                        "tool_use_id": "c1",
                        "content": [
                            {"type": "text", "text": "see"},
                            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
                        ],
                        "cache_control": {"type": "ephemeral"},
                    },
                    {"type": "text", "text": "And?"},
                    {
                        "type": "document",
                        "title": "a.txt",
                        "source": {"type": "text", "media_type": "text/plain", "data": "words"},
                    },
                ],
            },
        ]
    )
    assert request.messages == (
        Message(
            "assistant",
            (
                Reasoning("hm", "anthropic:s"),
                Reasoning("", "anthropic-redacted:blob"),
                Reasoning("", "gemini:g"),
                Reasoning("unsigned"),
                ToolCall("c1", "look", '{"at":1}'),
            ),
        ),
        Message("tool", (ToolResult("c1", (Text("see"), Image(b"png", "image/png"))), CachePoint("5m"))),
        Message("user", (Text("And?"), Document(b"words", "text/plain", "a.txt"))),
    )


@pytest.mark.parametrize(
    ("choice", "canonical"),
    [
        ({"type": "auto"}, ("auto", None)),
        ({"type": "any", "disable_parallel_tool_use": True}, ("required", False)),
        ({"type": "tool", "name": "look"}, ("look", None)),
        ({"type": "none"}, ("none", None)),
    ],
)
def test_tool_choices(choice: dict[str, Any], canonical: tuple[str, bool | None]) -> None:
    request = asked(tools=[TOOL], tool_choice=choice)
    assert (request.tool_choice, request.parallel_tool_calls) == canonical


@pytest.mark.parametrize(
    ("fields", "effort"),
    [
        ({}, None),
        ({"thinking": {"type": "disabled"}}, "off"),
        ({"thinking": {"type": "adaptive"}}, "high"),
        ({"thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}}, "low"),
        ({"thinking": {"type": "enabled", "budget_tokens": 2048}}, "low"),
        ({"thinking": {"type": "enabled", "budget_tokens": 8192}}, "medium"),
        ({"thinking": {"type": "enabled", "budget_tokens": 32000}}, "high"),
    ],
)
def test_thinking_becomes_an_effort(fields: dict[str, Any], effort: str | None) -> None:
    assert asked(**fields).reasoning_effort == effort


def test_structured_outputs() -> None:
    wanted = {"type": "json_schema", "schema": {"type": "object"}}
    assert asked(output_config={"format": wanted}).response_format == JsonSchema("answer", {"type": "object"})
    assert asked(output_format=wanted).response_format == JsonSchema("answer", {"type": "object"})


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, ["tools[0]"]),
        ({"container": "c", "mcp_servers": []}, ["container", "mcp_servers"]),
        ({"metadata": {"user_id": "u"}, "service_tier": "auto"}, []),
        (
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [{"type": "image", "source": {"type": "url", "url": "https://x/a.png"}}],
                    }
                ]
            },
            ["messages[0].content[0].source"],
        ),
        ({"messages": [{"role": "user", "content": [{"type": "search_result"}]}]}, ["messages[0].content[0]"]),
    ],
)
def test_what_has_no_canonical_form_is_named(fields: dict[str, Any], named: list[str]) -> None:
    assert [item.field for item in asked(**fields).verbatim_only] == named


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"model": None}, "model"),
        ({"api_key": "x"}, "api_key"),
        ({"messages": [{"role": "system", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages[0].content[0].text"),
        ({"messages": [{"role": "user", "content": [{}]}]}, "messages[0].content[0].type"),
        ({"system": 1}, "system"),
        ({"tools": [{"name": "x"}]}, "tools[0].input_schema"),
        ({"tools": [TOOL], "tool_choice": "auto"}, "tool_choice"),
        ({"tools": [TOOL], "tool_choice": {"type": "tool", "name": "leap"}}, "tool_choice.name"),
        ({"thinking": {"type": "enabled"}}, "thinking.budget_tokens"),
        ({"thinking": {"type": "loud"}}, "thinking.type"),
        ({"top_k": -1}, "top_k"),
    ],
)
def test_the_wrong_field_is_named(fields: dict[str, Any], field: str) -> None:
    assert refused(**fields).params["field"] == field


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(["messages", "system", "tools", "tool_choice", "thinking", "output_config", "stop_sequences"])


@given(fields=st.dictionaries(KEYS, json_values, max_size=4))
@settings(max_examples=300, deadline=None)
def test_any_json_is_read_or_refused(fields: dict[str, Any]) -> None:
    with contextlib.suppress(errors.InvalidRequest):  # and nothing else
        asked(**fields)


def test_the_stop_sequence_is_told() -> None:
    assert client.fold([Finish("stop", "END")])["stop_reason"] == "stop_sequence"
    assert b'"stop_reason":"stop_sequence","stop_sequence":"END"' in client.stream([Finish("stop", "END")])


def test_what_the_dialect_cannot_carry_is_said() -> None:
    picture = ImageOutput(b"png", "image/png")
    with pytest.raises(errors.CannotCarry):
        StreamEncoder(HEAD, client.options).feed(picture)
    with pytest.raises(errors.CannotCarry):
        fold([picture, Finish("stop")], HEAD, client.options)


def test_a_call_that_goes_on_after_its_block_is_no_silent_loss() -> None:
    encoder = client.encoder()
    for event in (ToolCallStart(0, "a", "look"), ToolCallDelta(0, "{"), TextDelta("and")):
        encoder.feed(event)
    with pytest.raises(errors.CannotCarry):
        encoder.feed(ToolCallDelta(0, "}"))


def test_reasoning_after_text_is_a_block_of_its_own() -> None:
    events = [ReasoningDelta("a", "anthropic:s"), ReasoningDelta("b"), TextDelta("c"), ReasoningDelta("d")]
    kinds = [block["type"] for block in client.fold([*events, Finish("stop")])["content"]]
    assert kinds == ["thinking", "thinking", "text", "thinking"]
    assert client.stream([*events, Finish("stop")]).count(b"event: content_block_stop") == 4


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (errors.InvalidRequest("x"), 400, "invalid_request_error"),
        (errors.NotSignedIn(), 401, "authentication_error"),
        (errors.Forbidden("x"), 403, "permission_error"),
        (errors.ModelNotFound("x"), 404, "not_found_error"),
        (errors.PayloadTooLarge("x"), 413, "request_too_large"),
        (errors.ContextTooLong("x"), 400, "invalid_request_error"),
        (errors.ProviderRateLimited("x"), 429, "rate_limit_error"),
        (errors.ProviderQuotaExceeded("x"), 402, "billing_error"),
        (errors.ProviderUnreachable("x"), 502, "api_error"),
        (errors.ProviderTimeout("x"), 504, "timeout_error"),
        (errors.ProviderOverloaded("x"), 529, "overloaded_error"),
    ],
)
def test_errors_have_anthropics_shape(error: errors.FreeholdError, status: int, kind: str) -> None:
    got, body = error_reply(error.body(), error.status, "req_1")
    assert (got, body["type"], body["error"]["type"], body["request_id"]) == (status, "error", kind, "req_1")
    assert body["error"]["message"].startswith(error.message)
