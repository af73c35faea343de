"""Projects: folders of threads."""

from fastapi import APIRouter

from freehold.access.dependencies import Member
from freehold.chat import schemas
from freehold.chat.endpoints.paths import RowId
from freehold.deps import ServicesDep

router = APIRouter(prefix="/projects", tags=["projects"])


@router.get("")
async def list_projects(subject: Member, services: ServicesDep) -> list[schemas.Project]:
    """All projects of the subject, by name."""
    return await services.chat.projects(subject)


@router.post("", status_code=201)
async def create_project(subject: Member, services: ServicesDep, new: schemas.ProjectNew) -> schemas.Project:
    """Make a project. Sent again with the same id it answers with the same project."""
    return await services.chat.create_project(subject, new)


@router.patch("/{project_id}")
async def change_project(
    subject: Member, services: ServicesDep, project_id: RowId, patch: schemas.ProjectPatch
) -> schemas.Project:
    """Rename a project."""
    return await services.chat.change_project(subject, project_id, patch)


@router.delete("/{project_id}", status_code=204)
async def delete_project(subject: Member, services: ServicesDep, project_id: RowId) -> None:
    """Delete a project; its threads stay."""
    await services.chat.delete_project(subject, project_id)
