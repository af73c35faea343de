"""What is heard of an answer that is passed on as it came: the same, streamed or whole, in both dialects."""

from typing import Any

import orjson
import pytest

from freehold.gateway.dataplane.answering import Asked
from freehold.gateway.dataplane.dialects import ANTHROPIC, OPENAI
from tests.fakes.anthropic import AnthropicDialect
from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import Call, Script

ANSWERS = [
    Script(text=("It ", "is ", "4.")),
    Script(text=("雨",), finish="length"),
    Script(text=("Let me look.",), calls=(Call("c1", "weather", ('{"city":', '"Paris"}')),), finish="tool_calls"),
    Script(text=(), calls=(Call("a", "one", ('{"x":1}',)), Call("b", "two", ('{"y":2}',))), finish="tool_calls"),
]


def asked(dialect: Any, *, stream: bool, **more: Any) -> Asked:
    said = [{"role": "user", "content": "hi"}]
    return Asked(dialect, {"model": "m", "max_tokens": 99, "messages": said, "stream": stream, **more})


@pytest.mark.parametrize("script", ANSWERS)
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(("dialect", "fake"), [(OPENAI, OpenAIDialect()), (ANTHROPIC, AnthropicDialect())])
def test_text_tools_and_reason(script: Script, stream: bool, dialect: Any, fake: Any) -> None:
    body = {"model": "m", "stream": stream}
    pieces = fake.frames(script, body) if stream else [orjson.dumps(fake.whole(script, body))]
    hearing = asked(dialect, stream=stream).judging()
    assert hearing is not None
    given = hearing.given(pieces)
    assert given.text == "".join(script.text)
    heard = [(name, orjson.loads(arguments)) for name, arguments in given.calls]
    assert heard == [(call.name, orjson.loads("".join(call.pieces))) for call in script.calls]
    assert given.finish == script.finish


def test_log_probabilities_where_the_client_asked_for_them() -> None:
    told = {"content": [{"token": "4", "logprob": -0.5}, {"token": ".", "logprob": -1.5}]}
    chunk = {"choices": [{"index": 0, "delta": {"content": "4."}, "logprobs": told, "finish_reason": None}]}
    whole = {"choices": [{"index": 0, "message": {"content": "4."}, "logprobs": told, "finish_reason": "stop"}]}
    for stream, pieces in ((True, [b"data: " + orjson.dumps(chunk) + b"\n\n"]), (False, [orjson.dumps(whole)])):
        hearing = asked(OPENAI, stream=stream).judging()
        assert hearing is not None
        assert hearing.given(pieces).logprobs == [-0.5, -1.5]


def test_several_answers_at_once_are_not_judged() -> None:
    assert asked(OPENAI, stream=False, n=2).judging() is None
    assert asked(OPENAI, stream=False, messages="nonsense").judging() is None
