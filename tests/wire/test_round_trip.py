"""An answer survives the way through a client's dialect: what the encoders write, the provider's decoders read back."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freehold.wire.answer import Answer, collect
from freehold.wire.events import (
    Event,
    Finish,
    ReasoningDelta,
    Stage,
    TextDelta,
    ToolCallDelta,
    ToolCallStart,
    Usage,
)
from freehold.wire.request import ToolCall
from tests.wire import responses_reader
from tests.wire.dialects import CLIENTS, PROVIDERS
from tests.wire.strategies import answers

# Which provider's decoder reads what a client of that dialect is sent.
READERS: dict[str, Callable[[bytes], list[Event]]] = {
    "openai_chat": PROVIDERS["openai_compatible"].read,
    "anthropic_messages": PROVIDERS["anthropic"].read,
    "ollama_chat": PROVIDERS["ollama"].read,
    "openai_responses": responses_reader.read,
}
every = pytest.mark.parametrize("dialect", sorted(READERS))


def said(answer: Answer, dialect: str) -> dict[str, Any]:
    """What has to survive; tool arguments as values, because a dialect may write them anew."""
    usage, finish = answer.usage, answer.finish.reason
    if usage is not None and dialect == "anthropic_messages":
        usage = replace(usage, reasoning_tokens=0)
    if usage is not None and dialect == "ollama_chat":
        usage = Usage(usage.input_tokens, usage.output_tokens)
        finish = "stop" if finish == "content_filter" else finish
    return {
        "text": answer.text(),
        "reasoning": answer.reasoning(),
        "calls": [(call.id, call.name, json.loads(call.arguments or "{}")) for call in answer.calls()],
        "usage": usage,
        "finish": finish,
    }


@every
@given(events=answers())
@settings(max_examples=150, deadline=None)
def test_a_stream_keeps_text_reasoning_tools_usage_and_reason(dialect: str, events: list[Event]) -> None:
    if dialect == "openai_chat" and not any(isinstance(event, ReasoningDelta) for event in events):
        events = [ReasoningDelta("hm"), *events]  # else a text that begins with <think> would be read as reasoning
    back = READERS[dialect](CLIENTS[dialect].stream(events))
    assert said(collect(back), dialect) == said(collect(events), dialect)


@every
@given(events=answers())
@settings(max_examples=50, deadline=None)
def test_the_folded_answer_says_the_same(dialect: str, events: list[Event]) -> None:
    folded = json.loads(json.dumps(CLIENTS[dialect].fold(events)))
    answer = collect(events)
    if dialect == "ollama_chat":
        message = folded["message"]
        assert (message["content"], message.get("thinking", "")) == (answer.text(), answer.reasoning())
        assert [call["function"]["arguments"] for call in message.get("tool_calls", ())] == [
            json.loads(call.arguments or "{}") for call in answer.calls()
        ]
    elif dialect == "openai_responses":
        assert said(collect(responses_reader.events_of(folded)), dialect) == said(answer, dialect)
    elif dialect == "openai_chat":
        message = folded["choices"][0]["message"]
        assert (message["content"] or "") == answer.text()
        assert message.get("reasoning_content", "") == answer.reasoning()
        assert [call["function"]["arguments"] for call in message.get("tool_calls", ())] == [
            call.arguments for call in answer.calls()
        ]
    else:
        blocks = folded["content"]
        assert "".join(block["text"] for block in blocks if block["type"] == "text") == answer.text()
        assert "".join(block["thinking"] for block in blocks if block["type"] == "thinking") == answer.reasoning()
        assert [block["input"] for block in blocks if block["type"] == "tool_use"] == [
            json.loads(call.arguments or "{}") for call in answer.calls()
        ]


@every
@given(events=answers())
@settings(max_examples=50, deadline=None)
def test_frames_are_complete_and_parse(dialect: str, events: list[Event]) -> None:
    encoder = CLIENTS[dialect].encoder()
    written = [encoder.start(), *(encoder.feed(event) for event in events), encoder.finish()]
    for frames in written:
        if dialect == "ollama_chat":
            assert frames == b"" or frames.endswith(b"\n")
            assert all(isinstance(json.loads(line)["done"], bool) for line in frames.split(b"\n") if line)
            continue
        assert frames == b"" or frames.endswith(b"\n\n")
        for line in frames.decode("utf-8").split("\n"):
            if line.startswith("data: ") and line != "data: [DONE]":
                json.loads(line[6:])


@every
def test_calls_whose_pieces_interleave_are_told_apart(dialect: str) -> None:
    events = [
        ToolCallStart(0, "a", "one"),
        ToolCallDelta(0, '{"x":'),
        ToolCallStart(1, "b", "two"),
        ToolCallDelta(1, '{"y":'),
        ToolCallDelta(0, "1}"),
        ToolCallDelta(1, "2}"),
        Finish("tool_calls"),
    ]
    back = collect(READERS[dialect](CLIENTS[dialect].stream(events)))
    assert back.calls() == (ToolCall("a", "one", '{"x":1}'), ToolCall("b", "two", '{"y":2}'))


@every
def test_a_lone_surrogate_does_not_end_the_stream(dialect: str) -> None:
    frames = CLIENTS[dialect].stream([TextDelta("a\ud83d"), TextDelta("b"), Finish("stop")])
    assert rb"\ud83d" in frames
    frames.decode("utf-8")


@every
def test_stages_keep_the_connection_alive_and_say_nothing(dialect: str) -> None:
    events: list[Event] = [Stage("queued"), Stage("loading_model"), TextDelta("x"), Finish("stop")]
    assert collect(READERS[dialect](CLIENTS[dialect].stream(events))).text() == "x"


@every
def test_an_answer_that_was_cut_off_is_not_finished(dialect: str) -> None:
    with pytest.raises(ValueError, match="cut off"):
        CLIENTS[dialect].stream([TextDelta("x")])
    with pytest.raises(ValueError, match="cut off"):
        CLIENTS[dialect].fold([TextDelta("x")])


@pytest.mark.parametrize("dialect", ["openai_chat", "anthropic_messages"])
@given(events=answers(), cuts=st.lists(st.integers(1, 40), min_size=1, max_size=30))
@settings(max_examples=40, deadline=None)
def test_a_watcher_sees_the_same_however_the_bytes_are_torn(dialect: str, events: list[Event], cuts: list[int]) -> None:
    from freehold.wire.anthropic_messages import AnthropicStreamWatch
    from freehold.wire.openai_chat import OpenAIStreamWatch

    made: Callable[[], Any] = OpenAIStreamWatch if dialect == "openai_chat" else AnthropicStreamWatch
    data = CLIENTS[dialect].stream(events)
    whole, torn = made(), made()
    assert whole.feed(data) == data
    passed, place, turn = b"", 0, 0
    while place < len(data):
        size = cuts[turn % len(cuts)]
        passed += torn.feed(data[place : place + size])
        place, turn = place + size, turn + 1
    assert passed + torn.close() == data
    for seen in (whole, torn):
        assert (
            said(collect([*events[:-2], seen.usage, Finish("stop")]), dialect)["usage"]
            == said(collect(events), dialect)["usage"]
        )
        assert seen.ended
        assert seen.error is None
        assert seen.finish_reason is not None
        assert seen.started == any(not isinstance(event, Usage | Finish) for event in events)
    assert torn.estimated_tokens == whole.estimated_tokens
