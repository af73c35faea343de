"""What a client may send to Ollama's chat and generate, and the lines it gets."""

import base64
import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freehold import errors
from freehold.wire import ollama_chat, ollama_generate
from freehold.wire.dialect import AnswerHead
from freehold.wire.events import Finish, ImageOutput, ReasoningDelta, Stage, TextDelta, Usage
from freehold.wire.ollama_chat import OllamaOptions, StreamEncoder
from freehold.wire.request import ChatRequest, Image, JsonObject, JsonSchema, Message, Text, ToolCall, ToolResult
from tests.wire.dialects import CLIENTS, HEAD

PNG = b"\x89PNG\r\n\x1a\n"
USER = {"role": "user", "content": "Hi"}


def asked(**fields: Any) -> ChatRequest:
    return ollama_chat.parse({"model": "m", "messages": [USER], **fields}).request


def generated(**fields: Any) -> ChatRequest:
    return ollama_generate.parse({"model": "m", "prompt": "Hi", **fields}).request


def field_of(ask: Any, **fields: Any) -> str:
    with pytest.raises(errors.InvalidRequest) as caught:
        ask(**fields)
    return caught.value.params["field"]


def test_ollama_streams_unless_told_not_to() -> None:
    assert ollama_chat.parse({"model": "m", "messages": [USER]}).stream
    assert not ollama_chat.parse({"model": "m", "messages": [USER], "stream": False}).stream
    assert ollama_generate.parse({"model": "m", "prompt": "Hi"}).request == asked()


def test_options_become_canonical_fields() -> None:
    options = {
        "temperature": 0.5,
        "top_p": 0.9,
        "num_predict": 50,
        "stop": ["END"],
        "seed": 7,
        "top_k": 40,
        "repeat_penalty": 1.1,
        "num_ctx": 8192,
        "num_gpu": 99,
        "presence_penalty": 0.0,
    }
    request = asked(options=options)
    assert (request.temperature, request.top_p, request.max_tokens, request.stop, request.seed) == (
        0.5,
        0.9,
        50,
        ("END",),
        7,
    )
    assert request.extra == {"top_k": 40, "repeat_penalty": 1.1, "num_ctx": 8192}
    assert request.verbatim_only == ()
    assert asked(options={"num_predict": -1}).max_tokens is None


@pytest.mark.parametrize(("think", "effort"), [(True, "medium"), (False, "off"), ("high", "high"), (None, None)])
def test_thinking_becomes_an_effort(think: Any, effort: str | None) -> None:
    assert asked(think=think).reasoning_effort == effort


def test_forms_of_an_answer() -> None:
    assert asked(format="json").response_format == JsonObject()
    assert asked(format="").response_format is None
    assert asked(format={"type": "object"}).response_format == JsonSchema("answer", {"type": "object"})


def test_results_find_their_calls_by_id_by_name_and_by_order() -> None:
    def call(name: str, **more: Any) -> dict[str, Any]:
        return {"function": {"name": name, "arguments": {}}, **more}

    request = asked(
        messages=[
            {"role": "assistant", "tool_calls": [call("a", id="x1"), call("b"), call("a"), call("c")]},
            {"role": "tool", "content": "third", "tool_name": "a", "tool_call_id": "call_0_2"},
            {"role": "tool", "content": "second", "tool_name": "b"},
            {"role": "tool", "content": "first"},
            {"role": "tool", "content": "last"},
        ]
    )
    assert [part.id for part in request.messages[0].parts if isinstance(part, ToolCall)] == [
        "x1",
        "call_0_1",
        "call_0_2",
        "call_0_3",
    ]
    results = [part for message in request.messages[1:] for part in message.parts if isinstance(part, ToolResult)]
    assert [(result.call_id, result.content) for result in results] == [
        ("call_0_2", "third"),
        ("call_0_1", "second"),
        ("x1", "first"),
        ("call_0_3", "last"),
    ]
    assert field_of(asked, messages=[{"role": "tool", "content": "x"}]) == "messages[0]"


def test_images_are_known_by_their_first_bytes() -> None:
    image = base64.b64encode(PNG).decode()
    assert asked(messages=[{**USER, "images": [image]}]).messages == (
        Message("user", (Text("Hi"), Image(PNG, "image/png"))),
    )
    assert generated(images=[image]).messages[0].parts[1] == Image(PNG, "image/png")
    assert field_of(asked, messages=[{**USER, "images": ["aGk="]}]) == "messages[0].images[0]"


@pytest.mark.parametrize(
    ("ask", "fields", "named"),
    [
        (asked, {"logprobs": True, "options": {"mirostat": 1}}, ["logprobs", "options.mirostat"]),
        (asked, {"keep_alive": "5m", "truncate": False, "logprobs": False, "options": {"mirostat": 0}}, []),
        (
            generated,
            {"suffix": "}", "raw": True, "template": "x", "context": [1]},
            ["context", "raw", "suffix", "template"],
        ),
        (generated, {"suffix": "", "raw": False, "context": []}, []),
    ],
)
def test_what_has_no_canonical_form_is_named(ask: Any, fields: dict[str, Any], named: list[str]) -> None:
    assert [item.field for item in ask(**fields).verbatim_only] == named


@pytest.mark.parametrize(
    ("ask", "fields", "field"),
    [
        (asked, {"model": None}, "model"),
        (asked, {"api_base": "x"}, "api_base"),
        (asked, {"messages": [{"role": "judge"}]}, "messages[0].role"),
        (asked, {"options": {"temperature": "hot"}}, "options.temperature"),
        (asked, {"options": {"num_predict": "many"}}, "options.num_predict"),
        (asked, {"think": "hard"}, "think"),
        (asked, {"think": 1}, "think"),
        (asked, {"format": 3}, "format"),
        (asked, {"tools": [{"type": "function"}]}, "tools[0].function"),
        (generated, {"prompt": 3}, "prompt"),
        (generated, {"images": ["%"]}, "images[0]"),
    ],
)
def test_the_wrong_field_is_named(ask: Any, fields: dict[str, Any], field: str) -> None:
    assert field_of(ask, **fields) == field


def test_nothing_to_say_loads_the_model() -> None:
    parsed = ollama_chat.parse({"model": "m", "messages": []})
    assert parsed.options.load
    assert ollama_chat.loaded(HEAD, parsed.options)["done_reason"] == "load"
    unload = ollama_generate.parse({"model": "m", "keep_alive": 0})
    assert unload.options.load
    assert ollama_generate.loaded(HEAD, unload.options) == {
        "model": "smart",
        "created_at": "2026-09-21T14:13:20.000000Z",
        "response": "",
        "done": True,
        "done_reason": "unload",
    }


def test_durations_say_where_the_time_went() -> None:
    ticks = iter([5, 10, 30, 70, 70, 100, 100])  # in nanoseconds since the request came at 0
    encoder = StreamEncoder(AnswerHead("1", "m", 0, started_ns=0), OllamaOptions(), clock=lambda: next(ticks))
    encoder.feed(Stage("loading_model"))
    encoder.feed(Stage("reading_prompt"))
    encoder.feed(TextDelta("x"))
    encoder.feed(Usage(7, 3))
    encoder.feed(Finish("length"))
    ended = json.loads(encoder.finish())
    assert {name: value for name, value in ended.items() if name not in ("model", "created_at", "message")} == {
        "done": True,
        "done_reason": "length",
        "total_duration": 100,
        "load_duration": 20,
        "prompt_eval_duration": 50,
        "eval_duration": 30,
        "prompt_eval_count": 7,
        "eval_count": 3,
    }


def test_generate_answers_in_response() -> None:
    lines = CLIENTS["ollama_generate"].stream([ReasoningDelta("hm"), TextDelta("Hi"), Finish("stop")]).splitlines()
    thought, said, ended = (json.loads(line) for line in lines)
    assert (thought["response"], thought["thinking"]) == ("", "hm")
    assert (said["response"], said["done"]) == ("Hi", False)
    assert (ended["response"], ended["done"], ended["done_reason"]) == ("", True, "stop")
    folded = CLIENTS["ollama_generate"].fold([ReasoningDelta("hm"), TextDelta("Hi"), Finish("stop")])
    assert (folded["response"], folded["thinking"], folded["done"]) == ("Hi", "hm", True)


def test_a_picture_is_given_as_base64() -> None:
    lines = CLIENTS["ollama_chat"].stream([ImageOutput(b"png", "image/png"), Finish("stop")]).splitlines()
    assert json.loads(lines[0])["message"]["images"] == ["cG5n"]


def test_errors_are_one_sentence() -> None:
    error = errors.InvalidRequest("think must be true.", field="think")
    assert ollama_chat.error_reply(error.body(), error.status) == (
        400,
        {"error": "think must be true. Correct the named field and send again.", "code": "invalid_request"},
    )
    line = CLIENTS["ollama_chat"].encoder().error(errors.ProviderOverloaded("Busy.").body(), 503)
    assert json.loads(line)["error"].startswith("Busy.")
    assert line.endswith(b"}\n")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(["messages", "tools", "options", "format", "think", "images", "prompt", "system", "keep_alive"])


@given(fields=st.dictionaries(KEYS, json_values, max_size=4))
@settings(max_examples=300, deadline=None)
def test_any_json_is_read_or_refused(fields: dict[str, Any]) -> None:
    for ask in (asked, generated):
        with contextlib.suppress(errors.InvalidRequest):  # and nothing else
            ask(**fields)
