"""Canonical events -> chunks of a chat completion stream, or one completion.

Source: https://platform.openai.com/docs/api-reference/chat-streaming. Two fields are not OpenAI's but usual:
`reasoning_content` (DeepSeek, vLLM) and, for what goes back to the model in a tool loop, `reasoning_details` and
`images` (OpenRouter).
"""

from collections.abc import Iterable
from typing import Any

from freehold.errors import ErrorBody
from freehold.wire.answer import collect
from freehold.wire.dialect import AnswerHead
from freehold.wire.events import (
    Event,
    Finish,
    ImageOutput,
    ReasoningDelta,
    Stage,
    TextDelta,
    ToolCallDelta,
    ToolCallStart,
    Usage,
)
from freehold.wire.json_text import dumps, event, string
from freehold.wire.media import data_url
from freehold.wire.openai_chat.errors import error_object
from freehold.wire.openai_chat.parse import ChatOptions
from freehold.wire.openai_chat.usage import usage_object
from freehold.wire.request import Reasoning

DONE = b"data: [DONE]\n\n"


class StreamEncoder:
    """See `wire.dialect.StreamEncoder`. A frame is a head and a tail made once, and the delta between them."""

    __slots__ = (
        "_details",
        "_finish",
        "_head",
        "_images",
        "_options",
        "_reasoning",
        "_tail",
        "_text",
        "_thought",
        "_usage",
    )

    def __init__(self, head: AnswerHead, options: ChatOptions) -> None:
        fixed = {
            "id": f"chatcmpl-{head.id}",
            "object": "chat.completion.chunk",
            "created": head.created,
            "model": head.model,
        }
        counts = b',"usage":null' if options.include_usage else b""
        self._head = b'data: %b,"choices":[' % dumps(fixed)[:-1]
        self._tail = b',"logprobs":null,"finish_reason":null}]%b}\n\n' % counts
        self._text = self._head + b'{"index":0,"delta":{"content":'
        self._reasoning = self._head + b'{"index":0,"delta":{"reasoning_content":'
        self._thought: list[str] = []  # since the last signature, which is told together with what it signs
        self._details = self._images = 0  # entries of lists carry their index, or the SDK cannot join the deltas
        self._options = options
        self._usage: Usage | None = None
        self._finish: Finish | None = None

    def start(self) -> bytes:
        return self._delta({"role": "assistant", "content": "", "refusal": None})

    def feed(self, event: Event) -> bytes:
        if type(event) is TextDelta:
            return b"%b%b}%b" % (self._text, string(event.text), self._tail)
        match event:
            case ReasoningDelta(text=text, signature=signature):
                return self._thinking(text, signature)
            case ToolCallDelta(index=index, arguments=arguments):
                return self._delta({"tool_calls": [{"index": index, "function": {"arguments": arguments}}]})
            case ToolCallStart(index=index, id=call_id, name=name):
                function = {"name": name, "arguments": ""}
                call = {"index": index, "id": call_id, "type": "function", "function": function}
                return self._delta({"tool_calls": [call]})
            case ImageOutput(data=data, media_type=media_type):
                self._images += 1
                return self._delta({"images": [{"index": self._images - 1, **image_object(data, media_type)}]})
            case Stage(name=name):
                return b": %b\n\n" % name.encode()  # a comment, which keeps the connection alive
            case Usage():
                self._usage = event
            case Finish():
                self._finish = event
            case _:
                pass
        return b""

    def finish(self) -> bytes:
        if self._finish is None:
            raise ValueError("an answer without Finish was cut off")
        ended = {"index": 0, "delta": {}, "logprobs": None, "finish_reason": self._finish.reason}
        counts = b',"usage":null' if self._options.include_usage else b""
        frames = b"%b%b]%b}\n\n" % (self._head, dumps(ended), counts)
        if self._options.include_usage and self._usage is not None:
            frames += b'%b],"usage":%b}\n\n' % (self._head, dumps(usage_object(self._usage)))
        return frames + DONE

    def error(self, error: ErrorBody, status: int) -> bytes:
        return event({"error": error_object(error, status)})

    def _delta(self, delta: dict[str, Any]) -> bytes:
        return b'%b{"index":0,"delta":%b%b' % (self._head, dumps(delta), self._tail)

    def _thinking(self, text: str, signature: str | None) -> bytes:
        self._thought.append(text)
        if signature is None:
            return b"%b%b}%b" % (self._reasoning, string(text), self._tail)
        delta: dict[str, Any] = {"reasoning_content": text} if text else {}
        signed, self._thought = "".join(self._thought), []
        self._details += 1
        detail = {"index": self._details - 1, **_detail(signed, signature)}
        return self._delta({**delta, "reasoning_details": [detail]})


def fold(events: Iterable[Event], head: AnswerHead, options: ChatOptions) -> dict[str, Any]:
    """A chat completion. Raises ValueError when the events hold no Finish."""
    del options
    answer = collect(events)
    calls = [
        {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
        for call in answer.calls()
    ]
    text = answer.text()
    message: dict[str, Any] = {
        "role": "assistant",
        "content": text if text or not calls else None,
        "refusal": None,
        "annotations": [],
    }
    thoughts = [part for part in answer.parts if isinstance(part, Reasoning)]
    if reasoning := answer.reasoning():
        message["reasoning_content"] = reasoning
    if any(part.signature for part in thoughts):
        message["reasoning_details"] = [_detail(part.text, part.signature) for part in thoughts]
    if calls:
        message["tool_calls"] = calls
    if images := answer.images():
        message["images"] = [image_object(image.data, image.media_type) for image in images]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": answer.finish.reason}
    completion = {
        "id": f"chatcmpl-{head.id}",
        "object": "chat.completion",
        "created": head.created,
        "model": head.model,
        "choices": [choice],
    }
    return {**completion, "usage": usage_object(answer.usage)} if answer.usage else completion


def image_object(data: bytes, media_type: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": data_url(data, media_type)}}


def _detail(text: str, signature: str | None) -> dict[str, Any]:
    return {"type": "reasoning.text", "text": text, "signature": signature}
