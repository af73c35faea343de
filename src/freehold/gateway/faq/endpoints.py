"""HTTP of curated answers; for administrators."""

from typing import Annotated

from fastapi import APIRouter, Path, status

from freehold.access.dependencies import Admin
from freehold.deps import ServicesDep
from freehold.gateway.faq.schemas import FaqInfo, FaqNew, FaqPatch, FaqState

router = APIRouter(prefix="/api/faq", tags=["faq"])

EntryId = Annotated[str, Path(min_length=36, max_length=36, description="A UUID.")]
QuestionKey = Annotated[str, Path(min_length=64, max_length=64, description="As the list names it.")]


@router.get("")
async def get_faq(subject: Admin, services: ServicesDep) -> FaqState:
    """The curated answers, and what is asked often and has none yet."""
    return await services.faq.state()


@router.post("", status_code=status.HTTP_201_CREATED)
async def add_faq(body: FaqNew, subject: Admin, services: ServicesDep) -> FaqInfo:
    """Write an answer; it is given once it is approved."""
    return await services.faq.add(subject, body)


@router.patch("/{entry_id}")
async def change_faq(entry_id: EntryId, body: FaqPatch, subject: Admin, services: ServicesDep) -> FaqInfo:
    """Edit, approve or withdraw an answer; acts at once, in other processes within five seconds."""
    return await services.faq.change(subject, entry_id, body)


@router.delete("/{entry_id}", status_code=status.HTTP_204_NO_CONTENT)
async def remove_faq(entry_id: EntryId, subject: Admin, services: ServicesDep) -> None:
    """Remove an answer."""
    await services.faq.remove(subject, entry_id)


@router.delete("/frequent/{key}", status_code=status.HTTP_204_NO_CONTENT)
async def dismiss_question(key: QuestionKey, subject: Admin, services: ServicesDep) -> None:
    """Show a frequent question no more."""
    await services.faq.frequent.dismiss(key)
