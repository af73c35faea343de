"""Keeps, shows, changes and forgets what a person asked to have remembered; nothing is used while they have it off."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from freehold.access.subject import Subject
from freehold.chat import models, titles
from freehold.chat import repository as chat_rows
from freehold.chat.announce import Announcer
from freehold.chat.memory import repository, schemas
from freehold.chat.memory.models import Fact
from freehold.chat.memory.prompt import as_instructions
from freehold.db import Database
from freehold.errors import Conflict
from freehold.identity.models import User
from freehold.kit.bus import MemoryBus
from freehold.kit.clock import now
from freehold.kit.ids import new_id
from freehold.kit.scripts import is_chinese

MAX_FACTS = 500  # of one person


class Memory:
    """Every method acts for one subject and sees only that one's facts."""

    def __init__(self, database: Database, bus: MemoryBus) -> None:
        self._database = database
        self._announcer = Announcer(bus)

    async def shown(self, subject: Subject) -> list[schemas.FactInfo]:
        """Everything that is remembered or proposed, the newest first."""
        async with self._database.read() as session:
            return [info(row) for row in await repository.everything(session, subject.user_id)]

    async def add(self, subject: Subject, new: schemas.FactNew) -> schemas.FactInfo:
        """Keep a fact. Raises NotFound for a foreign project or thread, Conflict when there are too many."""
        at = now()
        async with self._database.begin() as session:
            await self._check(session, subject, new.project_id)
            if new.thread_id is not None:
                await chat_rows.find_thread(session, subject.user_id, new.thread_id)
            await self._refuse_too_many(session, subject)
            row = Fact(
                id=new_id(),
                owner_id=subject.user_id,
                project_id=new.project_id,
                text=new.text,
                state="kept",
                thread_id=new.thread_id,
                created_at=at,
                updated_at=at,
            )
            session.add(row)
        self._announcer.memory(subject.user_id)
        return info(row)

    async def change(self, subject: Subject, fact_id: str, patch: schemas.FactPatch) -> schemas.FactInfo:
        """Word it anew, give it to a project or to every chat, say yes to a proposal. Raises NotFound, Conflict."""
        async with self._database.begin() as session:
            row = await repository.find(session, subject.user_id, fact_id)
            if "project_id" in patch.model_fields_set:
                await self._check(session, subject, patch.project_id)
                row.project_id = patch.project_id
            if patch.text is not None:
                row.text = patch.text
            if patch.state == "kept" and row.state != "kept":
                await self._refuse_too_many(session, subject)
                row.state = "kept"
            row.updated_at = now()
            await session.flush()
            shown = info(row)
        self._announcer.memory(subject.user_id)
        return shown

    async def remove(self, subject: Subject, fact_id: str) -> None:
        """Forget a fact, or say no to a proposal; for good. Raises NotFound."""
        async with self._database.begin() as session:
            await repository.remove(session, subject.user_id, fact_id)
        self._announcer.memory(subject.user_id)

    async def clear(self, subject: Subject, project_id: str | None) -> None:
        """Forget everything, or what belongs to one project; for good."""
        async with self._database.begin() as session:
            await repository.remove_all(session, subject.user_id, project_id)
        self._announcer.memory(subject.user_id)

    async def _check(self, session: AsyncSession, subject: Subject, project_id: str | None) -> None:
        if project_id is not None:
            await chat_rows.find_project(session, subject.user_id, project_id)

    async def _refuse_too_many(self, session: AsyncSession, subject: Subject) -> None:
        if await repository.count(session, subject.user_id, "kept") >= MAX_FACTS:
            raise Conflict(
                f"{MAX_FACTS} facts are remembered already.", next_step="Delete some of them, or put several into one."
            )


async def instructions_for(
    session: AsyncSession, thread: models.Thread, branch: Sequence[models.Message]
) -> tuple[str, int]:
    """What a model is told of the thread's owner, and how many facts that is; ("", 0) where nothing may be used."""
    if thread.expires_at is not None or not await wanted(session, thread.owner_id, "memory"):
        return "", 0
    facts = await repository.kept_for(session, thread.owner_id, thread.project_id)
    asked = next((message for message in reversed(branch) if message.role == "user"), None)
    return as_instructions(facts, chinese=asked is not None and is_chinese(titles.text_of(asked.parts)))


async def wanted(session: AsyncSession, owner_id: str, preference: str) -> bool:
    """Whether the person turned a preference on that is off for everybody else."""
    user = await session.get(User, owner_id)
    return user is not None and user.preferences.get(preference) is True


def info(row: Fact) -> schemas.FactInfo:
    """The row as clients get it."""
    return schemas.FactInfo.model_validate({name: getattr(row, name) for name in schemas.FactInfo.model_fields})
