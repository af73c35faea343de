"""The prompt library in an archive of everything: written with every version, and taken back once."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.access.subject import Subject
from freehold.db import Database
from freehold.moving import place
from freehold.moving.belongings import id_here
from freehold.moving.importing.canonical import seconds, string
from freehold.moving.place import Json, Landed
from freehold.prompts import repository, schemas
from freehold.prompts.models import Prompt, PromptVersion
from freehold.prompts.service import KEPT_VERSIONS, MAX_PROMPTS, Prompts, distinct


class _Version(BaseModel):
    number: Annotated[int, Field(ge=1, le=1_000_000_000)]
    title: schemas.Title
    text: schemas.Text
    created_at: Any = None


class _Prompt(BaseModel):
    tags: Annotated[list[schemas.Tag], Field(max_length=20)] = []
    audience: schemas.Audience = "nobody"
    versions: Annotated[list[_Version], Field(min_length=1, max_length=KEPT_VERSIONS)]

    @model_validator(mode="before")
    @classmethod
    def _of_before(cls, told: Any) -> Any:
        """An archive that was written before versions came along has the present one alone."""
        if not isinstance(told, dict) or "versions" in told:
            return told
        present = {"number": told.get("version"), "created_at": told.get("updated_at")}
        return {**told, "versions": [{**told, **present}]}

    @field_validator("versions")
    @classmethod
    def _distinct(cls, versions: list[_Version]) -> list[_Version]:
        if len({version.number for version in versions}) < len(versions):
            raise ValueError("two versions have one number")
        return versions


async def everything(database: Database, prompts: Prompts, subject: Subject) -> list[Json]:
    """The subject's own prompts, each with every version that is kept, the newest first."""
    mine = await prompts.mine(subject)
    async with database.read() as session:
        return [
            {
                **prompt.model_dump(mode="json"),
                "versions": [
                    schemas.PromptVersion.model_validate(row, from_attributes=True).model_dump(mode="json")
                    for row in await repository.versions(session, prompt.id)
                ],
            }
            for prompt in mine
        ]


async def take(session: AsyncSession, owner_id: str, items: Sequence[Json]) -> Landed:
    """Make the prompts that are not there. They are their owner's alone, also those that were shared."""
    landed = Landed()
    room = MAX_PROMPTS - await repository.count(session, owner_id)
    for item in items:
        title = string(item.get("title"))
        try:
            prompt = _Prompt.model_validate(item)
            prompt_id, there = await id_here(session, Prompt, owner_id, item)
        except (ValidationError, LookupError):
            landed.lose("prompt_unreadable", title)
            continue
        if there:
            landed.already += 1
            continue
        if room <= 0:
            landed.lose("no_room", title)
            continue
        room -= 1
        landed.imported += 1
        if prompt.audience != "nobody":
            landed.lose("prompt_shared", title)
        row = Prompt(
            id=prompt_id,
            owner_id=owner_id,
            audience="nobody",
            group_id=None,
            tags=distinct(prompt.tags),
            version=max(version.number for version in prompt.versions),
            created_at=place.time_of(seconds(item.get("created_at"))),
            updated_at=place.time_of(seconds(item.get("updated_at"))),
        )
        session.add(row)
        await session.flush()
        session.add_all(
            PromptVersion(
                prompt_id=prompt_id,
                number=version.number,
                title=version.title,
                text=version.text,
                created_at=place.time_of(seconds(version.created_at)),
            )
            for version in prompt.versions
        )
        await session.flush()
    return landed
