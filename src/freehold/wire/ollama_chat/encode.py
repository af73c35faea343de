"""Canonical events -> lines of Ollama's chat or generate stream, or one answer.

Source: Ollama, api/types.go (ChatResponse, GenerateResponse, Metrics). A call of a tool is written whole, when its
arguments are complete.
"""

import base64
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
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
from freehold.wire.json_text import arguments_object, dumps, string
from freehold.wire.ollama_chat.parse import OllamaOptions
from freehold.wire.request import ToolCall

_STATUS = {"provider_refused": 400, "context_too_long": 400, "model_not_installed": 404, "no_model_available": 404}


class StreamEncoder:
    """See `wire.dialect.StreamEncoder`. `clock` gives nanoseconds that only ever grow."""

    def __init__(self, head: AnswerHead, options: OllamaOptions, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._head = head
        self._chat = options.endpoint == "chat"
        self._clock = clock
        self._begun = clock()
        self._started = self._begun if head.started_ns is None else head.started_ns
        self._loading: int | None = None  # since when the model is being loaded
        self._load_ns = 0
        self._first: int | None = None  # when the first token came
        self._calls: dict[int, tuple[ToolCallStart, list[str]]] = {}
        self._usage: Usage | None = None
        self._finish: Finish | None = None
        self._model = dumps(head.model)
        self._second, self._begin = -1, b""  # what every line of one second begins with
        self._text = b'"message":{"role":"assistant","content":' if self._chat else b'"response":'
        self._tail = b'},"done":false}\n' if self._chat else b',"done":false}\n'

    def start(self) -> bytes:
        return b""

    def feed(self, event: Event) -> bytes:
        if type(event) is TextDelta:
            return b"%b%b%b%b" % (self._line(), self._text, string(event.text), self._tail)
        match event:
            case ReasoningDelta(text=text):
                return self._piece({"thinking": text}) if text else b""
            case ToolCallStart():
                self._answering()
                self._calls[event.index] = (event, [])
            case ToolCallDelta(index=index, arguments=arguments):
                self._calls[index][1].append(arguments)
            case ImageOutput(data=data):
                return self._piece({"images": [base64.b64encode(data).decode()]})
            case Stage(name=name):
                self._end_loading()
                if name == "loading_model":
                    self._loading = self._clock()
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
        calls = [_call(ToolCall(start.id, start.name, "".join(pieces))) for start, pieces in self._calls.values()]
        frames = self._piece({"tool_calls": calls}) if calls else b""
        now = self._clock()
        first = now if self._first is None else self._first
        durations = {
            "total_duration": now - self._started,
            "load_duration": self._load_ns,
            "prompt_eval_duration": max(0, first - self._started - self._load_ns),
            "eval_duration": now - first,
        }
        ended = {**_empty(self._chat), **_end(self._finish, self._usage, durations)}
        return frames + self._line() + dumps(ended)[1:] + b"\n"

    def error(self, error: ErrorBody, status: int) -> bytes:
        return dumps(error_reply(error, status)[1]) + b"\n"

    def _answering(self) -> None:
        if self._first is None:
            self._end_loading()
            self._first = self._clock()

    def _end_loading(self) -> None:
        if self._loading is not None:
            self._load_ns += self._clock() - self._loading
            self._loading = None

    def _line(self) -> bytes:
        self._answering()
        seconds, rest = divmod(self._clock() - self._begun, 1_000_000_000)
        if seconds != self._second:
            whole = _time(self._head.created + seconds).partition(".")[0]
            self._second, self._begin = seconds, b'{"model":%b,"created_at":"%b' % (self._model, whole.encode())
        return b'%b.%06dZ",' % (self._begin, rest // 1000)

    def _piece(self, message: dict[str, Any]) -> bytes:
        inner = (
            {"message": {"role": "assistant", "content": "", **message}} if self._chat else {"response": "", **message}
        )
        return self._line() + dumps({**inner, "done": False})[1:] + b"\n"


def fold(events: Iterable[Event], head: AnswerHead, options: OllamaOptions) -> dict[str, Any]:
    """One answer. Durations are told when the head says when the request came. Raises ValueError without a Finish."""
    answer = collect(events)
    inner: dict[str, Any] = {}
    if reasoning := answer.reasoning():
        inner["thinking"] = reasoning
    if calls := answer.calls():
        inner["tool_calls"] = [_call(call) for call in calls]
    if images := answer.images():
        inner["images"] = [base64.b64encode(image.data).decode() for image in images]
    if options.endpoint == "chat":
        said: dict[str, Any] = {"message": {"role": "assistant", "content": answer.text(), **inner}}
    else:
        said = {"response": answer.text(), **inner}
    durations: dict[str, int] = {}
    if head.started_ns is not None:
        took = time.monotonic_ns() - head.started_ns
        durations = {"total_duration": took, "load_duration": 0, "prompt_eval_duration": 0, "eval_duration": took}
    top = {"model": head.model, "created_at": _time(head.created)}
    return {**top, **said, **_end(answer.finish, answer.usage, durations)}


def loaded(head: AnswerHead, options: OllamaOptions) -> dict[str, Any]:
    """The answer to a request that only loads or unloads the model."""
    reason = "unload" if options.keep_alive in (0, "0", "0s", "0m") else "load"
    top = {"model": head.model, "created_at": _time(head.created), **_empty(options.endpoint == "chat")}
    return {**top, "done": True, "done_reason": reason}


def error_reply(error: ErrorBody, status: int) -> tuple[int, dict[str, Any]]:
    """Status and body of a failed call; a client that knows nothing else reads `error`."""
    status = _STATUS.get(error.code, 400 if status == 422 else status)
    return status, {"error": f"{error.message} {error.next_step}".strip(), "code": error.code}


def _empty(chat: bool) -> dict[str, Any]:
    return {"message": {"role": "assistant", "content": ""}} if chat else {"response": ""}


def _end(finish: Finish, usage: Usage | None, durations: dict[str, int]) -> dict[str, Any]:
    """Ollama knows the reasons stop and length alone."""
    counts: dict[str, int] = {}
    if usage is not None:
        counts = {"prompt_eval_count": usage.input_tokens, "eval_count": usage.output_tokens}
    return {"done": True, "done_reason": "length" if finish.reason == "length" else "stop", **durations, **counts}


def _call(call: ToolCall) -> dict[str, Any]:
    return {"id": call.id, "function": {"name": call.name, "arguments": arguments_object(call.arguments)}}


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
