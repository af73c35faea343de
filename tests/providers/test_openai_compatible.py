"""OpenAI's dialect and the vendors' deviations from it, against bodies and chunks as they are really sent."""

import base64
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.providers import catalogue
from freehold.providers.catalogue import Quirks
from freehold.providers.failures import BrokenStream, VendorError
from freehold.providers.openai_compatible.decode import StreamDecoder, usage_of
from freehold.providers.openai_compatible.encode import encode, is_strict
from freehold.providers.openai_compatible.listing import cards
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
from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import Script
from tests.providers.stands import http_stand

USER = Message("user", (Text("Hi"),))


def body(kind: str, request: ChatRequest) -> dict[str, Any]:
    return encode(request, catalogue.vendors()[kind].quirks, catalogue.card_for(kind, request.model))


def chunk(delta: dict[str, Any] | None = None, finish: str | None = None, **more: Any) -> bytes:
    return orjson.dumps({"choices": [{"index": 0, "delta": delta or {}, "finish_reason": finish}], **more})


def decode(*chunks: bytes) -> list[Event]:
    decoder = StreamDecoder()
    return [event for data in chunks for event in decoder.feed(data)] + decoder.finish()


# --- requests ---------------------------------------------------------------------------------------------------------


def test_a_whole_conversation_is_written_as_documented() -> None:
    request = ChatRequest(
        "m",
        (
            Message("system", (Text("Be brief."),)),
            Message("user", (Text("What is this?"), Image(b"png", "image/png"))),
            Message("assistant", (Reasoning("hm"), Text("Let me look."), ToolCall("c1", "look", '{"at":1}'))),
            Message("tool", (ToolResult("c1", "a cat"), ToolResult("c2", "a dog", is_error=True))),
            Message("user", (Text("Thanks."),)),
        ),
        tools=(Tool("look", "Looks.", {"type": "object"}),),
        tool_choice="look",
        temperature=0.5,
        max_tokens=100,
        stop=("END",),
    )
    assert body("openai_compatible", request) == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is this?"},
                    {
                        "type": "image_url",
                        "image_url": {"url": "data:image/png;base64," + base64.b64encode(b"png").decode()},
                    },
                ],
            },
            {
                "role": "assistant",
                "content": "Let me look.",
                "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"at":1}'}}],
            },
            {"role": "tool", "tool_call_id": "c1", "content": "a cat"},
            {"role": "tool", "tool_call_id": "c2", "content": "Error: a dog"},
            {"role": "user", "content": "Thanks."},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "tools": [
            {
                "type": "function",
                "function": {"name": "look", "description": "Looks.", "parameters": {"type": "object"}},
            }
        ],
        "tool_choice": {"type": "function", "function": {"name": "look"}},
        "temperature": 0.5,
        "max_tokens": 100,
        "stop": ["END"],
    }


def test_openai_itself_has_its_own_field_names() -> None:
    request = ChatRequest(
        "gpt-5", (Message("system", (Text("s"),)), USER), max_tokens=9, temperature=0.1, reasoning_effort="off"
    )
    sent = body("openai", request)
    assert sent["max_completion_tokens"] == 9
    assert sent["messages"][0]["role"] == "developer"
    assert "temperature" not in sent
    assert sent["reasoning_effort"] == "minimal"
    assert body("openai", ChatRequest("gpt-4o", (USER,), temperature=0.1, reasoning_effort="high")) == {
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": "Hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.1,  # and no reasoning_effort: gpt-4o does not reason and refuses the field
    }


@pytest.mark.parametrize(
    ("kind", "model", "effort", "expected"),
    [
        ("openai", "gpt-5.1", "off", {"reasoning_effort": "none"}),
        ("openai", "o3", "off", {}),
        ("openai", "o3", "high", {"reasoning_effort": "high"}),
        ("openrouter", "openai/o3", "low", {"reasoning": {"effort": "low"}}),
        ("openrouter", "openai/o3", "off", {"reasoning": {"enabled": False}}),
        ("qwen", "qwen3-32b", "off", {"enable_thinking": False}),
        ("vllm", "Qwen/Qwen3-8B", "off", {"chat_template_kwargs": {"enable_thinking": False}}),
        ("zhipu", "glm-4.6", "high", {"thinking": {"type": "enabled"}}),
        ("mistral", "magistral-medium", "high", {}),
    ],
)
def test_each_vendor_is_told_to_think_in_its_own_words(kind: str, model: str, effort: Any, expected: Any) -> None:
    plain = body(kind, ChatRequest(model, (USER,)))
    told = body(kind, ChatRequest(model, (USER,), reasoning_effort=effort))
    assert {key: value for key, value in told.items() if key not in plain} == expected


def test_reasoning_goes_back_only_inside_a_tool_loop_and_only_where_wanted() -> None:
    called = Message("assistant", (Reasoning("hm"), ToolCall("c", "t", "{}")))
    said = Message("assistant", (Reasoning("hm"), Text("Hello")))
    request = ChatRequest("deepseek-reasoner", (USER, said, USER, called))
    messages = body("deepseek", request)["messages"]
    assert "reasoning_content" not in messages[1]
    assert messages[3]["reasoning_content"] == "hm"
    assert "reasoning_content" not in body("openai_compatible", request)["messages"][3]


def test_a_schema_is_asked_for_as_the_vendor_can() -> None:
    closed = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
        "additionalProperties": False,
    }
    request = ChatRequest("m", (USER,), response_format=JsonSchema("a", closed))
    exact = body("openai_compatible", request)
    assert exact["response_format"]["json_schema"] == {"name": "a", "schema": closed, "strict": True}
    loose = body("deepseek", request)
    assert loose["response_format"] == {"type": "json_object"}
    assert '"additionalProperties":false' in loose["messages"][0]["content"]
    assert "response_format" not in body("minimax", request)


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        ({"type": "string"}, True),
        ({"type": "object", "properties": {}, "additionalProperties": False}, True),
        ({"type": "object", "properties": {"a": {}}, "additionalProperties": False}, False),
        ({"type": "object", "properties": {"a": {}}, "required": ["a"]}, False),
        ({"type": "array", "items": {"type": "object"}}, False),
    ],
)
def test_strict_mode_is_asked_for_only_where_the_schema_allows_it(schema: Any, strict: bool) -> None:
    assert is_strict(schema) is strict


# --- answers ----------------------------------------------------------------------------------------------------------


@given(st.lists(st.text(max_size=6), max_size=20))
def test_the_text_is_that_of_the_pieces(pieces: list[str]) -> None:
    text = "".join(pieces)
    if text.lstrip().startswith("<think>"[: max(1, len(text.lstrip()))]):
        return
    events = decode(*(chunk({"content": piece}) for piece in pieces), chunk(finish="stop"))
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == text
    assert events[-1] == Finish("stop")


def test_think_tags_become_reasoning() -> None:
    pieces = ["<th", "ink>Let me", " see</", "think>\n\n", "Four", "."]
    events = decode(*(chunk({"content": piece}) for piece in pieces), chunk(finish="stop"))
    assert "".join(event.text for event in events if isinstance(event, ReasoningDelta)) == "Let me see"
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "Four."


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_both_names_of_the_reasoning_field(field: str) -> None:
    assert decode(
        chunk({field: "hm", "content": None}), chunk({field: None, "content": "Yes"}), chunk(finish="stop")
    ) == [
        ReasoningDelta("hm"),
        TextDelta("Yes"),
        Finish("stop"),
    ]


def test_mistrals_thinking_parts() -> None:
    thinking = [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "Yes"}]
    assert decode(chunk({"content": thinking}), chunk(finish="stop")) == [
        ReasoningDelta("hm"),
        TextDelta("Yes"),
        Finish("stop"),
    ]


def test_parallel_calls_that_share_an_index_are_told_apart_by_id() -> None:
    """Gemini's compatible endpoint numbers every call 0 and sends each whole."""
    calls = [
        {"index": 0, "id": name, "type": "function", "function": {"name": "t", "arguments": f'{{"n":"{name}"}}'}}
        for name in ("a", "b")
    ]
    assert decode(chunk({"tool_calls": calls[:1]}), chunk({"tool_calls": calls[1:]}), chunk(finish="stop")) == [
        ToolCallStart(0, "a", "t"),
        ToolCallDelta(0, '{"n":"a"}'),
        ToolCallStart(1, "b", "t"),
        ToolCallDelta(1, '{"n":"b"}'),
        Finish("tool_calls"),
    ]


def test_a_repeated_id_and_name_is_the_same_call() -> None:
    first = {"index": 0, "id": "a", "function": {"name": "t", "arguments": '{"x"'}}
    again = {"index": 0, "id": "a", "function": {"name": "t", "arguments": ":1}"}}
    assert decode(chunk({"tool_calls": [first]}), chunk({"tool_calls": [again]}), chunk(finish="tool_calls")) == [
        ToolCallStart(0, "a", "t"),
        ToolCallDelta(0, '{"x"'),
        ToolCallDelta(0, ":1}"),
        Finish("tool_calls"),
    ]


def test_a_call_without_an_id_gets_one_and_arguments_may_be_an_object() -> None:
    call = {"function": {"name": "t", "arguments": {"x": 1}}}
    start, delta, _ = decode(chunk({"tool_calls": [call]}), chunk(finish="tool_calls"))
    assert isinstance(start, ToolCallStart)
    assert start.id.startswith("call_")
    assert delta == ToolCallDelta(0, '{"x":1}')


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}, Usage(9, 4)),
        ({"prompt_tokens": 9, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 8}}, Usage(9, 4, 8)),
        ({"prompt_tokens": 9, "completion_tokens": 4, "prompt_cache_hit_tokens": 8}, Usage(9, 4, 8)),  # DeepSeek
        ({"prompt_tokens": 9, "completion_tokens": 4, "cached_tokens": 8}, Usage(9, 4, 8)),  # Moonshot
        (
            {"prompt_tokens": 9, "completion_tokens": 40, "completion_tokens_details": {"reasoning_tokens": 30}},
            Usage(9, 40, 0, 30),
        ),
        (
            # xAI counts the reasoning beside the rest
            {
                "prompt_tokens": 9,
                "completion_tokens": 10,
                "total_tokens": 49,
                "completion_tokens_details": {"reasoning_tokens": 30},
            },
            Usage(9, 40, 0, 30),
        ),
        ({"prompt_tokens": None, "completion_tokens": None, "prompt_tokens_details": None}, Usage(0, 0)),
    ],
)
def test_usage_in_every_shape(usage: dict[str, Any], expected: Usage) -> None:
    assert usage_of(usage) == expected


def test_usage_in_every_chunk_counts_once_and_the_last_wins() -> None:
    events = decode(
        chunk({"content": "a"}, usage={"prompt_tokens": 3, "completion_tokens": 1}),
        chunk({}, "stop", usage={"prompt_tokens": 3, "completion_tokens": 2}),
    )
    assert events[1:] == [Usage(3, 2), Finish("stop")]


def test_moonshots_usage_lies_in_the_choice() -> None:
    last = {"choices": [{"delta": {}, "finish_reason": "stop", "usage": {"prompt_tokens": 3, "completion_tokens": 2}}]}
    assert decode(chunk({"content": "a"}), orjson.dumps(last))[1] == Usage(3, 2)


def test_an_answer_that_came_whole_is_taken() -> None:
    whole = {"choices": [{"message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}]}
    assert decode(orjson.dumps(whole)) == [TextDelta("Hello"), Finish("stop")]


def test_a_picture_is_decoded() -> None:
    url = "data:image/png;base64," + base64.b64encode(b"picture").decode()
    image = {"type": "image_url", "image_url": {"url": url}}
    assert decode(chunk({"content": "", "images": [image]}), chunk(finish="stop"))[0] == ImageOutput(
        b"picture", "image/png"
    )


def test_the_end_mark_without_a_reason_is_a_stop() -> None:
    assert decode(chunk({"content": "a"}), b"[DONE]") == [TextDelta("a"), Finish("stop")]


@pytest.mark.parametrize(
    "chunks", [[], [chunk({"content": "a"})], [b"[DONE]"], [b"{}"], [b"[]"], [b"nonsense"], [b'"x"']]
)
def test_what_is_no_answer_is_refused(chunks: list[bytes]) -> None:
    with pytest.raises(BrokenStream):
        decode(*chunks)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"error": {"message": "overloaded", "code": 503}}, 503),
        ({"error": {"message": "x", "code": "server_error"}}, 500),
        ({"error": "boom"}, 500),
        ({"base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}}, 402),
        ({"object": "error", "message": "x", "code": 400}, 400),
        ({"choices": [{"delta": {}, "finish_reason": "insufficient_system_resource"}]}, 503),
    ],
)
def test_errors_inside_a_stream(data: Any, status: int) -> None:
    with pytest.raises(VendorError) as caught:
        decode(chunk({"content": "a"}), orjson.dumps(data))
    assert caught.value.status == status


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "choices",
                        "delta",
                        "content",
                        "tool_calls",
                        "function",
                        "usage",
                        "finish_reason",
                        "images",
                        "name",
                    ]
                ),
                inner,
            )
        ),
        max_leaves=15,
    )
)
def test_no_chunk_however_odd_breaks_the_decoder(data: Any) -> None:
    decoder = StreamDecoder()
    try:
        decoder.feed(orjson.dumps(data))
        decoder.feed(orjson.dumps({"choices": [data]}))
        decoder.feed(orjson.dumps({"choices": [{"delta": data, "finish_reason": "stop"}]}))
        decoder.finish()
    except (BrokenStream, VendorError):
        pass


# --- lists of models --------------------------------------------------------------------------------------------------


def test_lists_of_models_in_their_shapes() -> None:
    openrouter = {
        "id": "openai/gpt-4o",
        "name": "OpenAI: GPT-4o",
        "context_length": 128000,
        "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
        "pricing": {"prompt": "0.0000025", "completion": "0.00001", "input_cache_read": "0.00000125"},
        "top_provider": {"context_length": 128000, "max_completion_tokens": 16384},
        "supported_parameters": ["tools", "structured_outputs", "temperature"],
    }
    (card,) = cards({"data": [openrouter]})
    assert (card.context_tokens, card.max_output_tokens) == (128000, 16384)
    assert card.abilities == {"vision", "tools", "json_schema"}
    assert (card.prices.input, card.prices.output, card.prices.cached_input) == (2.5, 10.0, 1.25)

    (vllm,) = cards(
        {"object": "list", "data": [{"id": "Qwen/Qwen3-8B", "max_model_len": 40960, "root": "Qwen/Qwen3-8B"}]}
    )
    assert vllm.context_tokens == 40960
    (llamacpp,) = cards({"data": [{"id": "m.gguf", "meta": {"n_ctx_train": 8192, "size": 1234}}]})
    assert (llamacpp.context_tokens, llamacpp.size_bytes) == (8192, 1234)
    (mistral,) = cards(
        {
            "data": [
                {"id": "m", "max_context_length": 32768, "capabilities": {"function_calling": True, "vision": False}}
            ]
        }
    )
    assert (mistral.context_tokens, mistral.abilities) == (32768, {"tools"})
    github = [
        {"id": "openai/gpt-4o", "name": "GPT-4o", "limits": {"max_input_tokens": 131072, "max_output_tokens": 16384}}
    ]
    assert cards(github)[0].max_output_tokens == 16384
    together = [{"id": "e", "type": "embedding", "pricing": {"input": 0.02, "output": 0}}]
    assert (cards(together)[0].kind, cards(together)[0].prices.input) == ("embedding", None)


@pytest.mark.parametrize("data", [{}, {"data": None}, {"data": "x"}, "x", None, 7])
def test_what_is_no_list_is_refused(data: Any) -> None:
    with pytest.raises(ValueError, match="list"):
        cards(data)


# --- addresses and keys -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "path", "header"),
    [
        ({"kind": "azure"}, "/openai/v1/chat/completions", "api-key"),
        ({"kind": "azure", "options": {"api_version": "2024-10-21"}},
         "/openai/deployments/fake-large/chat/completions", "api-key"),
        ({"kind": "openai_compatible"}, "/chat/completions", "Authorization"),
    ],
)  # fmt: skip
async def test_azure_has_its_own_paths_and_header(
    changes: dict[str, Any], path: str, header: str, tmp_path: Any
) -> None:
    changes = dict(changes)

    class Anywhere(OpenAIDialect):
        prefix = ""

        def routes(self, fake: Any) -> list[Any]:
            from aiohttp import web

            return [web.post("/{tail:.*}", fake.answer)]

        def authorized(self, request: Any) -> bool:
            return bool(request.headers.get(header))

    async with http_stand(changes.pop("kind"), Anywhere(), tmp_path, **changes) as stand:
        request = ChatRequest(stand.model, (Message("user", (Text(stand.prompt(Script())),)),))
        assert [event async for event in stand.build().stream(request)]
        assert stand.requests[-1].path == path
        version = changes.get("options", {}).get("api_version")
        assert stand.requests[-1].query.get("api-version") == version


def test_the_defaults_are_those_of_a_plain_server() -> None:
    assert catalogue.vendors()["openai_compatible"].quirks == Quirks()
