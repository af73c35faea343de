"""The endpoints that take a form with files: transcriptions and translations of sound, changes of images.

A form is read piece by piece; a file over a megabyte lies on the disk meanwhile, so that the request can be asked again
elsewhere. Files go on to the provider in pieces as well.
"""

import contextlib
from asyncio import Lock
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from typing import Any

import orjson
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from freehold.errors import FreeholdError, InvalidRequest
from freehold.gateway.call import Routed
from freehold.gateway.dataplane.answering import WHOLE_ANSWER_S, broken
from freehold.gateway.dataplane.beside import Beside
from freehold.gateway.dataplane.plane import Call
from freehold.gateway.meter import SOUND_BYTES_PER_SECOND, SOUND_BYTES_PER_TOKEN, Meter, Size, estimate_tokens
from freehold.gateway.routing.content import Content
from freehold.kit import clock
from freehold.providers.service import Resolved
from freehold.providers.upstream import Field, FilePart, Form
from freehold.settings.routing import Attachment
from freehold.wire import openai_audio, openai_chat
from freehold.wire.sse import LineTooLong

MOST_FILES = 16  # what OpenAI takes of images to change
MOST_FIELDS = 100
FIELD_BYTES = 100_000
PIECE_BYTES = 262_144


class Uploaded(Beside):
    """A form as a request."""

    def __init__(self, kind: str, form: Form) -> None:
        told: dict[str, Any] = {part.name: part.value for part in form.parts if isinstance(part, Field)}
        sound = sum(file.size for file in form.files) if kind != "openai_image_edits" else 0
        words = estimate_tokens(told.get("prompt", ""))
        tokens = max(1, round(words + sound / SOUND_BYTES_PER_TOKEN))
        super().__init__(kind, told, Size(tokens, audio_seconds=sound / SOUND_BYTES_PER_SECOND))
        self.form = form
        self.stream = told.get("stream", "").lower() in ("true", "1")

    def content(self) -> Content:
        """What its fields say, and what kind of file it brings."""
        kind: Attachment = "image" if self.kind == "openai_image_edits" else "audio"
        return replace(super().content(), attachments=frozenset({kind}))

    async def open(self, resolved: Resolved, meter: Meter) -> AsyncGenerator[bytes]:
        """The provider's answer as it comes. Raises ModelCannot where there is no such endpoint."""
        relay = self.taker(resolved).relay_form(self.kind, self.form, resolved.model_id, first_byte_s=WHOLE_ANSWER_S)
        async with relay as reply:
            self.media_type = reply.headers.get("Content-Type", "application/json").encode("latin-1")
            if self.media_type.startswith(b"application/json"):
                content = await reply.read()
                self._judge(content, resolved, meter)
                yield content
                return
            async with contextlib.aclosing(reply.chunks()) as chunks:
                if self.media_type.startswith(b"text/event-stream"):
                    pieces = self._watched(chunks, resolved, meter)
                    async with contextlib.aclosing(pieces):
                        async for piece in pieces:
                            yield piece
                    return
                async for chunk in chunks:  # text, subtitles: nothing in them says how long the sound is
                    meter.began(clock.monotonic())
                    yield chunk
                meter.told(None, "stop")

    def _judge(self, content: bytes, resolved: Resolved, meter: Meter) -> None:
        try:
            answer = orjson.loads(content)
        except ValueError as error:
            raise broken(resolved, "sent an answer that is not JSON") from error
        if not isinstance(answer, dict) or answer.get("error"):
            raise broken(resolved, "sent an answer that is not as its protocol says")
        meter.began(clock.monotonic())
        counts = openai_chat.usage_in if self.kind == "openai_image_edits" else openai_audio.usage_in
        meter.told(counts(answer), "stop")

    async def _watched(self, chunks: AsyncIterator[bytes], resolved: Resolved, meter: Meter) -> AsyncGenerator[bytes]:
        watch = openai_audio.TranscriptWatch()
        try:
            async for chunk in chunks:
                watch.feed(chunk)
                if watch.error is not None:
                    raise broken(resolved, f"reports in the middle of the answer: {str(watch.error)[:500]}")
                meter.began(clock.monotonic())
                yield chunk
            watch.close()
        except LineTooLong as error:
            raise broken(resolved, "sent a line without end, so the answer was broken off") from error
        finally:
            meter.told(watch.usage, "stop" if watch.ended else None)
        # images that are streamed end by the connection alone
        if not watch.ended and self.kind != "openai_image_edits":
            raise broken(resolved, "ended the answer without saying that it is complete")


async def upload(call: Call, kind: str) -> None:
    """Answer one request of that kind."""
    exchange = call.exchange
    async with _form(call) as form:
        asked = Uploaded(kind, form)
        with exchange.presence(call.services.gateway.ticker):
            async with contextlib.aclosing(call.answer(asked)) as items:
                try:
                    async for item in items:
                        if isinstance(item, Routed):
                            exchange.noted = item.record.noted
                            continue
                        if not exchange.status:
                            await exchange.begin(200, asked.media_type)
                        await exchange.write(item)
                except FreeholdError as error:
                    if not exchange.status or not asked.stream:
                        raise
                    await exchange.write(call.dialect.error_frame(error.body(), error.status))
            await exchange.end()


@contextlib.asynccontextmanager
async def _form(call: Call) -> AsyncIterator[Form]:
    """The form of the request. Raises InvalidRequest and PayloadTooLarge; its files are gone after the block."""
    exchange = call.exchange
    content_type = exchange.header(b"content-type") or b""
    if not content_type.lower().startswith(b"multipart/form-data"):
        raise InvalidRequest(
            "The body is not a form.", next_step="Send multipart/form-data with `model` and the file.", field="file"
        )
    parser = MultiPartParser(
        Headers(raw=[(b"content-type", content_type)]),
        exchange.pieces(call.services.settings.limits.media_bytes),
        max_files=MOST_FILES,
        max_fields=MOST_FIELDS,
        max_part_size=FIELD_BYTES,
    )
    try:
        data = await parser.parse()
    except MultiPartException as error:
        raise InvalidRequest(f"The form cannot be read: {error.message}", next_step="Correct the form.") from None
    try:
        parts = tuple(_part(name, value) for name, value in data.multi_items())
        form = Form(parts)
        if not form.files:
            raise InvalidRequest("The form holds no file.", next_step="Add the file as a part of the form.")
        yield form
    finally:
        await data.close()


def _part(name: str, value: str | UploadFile) -> Field | FilePart:
    if isinstance(value, str):
        return Field(name, value)
    reading = Lock()

    async def pieces() -> AsyncIterator[bytes]:
        at = 0
        while True:
            async with reading:  # two deployments may be asked at a time
                await value.seek(at)
                piece = await value.read(PIECE_BYTES)
            if not piece:
                return
            at += len(piece)
            yield piece

    media_type = value.content_type or "application/octet-stream"
    if not media_type.isascii() or not media_type.isprintable():
        media_type = "application/octet-stream"
    return FilePart(name, value.filename or "file", media_type, value.size or 0, pieces)
