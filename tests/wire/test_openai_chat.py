"""What a client may send to /v1/chat/completions, what is refused by name, and what only OpenAI's own API can take."""

import base64
import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freehold import errors
from freehold.wire.events import Finish, ImageOutput, ReasoningDelta, TextDelta, Usage
from freehold.wire.openai_chat import ChatOptions, error_reply, parse
from freehold.wire.request import (
    Audio,
    CachePoint,
    ChatRequest,
    Document,
    Image,
    JsonObject,
    JsonSchema,
    Message,
    Reasoning,
    Text,
    ToolCall,
    ToolResult,
)
from tests.wire.dialects import CLIENTS

USER = {"role": "user", "content": "Hi"}
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
PNG = base64.b64encode(b"png").decode()
client = CLIENTS["openai_chat"]


def asked(**fields: Any) -> ChatRequest:
    return parse({"model": "m", "messages": [USER], **fields}).request


def refused(**fields: Any) -> errors.InvalidRequest:
    with pytest.raises(errors.InvalidRequest) as caught:
        asked(**fields)
    return caught.value


def parts(*content: dict[str, Any]) -> ChatRequest:
    return asked(messages=[{"role": "user", "content": list(content)}])


def verbatim(request: ChatRequest) -> list[str]:
    return [item.field for item in request.verbatim_only]


def test_the_least_that_can_be_asked() -> None:
    parsed = parse({"model": "m", "messages": [USER]})
    assert parsed.request == ChatRequest("m", (Message("user", (Text("Hi"),)),))
    assert not parsed.stream
    assert parsed.options == ChatOptions(include_usage=False)


def test_null_is_the_same_as_nothing() -> None:
    fields = ("temperature", "top_p", "max_tokens", "stop", "seed", "tools", "tool_choice", "response_format", "n")
    nulls = dict.fromkeys([*fields, "stream", "stream_options", "logprobs", "functions", "reasoning_effort", "vendor"])
    assert asked(**nulls) == asked()


def test_images_sound_and_files_by_value() -> None:
    request = parts(
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
        {"type": "input_audio", "input_audio": {"data": PNG, "format": "wav"}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PNG}"}},
    )
    assert request.messages[0].parts == (
        Text("What is this?"),
        Image(b"png", "image/png"),
        Audio(b"png", "audio/wav"),
        Document(b"png", "application/pdf", "a.pdf"),
    )
    assert request.verbatim_only == ()


def test_an_image_by_address_is_for_providers_of_the_same_api() -> None:
    request = parts({"type": "image_url", "image_url": {"url": "https://example.org/a.png"}})
    assert verbatim(request) == ["messages[0].content[0].image_url.url"]
    assert "data:image/png;base64," in (request.verbatim_only[0].next_step or "")


def test_reasoning_and_calls_come_back_in_a_tool_loop() -> None:
    request = asked(
        messages=[
            USER,
            {
                "role": "assistant",
                "content": None,
                "reasoning_content": "not this",
                "reasoning_details": [{"type": "reasoning.text", "text": "hm", "signature": "anthropic:s", "index": 0}],
                "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}],
            },
            {"role": "tool", "tool_call_id": "c1", "content": "a cat"},
            {"role": "assistant", "content": "A cat.", "reasoning_content": "easy", "tool_calls": None},
        ]
    )
    assert request.messages[1].parts == (Reasoning("hm", "anthropic:s"), ToolCall("c1", "look", "{}"))
    assert request.messages[2] == Message("tool", (ToolResult("c1", "a cat"),))
    assert request.messages[3].parts == (Reasoning("easy"), Text("A cat."))


def test_a_prompt_cache_mark_is_kept() -> None:
    request = parts({"type": "text", "text": "long", "cache_control": {"type": "ephemeral", "ttl": "1h"}})
    assert request.messages[0].parts == (Text("long"), CachePoint("1h"))


def test_a_tool_must_be_there_to_be_chosen() -> None:
    assert asked(tools=[TOOL], tool_choice={"type": "function", "function": {"name": "look"}}).tool_choice == "look"
    choice = {"type": "function", "function": {"name": "leap"}}
    assert refused(tools=[TOOL], tool_choice=choice).params["field"] == "tool_choice"


def test_allowed_tools_are_the_only_ones_left() -> None:
    other = {"type": "function", "function": {"name": "other"}}
    allowed = {"mode": "required", "tools": [{"type": "function", "function": {"name": "look"}}]}
    request = asked(tools=[TOOL, other], tool_choice={"type": "allowed_tools", "allowed_tools": allowed})
    assert ([tool.name for tool in request.tools], request.tool_choice) == (["look"], "required")


def test_forms_of_an_answer() -> None:
    assert asked(response_format={"type": "text"}).response_format is None
    assert asked(response_format={"type": "json_object"}).response_format == JsonObject()
    described = {"name": "a", "schema": {"type": "object"}, "strict": True, "description": "d"}
    wanted = asked(response_format={"type": "json_schema", "json_schema": described}).response_format
    assert wanted == JsonSchema("a", {"type": "object"}, "d", True)


def test_sampling_that_changes_nothing_is_left_out() -> None:
    assert asked(frequency_penalty=0, presence_penalty=0.0, top_k=-1, repetition_penalty=1, logit_bias={}).extra == {}
    assert asked(frequency_penalty=0.5, top_k=40, repetition_penalty=1.1, logit_bias={"1": -100}).extra == {
        "frequency_penalty": 0.5,
        "top_k": 40,
        "repeat_penalty": 1.1,
        "logit_bias": {"1": -100},
    }


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"n": 2}, ["n"]),
        ({"logprobs": True, "top_logprobs": 3}, ["logprobs"]),
        ({"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"}}, ["audio", "modalities"]),
        ({"web_search_options": {}, "vendor_field": 1}, ["vendor_field", "web_search_options"]),
        ({"tools": [{"type": "custom", "custom": {"name": "x"}}]}, ["tools[0]"]),
        ({"n": 1, "logprobs": False, "modalities": ["text"], "user": "u", "store": False, "metadata": {}}, []),
    ],
)
def test_what_has_no_canonical_form_is_named(fields: dict[str, Any], named: list[str]) -> None:
    assert verbatim(asked(**fields)) == named


@pytest.mark.parametrize("field", ["api_base", "base_url", "api_key", "headers", "extra_headers", "api_version"])
def test_no_client_decides_where_its_call_goes(field: str) -> None:
    error = refused(**{field: "http://169.254.169.254"})
    assert error.params["field"] == field
    assert "169.254" not in error.message


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"model": ""}, "model"),
        ({"model": 7}, "model"),
        ({"messages": []}, "messages"),
        ({"messages": "Hi"}, "messages"),
        ({"messages": ["Hi"]}, "messages[0]"),
        ({"messages": [{"role": "judge", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": ["user"], "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].tool_call_id"),
        ({"messages": [{"role": "function", "name": "f", "content": "x"}]}, "messages[0]"),
        ({"messages": [{"role": "user", "content": [{"text": "x"}]}]}, "messages[0].content[0].type"),
        ({"functions": []}, "functions"),
        ({"function_call": "auto"}, "function_call"),
        ({"temperature": "hot"}, "temperature"),
        ({"temperature": -1}, "temperature"),
        ({"temperature": True}, "temperature"),
        ({"temperature": float("nan")}, "temperature"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": 1.5}, "max_tokens"),
        ({"n": 0}, "n"),
        ({"stream": "yes"}, "stream"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
        ({"stop": [1]}, "stop[0]"),
        ({"tools": [{"type": "function"}]}, "tools[0].function"),
        ({"tools": {}, "x": 1}, "tools"),
        ({"tools": [TOOL], "tool_choice": "maybe"}, "tool_choice"),
        ({"response_format": {"type": "xml"}}, "response_format.type"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
        ({"reasoning_effort": "extreme"}, "reasoning_effort"),
    ],
)
def test_the_wrong_field_is_named(fields: dict[str, Any], field: str) -> None:
    if fields.get("tools") == {}:
        fields = {"tools": {"a": 1}}
    error = refused(**fields)
    assert error.params["field"] == field
    assert error.message.startswith(field)


@pytest.mark.parametrize("url", ["data:image/png;base64,%%%", "data:;base64,aGk=", "data:image/png,hi", "ftp://x"])
def test_an_image_that_cannot_be_read_is_named(url: str) -> None:
    content = [{"type": "image_url", "image_url": {"url": url}}]
    assert refused(messages=[{"role": "user", "content": content}]).params["field"].endswith("image_url.url")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["messages", "tools", "tool_choice", "stop", "response_format", "stream_options", "logit_bias", "reasoning", "n"]
)


@given(fields=st.dictionaries(KEYS, json_values, max_size=4))
@settings(max_examples=300, deadline=None)
def test_any_json_is_read_or_refused(fields: dict[str, Any]) -> None:
    with contextlib.suppress(errors.InvalidRequest):  # and nothing else
        asked(**fields)


def test_the_usage_chunk_comes_only_when_asked_for() -> None:
    events = [TextDelta("x"), Usage(3, 1), Finish("stop")]
    assert b'"usage"' not in client.stream(events, ChatOptions(include_usage=False))
    frames = client.stream(events, ChatOptions(include_usage=True)).split(b"\n\n")
    assert b'"choices":[],"usage":{"prompt_tokens":3' in frames[-3]
    assert frames[-2:] == [b"data: [DONE]", b""]
    assert all(b'"usage":null' in frame for frame in frames[:-3])


def test_a_picture_and_a_signature_are_given_as_openrouter_does() -> None:
    events = [
        ReasoningDelta("h"),
        ReasoningDelta("m"),
        ReasoningDelta("", "gemini:s"),
        ImageOutput(b"png", "image/png"),
    ]
    frames = client.stream([*events, Finish("stop")]).decode()
    assert '"reasoning_details":[{"index":0,"type":"reasoning.text","text":"hm","signature":"gemini:s"}]' in frames
    assert f'"images":[{{"index":0,"type":"image_url","image_url":{{"url":"data:image/png;base64,{PNG}"}}}}]' in frames


def test_errors_have_openais_shape() -> None:
    error = errors.InvalidRequest("temperature must be a number.", field="temperature")
    assert error_reply(error.body(), error.status) == (
        400,
        {
            "error": {
                "message": "temperature must be a number. Correct the named field and send again.",
                "type": "invalid_request_error",
                "param": "temperature",
                "code": "invalid_request",
            }
        },
    )
    too_long = errors.ContextTooLong("Too long.", provider="P", provider_id="p")
    status, body = error_reply(too_long.body(), too_long.status)
    assert (status, body["error"]["code"]) == (400, "context_length_exceeded")
