"""One answer as it is written: the canonical events of a call become the events of the log, with its account."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from freehold.chat import schemas
from freehold.gateway.meter import CallRecord
from freehold.kit.clock import monotonic
from freehold.wire import events as wire

Json = dict[str, Any]
ADDED_UP = ("output_tokens", "reasoning_tokens", "cost_usd", "duration_ms")

Append = Callable[[Json], Awaitable[None]]
StoreImage = Callable[[bytes, str], Awaitable[schemas.ImagePart]]
"""Keeps an image that the model made: bytes and media type to the part that shows it."""


class Answer:
    """Feed it with `routed` and `take`; `run()` is the account so far."""

    def __init__(self, append: Append, store_image: StoreImage, earlier: Mapping[str, Any] | None = None) -> None:
        self._append = append
        self._store_image = store_image
        self._earlier = earlier or {}  # the account of what is being continued
        self._record: CallRecord | None = None
        self._reasoning_since: float | None = None
        self._stage: str | None = None
        self._skipped = ""
        self._folded: schemas.Folded | None = None
        self._said: list[str] | None = []
        self.memory = 0  # how many remembered facts the model is sent

    def skip(self, blanks: str) -> None:
        """Leave `blanks` out when the answer begins with them: they end the text that is being continued."""
        self._skipped = blanks

    def asked_with(self, folded: schemas.Folded | None) -> None:
        """Note what stood in the place of earlier messages."""
        self._folded = folded

    async def stage(self, name: str, progress: float | None = None, position: int | None = None) -> None:
        """What is being done until the next token; said once unless there is progress, or another place in a queue."""
        if name != self._stage or progress is not None or position is not None:
            self._stage = name
            event: Json = {"type": "stage", "stage": name, "progress": progress}
            await self._append(event if position is None else {**event, "position": position})

    async def routed(self, record: CallRecord) -> None:
        """Which model answers; again when a fallback changed it."""
        self._record = record
        await self._append({"type": "run", "run": self.run()})

    async def take(self, event: wire.Event) -> None:
        """Write one canonical event down. Raises what the log raises."""
        match event:
            case wire.TextDelta(text=text):
                await self._close_reasoning()
                if text := self._unrepeated(text):
                    if self._said is not None:
                        self._said.append(text)
                    await self.stage("writing")
                    await self._append({"type": "text", "delta": text})
            case wire.ReasoningDelta():
                await self._reason(event)
            case wire.ImageOutput(data=data, media_type=media_type):
                await self._close_reasoning()
                self._said = None
                part = await self._store_image(data, media_type)
                await self._append({"type": "image", "part": part.model_dump(mode="json")})
            case wire.Stage(name=name, progress=progress, position=position):
                await self.stage(name, progress, position)
            case wire.Finish():
                await self._close_reasoning()
            case wire.Usage() | wire.ToolCallStart() | wire.ToolCallDelta():
                pass  # the gateway counts; no tools are offered, so a model that calls one talks to itself

    @property
    def text(self) -> str | None:
        """What was said so far; None when there are pictures, too."""
        return None if self._said is None else "".join(self._said)

    async def given(self, record: CallRecord, text: str) -> None:
        """A whole answer that was there before anybody was asked."""
        await self.routed(record)
        await self._append({"type": "text", "delta": text})

    def run(self) -> Json | None:
        """The account in the form that is stored, None while no model was chosen.

        It is final once the call has ended. A continued answer adds up what both calls took, but for its input: what
        the second call read holds what the first one wrote, so that is not counted twice.
        """
        if self._record is None:
            return None
        run = schemas.Run.model_validate(self._record.as_dict()).model_dump(mode="json")
        run["folded"] = None if self._folded is None else self._folded.model_dump(mode="json")
        run["memory"] = self.memory
        for name in ADDED_UP:
            before = self._earlier.get(name)
            if before is not None and run[name] is not None:
                run[name] += before
        if run["input_tokens"] is not None:
            run["input_tokens"] = max(0, run["input_tokens"] - (self._earlier.get("output_tokens") or 0))
        return run

    def _unrepeated(self, text: str) -> str:
        while self._skipped and text:
            expected, self._skipped = self._skipped[0], self._skipped[1:]
            if text[0] != expected:
                self._skipped = ""
                break
            text = text[1:]
        return text

    async def _reason(self, delta: wire.ReasoningDelta) -> None:
        if not delta.text and delta.signature is None:
            return
        await self.stage("thinking")
        if self._reasoning_since is None:
            self._reasoning_since = monotonic()
        event: Json = {"type": "reasoning", "delta": delta.text}
        if delta.signature is not None:
            event |= {"signature": delta.signature, "seconds": self._thought_for()}
            self._reasoning_since = None
        await self._append(event)

    async def _close_reasoning(self) -> None:
        if self._reasoning_since is not None:
            seconds = self._thought_for()
            self._reasoning_since = None
            await self._append({"type": "reasoning", "delta": "", "seconds": seconds})

    def _thought_for(self) -> float:
        return round(monotonic() - (self._reasoning_since or monotonic()), 1)
