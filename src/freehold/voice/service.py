"""Asks models for speech by way of the gateway: limits, budgets, the border of the house and the ledger hold here."""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, Literal

import orjson

from freehold.access.subject import Subject
from freehold.chat import repository
from freehold.db import Database
from freehold.errors import FreeholdError, InvalidRequest, PayloadTooLarge, ProviderProtocolError
from freehold.gateway.call import Gateway, Routed
from freehold.gateway.dataplane.forwarding import Forwarded
from freehold.gateway.dataplane.uploads import Uploaded
from freehold.gateway.routing.policy import Thread
from freehold.providers.upstream import Field, FilePart, Form
from freehold.settings.voice import VoiceSettings
from freehold.voice import schemas

MAX_SOUND_BYTES = 25_000_000  # what OpenAI's endpoint takes
ENDINGS = {
    "audio/webm": "webm",
    "audio/ogg": "ogg",
    "audio/mp4": "mp4",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
}
"""Servers tell the kind of a sound by the name of its file."""


class NoVoiceModel(FreeholdError):
    """`what` is `transcription` or `speech`."""

    code, status = "no_voice_model", 409

    def __init__(self, what: Literal["transcription", "speech"]) -> None:
        super().__init__(
            "This server has no model for speech.",
            next_step=f"An administrator names one in voice.{what}_model. Until then use what the browser has.",
            what=what,
        )


class Voice:
    """What the endpoints call."""

    def __init__(self, settings: VoiceSettings, database: Database, gateway: Gateway) -> None:
        self._settings = settings
        self._database = database
        self._gateway = gateway

    async def info(self) -> schemas.VoiceInfo:
        """What there is; a model that is gone is not."""
        return schemas.VoiceInfo(
            transcription=await self._model(self._settings.transcription_model),
            speech=await self._model(self._settings.speech_model),
            voices=list(self._settings.voices),
            max_seconds=self._settings.max_seconds,
        )

    async def _model(self, ref: str | None) -> schemas.VoiceModel | None:
        if ref is None:
            return None
        try:
            described = await self._gateway.describe(ref)
        except FreeholdError:
            return None
        return schemas.VoiceModel(
            name=described.card.name or described.card.id, self_hosted=described.config.self_hosted
        )

    async def transcribe(
        self, subject: Subject, sound: bytes, media_type: str, *, language: str | None, thread: Thread
    ) -> schemas.Transcript:
        """What is said in `sound`. Raises NoVoiceModel, InvalidRequest, PayloadTooLarge and as the gateway does."""
        model = self._settings.transcription_model
        if model is None:
            raise NoVoiceModel("transcription")
        if len(sound) > MAX_SOUND_BYTES:
            raise PayloadTooLarge(
                f"The recording is larger than {MAX_SOUND_BYTES // 1_000_000} MB.",
                next_step="Speak for a shorter time.",
            )
        kind = media_type.partition(";")[0].strip().lower()
        if kind not in ENDINGS:
            raise InvalidRequest(f"A recording of type {kind or 'unknown'} cannot be written down.", fields=["file"])

        async def pieces() -> AsyncIterator[bytes]:
            yield sound

        told = {"model": model, "response_format": "json", **({"language": language} if language else {})}
        fields = tuple(Field(name, value) for name, value in told.items())
        form = Form((*fields, FilePart("file", f"speech.{ENDINGS[kind]}", kind, len(sound), pieces)))
        asked = Uploaded("openai_transcriptions", form)
        answer = b"".join([piece async for piece in self._pieces(subject, model, asked, thread)])
        try:
            text = orjson.loads(answer)["text"]
        except (ValueError, KeyError, TypeError):
            text = None
        if not isinstance(text, str):
            raise _broken(model, "wrote nothing down that could be read")
        return schemas.Transcript(text=text.strip().replace("\0", ""))

    async def read_aloud(
        self, subject: Subject, new: schemas.SpeechNew, thread: Thread
    ) -> tuple[str, AsyncGenerator[bytes]]:
        """The kind of sound, and the sound as it comes; its first piece is here already.

        Raises NoVoiceModel, InvalidRequest and as the gateway does.
        """
        model = self._settings.speech_model
        if model is None:
            raise NoVoiceModel("speech")
        voice = new.voice or self._settings.voices[0]
        if voice not in self._settings.voices:
            raise InvalidRequest(f"There is no voice {voice!r} here.", fields=["voice"], voices=self._settings.voices)
        body: dict[str, Any] = {"model": model, "input": new.text, "voice": voice, "response_format": "mp3"}
        if new.speed != 1:
            body["speed"] = new.speed
        asked = Forwarded("openai_speech", body)
        pieces = self._pieces(subject, model, asked, thread)
        first = await anext(pieces, None)
        kind = asked.media_type.decode("latin-1").partition(";")[0].strip().lower()
        if first is None or not (kind.startswith("audio/") or kind == "application/octet-stream"):
            await pieces.aclose()
            raise _broken(model, "sent something else than sound")
        return (kind if kind.startswith("audio/") else "audio/mpeg"), _together(first, pieces)

    async def thread(self, subject: Subject, thread_id: str | None, *, in_house: bool) -> Thread:
        """What the chat says of its border; of one that is not there yet its page says it. Raises NotFound."""
        if thread_id is None:
            return Thread(in_house)
        async with self._database.read() as session:
            row = await repository.find_thread(session, subject.user_id, thread_id)
        return Thread(row.in_house or in_house, None, frozenset(row.consent or ()))

    async def _pieces(
        self, subject: Subject, model: str, asked: Uploaded | Forwarded, thread: Thread
    ) -> AsyncGenerator[bytes]:
        answer = self._gateway.answer(subject, model, asked, "chat", thread=thread)
        async with contextlib.aclosing(answer) as items:
            async for item in items:
                if not isinstance(item, Routed):
                    yield item


async def _together(first: bytes, rest: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    async with contextlib.aclosing(rest) as pieces:
        yield first
        async for piece in pieces:
            yield piece


def _broken(model: str, what: str) -> ProviderProtocolError:
    provider = model.partition("/")[0]
    return ProviderProtocolError(f"{model} {what}.", provider=provider, provider_id=provider)
