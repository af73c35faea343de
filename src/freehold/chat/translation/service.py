"""Translates a message by the model of its thread, through the same gateway as every answer, and keeps the result."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import structlog

from freehold.access.subject import Subject
from freehold.chat import models, repository, schemas, sse, turn, views
from freehold.chat.announce import Announcer
from freehold.chat.drawing import draws
from freehold.chat.titles import text_of
from freehold.chat.translation import events, wording
from freehold.chat.translation.schemas import Language, Translation
from freehold.chat.turns import WAIT_OR_STOP
from freehold.db import Database
from freehold.errors import (
    Conflict,
    DataNeedsConsent,
    DataStaysInHouse,
    FreeholdError,
    InvalidRequest,
    KeptInHouse,
    ModelCannot,
    ModelNotAllowed,
    ModelNotFound,
    NoModelAvailable,
    ProviderProtocolError,
    RuleForbids,
)
from freehold.gateway.call import Gateway, Routed
from freehold.gateway.meter import CallRecord
from freehold.gateway.routing.policy import Thread
from freehold.kit.bus import MemoryBus
from freehold.kit.clock import now
from freehold.kit.storable import without_nul
from freehold.wire.events import Finish, TextDelta

NEXT = (
    KeptInHouse,
    DataStaysInHouse,
    DataNeedsConsent,
    RuleForbids,
    ModelNotAllowed,
    ModelNotFound,
    ModelCannot,
    NoModelAvailable,
)
"""Why the thread's model may not or cannot translate, while one in the house may."""

_log = structlog.get_logger(__name__)


class Translations:
    """One per process. A translation belongs to the request: whoever leaves ends it, and nothing of it is kept."""

    def __init__(self, database: Database, gateway: Gateway, bus: MemoryBus) -> None:
        self._database = database
        self._gateway = gateway
        self._announcer = Announcer(bus)

    async def translate(self, subject: Subject, message_id: str, language: Language) -> AsyncGenerator[bytes]:
        """The frames of a stream of `events.TranslationEvent`, to the end.

        Raises NotFound, Conflict while the message is being written, InvalidRequest where it has no words, all before
        the first frame; what goes wrong later is in the stream.
        """
        async with self._database.read() as session:
            message = await repository.find_message(session, subject.user_id, message_id)
            thread = await repository.find_thread(session, subject.user_id, message.thread_id)
        if message.status == "streaming":
            raise Conflict("This answer is still being written.", next_step=WAIT_OR_STOP)
        if not text_of(message.parts):
            raise InvalidRequest("This message has no words to translate.")
        return self._stream(subject, thread, message, language)

    async def _stream(
        self, subject: Subject, thread: models.Thread, message: models.Message, language: Language
    ) -> AsyncGenerator[bytes]:
        pieces: list[str] = []
        record: CallRecord | None = None
        cut = False
        written_by = (message.run or {}).get("model")
        try:
            async with aclosing(self._words(subject, thread, written_by, text_of(message.parts), language)) as items:
                async for item in items:
                    if isinstance(item, Routed):
                        record = item.record
                        pieces.clear()
                        yield _frame(_who(record))
                    elif isinstance(item, TextDelta):
                        pieces.append(item.text)
                        yield _frame(events.TranslatedTextEvent(delta=item.text))
                    elif isinstance(item, Finish):
                        cut = item.reason == "length"
            text = without_nul("".join(pieces)).strip()
            if record is None or not text:
                raise ProviderProtocolError("The model wrote no translation.", next_step="Try again.")
            who = _who(record).model_dump(exclude={"type"})
            made = Translation(language=language, text=text, model=record.model, cut=cut, at=now(), **who)
            yield _frame(events.TranslatedEvent(message=await self._keep(subject, message, made)))
        except FreeholdError as error:
            told = schemas.ErrorInfo(**error.body().as_dict(), at=now())
            yield _frame(events.NotTranslatedEvent(error=told))
        except Exception as error:  # noqa: BLE001 - the reader is told, and the server goes on
            _log.exception("translation_broke", message_id=message.id)
            broken = FreeholdError(f"Something inside Freehold broke: {type(error).__name__}.", next_step="Try again.")
            yield _frame(events.NotTranslatedEvent(error=schemas.ErrorInfo(**broken.body().as_dict(), at=now())))

    async def _words(
        self, subject: Subject, thread: models.Thread, written_by: str | None, text: str, language: Language
    ) -> AsyncGenerator[Any]:
        """What the first model says that can and may translate. Raises as Gateway.stream, ContextTooLong."""
        refusal: FreeholdError | None = None
        bound = Thread(thread.in_house, consent=frozenset(thread.consent or ()), compared=False)
        for ref in self._translators(thread, written_by):
            begun = False
            try:
                described = await self._gateway.describe(ref)
                if draws(described.card):
                    continue
                request = wording.translation_request(text, language)
                system, asked = request.messages
                turn.fit([asked], described.card, described.config, before=[system])
                async with aclosing(self._gateway.stream(subject, ref, request, thread=bound)) as items:
                    async for item in items:
                        begun = True
                        yield item
                return
            except NEXT as error:
                if begun:
                    raise
                refusal = refusal or error
        raise refusal or NoModelAvailable("There is no model that can translate.")

    def _translators(self, thread: models.Thread, written_by: str | None) -> list[str]:
        """The thread's own model, under `auto` the one that wrote the message: what was answered in the house is
        translated there. Then the one in the house that writes titles. None that only demonstrates, but the thread's.
        """
        auto = thread.model is not None and self._gateway.policy.is_auto(thread.model)
        if not auto or (written_by is not None and self._gateway.is_demonstration(written_by)):
            written_by = None
        home = self._gateway.local_model()
        if home is not None and home != thread.model and self._gateway.is_demonstration(home):
            home = None
        return list(dict.fromkeys(ref for ref in (written_by, thread.model, home) if ref is not None))

    async def _keep(self, subject: Subject, translated: models.Message, made: Translation) -> schemas.Message:
        """Keep it with the message. Raises NotFound, Conflict when the message was changed meanwhile."""
        async with self._database.begin() as session:
            row = await repository.locked_message(session, subject.user_id, translated.id)
            if row.status == "streaming" or row.parts != translated.parts:
                raise Conflict("The message was changed meanwhile.", next_step="Translate it again.")
            row.translation = made.model_dump(mode="json")
            await session.flush()
            shown = views.message(row)
        self._announcer.message(subject.user_id, shown)
        return shown

    async def remove(self, subject: Subject, message_id: str) -> schemas.Message:
        """Forget a translation. Raises NotFound, Conflict while the message is being written."""
        async with self._database.begin() as session:
            row = await repository.locked_message(session, subject.user_id, message_id)
            if row.status == "streaming":
                raise Conflict("This answer is still being written.", next_step=WAIT_OR_STOP)
            row.translation = None
            await session.flush()
            shown = views.message(row)
        self._announcer.message(subject.user_id, shown)
        return shown


def _who(record: CallRecord) -> events.TranslatingEvent:
    return events.TranslatingEvent(
        model_id=record.model_id, provider_name=record.provider_name, self_hosted=record.self_hosted
    )


def _frame(event: Any) -> bytes:
    return sse.frame(event.model_dump(mode="json"))
