"""What transcriptions say of their use, whole and streamed (https://platform.openai.com/docs/api-reference/audio)."""

import json
from typing import Any

from freehold.wire.events import Usage
from freehold.wire.sse import SseParser


def usage_in(answer: dict[str, Any]) -> Usage | None:
    """The counts of an answer in JSON: tokens, or seconds of sound; None where it tells neither."""
    usage = answer.get("usage")
    if isinstance(usage, dict) and usage.get("type") != "duration":
        details = usage.get("input_token_details")
        sound = details.get("audio_tokens") if isinstance(details, dict) else None
        read = _count(usage.get("input_tokens", usage.get("prompt_tokens")))
        written = _count(usage.get("output_tokens", usage.get("completion_tokens")))
        return Usage(read, written, audio_input_tokens=_count(sound))
    told = usage.get("seconds") if isinstance(usage, dict) else answer.get("duration")  # the latter of verbose_json
    try:
        return Usage(0, 0, audio_seconds=max(0.0, float(told)))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0


class TranscriptWatch:
    """Looks at the events of a streamed transcript that is passed on as it came."""

    def __init__(self) -> None:
        self.usage: Usage | None = None
        self.ended = False
        self.error: Any = None
        self._parser = SseParser()

    def feed(self, chunk: bytes) -> None:
        """Learn from bytes in pieces of any size. Raises LineTooLong."""
        for data in self._parser.feed(chunk):
            self._look(data)

    def close(self) -> None:
        """The stream is over, perhaps without its last blank line."""
        for data in self._parser.finish():
            self._look(data)

    def _look(self, data: bytes) -> None:
        if data.strip() == b"[DONE]":  # of servers that stream chunks as chat completions do
            self.ended = True
            return
        if not any(word in data for word in (b"done", b"usage", b"error")):
            return
        try:
            event = json.loads(data)
        except ValueError:
            return
        if not isinstance(event, dict):
            return
        self.ended = self.ended or event.get("type") == "transcript.text.done"
        if isinstance(event.get("usage"), dict):
            self.usage = usage_in(event)
        self.error = event.get("error") or (event if event.get("type") == "error" else self.error)
