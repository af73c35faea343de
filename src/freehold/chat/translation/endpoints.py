"""Translations of messages."""

from typing import Any

from fastapi import APIRouter

from freehold.access.dependencies import Member
from freehold.chat import schemas
from freehold.chat.endpoints.paths import RowId
from freehold.chat.sse import EventStreamResponse
from freehold.chat.translation.events import TranslationEvent
from freehold.chat.translation.schemas import TranslationNew
from freehold.deps import ServicesDep

router = APIRouter(prefix="/messages", tags=["messages"])

STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events; `data:` is one TranslationEvent.",
        "model": TranslationEvent,
        "content": {"text/event-stream": {}},
    }
}


@router.post("/{message_id}/translation", status_code=200, response_class=EventStreamResponse, responses=STREAM)
async def translate_message(
    subject: Member, services: ServicesDep, message_id: RowId, new: TranslationNew
) -> EventStreamResponse:
    """Translate a message by the model of its thread; kept with it at the end. Leaving the stream ends it."""
    return EventStreamResponse(await services.translations.translate(subject, message_id, new.language))


@router.delete("/{message_id}/translation")
async def remove_translation(subject: Member, services: ServicesDep, message_id: RowId) -> schemas.Message:
    """Forget the translation of a message."""
    return await services.translations.remove(subject, message_id)
