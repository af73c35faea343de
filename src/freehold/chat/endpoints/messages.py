"""Messages: edit in place, delete with what hangs below, undo."""

from fastapi import APIRouter

from freehold.access.dependencies import Member
from freehold.chat import schemas
from freehold.chat.endpoints.paths import RowId
from freehold.deps import ServicesDep

router = APIRouter(prefix="/messages", tags=["messages"])


@router.patch("/{message_id}")
async def edit_message(
    subject: Member, services: ServicesDep, message_id: RowId, patch: schemas.MessagePatch
) -> schemas.Message:
    """Replace text and images of a message."""
    return await services.chat.edit_message(subject, message_id, patch)


@router.delete("/{message_id}", status_code=204)
async def delete_message(subject: Member, services: ServicesDep, message_id: RowId) -> None:
    """Take a message and everything below it out of view."""
    await services.chat.delete_message(subject, message_id)


@router.post("/{message_id}/restore")
async def restore_message(subject: Member, services: ServicesDep, message_id: RowId) -> schemas.Message:
    """Undo a deletion."""
    return await services.chat.restore_message(subject, message_id)
