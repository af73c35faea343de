"""HTTP of people and groups; for administrators."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, status

from freehold.access.dependencies import Admin
from freehold.deps import ServicesDep
from freehold.identity.people.schemas import (
    GroupInfo,
    GroupNew,
    GroupPatch,
    PersonInfo,
    PersonNew,
    PersonPage,
    PersonPatch,
)
from freehold.kit.pagination import CursorText, Limit

router = APIRouter(prefix="/api", tags=["people"])

UserId = Annotated[str, Path(min_length=36, max_length=36, description="A UUID.")]
GroupId = Annotated[str, Path(min_length=36, max_length=36, description="A UUID.")]


@router.get("/people")
async def list_people(
    subject: Admin,
    services: ServicesDep,
    *,
    q: Annotated[str | None, Query(max_length=200, description="Part of a name or an e-mail address.")] = None,
    group_id: Annotated[str | None, Query(max_length=36, description="Those in this group.")] = None,
    cursor: CursorText | None = None,
    limit: Limit = 100,
) -> PersonPage:
    """Everybody with an account, by name."""
    return await services.people.page(subject.user_id, text=q, group_id=group_id, cursor=cursor, limit=limit)


@router.post("/people", status_code=status.HTTP_201_CREATED)
async def add_person(body: PersonNew, subject: Admin, services: ServicesDep) -> PersonInfo:
    """Make an account."""
    return await services.people.add(subject.user_id, body)


@router.patch("/people/{user_id}")
async def change_person(user_id: UserId, body: PersonPatch, subject: Admin, services: ServicesDep) -> PersonInfo:
    """Change name, role, groups, or disable; acts on the person's next request."""
    return await services.people.change(subject.user_id, user_id, body)


@router.get("/groups")
async def list_groups(subject: Admin, services: ServicesDep) -> list[GroupInfo]:
    """Every group, by name."""
    return await services.people.groups()


@router.post("/groups", status_code=status.HTTP_201_CREATED)
async def add_group(body: GroupNew, subject: Admin, services: ServicesDep) -> GroupInfo:
    """Make a group."""
    return await services.people.add_group(subject.user_id, body)


@router.patch("/groups/{group_id}")
async def change_group(group_id: GroupId, body: GroupPatch, subject: Admin, services: ServicesDep) -> GroupInfo:
    """Rename or describe a group."""
    return await services.people.change_group(subject.user_id, group_id, body)


@router.delete("/groups/{group_id}", status_code=status.HTTP_204_NO_CONTENT)
async def remove_group(group_id: GroupId, subject: Admin, services: ServicesDep) -> None:
    """Remove a group with its limits and budgets; its people stay."""
    await services.people.remove_group(subject.user_id, group_id)
    await services.usage.rules.refresh()


@router.put("/groups/{group_id}/members/{user_id}", status_code=status.HTTP_204_NO_CONTENT)
async def join_group(group_id: GroupId, user_id: UserId, subject: Admin, services: ServicesDep) -> None:
    """Put a person into a group."""
    await services.people.join(subject.user_id, group_id, user_id)


@router.delete("/groups/{group_id}/members/{user_id}", status_code=status.HTTP_204_NO_CONTENT)
async def leave_group(group_id: GroupId, user_id: UserId, subject: Admin, services: ServicesDep) -> None:
    """Take a person out of a group."""
    await services.people.leave(subject.user_id, group_id, user_id)
