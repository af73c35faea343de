"""Canonical events -> the events of a response stream, or one response.

Source: https://platform.openai.com/docs/api-reference/responses-streaming. Reasoning goes out as its summary, which is
what clients show.
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
from freehold.wire.json_text import dumps, string
from freehold.wire.openai_chat.errors import error_object
from freehold.wire.openai_responses.output import ended, item, item_id, output_text, response, summary_text
from freehold.wire.openai_responses.parse import ResponseOptions
from freehold.wire.request import Image, Part, Reasoning, Text, ToolCall


class _Open:
    """An output item that is still being written."""

    __slots__ = ("index", "part", "pieces")

    def __init__(self, index: int, part: Part) -> None:
        self.index = index
        self.part = part
        self.pieces: list[str] = []


class StreamEncoder:
    """See `wire.dialect.StreamEncoder`."""

    def __init__(self, head: AnswerHead, options: ResponseOptions) -> None:
        self._head = head
        self._options = options
        self._sequence = 0
        self._output: list[dict[str, Any]] = []  # as far as items were begun; in their final form once they are done
        self._open: _Open | None = None  # the text or reasoning under way
        self._calls: dict[int, _Open] = {}  # open to the end, because their arguments may come interleaved
        self._delta_head = b""  # of the text under way, up to the delta
        self._usage: Usage | None = None
        self._finish: Finish | None = None

    def start(self) -> bytes:
        begun = response(self._head, self._options, "in_progress", [])
        return self._frame("response.created", response=begun) + self._frame("response.in_progress", response=begun)

    def feed(self, event: Event) -> bytes:
        match event:
            case TextDelta(text=text):
                return self._text(text)
            case ReasoningDelta(text=text, signature=signature):
                return self._reasoning(text, signature)
            case ToolCallStart(index=index, id=call_id, name=name):
                frames = self._close_open()
                self._calls[index], added = self._add(ToolCall(call_id, name, ""))
                return frames + added
            case ToolCallDelta(index=index, arguments=arguments):
                call = self._calls[index]
                call.pieces.append(arguments)
                return self._item_frame("response.function_call_arguments.delta", call, delta=arguments)
            case ImageOutput(data=data, media_type=media_type):
                frames = self._close_open()
                made, added = self._add(Image(data, media_type))
                return frames + added + self._done(made, made.part)
            case Stage(name=name):
                return b": %b\n\n" % name.encode()  # a comment, which keeps the connection alive
            case Usage():
                self._usage = event
            case Finish():
                self._finish = event
        return b""

    def finish(self) -> bytes:
        if self._finish is None:
            raise ValueError("an answer without Finish was cut off")
        frames = self._close()
        whole = ended(self._head, self._options, self._output, self._finish, self._usage)
        return frames + self._frame(f"response.{whole['status']}", response=whole)

    def error(self, error: ErrorBody, status: int) -> bytes:
        """`response.failed`, with what was written until then."""
        told = error_object(error, status)
        code = "rate_limit_exceeded" if told["code"] == "rate_limit_exceeded" else "server_error"
        output = [done for done in self._output if done["status"] == "completed"]
        failed = {"code": code, "message": told["message"]}
        return self._frame(
            "response.failed", response=response(self._head, self._options, "failed", output, error=failed)
        )

    def _text(self, text: str) -> bytes:
        frames = b""
        if self._open is None or not isinstance(self._open.part, Text):
            frames = self._close_open()
            self._open, added = self._add(Text(""))
            frames += added + self._item_frame("response.content_part.added", self._open, **_part_of(""))
            kind = "response.output_text.delta"
            place = {"type": kind, "content_index": 0, "logprobs": [], **self._place(self._open)}
            self._delta_head = b'event: %b\ndata: %b,"delta":' % (kind.encode(), dumps(place)[:-1])
        self._open.pieces.append(text)
        sequence, self._sequence = self._sequence, self._sequence + 1
        return frames + b'%b%b,"sequence_number":%d}\n\n' % (self._delta_head, string(text), sequence)

    def _reasoning(self, text: str, signature: str | None) -> bytes:
        frames = b""
        if self._open is None or not isinstance(self._open.part, Reasoning):
            frames = self._close_open()
            self._open, added = self._add(Reasoning(""))
            frames += added
        thought = self._open
        if text:
            if not thought.pieces:
                frames += self._item_frame(
                    "response.reasoning_summary_part.added", thought, summary_index=0, part=summary_text("")
                )
            thought.pieces.append(text)
            frames += self._item_frame("response.reasoning_summary_text.delta", thought, summary_index=0, delta=text)
        if signature is not None:
            thought.part = Reasoning("", signature)
            frames += self._close_open()
        return frames

    def _add(self, part: Part) -> tuple[_Open, bytes]:
        opened = _Open(len(self._output), part)
        begun = item(self._head, part, opened.index, status="in_progress")
        self._output.append(begun)
        added = self._frame("response.output_item.added", output_index=opened.index, item=begun)
        return opened, added

    def _close(self) -> bytes:
        """End every item that is open."""
        frames = self._close_open()
        calls, self._calls = self._calls, {}
        for call in calls.values():
            whole = "".join(call.pieces)
            frames += self._item_frame("response.function_call_arguments.done", call, arguments=whole)
            assert isinstance(call.part, ToolCall)
            frames += self._done(call, ToolCall(call.part.id, call.part.name, whole))
        return frames

    def _close_open(self) -> bytes:
        opened, self._open = self._open, None
        if opened is None:
            return b""
        whole = "".join(opened.pieces)
        if isinstance(opened.part, Text):
            return (
                self._item_frame("response.output_text.done", opened, content_index=0, text=whole, logprobs=[])
                + self._item_frame("response.content_part.done", opened, **_part_of(whole))
                + self._done(opened, Text(whole))
            )
        assert isinstance(opened.part, Reasoning)
        frames = b""
        if whole:
            frames = self._item_frame(
                "response.reasoning_summary_text.done", opened, summary_index=0, text=whole
            ) + self._item_frame(
                "response.reasoning_summary_part.done", opened, summary_index=0, part=summary_text(whole)
            )
        return frames + self._done(opened, Reasoning(whole, opened.part.signature))

    def _done(self, opened: _Open, part: Part) -> bytes:
        self._output[opened.index] = item(self._head, part, opened.index)
        return self._frame("response.output_item.done", output_index=opened.index, item=self._output[opened.index])

    def _place(self, opened: _Open) -> dict[str, Any]:
        return {"item_id": item_id(self._head, opened.part, opened.index), "output_index": opened.index}

    def _item_frame(self, kind: str, opened: _Open, **more: Any) -> bytes:
        return self._frame(kind, **self._place(opened), **more)

    def _frame(self, kind: str, **more: Any) -> bytes:
        sequence, self._sequence = self._sequence, self._sequence + 1
        data = dumps({"type": kind, "sequence_number": sequence, **more})
        return b"event: %b\ndata: %b\n\n" % (kind.encode(), data)


def fold(events: Iterable[Event], head: AnswerHead, options: ResponseOptions) -> dict[str, Any]:
    """A response. Raises ValueError when the events hold no Finish."""
    answer = collect(events)
    output = [item(head, part, index) for index, part in enumerate(answer.parts)]
    return ended(head, options, output, answer.finish, answer.usage)


def _part_of(text: str) -> dict[str, Any]:
    return {"content_index": 0, "part": output_text(text)}
