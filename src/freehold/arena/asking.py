"""Two models asked at once; of what they say only the words come out, so that nobody can tell which is which."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

import anyio

from freehold.access.subject import Subject
from freehold.arena.schemas import SideName
from freehold.errors import FreeholdError, ProviderTimeout, RateLimited
from freehold.gateway.call import Gateway, Routed
from freehold.gateway.meter import CallRecord
from freehold.gateway.routing.policy import Thread
from freehold.kit.storable import without_nul
from freehold.wire.events import TextDelta
from freehold.wire.request import ChatRequest, Message, Text

DEADLINE_SECONDS = 600.0
TRIES = 4  # at a limit of so many calls: the other side may be what fills it
LONGEST_WAIT_SECONDS = 30.0


@dataclass(slots=True)
class Side:
    """One of both. `error`: the code of why it said nothing, or not all."""

    model: str
    pieces: list[str] = field(default_factory=list)
    record: CallRecord | None = None
    error: str | None = None
    ended: bool = False

    def kept(self) -> dict[str, Any]:
        """What is kept of it, as JSON."""
        record = self.record
        return {
            "text": without_nul("".join(self.pieces)),
            "error": self.error,
            "answered_by": record.model if record is not None else None,
            "self_hosted": record.self_hosted if record is not None else False,
            "cost_usd": record.cost_usd if record is not None else None,
            "first_token_ms": record.first_token_ms if record is not None else None,
            "duration_ms": record.duration_ms if record is not None else None,
            "output_tokens": record.output_tokens if record is not None else None,
        }


def request_of(prompt: str) -> ChatRequest:
    """The same for both."""
    return ChatRequest("", (Message("user", (Text(prompt),)),))


class Duel:
    """Both sides of a round under way, for one person. Closing `events` ends both calls at once."""

    def __init__(
        self, gateway: Gateway, subject: Subject, models: tuple[str, str], prompt: str, in_house: bool
    ) -> None:
        self.sides: dict[SideName, Side] = {"a": Side(models[0]), "b": Side(models[1])}
        self._gateway = gateway
        self._subject = subject
        self._prompt = prompt
        self._thread = Thread(locked=in_house, asked=prompt)
        self._news: asyncio.Queue[tuple[SideName, str | None]] = asyncio.Queue()

    @property
    def answered(self) -> bool:
        """Both said all they had to say."""
        return all(side.ended and side.error is None for side in self.sides.values())

    async def events(self, ping_seconds: float) -> AsyncGenerator[tuple[SideName, str | None] | None]:
        """Words of a side as they come, None of a side when it is complete; None alone: nothing for so many seconds.

        Ends when both are complete, or at once when one of them fails.
        """
        tasks = {name: asyncio.create_task(self._answer(name)) for name in self.sides}
        try:
            while not all(side.ended for side in self.sides.values()):
                try:
                    news = await asyncio.wait_for(self._news.get(), ping_seconds)
                except TimeoutError:
                    yield None
                    continue
                name, text = news
                if text is not None:
                    yield news
                    continue
                await tasks[name]  # raises what broke it
                self.sides[name].ended = True
                if self.sides[name].error is not None:
                    return
                yield news
        finally:
            for task in tasks.values():
                task.cancel()
            with anyio.CancelScope(shield=True):
                await asyncio.wait(tasks.values())

    async def _answer(self, name: SideName) -> None:
        """Ask one side. What it fails with is its `error`."""
        side = self.sides[name]
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                await self._patiently(name, side)
            if not "".join(side.pieces).strip():
                side.error = "empty_answer"
        except TimeoutError:
            side.error = ProviderTimeout.code
        except FreeholdError as error:
            side.error = error.code
        finally:
            self._news.put_nowait((name, None))

    async def _patiently(self, name: SideName, side: Side) -> None:
        for _ in range(TRIES - 1):
            try:
                return await self._ask(name, side)
            except RateLimited as error:
                if side.pieces or error.retry_after_s > LONGEST_WAIT_SECONDS:
                    raise
                await asyncio.sleep(max(0.05, error.retry_after_s))
        return await self._ask(name, side)

    async def _ask(self, name: SideName, side: Side) -> None:
        items = self._gateway.stream(self._subject, side.model, request_of(self._prompt), "arena", thread=self._thread)
        async with contextlib.aclosing(items):
            async for item in items:
                if isinstance(item, Routed):
                    side.record = item.record
                elif isinstance(item, TextDelta) and item.text:
                    side.pieces.append(item.text)
                    self._news.put_nowait((name, item.text))
