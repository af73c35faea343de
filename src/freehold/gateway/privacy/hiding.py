"""A request with stand-ins, and its answer with the real things; pure."""

import contextlib
import json
from collections.abc import AsyncGenerator
from dataclasses import replace

from freehold.gateway.privacy.masking import Mask, Restored
from freehold.wire.events import Event, ReasoningDelta, TextDelta, ToolCallDelta
from freehold.wire.request import ChatRequest, Document, Message, Part, Reasoning, Text, ToolCall, ToolResult


def hidden(request: ChatRequest, mask: Mask) -> ChatRequest:
    """The request with stand-ins in all that is written in it. Pictures, sound and other files are as they were."""
    return replace(
        request,
        messages=tuple(_hidden(message, mask) for message in request.messages),
        tools=tuple(replace(tool, description=mask.hide(tool.description)) for tool in request.tools),
    )


def _hidden(message: Message, mask: Mask) -> Message:
    return replace(message, parts=tuple(_part(part, mask) for part in message.parts), name=None)


def _part(part: Part, mask: Mask) -> Part:
    match part:
        case Text(text):
            return Text(mask.hide(text))
        case Reasoning(text):  # its signature is of the real text
            return Reasoning(mask.hide(text)) if mask.hide(text) != text else part
        case ToolCall(id_, name, arguments):
            return ToolCall(id_, name, mask.hide(arguments))
        case Document(data, media_type) if media_type.startswith("text/"):
            return replace(part, data=mask.hide(data.decode("utf-8", "replace")).encode())
        case ToolResult(content=str(content)):
            return replace(part, content=mask.hide(content))
        case ToolResult(content=tuple(content)):
            shown = tuple(Text(mask.hide(one.text)) if isinstance(one, Text) else one for one in content)
            return replace(part, content=shown)
        case _:
            return part


def texts_of(request: ChatRequest) -> list[str]:
    """Every text of a request, those of its tools, too."""
    found = [
        text for tool in request.tools for text in (tool.description, json.dumps(tool.parameters, ensure_ascii=False))
    ]
    for message in request.messages:
        for part in message.parts:
            match part:
                case Text(text) | Reasoning(text) | ToolCall(arguments=text):
                    found.append(text)
                case ToolResult():
                    found.append(part.text())
                case Document(data, media_type) if media_type.startswith("text/"):
                    found.append(data.decode("utf-8", "replace"))
                case _:
                    pass
    return found


async def restored(events: AsyncGenerator[Event], mask: Mask) -> AsyncGenerator[Event]:
    """The events of an answer with the real things in them."""
    current: _Channel | None = None
    async with contextlib.aclosing(events):
        async for event in events:
            fresh = _Channel(event, mask) if isinstance(event, TextDelta | ReasoningDelta | ToolCallDelta) else None
            if current is not None and (fresh is None or fresh.key != current.key):
                if (rest := current.finish()) is not None:
                    yield rest
                current = None
            if fresh is None:
                yield event
                continue
            current = current or fresh
            if (piece := current.feed(event)) is not None:
                yield piece
    if current is not None and (rest := current.finish()) is not None:
        yield rest


class _Channel:
    """Deltas of one kind, and of one tool call, that come one after the other."""

    def __init__(self, event: TextDelta | ReasoningDelta | ToolCallDelta, mask: Mask) -> None:
        self.key = (type(event), event.index if isinstance(event, ToolCallDelta) else None)
        self._shape = event
        self._restored = Restored(mask, _in_json) if isinstance(event, ToolCallDelta) else Restored(mask)

    def feed(self, event: Event) -> Event | None:
        match event:
            case ToolCallDelta(arguments=text) | TextDelta(text) | ReasoningDelta(text):
                piece = self._restored.feed(text)
            case _:
                return event
        signed = isinstance(event, ReasoningDelta) and event.signature
        return self._with(event, piece) if piece or signed else None

    def finish(self) -> Event | None:
        rest = self._restored.finish()
        return self._with(self._shape, rest) if rest else None

    @staticmethod
    def _with(event: Event, text: str) -> Event:
        match event:
            case ToolCallDelta():
                return replace(event, arguments=text)
            case TextDelta() | ReasoningDelta():
                return replace(event, text=text)
            case _:
                return event


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]
