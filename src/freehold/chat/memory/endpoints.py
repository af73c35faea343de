"""What is remembered of oneself."""

from typing import Annotated

from fastapi import APIRouter, Query

from freehold.access.dependencies import Member
from freehold.chat.endpoints.paths import RowId
from freehold.chat.memory import schemas
from freehold.deps import ServicesDep

router = APIRouter(prefix="/memory/facts", tags=["memory"])


@router.get("")
async def list_facts(subject: Member, services: ServicesDep) -> list[schemas.FactInfo]:
    """Everything that is remembered of the subject, and what a model in the house proposes; the newest first."""
    return await services.memory.shown(subject)


@router.post("", status_code=201)
async def add_fact(subject: Member, services: ServicesDep, new: schemas.FactNew) -> schemas.FactInfo:
    """Remember a fact, for every chat or for those of a project."""
    return await services.memory.add(subject, new)


@router.patch("/{fact_id}")
async def change_fact(
    subject: Member, services: ServicesDep, fact_id: RowId, patch: schemas.FactPatch
) -> schemas.FactInfo:
    """Word a fact anew, move it, or keep one that was proposed."""
    return await services.memory.change(subject, fact_id, patch)


@router.delete("/{fact_id}", status_code=204)
async def remove_fact(subject: Member, services: ServicesDep, fact_id: RowId) -> None:
    """Forget a fact for good."""
    await services.memory.remove(subject, fact_id)


@router.delete("", status_code=204)
async def clear_facts(
    subject: Member, services: ServicesDep, project_id: Annotated[str | None, Query(max_length=36)] = None
) -> None:
    """Forget everything for good, or what belongs to one project."""
    await services.memory.clear(subject, project_id)
