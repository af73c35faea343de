"""What every dialect of the gateway offers: `parse`, `StreamEncoder`, `fold` and `error_reply`, all without I/O.

parse(body) -> Parsed                        raises InvalidRequest with the path of the field
StreamEncoder(head, options)                 complete frames for the client, see the protocol below
fold(events, head, options) -> dict          the whole answer of a call that does not stream
error_reply(error, status) -> (status, dict) the dialect's own status and body of a failed call
"""

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from freehold.errors import ErrorBody
from freehold.wire.events import Event
from freehold.wire.request import ChatRequest

Options = TypeVar("Options")


@dataclass(frozen=True, slots=True)
class Parsed(Generic[Options]):
    """A client's request: its canonical form, whether it wants a stream, and what only its own dialect knows."""

    request: ChatRequest
    stream: bool
    options: Options


@dataclass(frozen=True, slots=True)
class AnswerHead:
    """What every frame of an answer repeats. `id` is unique, without the dialect's prefix; `model` is the name that the
    client asked for; `created` are Unix seconds; `input_tokens` is the estimate for dialects that tell it at the start;
    `started_ns` is `time.monotonic_ns()` when the request came, for the dialect that tells how long an answer took.
    """

    id: str
    model: str
    created: int
    input_tokens: int = 0
    started_ns: int | None = None


class StreamEncoder(Protocol):
    """Writes one answer. `start` once, `feed` for each event, then `finish`, or `error` when the answer broke off."""

    def start(self) -> bytes:
        """The frames before the first event."""
        ...

    def feed(self, event: Event) -> bytes:
        """The frames of one event, perhaps none. Raises CannotCarry for an event that the dialect has no form for."""
        ...

    def finish(self) -> bytes:
        """The closing frames, with reason and usage. Raises ValueError when no Finish was fed: that answer is cut."""
        ...

    def error(self, error: ErrorBody, status: int) -> bytes:
        """The frame that tells a client in the middle of a stream that the answer broke off; nothing comes after it."""
        ...
