"""Chunks of a generateContent stream -> canonical events (https://ai.google.dev/api/generate-content)."""

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
    Usage,
)
from freehold.wire.signatures import GEMINI as SIGNED

# https://ai.google.dev/api/generate-content#FinishReason
_FINISH: dict[str, FinishReason] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "SAFETY": "content_filter",
    "RECITATION": "content_filter",
    "LANGUAGE": "content_filter",
    "BLOCKLIST": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
    "SPII": "content_filter",
    "IMAGE_SAFETY": "content_filter",
    "IMAGE_PROHIBITED_CONTENT": "content_filter",
    "IMAGE_RECITATION": "content_filter",
}
_BROKEN_FINISH = {
    "MALFORMED_FUNCTION_CALL": "the model wrote a tool call that cannot be read",
    "UNEXPECTED_TOOL_CALL": "the model called a tool it was not given",
}


class StreamDecoder:
    """A stream has no end mark of its own: it is complete when a finish reason was read, or the prompt was blocked."""

    def __init__(self) -> None:
        self.done = False
        self._finish_reason: str | None = None
        self._usage: dict[str, Any] = {}
        self._calls = 0

    def feed(self, data: bytes) -> list[Event]:
        """Events of one chunk. Raises BrokenStream, VendorError."""
        try:
            chunk = orjson.loads(data)
        except ValueError as exc:
            raise BrokenStream("a chunk that is not JSON") from exc
        if not isinstance(chunk, dict):
            raise BrokenStream("a chunk that is not an object")
        if error := chunk.get("error"):
            code = error.get("code") if isinstance(error, dict) else None
            raise VendorError(code if isinstance(code, int) and 400 <= code < 600 else 500, chunk)
        if isinstance(usage := chunk.get("usageMetadata"), dict):
            self._usage.update(usage)
        if (chunk.get("promptFeedback") or {}).get("blockReason"):
            self._finish_reason = "PROHIBITED_CONTENT"
        candidates = chunk.get("candidates")
        if not candidates:
            return []
        try:
            candidate = candidates[0]
            events: list[Event] = []
            for part in (candidate.get("content") or {}).get("parts") or ():
                self._part(part, events)
            self._finish_reason = candidate.get("finishReason") or self._finish_reason
        except (KeyError, TypeError, AttributeError, binascii.Error) as exc:
            raise BrokenStream("a candidate without what belongs to it") from exc
        return events

    def finish(self) -> list[Event]:
        """Usage and finish. Raises BrokenStream when the stream was cut off or the model failed to form its answer."""
        reason = self._finish_reason
        if reason is None:
            raise BrokenStream("the stream ended before the answer did")
        if reason in _BROKEN_FINISH:
            raise BrokenStream(_BROKEN_FINISH[reason])
        finish = _FINISH.get(reason, "stop")
        if finish == "stop" and self._calls:
            finish = "tool_calls"
        usage = [usage_of(self._usage)] if self._usage else []
        return [*usage, Finish(finish)]

    def _part(self, part: dict[str, Any], events: list[Event]) -> None:
        if signature := part.get("thoughtSignature"):
            events.append(ReasoningDelta("", SIGNED + signature))
        if text := part.get("text"):
            events.append(ReasoningDelta(text) if part.get("thought") else TextDelta(text))
        elif call := part.get("functionCall"):
            index, self._calls = self._calls, self._calls + 1
            events.append(ToolCallStart(index, call.get("id") or f"call_{new_id()}", call["name"]))
            events.append(ToolCallDelta(index, orjson.dumps(call.get("args") or {}).decode()))
        elif (blob := part.get("inlineData")) and not part.get("thought"):
            events.append(ImageOutput(base64.b64decode(blob["data"]), blob.get("mimeType") or "image/png"))


def usage_of(usage: dict[str, Any]) -> Usage:
    """Gemini counts thoughts beside the answer and tool prompts beside the prompt."""
    reasoning = usage.get("thoughtsTokenCount") or 0
    return Usage(
        input_tokens=(usage.get("promptTokenCount") or 0) + (usage.get("toolUsePromptTokenCount") or 0),
        output_tokens=(usage.get("candidatesTokenCount") or 0) + reasoning,
        cached_input_tokens=usage.get("cachedContentTokenCount") or 0,
        reasoning_tokens=reasoning,
        audio_input_tokens=_of_kind(usage.get("promptTokensDetails"), "AUDIO"),
        audio_output_tokens=_of_kind(usage.get("candidatesTokensDetails"), "AUDIO"),
        image_output_tokens=_of_kind(usage.get("candidatesTokensDetails"), "IMAGE"),
    )


def _of_kind(details: Any, modality: str) -> int:
    """Tokens of one modality in a list of `ModalityTokenCount`."""
    found = [one for one in details or () if isinstance(one, dict) and one.get("modality") == modality]
    return sum(one.get("tokenCount") or 0 for one in found)
