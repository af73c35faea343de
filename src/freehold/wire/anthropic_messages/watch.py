"""Watches a message stream that is passed on as it came: counts, reason and end, without parsing every event."""

import json
from typing import Any

from freehold.wire.anthropic_messages.usage import usage_of
from freehold.wire.events import Usage
from freehold.wire.watching import Lines, estimated_tokens, strings_of

_OUTPUT = strings_of("text", "thinking", "partial_json")


class AnthropicStreamWatch:
    """Fed the bytes of an upstream's answer in pieces of any size; gives back what goes on to the client.

    `usage`: the running totals as far as they were told, final when `ended`. `estimated_tokens`: of the output.
    `finish_reason`: Anthropic's stop reason. `started`: something of the answer was seen. `ended`: `message_stop` came.
    `error`: the object of an error event in the stream.
    """

    __slots__ = ("_counts", "_lines", "_tokens", "ended", "error", "finish_reason", "started")

    def __init__(self) -> None:
        self.finish_reason: str | None = None
        self.started = False
        self.ended = False
        self.error: Any = None
        self._counts: dict[str, int] = {}
        self._lines = Lines()
        self._tokens = 0.0

    @property
    def usage(self) -> Usage | None:
        return usage_of(self._counts) if self._counts else None

    @property
    def estimated_tokens(self) -> int:
        return max(1, round(self._tokens)) if self.started else 0

    def feed(self, chunk: bytes) -> bytes:
        """The bytes to pass on, by whole lines. Raises watching.FrameTooLong."""
        if whole := self._lines.feed(chunk):
            self._look(whole)
        return whole

    def close(self) -> bytes:
        """The bytes still to pass on when the upstream ended without a line end."""
        if rest := self._lines.rest():
            self._look(rest)
        return rest

    def _look(self, whole: bytes) -> None:
        for found in _OUTPUT.finditer(whole):
            if piece := found[1]:
                self.started = True
                self._tokens += estimated_tokens(piece)
        if b'"message_' in whole or b'"error"' in whole or b'"tool_use"' in whole:
            for line in whole.split(b"\n"):
                if line.startswith(b"data:") and (b'"message_' in line or b'"error"' in line or b'"tool_use"' in line):
                    self._event(line[5:])

    def _event(self, data: bytes) -> None:
        try:
            event = json.loads(data)
        except ValueError:
            return
        match event:
            case {"type": "message_start", "message": {"usage": {**usage}}}:
                self._count(usage)
            case {"type": "message_delta", "delta": {**delta}}:
                self.finish_reason = delta.get("stop_reason") or self.finish_reason
                self._count(event.get("usage") or {})
            case {"type": "message_stop"}:
                self.ended = True
            case {"type": "content_block_start", "content_block": {"type": "tool_use"}}:
                self.started = True
            case {"type": "error"}:
                self.error = event.get("error") or event
            case _:
                pass

    def _count(self, usage: Any) -> None:
        """Counts are running totals; later ones replace earlier ones."""
        if isinstance(usage, dict):
            self._counts.update({name: value for name, value in usage.items() if isinstance(value, int)})


def usage_in(body: dict[str, Any]) -> Usage | None:
    """The counts of a whole message that is passed on."""
    usage = body.get("usage")
    return usage_of(usage) if isinstance(usage, dict) else None
