"""A person at a keyboard: sends turns, follows streams, and reads what comes as the web app does."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

import orjson
from pydantic import TypeAdapter

from freehold.access.subject import Subject
from freehold.chat import schemas
from freehold.chat.fold import fold
from freehold.deps import Services

STREAM_EVENT: TypeAdapter[Any] = TypeAdapter(schemas.StreamEvent)


@dataclass
class Follower:
    """One reader of one stream. `raw` is every byte that carried a numbered event."""

    chunks: AsyncGenerator[bytes]
    raw: bytearray = field(default_factory=bytearray)
    events: list[dict[str, Any]] = field(default_factory=list)
    start: dict[str, Any] = field(default_factory=dict)
    finish: dict[str, Any] | None = None
    cursor: int = 0

    async def read(self) -> bool:
        """One chunk; False at the end."""
        async with asyncio.timeout(60):
            try:
                chunk = await anext(self.chunks)
            except StopAsyncIteration:
                return False
        for framed in chunk.split(b"\n\n"):
            if not framed or framed.startswith(b":"):
                continue
            head, _, data = framed.rpartition(b"data: ")
            event = orjson.loads(data)
            STREAM_EVENT.validate_python(event)
            if event["type"] == "start":
                assert not head
                self.start = event
                continue
            if head:
                seq = int(head.removeprefix(b"id: "))
                assert seq == self.cursor + 1, "events come once and in order"
                self.cursor = seq
                self.raw += framed + b"\n\n"
                self.events.append(event)
            if event["type"] == "finish":
                self.finish = event
        return True

    async def to_end(self) -> dict[str, Any]:
        while await self.read():
            pass
        assert self.finish is not None, "the stream ended without saying how"
        return self.finish["message"]

    async def until(self, text: str) -> None:
        """Read until `text` is in what was received."""
        while text not in self.text:
            assert await self.read(), f"the stream ended before {text!r}: {self.text!r}"

    @property
    def parts(self) -> list[dict[str, Any]]:
        return fold(self.start["message"]["parts"], self.events)

    @property
    def text(self) -> str:
        return "".join(part["text"] for part in self.parts if part["type"] == "text") if self.start else ""

    @property
    def generation_id(self) -> str:
        return self.start["generation"]["id"]

    async def leave(self) -> None:
        await self.chunks.aclose()


@dataclass
class Person:
    """A signed-in person with the services at hand."""

    services: Services
    subject: Subject

    async def new_thread(self, **fields: Any) -> schemas.Thread:
        return await self.services.chat.create_thread(self.subject, schemas.ThreadNew(**fields))

    async def send(
        self,
        thread_id: str,
        text: str = "Hello",
        *,
        parent_id: str | None = None,
        model: str = "house/small",
        key: str | None = None,
        images: tuple[str, ...] = (),
    ) -> Follower:
        parts: list[Any] = [{"type": "text", "text": text}] if text else []
        parts += [{"type": "image", "file_id": file_id} for file_id in images]
        turn = schemas.SendTurn(kind="send", parent_id=parent_id, parts=parts, model=model)
        return await self.turn(thread_id, turn, key)

    async def regenerate(
        self, thread_id: str, message_id: str, model: str | None = None, *, replace: bool = False
    ) -> Follower:
        turn = schemas.RegenerateTurn(kind="regenerate", message_id=message_id, model=model, replace=replace)
        return await self.turn(thread_id, turn)

    async def go_on(self, thread_id: str, message_id: str) -> Follower:
        return await self.turn(thread_id, schemas.ContinueTurn(kind="continue", message_id=message_id))

    async def turn(self, thread_id: str, turn: Any, key: str | None = None) -> Follower:
        follower = Follower(await self.services.chat.take_turn(self.subject, thread_id, turn, key))
        assert await follower.read()
        return follower

    async def follow(self, generation_id: str, cursor: int = 0) -> Follower:
        chunks = await self.services.generations.attach(self.subject.user_id, generation_id, cursor)
        follower = Follower(chunks, cursor=cursor)
        assert await follower.read()
        return follower

    async def stop(self, generation_id: str) -> schemas.Message:
        return await self.services.generations.halt(self.subject.user_id, generation_id)

    async def thread(self, thread_id: str) -> schemas.ThreadDetail:
        return await self.services.chat.thread(self.subject, thread_id)
