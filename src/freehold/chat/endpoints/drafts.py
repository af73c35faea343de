"""Drafts: what was typed and not sent."""

from typing import Annotated

from fastapi import APIRouter, Path

from freehold.access.dependencies import Member
from freehold.chat import schemas
from freehold.deps import ServicesDep

router = APIRouter(prefix="/drafts", tags=["drafts"])

Scope = Annotated[str, Path(max_length=36, description="The id of a thread, or `new`.")]


@router.get("/{scope}")
async def get_draft(subject: Member, services: ServicesDep, scope: Scope) -> schemas.Draft:
    """The draft; empty when there is none."""
    return await services.chat.draft(subject, scope)


@router.put("/{scope}")
async def put_draft(subject: Member, services: ServicesDep, scope: Scope, draft: schemas.DraftPut) -> schemas.Draft:
    """Keep a draft; an empty one is forgotten."""
    return await services.chat.put_draft(subject, scope, draft)
