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


@router.put("/{message_id}/pin")
async def pin_message(subject: Member, services: ServicesDep, message_id: RowId) -> schemas.Message:
    """Pin a message: it is always sent as it is, and never folded into a summary."""
    return await services.chat.pin_message(subject, message_id, True)


@router.delete("/{message_id}/pin")
async def unpin_message(subject: Member, services: ServicesDep, message_id: RowId) -> schemas.Message:
    """Take the pin off."""
    return await services.chat.pin_message(subject, message_id, False)


@router.post("/{message_id}/copied", status_code=204)
async def note_copied(subject: Member, services: ServicesDep, message_id: RowId) -> None:
    """Say that an answer was copied: it was of use, from which routing learns."""
    await services.chat.note_copied(subject, message_id)


@router.put("/{message_id}/feedback")
async def rate_message(
    subject: Member, services: ServicesDep, message_id: RowId, feedback: schemas.FeedbackPut
) -> schemas.Message:
    """Say whether an answer was good, and why."""
    return await services.chat.rate_message(subject, message_id, feedback)


@router.delete("/{message_id}/feedback")
async def unrate_message(subject: Member, services: ServicesDep, message_id: RowId) -> schemas.Message:
    """Take that back."""
    return await services.chat.rate_message(subject, message_id, None)


@router.delete("/{message_id}", status_code=204)
async def delete_message(subject: Member, services: ServicesDep, message_id: RowId) -> None:
    """Take a message and everything below it out of view."""
    await services.chat.delete_message(subject, message_id)


@router.post("/{message_id}/restore")
async def restore_message(subject: Member, services: ServicesDep, message_id: RowId) -> schemas.Message:
    """Undo a deletion."""
    return await services.chat.restore_message(subject, message_id)
