"""Streams that are passed on as they came: what is learned of them, and that no byte of them changes."""

import pytest

from freehold.wire.anthropic_messages import AnthropicStreamWatch
from freehold.wire.events import Usage
from freehold.wire.openai_chat import OpenAIStreamWatch
from freehold.wire.watching import MAX_FRAME_BYTES, FrameTooLong
from tests.wire.golden import FOLDER


def chunk(inner: str) -> bytes:
    return b'data: {"id":"c","choices":[{"index":0,%b}]}\n\n' % inner.encode()


def text(piece: str) -> bytes:
    return chunk(f'"delta":{{"content":"{piece}"}},"finish_reason":null')


ROLE = chunk('"delta":{"role":"assistant","content":""},"finish_reason":null')
STOP = chunk('"delta":{},"finish_reason":"stop"')
COUNTS = b'data: {"id":"c","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}\n\n'
DONE = b"data: [DONE]\n\n"


def test_the_first_content_is_seen_when_it_comes() -> None:
    watch = OpenAIStreamWatch()
    watch.feed(ROLE)
    assert not watch.started
    watch.feed(text("Hi"))
    assert watch.started
    assert not watch.ended


def test_counts_reason_and_end() -> None:
    watch = OpenAIStreamWatch()
    for piece in (ROLE, text("Hi"), STOP, COUNTS, DONE):
        assert watch.feed(piece) is piece
    assert (watch.usage, watch.finish_reason, watch.ended) == (Usage(5, 2), "stop", True)


def test_a_stream_that_was_cut_has_not_ended() -> None:
    watch = OpenAIStreamWatch()
    watch.feed(ROLE + text("Hi") + STOP[:-20])
    watch.close()
    assert not watch.ended


def test_words_of_the_answer_are_not_taken_for_the_frame() -> None:
    watch = OpenAIStreamWatch()
    for piece in (
        r"\"usage\":{\"prompt_tokens\":1}",
        "[DONE]",
        r"data: [DONE]\n\n",
        r"\"finish_reason\":\"stop\"",
        "x",
    ):
        watch.feed(text(piece))
    assert (watch.usage, watch.finish_reason, watch.ended, watch.error) == (None, None, False, None)


def test_tokens_are_estimated_from_all_that_was_written() -> None:
    watch = OpenAIStreamWatch()
    for _ in range(100):
        watch.feed(text(" word"))
    for _ in range(10):
        watch.feed(chunk('"delta":{"reasoning_content":"forty characters of thinking, forty more."}'))
    assert 200 <= watch.estimated_tokens <= 250
    escaped, plain = OpenAIStreamWatch(), OpenAIStreamWatch()
    escaped.feed(text(r"\u4e16\u754c" * 20))
    plain.feed(text("世界" * 20))
    assert escaped.estimated_tokens == plain.estimated_tokens == 30


def test_servers_that_write_json_with_spaces() -> None:
    watch = OpenAIStreamWatch(hide_usage=True)
    spaced = b'data: {"choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": "length"}]}\n\n'
    counts = b'data: {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 2}}\n\n'
    assert watch.feed(spaced + counts) == spaced + b"\n"
    assert (watch.started, watch.finish_reason, watch.usage) == (True, "length", Usage(5, 2))


def test_counts_that_only_we_wanted_are_kept_back_even_when_torn() -> None:
    data = ROLE + text("Hi") + STOP + COUNTS + DONE
    watch = OpenAIStreamWatch(hide_usage=True)
    passed = b"".join(watch.feed(data[place : place + 7]) for place in range(0, len(data), 7)) + watch.close()
    assert b"usage" not in passed
    assert passed.replace(b"\n\n\n", b"\n\n") == ROLE + text("Hi") + STOP + DONE
    assert watch.usage == Usage(5, 2)


def test_counts_inside_a_choice_and_beside_one_stay() -> None:
    beside = (
        b'data: {"choices":[{"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":1,"completion_tokens":2}}]}\n\n'
    )
    watch = OpenAIStreamWatch(hide_usage=True)
    assert watch.feed(beside) == beside
    assert watch.usage == Usage(1, 2)


def test_an_error_in_the_stream_is_seen() -> None:
    watch = OpenAIStreamWatch()
    watch.feed(text("Hi") + b'data: {"error":{"message":"overloaded"}}\n\n')
    assert watch.error == {"message": "overloaded"}
    calm = OpenAIStreamWatch()
    calm.feed(b'data: {"choices":[{"delta":{"content":"x"}}],"error":null}\n\n')
    assert calm.error is None


def test_a_line_without_end_is_given_up() -> None:
    watch = OpenAIStreamWatch()
    watch.feed(b"x" * MAX_FRAME_BYTES)
    with pytest.raises(FrameTooLong):
        watch.feed(b"x")


def test_a_message_stream_of_anthropic() -> None:
    watch = AnthropicStreamWatch()
    start = (
        b'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":3,'
        b'"cache_read_input_tokens":100,"cache_creation_input_tokens":7,"output_tokens":1,"service_tier":"standard"}}}\n\n'
    )
    delta = (
        b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,'
        b'"delta":{"type":"text_delta","text":"\\"message_stop\\" \\"type\\":\\"error\\""}}\n\n'
    )
    assert watch.feed(start) is start
    assert not watch.started
    watch.feed(delta)
    assert (watch.started, watch.ended, watch.error) == (True, False, None)
    watch.feed(b'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},')
    watch.feed(b'"usage":{"output_tokens":9}}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n')
    assert (watch.usage, watch.finish_reason, watch.ended) == (Usage(110, 9, 100, 0, 7), "end_turn", True)


@pytest.mark.parametrize(
    ("provider", "made", "counts", "reason"),
    [
        ("openai_compatible", OpenAIStreamWatch, Usage(120, 30, 100, 5), "tool_calls"),
        ("anthropic", AnthropicStreamWatch, Usage(120, 30, 100, 0, 8), "tool_use"),
    ],
)
def test_real_answers_byte_by_byte(provider: str, made: type, counts: Usage, reason: str) -> None:
    data = (FOLDER / "streams" / f"{provider}.txt").read_bytes()
    watch = made()
    assert b"".join(watch.feed(data[place : place + 1]) for place in range(len(data))) == data
    assert (watch.usage, watch.finish_reason, watch.ended, watch.error) == (counts, reason, True, None)


def test_an_error_event_of_anthropic_is_seen() -> None:
    watch = AnthropicStreamWatch()
    watch.feed(b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"busy"}}\n\n')
    assert watch.error == {"type": "overloaded_error", "message": "busy"}
