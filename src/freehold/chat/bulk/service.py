"""Archives, deletes, moves and brings back many threads of one person at once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from freehold.access.subject import Subject
from freehold.chat import repository as chat_rows
from freehold.chat.announce import Announcer
from freehold.chat.bulk import repository, schemas
from freehold.chat.bulk.repository import Found
from freehold.chat.generation import Generations
from freehold.chat.jobs import BIN_DAYS
from freehold.db import Database
from freehold.kit.bus import MemoryBus
from freehold.kit.clock import now


class Bulk:
    """One request is one transaction, whatever the number of threads."""

    def __init__(self, database: Database, bus: MemoryBus, generations: Generations) -> None:
        self._database = database
        self._announcer = Announcer(bus)
        self._generations = generations

    async def change(self, subject: Subject, patch: schemas.ThreadsPatch) -> schemas.ThreadsChanged:
        """Carry out all changes; answers being written in what is deleted are stopped first.

        Raises NotFound for a project that is not the subject's; then nothing has changed.
        """
        doomed = [change for change in patch.changes if change.state == "deleted"]
        await self._halt_in(subject, doomed)
        undo: list[schemas.ThreadsChange] = []
        touched: set[str] = set()
        async with self._database.begin() as session:
            for change in patch.changes:
                found, back = await _carry_out(session, subject.user_id, change)
                touched.update(thread_id for thread_id, *_ in found)
                undo = back + undo
        # what began between the two
        await self._halt_in(subject, doomed)
        if touched:
            self._announcer.threads(subject.user_id)
        return schemas.ThreadsChanged(changed=len(touched), undo=undo)

    async def counts(self, subject: Subject) -> schemas.ThreadCounts:
        """How many threads the subject has outside of the bin."""
        async with self._database.read() as session:
            found = await repository.counts(session, subject.user_id)
        return schemas.ThreadCounts(active=found.get("active", 0), archived=found.get("archived", 0))

    async def _halt_in(self, subject: Subject, changes: Sequence[schemas.ThreadsChange]) -> None:
        if not changes:
            return
        async with self._database.read() as session:
            running = await repository.generating(session, subject.user_id)
        named = {thread_id for change in changes for thread_id in change.ids or ()}
        for thread_id in running if any(change.every for change in changes) else running & named:
            await self._generations.halt_in(subject.user_id, thread_id)


async def _carry_out(
    session: AsyncSession, owner_id: str, change: schemas.ThreadsChange
) -> tuple[list[Found], list[schemas.ThreadsChange]]:
    """What changed, as it was before, and how to take it back."""
    moved = "project_id" in change.model_fields_set
    if moved and change.project_id is not None:
        await chat_rows.find_project(session, owner_id, change.project_id)
    at = now()
    held = await repository.held(
        session,
        owner_id,
        ids=change.ids,
        states=change.every or ("active", "archived"),
        bin_since=at - timedelta(days=BIN_DAYS) if change.restore else None,
    )
    found = [
        (thread_id, state, project_id)
        for thread_id, state, project_id in held
        if change.state not in (None, state) or (moved and project_id != change.project_id)
    ]
    values: dict[str, Any] = {"updated_at": at}
    if change.state is not None:
        values |= {"state": change.state, "deleted_at": at if change.state == "deleted" else None}
    if moved:
        values["project_id"] = change.project_id
    await repository.set_all(session, owner_id, [thread_id for thread_id, *_ in found], values)
    return found, _way_back(found, change, moved=moved)


def _way_back(found: Sequence[Found], change: schemas.ThreadsChange, *, moved: bool) -> list[schemas.ThreadsChange]:
    groups: dict[tuple[str, str | None], list[str]] = {}
    for thread_id, state, project_id in found:
        groups.setdefault((state, project_id if moved else None), []).append(thread_id)
    undo: list[schemas.ThreadsChange] = []
    for (state, project_id), ids in groups.items():
        fields: dict[str, Any] = {"restore": True} if change.state == "deleted" else {}
        if change.state is not None:
            fields["state"] = state
        if moved:
            fields["project_id"] = project_id
        undo += [
            schemas.ThreadsChange(ids=ids[start : start + schemas.MAX_IDS], **fields)
            for start in range(0, len(ids), schemas.MAX_IDS)
        ]
    return undo
