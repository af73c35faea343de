"""Between canonical requests and events and POST /api/chat; pure functions.

Source: Ollama, docs/api.md and api/types.go (ChatRequest, ChatResponse, Message, ToolCall).
"""

import base64
from collections.abc import Mapping
from typing import Any

import orjson

from freehold.kit.ids import new_id
from freehold.wire.events import (
    Event,
    Finish,
    FinishReason,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    ToolCallStart,
    Usage,
)
from freehold.wire.request import ChatRequest, Image, JsonObject, Message, Reasoning, ToolCall, ToolResult

# Values of Ollama's `options` that a caller may add beside the canonical ones.
_EXTRA = (
    "num_ctx", "num_keep", "top_k", "min_p", "typical_p", "repeat_last_n", "repeat_penalty", "presence_penalty",
    "frequency_penalty",
)  # fmt: skip


class NotAnAnswer(ValueError):
    """A line that is no part of a chat answer, or an answer that was cut off."""


def encode(request: ChatRequest, options: Mapping[str, Any], *, levels: bool) -> dict[str, Any]:
    """The body of the call. `options` are the provider's; `levels`: the model takes levels of thinking (gpt-oss)."""
    body: dict[str, Any] = {
        "model": request.model,
        "messages": _messages(request.messages),
        "stream": True,
        # Ollama otherwise drops the oldest messages without a word; a refusal can be told to the user.
        "truncate": False,
    }
    sampling: dict[str, Any] = {"num_ctx": options.get("num_ctx")}
    sampling.update({name: request.extra[name] for name in _EXTRA if name in request.extra})
    sampling.update(
        temperature=request.temperature,
        top_p=request.top_p,
        num_predict=request.max_tokens,
        stop=list(request.stop) or None,
        seed=request.seed,
    )
    sampling = {name: value for name, value in sampling.items() if value is not None}
    if sampling:
        body["options"] = sampling
    if options.get("keep_alive") is not None:
        body["keep_alive"] = options["keep_alive"]
    if request.tools and request.tool_choice != "none":
        body["tools"] = [
            {
                "type": "function",
                "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
            }
            for tool in request.tools
        ]
    if request.response_format is not None:
        wanted = request.response_format
        body["format"] = "json" if isinstance(wanted, JsonObject) else wanted.schema
    if request.reasoning_effort is not None:
        effort = request.reasoning_effort
        body["think"] = ("low" if effort == "off" else effort) if levels else effort != "off"
    return body


def _messages(history: tuple[Message, ...]) -> list[dict[str, Any]]:
    names = {part.id: part.name for message in history for part in message.parts if isinstance(part, ToolCall)}
    out: list[dict[str, Any]] = []
    for message in history:
        results = [part for part in message.parts if isinstance(part, ToolResult)]
        for result in results:
            entry: dict[str, Any] = {"role": "tool", "content": result.told(), "tool_call_id": result.call_id}
            if result.call_id in names:
                entry["tool_name"] = names[result.call_id]
            if result.media():
                entry["images"] = [base64.b64encode(part.data).decode() for part in result.media()]
            out.append(entry)
        if results and len(results) == len(message.parts):
            continue
        out.append(_message(message))
    return out


def _message(message: Message) -> dict[str, Any]:
    entry: dict[str, Any] = {"role": message.role, "content": message.text()}
    thinking = "".join(part.text for part in message.parts if isinstance(part, Reasoning))
    if thinking:
        entry["thinking"] = thinking
    images = [base64.b64encode(part.data).decode() for part in message.parts if isinstance(part, Image)]
    if images:
        entry["images"] = images
    calls = [part for part in message.parts if isinstance(part, ToolCall)]
    if calls:
        entry["tool_calls"] = [
            {"id": call.id, "function": {"name": call.name, "arguments": _arguments(call)}} for call in calls
        ]
    return entry


def _arguments(call: ToolCall) -> dict[str, Any]:
    """Ollama wants an object where others take the text."""
    try:
        value = orjson.loads(call.arguments or "{}")
    except ValueError:
        return {"arguments": call.arguments}
    return value if isinstance(value, dict) else {"arguments": value}


class Decoder:
    """Fed each line of the answer; `done` once the last one came."""

    def __init__(self) -> None:
        self.done = False
        self._calls = 0

    def feed(self, line: bytes) -> list[Event]:
        """The events of one line. Raises NotAnAnswer, and ServerFailed for an error object."""
        try:
            data = orjson.loads(line)
        except ValueError as exc:
            raise NotAnAnswer("a line that is not JSON") from exc
        if not isinstance(data, dict):
            raise NotAnAnswer(f"a {type(data).__name__}")
        if data.get("error"):
            raise ServerFailed(data)
        message = data.get("message") or {}
        events: list[Event] = []
        if message.get("thinking"):
            events.append(ReasoningDelta(message["thinking"]))
        if message.get("content"):
            events.append(TextDelta(message["content"]))
        for call in message.get("tool_calls") or ():
            events += self._call(call)
        if data.get("done"):
            self.done = True
            events += self._end(data)
        return events

    def _call(self, call: dict[str, Any]) -> list[Event]:
        """A call arrives whole; its id is ours where the server gives none (before 0.12)."""
        function = call.get("function") or {}
        index, self._calls = self._calls, self._calls + 1
        arguments = orjson.dumps(function.get("arguments") or {}).decode()
        start = ToolCallStart(index, str(call.get("id") or f"call_{new_id()}"), str(function.get("name") or ""))
        return [start, ToolCallDelta(index, arguments)]

    def _end(self, data: dict[str, Any]) -> list[Event]:
        events: list[Event] = []
        if "eval_count" in data or "prompt_eval_count" in data:
            events.append(Usage(int(data.get("prompt_eval_count") or 0), int(data.get("eval_count") or 0)))
        reason: FinishReason = "length" if data.get("done_reason") == "length" else "stop"
        events.append(Finish("tool_calls" if self._calls and reason == "stop" else reason))
        return events


class ServerFailed(Exception):
    """The error object that Ollama sends in the middle of a stream."""

    def __init__(self, data: dict[str, Any]) -> None:
        super().__init__(str(data.get("error"))[:200])
        self.data = data
