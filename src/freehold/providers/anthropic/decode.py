"""Events of a message stream -> canonical events (https://docs.anthropic.com/en/api/messages-streaming)."""

from typing import Any

import orjson

from freehold.providers.failures import BrokenStream, VendorError
from freehold.wire.anthropic_messages.usage import usage_of
from freehold.wire.events import (
    Event,
    Finish,
    FinishReason,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    ToolCallStart,
)
from freehold.wire.signatures import ANTHROPIC as SIGNED
from freehold.wire.signatures import ANTHROPIC_REDACTED as REDACTED

_FINISH: dict[str, FinishReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}

# https://docs.anthropic.com/en/api/errors
_STATUS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}


class StreamDecoder:
    """`schema_tool`: the call of this tool is the answer itself, so its arguments come out as text."""

    def __init__(self, schema_tool: str | None = None) -> None:
        self.done = False
        self._schema_tool = schema_tool
        self._as_text = False  # the block under way is the call of the schema tool
        self._call = -1  # index of the tool call under way
        self._call_empty = False
        self._usage: dict[str, int] = {}
        self._finish_reason: str | None = None
        self._stop_sequence: str | None = None

    def feed(self, data: bytes) -> list[Event]:
        """Events of one server-sent event. Raises BrokenStream, VendorError."""
        try:
            event = orjson.loads(data)
            kind = event["type"]
        except (ValueError, KeyError, TypeError) as exc:
            raise BrokenStream("an event that is not JSON with a type") from exc
        try:
            match kind:
                case "content_block_delta":
                    return self._delta(event["delta"])
                case "content_block_start":
                    return self._start(event["content_block"])
                case "content_block_stop":
                    return self._stop()
                case "message_start":
                    self._count(event["message"].get("usage"))
                case "message_delta":
                    self._count(event.get("usage"))
                    self._finish_reason = event["delta"].get("stop_reason") or self._finish_reason
                    self._stop_sequence = event["delta"].get("stop_sequence")
                case "message_stop":
                    self.done = True
                case "error":
                    error = event.get("error") or {}
                    raise VendorError(_STATUS.get(error.get("type", ""), 500), event)
                case _:  # ping, and what is still to be invented
                    pass
        except (KeyError, TypeError, AttributeError) as exc:
            raise BrokenStream(f"a {kind} event without what belongs to it") from exc
        return []

    def finish(self) -> list[Event]:
        """Usage and finish. Raises BrokenStream when the stream ended before the message."""
        if not self.done:
            raise BrokenStream("the stream ended before the answer did")
        reason = _FINISH.get(self._finish_reason or "", "stop")
        if self._schema_tool and reason == "tool_calls":
            reason = "stop"
        events: list[Event] = []
        if self._usage:
            events.append(usage_of(self._usage))
        return [*events, Finish(reason, self._stop_sequence)]

    def _start(self, block: dict[str, Any]) -> list[Event]:
        self._as_text = False
        match block["type"]:
            case "tool_use" if block["name"] == self._schema_tool:
                self._as_text = True
            case "tool_use":
                self._call += 1
                self._call_empty = True
                return [ToolCallStart(self._call, block["id"], block["name"])]
            case "text" if block.get("text"):
                return [TextDelta(block["text"])]
            case "redacted_thinking":
                return [ReasoningDelta("", REDACTED + block["data"])]
            case _:
                pass
        return []

    def _delta(self, delta: dict[str, Any]) -> list[Event]:
        match delta["type"]:
            case "text_delta":
                return [TextDelta(delta["text"])] if delta["text"] else []
            case "thinking_delta":
                return [ReasoningDelta(delta["thinking"])] if delta["thinking"] else []
            case "signature_delta":
                return [ReasoningDelta("", SIGNED + delta["signature"])]
            case "input_json_delta" if delta["partial_json"]:
                piece = delta["partial_json"]
                if self._as_text:
                    return [TextDelta(piece)]
                self._call_empty = False
                return [ToolCallDelta(self._call, piece)]
            case _:
                return []

    def _stop(self) -> list[Event]:
        if self._call_empty:  # a call without arguments sends no JSON at all
            self._call_empty = False
            return [ToolCallDelta(self._call, "{}")]
        return []

    def _count(self, usage: dict[str, Any] | None) -> None:
        """Counts are running totals; later ones replace earlier ones."""
        for name, value in (usage or {}).items():
            if isinstance(value, int):
                self._usage[name] = value
