"""Taking a turn: the request answers with the stream of the new answer."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Header

from freehold.access.dependencies import Member
from freehold.chat import schemas
from freehold.chat.endpoints.paths import RowId
from freehold.chat.sse import EventStreamResponse
from freehold.deps import ServicesDep

router = APIRouter(prefix="/threads", tags=["turns"])

STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events; `id:` is the cursor, `data:` one StreamEvent.",
        "model": schemas.StreamEvent,
        "content": {"text/event-stream": {}},
    }
}


@router.post("/{thread_id}/turns", status_code=200, response_class=EventStreamResponse, responses=STREAM)
async def take_turn(
    subject: Member,
    services: ServicesDep,
    thread_id: RowId,
    turn: Annotated[schemas.TurnNew, Body()],
    idempotency_key: Annotated[str | None, Header(min_length=8, max_length=100)] = None,
) -> EventStreamResponse:
    """Send, regenerate or continue. The answer goes on without this stream; a repeat with the same key rejoins it."""
    return EventStreamResponse(await services.chat.take_turn(subject, thread_id, turn, idempotency_key))
