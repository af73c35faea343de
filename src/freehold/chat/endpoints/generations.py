"""Answers under way: look, follow from a cursor, stop."""

from typing import Annotated

from fastapi import APIRouter, Header, Query

from freehold.access.dependencies import Member
from freehold.chat import schemas
from freehold.chat.endpoints.paths import RowId
from freehold.chat.endpoints.turns import STREAM
from freehold.chat.sse import EventStreamResponse
from freehold.deps import ServicesDep

router = APIRouter(prefix="/generations", tags=["generations"])


@router.get("/{generation_id}")
async def get_generation(subject: Member, services: ServicesDep, generation_id: RowId) -> schemas.Generation:
    """One generation."""
    return await services.chat.generation(subject, generation_id)


@router.get("/{generation_id}/stream", status_code=200, response_class=EventStreamResponse, responses=STREAM)
async def follow_generation(
    subject: Member,
    services: ServicesDep,
    generation_id: RowId,
    cursor: Annotated[int | None, Query(ge=0, le=2**31, description="The last `id:` seen; 0 for all events.")] = None,
    last_event_id: Annotated[
        int | None,
        Header(ge=0, le=2**31, description="The same, as an EventSource sends it; `cursor` wins over it."),
    ] = None,
) -> EventStreamResponse:
    """The events after `cursor` or `Last-Event-ID`, to the end. Leaving ends only this stream, not the answer."""
    after = cursor if cursor is not None else last_event_id or 0
    return EventStreamResponse(await services.generations.attach(subject.user_id, generation_id, after))


@router.post("/{generation_id}/stop")
async def stop_generation(subject: Member, services: ServicesDep, generation_id: RowId) -> schemas.Message:
    """Stop an answer and keep its text; of one that ended already, the message as it is."""
    return await services.generations.halt(subject.user_id, generation_id)
