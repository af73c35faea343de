"""Many threads at once."""

from fastapi import APIRouter

from freehold.access.dependencies import Member
from freehold.chat.bulk import schemas
from freehold.deps import ServicesDep

router = APIRouter(prefix="/threads", tags=["threads"])


@router.get("/counts")
async def count_threads(subject: Member, services: ServicesDep) -> schemas.ThreadCounts:
    """How many threads there are."""
    return await services.bulk.counts(subject)


@router.patch("", response_model_exclude_unset=True)
async def change_threads(subject: Member, services: ServicesDep, patch: schemas.ThreadsPatch) -> schemas.ThreadsChanged:
    """Archive, delete, move or bring back many threads. Sent back, `undo` takes it back."""
    return await services.bulk.change(subject, patch)
