"""Puts what an archive of everything holds besides chats into the database, once: projects and what is remembered.

Ids are kept where they are free, else made from the owner and the export's own ids, so that a second import finds
what the first one brought. What is there already stays as it is.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.chat import models
from freehold.chat.memory import repository as memory_rows
from freehold.chat.memory.models import Fact
from freehold.chat.memory.schemas import FactText
from freehold.chat.memory.service import MAX_FACTS
from freehold.kit.ids import is_id
from freehold.moving import place
from freehold.moving.importing.canonical import seconds, string
from freehold.moving.place import Json, Landed

Take = Callable[[AsyncSession, str, Sequence[Json]], Awaitable[Landed]]
"""Takes some exported rows of one kind for the person with that id."""


class _Fact(BaseModel):
    text: FactText
    state: Literal["kept", "proposed"]
    project_id: str | None = None
    thread_id: str | None = None
    thread_created_at: float | None = None  # put there by the reader


class Belongings:
    """Those of one archive. Projects come before what is remembered for them."""

    def __init__(self, more: Mapping[str, Take]) -> None:
        self._takes: dict[str, Take] = {"projects": self._projects, "memory": self._facts, **more}
        self._names: dict[str, str] = {}

    def know(self, part: str, items: Sequence[Json]) -> None:
        """Learn the names of the projects, also of those that landed before an interruption."""
        if part == "projects":
            self._names |= {string(item.get("id")): string(item.get("name")) for item in items}

    async def take(self, session: AsyncSession, owner_id: str, part: str, items: Sequence[Json]) -> Landed:
        """Some rows of one part."""
        return await self._takes[part](session, owner_id, items)

    async def _projects(self, session: AsyncSession, owner_id: str, items: Sequence[Json]) -> Landed:
        landed = Landed()
        for item in items:
            project_id, made = await place.project(session, owner_id, string(item.get("name")))
            if project_id is None:
                landed.lose("project_unreadable")
            else:
                landed.imported += made
                landed.already += not made
        return landed

    async def _facts(self, session: AsyncSession, owner_id: str, items: Sequence[Json]) -> Landed:
        landed = Landed()
        room = {state: MAX_FACTS - await memory_rows.count(session, owner_id, state) for state in ("kept", "proposed")}
        for item in items:
            try:
                fact = _Fact.model_validate(item)
                project_id = await self._project(session, owner_id, fact.project_id)
                fact_id, there = await id_here(session, Fact, owner_id, item)
            except (ValidationError, LookupError):
                landed.lose("fact_unreadable", string(item.get("text")))
                continue
            if there or await _is_known(session, owner_id, project_id, fact.text):
                landed.already += 1
            elif room[fact.state] <= 0:
                landed.lose("no_room", fact.text)
            else:
                room[fact.state] -= 1
                landed.imported += 1
                session.add(
                    Fact(
                        id=fact_id,
                        owner_id=owner_id,
                        project_id=project_id,
                        text=fact.text,
                        state=fact.state,
                        thread_id=await _thread(session, owner_id, fact),
                        created_at=place.time_of(seconds(item.get("created_at"))),
                        updated_at=place.time_of(seconds(item.get("updated_at"))),
                    )
                )
                await session.flush()
        return landed

    async def _project(self, session: AsyncSession, owner_id: str, source_id: str | None) -> str | None:
        """Where a fact belongs. Raises LookupError: one of a project that is not told must not reach every chat."""
        if source_id is None:
            return None
        project_id, _ = await place.project(session, owner_id, self._names[source_id])
        if project_id is None:
            raise LookupError(source_id)
        return project_id


async def id_here(session: AsyncSession, row_type: Any, owner_id: str, exported: Json) -> tuple[str, bool]:
    """The id that an exported row has here, and whether the owner has that row. Raises LookupError without an id."""
    name = string(exported.get("id"))
    if not name:
        raise LookupError("a row without an id")
    made = place.made_id(f"{owner_id}/freehold/{row_type.__tablename__}/{name}", seconds(exported.get("created_at")))
    known = await session.get(row_type, name) if is_id(name) else None
    if known is not None and known.owner_id == owner_id:
        return name, True
    if await session.get(row_type, made) is not None:
        return made, True
    return name if known is None and is_id(name) else made, False


async def _is_known(session: AsyncSession, owner_id: str, project_id: str | None, text: str) -> bool:
    same = select(Fact.id).where(Fact.owner_id == owner_id, Fact.project_id == project_id, Fact.text == text)
    return await session.scalar(same.limit(1)) is not None


async def _thread(session: AsyncSession, owner_id: str, fact: _Fact) -> str | None:
    """The chat that a fact comes from, under the id that it has here; none where it did not come along."""
    if fact.thread_id is None:
        return None
    made = place.made_id(f"{owner_id}/freehold/{fact.thread_id}", fact.thread_created_at)
    mine = select(models.Thread.id).where(
        models.Thread.owner_id == owner_id, models.Thread.id.in_([fact.thread_id, made])
    )
    return await session.scalar(mine.limit(1))
