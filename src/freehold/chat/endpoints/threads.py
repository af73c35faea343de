"""Threads: the list, one with its tree, changes, the bin."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path

from freehold.access.dependencies import Member
from freehold.chat import schemas
from freehold.chat.endpoints.paths import RowId
from freehold.deps import ServicesDep
from freehold.kit.pagination import CursorText, Limit

FoldId = Annotated[str, Path(max_length=36, description="A UUID.")]

router = APIRouter(prefix="/threads", tags=["threads"])


@router.get("")
async def list_threads(
    subject: Member,
    services: ServicesDep,
    *,
    cursor: CursorText | None = None,
    limit: Limit = 50,
    state: Literal["active", "archived"] = "active",
    pinned: bool | None = None,
    project_id: str | None = None,
) -> schemas.ThreadPage:
    """The subject's threads, newest activity first. Without `pinned` all of them."""
    return await services.chat.threads(
        subject, state=state, pinned=pinned, project_id=project_id, cursor=cursor, limit=limit
    )


@router.post("", status_code=201)
async def create_thread(subject: Member, services: ServicesDep, new: schemas.ThreadNew) -> schemas.Thread:
    """Make a thread. Sent again with the same id it answers with the same thread."""
    return await services.chat.create_thread(subject, new)


@router.get("/{thread_id}")
async def get_thread(subject: Member, services: ServicesDep, thread_id: RowId) -> schemas.ThreadDetail:
    """A thread with its whole tree; answers under way with what is written so far."""
    return await services.chat.thread(subject, thread_id)


@router.patch("/{thread_id}")
async def change_thread(
    subject: Member, services: ServicesDep, thread_id: RowId, patch: schemas.ThreadPatch
) -> schemas.Thread:
    """Rename, move, pin, archive, choose the branch shown, mark as read."""
    return await services.chat.change_thread(subject, thread_id, patch)


@router.post("/{thread_id}/fork", status_code=201)
async def fork_thread(
    subject: Member, services: ServicesDep, thread_id: RowId, fork: schemas.ForkNew
) -> schemas.Thread:
    """Copy a part of a thread into a new one. Sent again with the same id it answers with the same thread."""
    return await services.chat.fork_thread(subject, thread_id, fork)


@router.post("/{thread_id}/folds", status_code=201)
async def fold_thread(subject: Member, services: ServicesDep, thread_id: RowId) -> schemas.Fold:
    """Fold the branch that is shown into a summary, all but its newest turns; written by a model in the house."""
    return await services.compactions.fold_now(subject, thread_id)


@router.delete("/{thread_id}/folds/{fold_id}", status_code=204)
async def undo_fold(subject: Member, services: ServicesDep, thread_id: RowId, fold_id: FoldId) -> None:
    """Send the originals again; from then on the chat is folded only when it is asked for."""
    await services.compactions.undo(subject, thread_id, fold_id)


@router.delete("/{thread_id}", status_code=204)
async def delete_thread(subject: Member, services: ServicesDep, thread_id: RowId) -> None:
    """Put a thread into the bin, from where it can be restored for 30 days."""
    await services.chat.delete_thread(subject, thread_id)


@router.post("/{thread_id}/restore")
async def restore_thread(subject: Member, services: ServicesDep, thread_id: RowId) -> schemas.Thread:
    """Take a thread out of the bin."""
    return await services.chat.restore_thread(subject, thread_id)
