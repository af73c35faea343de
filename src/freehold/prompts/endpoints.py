"""The prompt library over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from freehold.access.dependencies import Member
from freehold.chat.endpoints.paths import RowId
from freehold.deps import ServicesDep
from freehold.prompts import schemas

router = APIRouter(prefix="/api/prompts", tags=["prompts"])


@router.get("")
async def list_prompts(
    subject: Member,
    services: ServicesDep,
    text: Annotated[str | None, Query(max_length=200)] = None,
    tag: Annotated[str | None, Query(max_length=40)] = None,
) -> schemas.PromptList:
    """One's own prompts and those that are shared with one, perhaps only those that hold every word of `text`."""
    return await services.prompts.usable(subject, text, tag)


@router.post("", status_code=201)
async def make_prompt(subject: Member, services: ServicesDep, new: schemas.PromptPut) -> schemas.Prompt:
    """Keep a prompt. Sharing it is for administrators."""
    return await services.prompts.make(subject, new)


@router.get("/{prompt_id}")
async def get_prompt(subject: Member, services: ServicesDep, prompt_id: RowId) -> schemas.Prompt:
    """One prompt."""
    return await services.prompts.prompt(subject, prompt_id)


@router.put("/{prompt_id}")
async def change_prompt(
    subject: Member, services: ServicesDep, prompt_id: RowId, wish: schemas.PromptPut
) -> schemas.Prompt:
    """Save it; another title or text is a new version."""
    return await services.prompts.change(subject, prompt_id, wish)


@router.delete("/{prompt_id}", status_code=204)
async def delete_prompt(subject: Member, services: ServicesDep, prompt_id: RowId) -> None:
    """Delete it with every version."""
    await services.prompts.delete(subject, prompt_id)


@router.get("/{prompt_id}/versions")
async def list_prompt_versions(subject: Member, services: ServicesDep, prompt_id: RowId) -> list[schemas.PromptVersion]:
    """Every text that it had, the newest first; the last hundred are kept."""
    return await services.prompts.versions(subject, prompt_id)


@router.post("/{prompt_id}/restore")
async def restore_prompt(
    subject: Member, services: ServicesDep, prompt_id: RowId, which: schemas.PromptRestore
) -> schemas.Prompt:
    """Make an earlier version the present one."""
    return await services.prompts.restore(subject, prompt_id, which.number)
