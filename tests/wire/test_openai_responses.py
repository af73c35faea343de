"""What a client may send to /v1/responses, and what it is told of a server that keeps no responses."""

import base64
import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freehold import errors
from freehold.wire.events import Finish, ImageOutput, ReasoningDelta, TextDelta
from freehold.wire.openai_responses import parse
from freehold.wire.request import (
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

PNG = base64.b64encode(b"png").decode()
TOOL = {"type": "function", "name": "look", "parameters": {"type": "object"}, "strict": True}
client = CLIENTS["openai_responses"]


def asked(**fields: Any) -> ChatRequest:
    return parse({"model": "m", "input": "Hi", **fields}).request


def refused(**fields: Any) -> errors.InvalidRequest:
    with pytest.raises(errors.InvalidRequest) as caught:
        asked(**fields)
    return caught.value


def test_the_least_that_can_be_asked() -> None:
    assert asked() == ChatRequest("m", (Message("user", (Text("Hi"),)),))
    assert asked(instructions="Be brief.").messages[0] == Message("system", (Text("Be brief."),))


def test_what_the_model_made_is_one_message_again() -> None:
    request = asked(
        input=[
            {
                "role": "user",
                "content": [{"type": "input_file", "filename": "a", "file_data": f"data:a/b;base64,{PNG}"}],
            },
            {
                "type": "reasoning",
                "id": "r",
                "summary": [{"type": "summary_text", "text": "hm"}],
                "encrypted_content": "x",
            },
            {"type": "reasoning", "id": "r", "summary": [], "encrypted_content": "gemini:s"},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "I look."}]},
            {"type": "function_call", "call_id": "c1", "name": "look", "arguments": "{}"},
            {
                "type": "function_call_output",
                "call_id": "c1",
                "output": [{"type": "input_image", "image_url": f"data:image/png;base64,{PNG}"}],
            },
        ]
    )
    assert request.messages == (
        Message("user", (Document(b"png", "a/b", "a"),)),
        Message(
            "assistant",
            (Reasoning("hm", "openai:x"), Reasoning("", "gemini:s"), Text("I look."), ToolCall("c1", "look", "{}")),
        ),
        Message("tool", (ToolResult("c1", (Image(b"png", "image/png"),)),)),
    )


def test_its_own_output_may_be_sent_back() -> None:
    events = [ReasoningDelta("hm"), ReasoningDelta("", "anthropic:s"), TextDelta("Hi"), Finish("stop")]
    output = client.fold(events)["output"]
    assert asked(input=[*output, {"role": "user", "content": "And?"}]).messages[0] == Message(
        "assistant", (Reasoning("hm", "anthropic:s"), Text("Hi"))
    )


def test_forms_tools_and_effort() -> None:
    described = {"type": "json_schema", "name": "a", "schema": {"type": "object"}, "strict": True}
    assert asked(text={"format": described}).response_format == JsonSchema("a", {"type": "object"}, None, True)
    assert asked(text={"format": {"type": "json_object"}}).response_format == JsonObject()
    assert asked(text={"verbosity": "low"}).response_format is None
    assert asked(reasoning={"effort": "minimal", "summary": "auto"}).reasoning_effort == "low"
    request = asked(tools=[TOOL], tool_choice={"type": "function", "name": "look"}, parallel_tool_calls=False)
    assert (request.tools[0].strict, request.tool_choice, request.parallel_tool_calls) == (True, "look", False)


def test_a_response_repeats_its_request_and_was_not_stored() -> None:
    parsed = parse({"model": "m", "input": "Hi", "store": True, "temperature": 0.5, "metadata": {"a": "b"}})
    from freehold.wire.openai_responses import fold
    from tests.wire.dialects import HEAD

    response = fold([TextDelta("x"), Finish("length")], HEAD, parsed.options)
    assert (response["temperature"], response["metadata"], response["store"]) == (0.5, {"a": "b"}, False)
    assert (response["status"], response["incomplete_details"]) == ("incomplete", {"reason": "max_output_tokens"})


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"background": True}, "background"),
        ({"prompt": {"id": "p"}}, "prompt"),
        ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
        ({"tools": [TOOL], "tool_choice": {"type": "file_search"}}, "tool_choice"),
        ({"tools": [TOOL], "tool_choice": {"type": "function", "name": "leap"}}, "tool_choice.name"),
        ({"base_url": "http://x"}, "base_url"),
        ({"input": None}, "input"),
        ({"input": []}, "input"),
        ({"input": [{"role": "judge", "content": "x"}]}, "input[0].role"),
        ({"input": [{"type": "function_call", "name": "x"}]}, "input[0].call_id"),
        ({"input": [{"role": "user", "content": [{"type": 1}]}]}, "input[0].content[0].type"),
        ({"text": {"format": {"type": "xml"}}}, "text.format.type"),
        ({"reasoning": {"effort": "extreme"}}, "reasoning.effort"),
        ({"max_output_tokens": 0}, "max_output_tokens"),
        ({"store": "yes"}, "store"),
    ],
)
def test_the_wrong_field_is_named(fields: dict[str, Any], field: str) -> None:
    assert refused(**fields).params["field"] == field


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"top_logprobs": 3}, ["top_logprobs"]),
        ({"include": ["message.output_text.logprobs"]}, ["include"]),
        ({"include": ["reasoning.encrypted_content"], "background": False, "store": False}, []),
        ({"input": [{"type": "item_reference", "id": "x"}]}, ["input[0]"]),
        ({"input": [{"role": "user", "content": [{"type": "input_file", "file_id": "x"}]}]}, ["input[0].content[0]"]),
    ],
)
def test_what_has_no_canonical_form_is_named(fields: dict[str, Any], named: list[str]) -> None:
    assert [item.field for item in asked(**fields).verbatim_only] == named


def test_a_failure_in_the_middle_ends_with_a_failed_response() -> None:
    encoder = client.encoder()
    frames = encoder.start() + encoder.feed(TextDelta("x"))
    data = json.loads(encoder.error(errors.ProviderProtocolError("Cut.").body(), 502).split(b"data: ")[1])
    assert (data["type"], data["sequence_number"]) == ("response.failed", frames.count(b"event: "))
    assert (data["response"]["status"], data["response"]["error"]["code"]) == ("failed", "server_error")
    assert data["response"]["error"]["message"].startswith("Cut.")


def test_a_picture_is_an_item() -> None:
    item = client.fold([ImageOutput(b"png", "image/png"), Finish("stop")])["output"][0]
    assert (item["type"], item["result"]) == ("image_generation_call", PNG)
    assert b'"type":"image_generation_call"' in client.stream([ImageOutput(b"png", "image/png"), Finish("stop")])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(["input", "tools", "tool_choice", "text", "reasoning", "include", "instructions"])


@given(fields=st.dictionaries(KEYS, json_values, max_size=4))
@settings(max_examples=300, deadline=None)
def test_any_json_is_read_or_refused(fields: dict[str, Any]) -> None:
    with contextlib.suppress(errors.InvalidRequest):  # and nothing else
        asked(**fields)
