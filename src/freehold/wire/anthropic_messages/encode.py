"""Canonical events -> the events of a message stream, or one message.

Source: https://docs.anthropic.com/en/api/messages-streaming. Content blocks follow one another, so of several tool
calls the first is streamed and the others wait for it to end.
"""

from collections.abc import Iterable
from typing import Any

from freehold.errors import CannotCarry, ErrorBody
from freehold.wire.answer import collect
from freehold.wire.anthropic_messages.errors import error_reply
from freehold.wire.anthropic_messages.parse import MessageOptions
from freehold.wire.anthropic_messages.signatures import without_prefix
from freehold.wire.anthropic_messages.usage import usage_object
from freehold.wire.dialect import AnswerHead
from freehold.wire.events import (
    Event,
    Finish,
    FinishReason,
    ImageOutput,
    ReasoningDelta,
    Stage,
    TextDelta,
    ToolCallDelta,
    ToolCallStart,
    Usage,
)
from freehold.wire.json_text import arguments_object, string
from freehold.wire.json_text import event as frame
from freehold.wire.request import Part, Reasoning, Text, ToolCall
from freehold.wire.signatures import ANTHROPIC_REDACTED

_PING = frame({"type": "ping"}, "ping")
_STOP_REASONS: dict[FinishReason, str] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
}


class StreamEncoder:
    """See `wire.dialect.StreamEncoder`."""

    __slots__ = ("_block", "_call", "_finish", "_head", "_index", "_text", "_usage", "_waiting")

    def __init__(self, head: AnswerHead, options: MessageOptions) -> None:
        del options
        self._head = head
        self._index = -1
        self._block: str | None = None  # type of the content block that is open
        self._text = b""  # what comes before the text of a delta of this block
        self._call: int | None = None  # index of the call whose block is open
        self._waiting: dict[int, tuple[ToolCallStart, list[str]]] = {}
        self._usage: Usage | None = None
        self._finish: Finish | None = None

    def start(self) -> bytes:
        message = _message(self._head, [], None, Usage(self._head.input_tokens, 0))
        return frame({"type": "message_start", "message": message}, "message_start") + _PING

    def feed(self, event: Event) -> bytes:
        if type(event) is TextDelta and self._block == "text":
            return b"%b%b}}\n\n" % (self._text, string(event.text))
        match event:
            case TextDelta(text=text):
                opened = self._open("text", {"type": "text", "text": ""})
                kind = b'{"type":"content_block_delta","index":%d,"delta":{"type":"text_delta","text":' % self._index
                self._text = b"event: content_block_delta\ndata: " + kind
                return opened + b"%b%b}}\n\n" % (self._text, string(text))
            case ReasoningDelta(text=text, signature=signature):
                return self._reasoning(text, signature)
            case ToolCallStart():
                return self._start_call(event)
            case ToolCallDelta(index=index, arguments=arguments):
                if index == self._call:
                    return self._delta("input_json_delta", "partial_json", arguments)
                if index not in self._waiting:
                    raise CannotCarry("The model went on with the call of a tool after it had begun something else.")
                self._waiting[index][1].append(arguments)
            case ImageOutput():
                raise CannotCarry("The model made a picture, and Anthropic's messages have no form for one.")
            case Stage():
                return _PING
            case Usage():
                self._usage = event
            case Finish():
                self._finish = event
        return b""

    def finish(self) -> bytes:
        if self._finish is None:
            raise ValueError("an answer without Finish was cut off")
        usage = self._usage or Usage(self._head.input_tokens, 0)
        frames = self._close()
        delta = {"stop_reason": _stop_reason(self._finish), "stop_sequence": self._finish.stop_sequence}
        ended = {"type": "message_delta", "delta": delta, "usage": usage_object(usage)}
        return frames + frame(ended, "message_delta") + frame({"type": "message_stop"}, "message_stop")

    def error(self, error: ErrorBody, status: int) -> bytes:
        return frame(error_reply(error, status)[1], "error")

    def _open(self, kind: str, block: dict[str, Any]) -> bytes:
        frames = self._close()
        self._index += 1
        self._block = kind
        return frames + frame(
            {"type": "content_block_start", "index": self._index, "content_block": block}, "content_block_start"
        )

    def _close(self) -> bytes:
        """End the open block, and write the calls that waited for it."""
        frames = self._stop()
        waiting, self._waiting = self._waiting, {}
        for start, pieces in waiting.values():
            frames += self._open("tool_use", _tool_use(start.id, start.name, {}))
            frames += self._delta("input_json_delta", "partial_json", "".join(pieces)) if pieces else b""
            frames += self._stop()
        return frames

    def _stop(self) -> bytes:
        if self._block is None:
            return b""
        self._block = self._call = None
        return frame({"type": "content_block_stop", "index": self._index}, "content_block_stop")

    def _delta(self, kind: str, name: str, text: str) -> bytes:
        delta = {"type": kind, name: text}
        return frame({"type": "content_block_delta", "index": self._index, "delta": delta}, "content_block_delta")

    def _start_call(self, start: ToolCallStart) -> bytes:
        if self._call is not None:
            self._waiting[start.index] = (start, [])
            return b""
        opened = self._open("tool_use", _tool_use(start.id, start.name, {}))
        self._call = start.index
        return opened

    def _reasoning(self, text: str, signature: str | None) -> bytes:
        if signature is not None and signature.startswith(ANTHROPIC_REDACTED):
            data = signature.removeprefix(ANTHROPIC_REDACTED)
            return self._open("redacted_thinking", {"type": "redacted_thinking", "data": data}) + self._stop()
        frames = b""
        if self._block != "thinking":
            frames += self._open("thinking", {"type": "thinking", "thinking": "", "signature": ""})
        if text:
            frames += self._delta("thinking_delta", "thinking", text)
        if signature is not None:  # it closes the block
            frames += self._delta("signature_delta", "signature", without_prefix(signature)) + self._stop()
        return frames


def fold(events: Iterable[Event], head: AnswerHead, options: MessageOptions) -> dict[str, Any]:
    """A message. Raises ValueError when the events hold no Finish, CannotCarry for a picture."""
    del options
    answer = collect(events)
    blocks = [_block(part) for part in answer.parts]
    usage = answer.usage or Usage(head.input_tokens, 0)
    return _message(head, blocks, answer.finish, usage)


def _message(head: AnswerHead, blocks: list[dict[str, Any]], finish: Finish | None, usage: Usage) -> dict[str, Any]:
    return {
        "id": f"msg_{head.id}",
        "type": "message",
        "role": "assistant",
        "model": head.model,
        "content": blocks,
        "stop_reason": _stop_reason(finish) if finish else None,
        "stop_sequence": finish.stop_sequence if finish else None,
        "usage": usage_object(usage),
    }


def _stop_reason(finish: Finish) -> str:
    if finish.reason == "stop" and finish.stop_sequence is not None:
        return "stop_sequence"
    return _STOP_REASONS[finish.reason]


def _tool_use(call_id: str, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {"type": "tool_use", "id": call_id, "name": name, "input": arguments}


def _block(part: Part) -> dict[str, Any]:
    match part:
        case Text(text=text):
            return {"type": "text", "text": text}
        case Reasoning(signature=signature) if signature and signature.startswith(ANTHROPIC_REDACTED):
            return {"type": "redacted_thinking", "data": signature.removeprefix(ANTHROPIC_REDACTED)}
        case Reasoning(text=text, signature=signature):
            return {"type": "thinking", "thinking": text, "signature": without_prefix(signature or "")}
        case ToolCall(id=call_id, name=name, arguments=arguments):
            return _tool_use(call_id, name, arguments_object(arguments))
        case _:
            raise CannotCarry("The model made a picture, and Anthropic's messages have no form for one.")
