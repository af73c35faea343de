"""Queries of the prompt library; who may see a prompt stands in every WHERE."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.access.subject import Subject
from freehold.errors import NotFound
from freehold.identity.models import User
from freehold.identity.people.models import Group
from freehold.prompts.models import Prompt, PromptVersion


class Shown(NamedTuple):
    """A prompt with its present text and the names that go with it."""

    prompt: Prompt
    present: PromptVersion
    owner_name: str
    group_name: str | None


def _visible(subject: Subject) -> ColumnElement[bool]:
    groups = [group.id for group in subject.groups]
    # an administrator tends what is shared, also with groups that they are not in
    to_groups = Prompt.audience == "group" if subject.is_admin else Prompt.group_id.in_(groups)
    return or_(
        Prompt.owner_id == subject.user_id,
        Prompt.audience == "all",
        (Prompt.audience == "group") & Prompt.group_id.is_not(None) & to_groups,
    )


def _query(subject: Subject) -> Select[Prompt, PromptVersion, str, str]:
    return (
        select(Prompt, PromptVersion, User.name, Group.name)
        .join(PromptVersion, (PromptVersion.prompt_id == Prompt.id) & (PromptVersion.number == Prompt.version))
        .join(User, User.id == Prompt.owner_id)
        .outerjoin(Group, Group.id == Prompt.group_id)
        .where(_visible(subject))
    )


async def prompts(session: AsyncSession, subject: Subject, limit: int) -> list[Shown]:
    """What the subject may use, the latest change first."""
    query = _query(subject).order_by(Prompt.updated_at.desc(), Prompt.id).limit(limit)
    return [Shown(*row) for row in await session.execute(query)]


async def find(session: AsyncSession, subject: Subject, prompt_id: str, *, lock: bool = False) -> Shown:
    """One that the subject may use. Raises NotFound."""
    query = _query(subject).where(Prompt.id == prompt_id)
    row = (await session.execute(query.with_for_update(of=Prompt) if lock else query)).first()
    if row is None:
        raise NotFound
    return Shown(*row)


async def count(session: AsyncSession, owner_id: str) -> int:
    return await session.scalar(select(func.count()).select_from(Prompt).where(Prompt.owner_id == owner_id)) or 0


async def versions(session: AsyncSession, prompt_id: str) -> Sequence[PromptVersion]:
    """Every text that is kept, the newest first."""
    query = select(PromptVersion).where(PromptVersion.prompt_id == prompt_id).order_by(PromptVersion.number.desc())
    return (await session.scalars(query)).all()


async def version(session: AsyncSession, prompt_id: str, number: int) -> PromptVersion:
    """One of them. Raises NotFound."""
    found = await session.get(PromptVersion, (prompt_id, number))
    if found is None:
        raise NotFound
    return found


async def forget_before(session: AsyncSession, prompt_id: str, number: int) -> None:
    """Drop the versions older than that one."""
    await session.execute(
        delete(PromptVersion).where(PromptVersion.prompt_id == prompt_id, PromptVersion.number < number)
    )


async def group_exists(session: AsyncSession, group_id: str) -> bool:
    return await session.get(Group, group_id) is not None
