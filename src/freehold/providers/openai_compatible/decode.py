"""Chunks of a chat completion stream -> canonical events (https://platform.openai.com/docs/api-reference/chat-streaming)."""

import base64
import binascii
from typing import Any

import orjson

from freehold.kit.ids import new_id
from freehold.providers.failures import BrokenStream, VendorError
from freehold.wire.events import (
    Event,
    Finish,
    FinishReason,
    ImageOutput,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    ToolCallStart,
)
from freehold.wire.openai_chat.usage import usage_of
from freehold.wire.reasoning_tags import ReasoningTags

_FINISH: dict[str, FinishReason] = {
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    "sensitive": "content_filter",  # Zhipu
    "risk_content": "content_filter",
}

# A finish reason that is a failure, and the status that says the same.
_FAILED_FINISH = {"insufficient_system_resource": 503, "network_error": 502, "error": 502}


class StreamDecoder:
    """Fed the data of each server-sent event; `finish()` closes the answer with usage and the reason."""

    def __init__(self) -> None:
        self.done = False  # [DONE] was read
        self.finish_reason: str | None = None
        self._usage: dict[str, Any] | None = None
        self._tags = ReasoningTags()
        self._plain = False  # no tag can come any more
        self._calls: dict[int, tuple[int, str]] = {}  # the vendor's index -> ours and the call's id
        self._call_count = 0
        self._saw_output = False

    def feed(self, data: bytes) -> list[Event]:
        """Events of one chunk. Raises BrokenStream, VendorError."""
        if data == b"[DONE]":
            self.done = True
            return []
        try:
            chunk = orjson.loads(data)
        except ValueError as exc:
            raise BrokenStream(str(exc)) from exc
        if not isinstance(chunk, dict):
            raise BrokenStream(f"a {type(chunk).__name__}")
        try:
            return self._chunk(chunk)
        except (TypeError, AttributeError, KeyError) as exc:
            raise BrokenStream("a chunk without what belongs to it") from exc

    def _chunk(self, chunk: dict[str, Any]) -> list[Event]:
        choices = chunk.get("choices")
        if choices and isinstance(choices, list) and isinstance(choices[0], dict):
            choice = choices[0]
            delta = choice.get("delta")
            if delta is None:
                delta = choice.get("message")
            events = self._delta(delta) if isinstance(delta, dict) else []
            reason = choice.get("finish_reason")
            if reason:
                self._end(str(reason), chunk)
            usage = chunk.get("usage") or choice.get("usage")  # Moonshot puts it inside the choice
        else:
            _raise_error(chunk)
            events, usage = [], chunk.get("usage")
        if usage and isinstance(usage, dict):
            self._usage = usage
        return events

    def finish(self) -> list[Event]:
        """The rest: text held back, usage, finish. Raises BrokenStream when the stream was cut off."""
        if self.finish_reason is None and not (self.done and self._saw_output):
            raise BrokenStream("the stream ended before the answer did")
        reasoning, text = self._tags.finish()
        events: list[Event] = []
        if reasoning:
            events.append(ReasoningDelta(reasoning))
        if text:
            events.append(TextDelta(text))
        if self._usage is not None:
            events.append(usage_of(self._usage))
        reason = _FINISH.get(self.finish_reason or "stop", "stop")
        if reason == "stop" and self._call_count:
            reason = "tool_calls"
        events.append(Finish(reason))
        return events

    def _end(self, reason: str, chunk: dict[str, Any]) -> None:
        if reason in _FAILED_FINISH:
            raise VendorError(_FAILED_FINISH[reason], chunk if chunk.get("error") else {"error": {"message": reason}})
        self.finish_reason = reason

    def _delta(self, delta: dict[str, Any]) -> list[Event]:
        events: list[Event] = []
        reasoning = delta.get("reasoning_content") or delta.get("reasoning")
        if reasoning and isinstance(reasoning, str):
            self._plain = True
            events.append(ReasoningDelta(reasoning))
        content = delta.get("content")
        if content:
            if isinstance(content, str):
                self._text(content, events)
            else:
                self._parts(content, events)
        elif delta.get("refusal"):
            self._text(str(delta["refusal"]), events)
        calls = delta.get("tool_calls")
        if calls:
            for position, call in enumerate(calls):
                self._call(call, position, events)
        if delta.get("images"):
            events += _images(delta["images"])
        if events:
            self._saw_output = True
        return events

    def _text(self, piece: str, events: list[Event]) -> None:
        if self._plain:
            events.append(TextDelta(piece))
            return
        reasoning, text = self._tags.feed(piece)
        self._plain = self._tags.passes_through
        if reasoning:
            events.append(ReasoningDelta(reasoning))
        if text:
            events.append(TextDelta(text))

    def _parts(self, content: Any, events: list[Event]) -> None:
        """Content as a list of parts, as Mistral's reasoning models send it."""
        for part in content if isinstance(content, list) else ():
            if not isinstance(part, dict):
                continue
            if part.get("type") == "thinking":
                thinking = part.get("thinking")
                pieces = thinking if isinstance(thinking, list) else [{"text": thinking}]
                text = "".join(str(piece.get("text") or "") for piece in pieces if isinstance(piece, dict))
                if text:
                    self._plain = True
                    events.append(ReasoningDelta(text))
            elif part.get("text"):
                self._text(str(part["text"]), events)

    def _call(self, call: Any, position: int, events: list[Event]) -> None:
        if not isinstance(call, dict):
            return
        function = call.get("function") or {}
        index = call.get("index")
        key = index if isinstance(index, int) else position
        call_id, name = call.get("id"), function.get("name")
        known = self._calls.get(key)
        if name and (known is None or (call_id and call_id != known[1])):  # some vendors number every call 0
            known = (self._call_count, str(call_id or f"call_{new_id()}"))
            self._calls[key] = known
            self._call_count += 1
            events.append(ToolCallStart(known[0], known[1], str(name)))
        arguments = function.get("arguments")
        if known is not None and arguments:
            text = arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode()
            events.append(ToolCallDelta(known[0], text))


def _raise_error(chunk: dict[str, Any]) -> None:
    error = chunk.get("error")
    base = chunk.get("base_resp")
    if isinstance(base, dict) and base.get("status_code"):  # MiniMax answers 200 and says so here
        raise VendorError(_MINIMAX_STATUS.get(base["status_code"], 400), chunk)
    if error or chunk.get("object") == "error":
        code = error.get("code") if isinstance(error, dict) else chunk.get("code")
        raise VendorError(code if isinstance(code, int) and 400 <= code < 600 else 500, chunk)


# https://platform.minimax.io/docs/api-reference/errorcode
_MINIMAX_STATUS = {1002: 429, 1004: 401, 1008: 402, 1039: 429, 2013: 400, 2049: 401}


def _images(images: Any) -> list[Event]:
    """Images that a model made, as OpenRouter sends them: data URLs."""
    events: list[Event] = []
    for image in images if isinstance(images, list) else ():
        url = (image.get("image_url") or {}).get("url", "") if isinstance(image, dict) else ""
        head, comma, body = url.partition(",")
        if comma and head.startswith("data:") and head.endswith(";base64"):
            try:
                data = base64.b64decode(body, validate=True)
            except binascii.Error as exc:
                raise BrokenStream("an image that is not base64") from exc
            events.append(ImageOutput(data, head[5:-7] or "image/png"))
    return events
