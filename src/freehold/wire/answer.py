"""Folds the canonical events of one answer into its parts, for clients that do not stream."""

from collections.abc import Iterable
from dataclasses import dataclass

from freehold.wire.events import (
    Event,
    Finish,
    ImageOutput,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    ToolCallStart,
    Usage,
)
from freehold.wire.request import Image, Part, Reasoning, Text, ToolCall


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: parts in the order the model began them."""

    parts: tuple[Part, ...]
    finish: Finish
    usage: Usage | None

    def text(self) -> str:
        return "".join(part.text for part in self.parts if isinstance(part, Text))

    def reasoning(self) -> str:
        return "".join(part.text for part in self.parts if isinstance(part, Reasoning))

    def calls(self) -> tuple[ToolCall, ...]:
        return tuple(part for part in self.parts if isinstance(part, ToolCall))

    def images(self) -> tuple[Image, ...]:
        return tuple(part for part in self.parts if isinstance(part, Image))


class _Growing:
    """A part whose text is still arriving."""

    __slots__ = ("part", "pieces")

    def __init__(self, part: Part, *pieces: str) -> None:
        self.part = part
        self.pieces = list(pieces)

    def whole(self) -> Part:
        text = "".join(self.pieces)
        match self.part:
            case Text():
                return Text(text)
            case Reasoning(signature=signature):
                return Reasoning(text, signature)
            case ToolCall(id=call_id, name=name):
                return ToolCall(call_id, name, text)
            case part:
                return part


def collect(events: Iterable[Event]) -> Answer:
    """Fold events. A signature closes the reasoning before it. Raises ValueError without a Finish: that was cut off."""
    growing: list[_Growing] = []
    calls: dict[int, _Growing] = {}
    finish: Finish | None = None
    usage: Usage | None = None
    for event in events:
        match event:
            case TextDelta(text=text):
                if not growing or not isinstance(growing[-1].part, Text):
                    growing.append(_Growing(Text("")))
                growing[-1].pieces.append(text)
            case ReasoningDelta():
                _reason(growing, event)
            case ToolCallStart(index=index, id=call_id, name=name):
                calls[index] = _Growing(ToolCall(call_id, name, ""))
                growing.append(calls[index])
            case ToolCallDelta(index=index, arguments=text):
                calls[index].pieces.append(text)
            case ImageOutput(data=data, media_type=media_type):
                growing.append(_Growing(Image(data, media_type)))
            case Usage():
                usage = event
            case Finish():
                finish = event
            case _:  # stages are of interest while they last
                pass
    if finish is None:
        raise ValueError("an answer without Finish was cut off")
    return Answer(tuple(part.whole() for part in growing), finish, usage)


def _reason(growing: list[_Growing], event: ReasoningDelta) -> None:
    last = growing[-1].part if growing else None
    if not isinstance(last, Reasoning) or last.signature is not None:
        growing.append(_Growing(Reasoning("")))
    growing[-1].pieces.append(event.text)
    if event.signature is not None:
        growing[-1].part = Reasoning("", event.signature)
