"""Folds the events of a stream into one whole answer, for callers that do not stream."""

import contextlib
from collections.abc import AsyncGenerator

from freehold.providers.base import Completion, Provider
from freehold.wire.events import Event, Finish, ReasoningDelta, TextDelta, ToolCallDelta, ToolCallStart, Usage
from freehold.wire.request import ChatRequest


async def complete(provider: Provider, request: ChatRequest) -> Completion:
    """The whole answer. The provider is always called with streaming, so a cancelled caller cancels it at once."""
    return await fold(provider.stream(request))


async def fold(events: AsyncGenerator[Event]) -> Completion:
    """Read a stream to its end. Raises what the stream raises; `usage` is None when the provider counted nothing."""
    text: list[str] = []
    reasoning: list[str] = []
    calls: dict[int, tuple[str, str, list[str]]] = {}
    usage: Usage | None = None
    reason = "stop"
    async with contextlib.aclosing(events):
        async for event in events:
            match event:
                case TextDelta(text=piece):
                    text.append(piece)
                case ReasoningDelta(text=piece):
                    reasoning.append(piece)
                case ToolCallStart(index=index, id=call_id, name=name):
                    calls[index] = (call_id, name, [])
                case ToolCallDelta(index=index, arguments=piece):
                    calls[index][2].append(piece)
                case Usage():
                    usage = event
                case Finish(reason=reason):
                    pass
                case _:
                    pass
    return Completion(
        text="".join(text),
        reasoning="".join(reasoning),
        tool_calls=tuple((call_id, name, "".join(pieces)) for call_id, name, pieces in calls.values()),
        usage=usage,
        finish_reason=reason,
    )
