"""The canonical events of one answer: every provider yields them, every dialect and the web app are made from them.

Order: any number of `Stage`, then deltas in the order the model produced them, then at most one `Usage`, then exactly
one `Finish`. A failure is raised as a `freehold.errors.ProviderError`, before or after the first delta; it is never an
event.
"""

from dataclasses import dataclass
from typing import Literal

FinishReason = Literal["stop", "length", "tool_calls", "content_filter"]


@dataclass(frozen=True, slots=True)
class Stage:
    """What the model's server is doing before the first token; `position` in a queue counts from 1, the next."""

    name: Literal["queued", "loading_model", "reading_prompt"]
    progress: float | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """Thinking aloud; `signature` closes a signed block (Anthropic)."""

    text: str
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class ToolCallStart:
    """`index` numbers the calls of one answer from 0; deltas refer to it."""

    index: int
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    index: int
    arguments: str


@dataclass(frozen=True, slots=True)
class ImageOutput:
    """An image made by the model, by value."""

    data: bytes
    media_type: str


@dataclass(slots=True)  # making a frozen one takes six times as long, and every call makes one or two
class Usage:
    """Tokens as the provider counted; not changed once it is made.

    `input_tokens` includes those read from a cache, those written to one and those of sound, `output_tokens` those of
    reasoning, of sound and of images. `audio_seconds` is the sound that was read by a model that counts no tokens.
    """

    input_tokens: int
    output_tokens: int
    cached_input_tokens: int = 0
    reasoning_tokens: int = 0
    cache_write_tokens: int = 0
    audio_input_tokens: int = 0
    audio_output_tokens: int = 0
    image_output_tokens: int = 0
    audio_seconds: float = 0


@dataclass(frozen=True, slots=True)
class Finish:
    """`stop_sequence` is the one of the request's `stop` that ended the answer, where the provider tells it."""

    reason: FinishReason
    stop_sequence: str | None = None


Event = Stage | TextDelta | ReasoningDelta | ToolCallStart | ToolCallDelta | ImageOutput | Usage | Finish
