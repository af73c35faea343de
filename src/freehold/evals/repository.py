"""Rows of test sets; every statement names the owner, but those by which the workers share the work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.access.subject import Subject
from freehold.chat.models import Message, Thread
from freehold.errors import NotFound
from freehold.evals.models import EvalAnswer, EvalCase, EvalRun, EvalSet
from freehold.identity.models import User
from freehold.identity.people.repository import memberships

OPEN = ("waiting", "running")


@dataclass(frozen=True, slots=True)
class Case:
    """A question with what its chat says of it now. `gone`: the chat or the message is in the bin."""

    row: EvalCase
    in_house: bool
    gone: bool


# --- sets -----------------------------------------------------------------------------------------------------------


async def sets(session: AsyncSession, owner_id: str, limit: int) -> list[tuple[EvalSet, int]]:
    """With the number of their questions, the newest first."""
    count = select(func.count()).where(EvalCase.set_id == EvalSet.id).scalar_subquery()
    query = select(EvalSet, count).where(EvalSet.owner_id == owner_id).order_by(EvalSet.id.desc()).limit(limit)
    return [(row, held) for row, held in await session.execute(query)]


async def count_sets(session: AsyncSession, owner_id: str) -> int:
    return await session.scalar(select(func.count()).where(EvalSet.owner_id == owner_id)) or 0


async def find_set(session: AsyncSession, owner_id: str, set_id: str) -> EvalSet:
    """Raises NotFound."""
    row = await session.scalar(select(EvalSet).where(EvalSet.id == set_id, EvalSet.owner_id == owner_id))
    if row is None:
        raise NotFound
    return row


def _cases() -> Select[Any, Any, Any, Any]:
    return (
        select(EvalCase, Thread.in_house, Thread.state, Message.deleted_at)
        .outerjoin(Thread, Thread.id == EvalCase.thread_id)
        .outerjoin(Message, Message.id == EvalCase.message_id)
    )


def _case(row: EvalCase, in_house: bool | None, state: str | None, deleted_at: datetime | None) -> Case:
    return Case(row, bool(in_house), state == "deleted" or deleted_at is not None)


async def cases(session: AsyncSession, set_id: str, after: int = -1, limit: int | None = None) -> list[Case]:
    """Those of a set behind that position, in order."""
    query = _cases().where(EvalCase.set_id == set_id, EvalCase.position > after).order_by(EvalCase.position)
    return [_case(*row) for row in await session.execute(query if limit is None else query.limit(limit))]


async def case(session: AsyncSession, case_id: str) -> Case | None:
    """As it is now; None: it went with its chat."""
    row = (await session.execute(_cases().where(EvalCase.id == case_id))).first()
    return None if row is None else _case(*row)


# --- runs -----------------------------------------------------------------------------------------------------------


async def find_run(session: AsyncSession, owner_id: str, run_id: str, *, lock: bool = False) -> EvalRun:
    """Raises NotFound."""
    query = select(EvalRun).where(EvalRun.id == run_id, EvalRun.owner_id == owner_id)
    row = await session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound
    return row


async def runs(session: AsyncSession, owner_id: str, set_ids: Sequence[str], limit: int) -> list[EvalRun]:
    """The newest first."""
    query = select(EvalRun).where(EvalRun.owner_id == owner_id, EvalRun.set_id.in_(set_ids))
    return list(await session.scalars(query.order_by(EvalRun.id.desc()).limit(limit)))


async def newest_runs(session: AsyncSession, owner_id: str) -> dict[str, EvalRun]:
    """The last run of each set."""
    newest = select(func.max(EvalRun.id)).where(EvalRun.owner_id == owner_id).group_by(EvalRun.set_id)
    return {row.set_id: row for row in await session.scalars(select(EvalRun).where(EvalRun.id.in_(newest)))}


async def open_runs(session: AsyncSession, owner_id: str) -> int:
    """How many have not ended."""
    query = select(func.count()).where(EvalRun.owner_id == owner_id, EvalRun.state.in_(OPEN))
    return await session.scalar(query) or 0


async def progress(session: AsyncSession, found: Sequence[EvalRun]) -> dict[str, tuple[int, int]]:
    """By run: how many answers there are, and how many there will be."""
    if not found:
        return {}
    ids, set_ids = [row.id for row in found], [row.set_id for row in found]
    answers = select(EvalAnswer.run_id, func.count()).where(EvalAnswer.run_id.in_(ids)).group_by(EvalAnswer.run_id)
    questions = select(EvalCase.set_id, func.count()).where(EvalCase.set_id.in_(set_ids)).group_by(EvalCase.set_id)
    done = {run_id: count for run_id, count in await session.execute(answers)}
    held = {set_id: count for set_id, count in await session.execute(questions)}
    return {row.id: (done.get(row.id, 0), held.get(row.set_id, 0) * len(row.models)) for row in found}


async def answers(session: AsyncSession, run_id: str, case_ids: Sequence[str] | None = None) -> list[EvalAnswer]:
    """Those of a run, or of some of its questions."""
    query = select(EvalAnswer).where(EvalAnswer.run_id == run_id)
    if case_ids is not None:
        query = query.where(EvalAnswer.case_id.in_(case_ids))
    return list(await session.scalars(query))


async def answer(session: AsyncSession, run_id: str, case_id: str, model: str) -> tuple[EvalAnswer, EvalCase]:
    """With its question, for a change. Raises NotFound."""
    query = select(EvalAnswer, EvalCase).join(EvalCase, EvalCase.id == EvalAnswer.case_id)
    found = (
        await session.execute(
            query.where(
                EvalAnswer.run_id == run_id, EvalAnswer.case_id == case_id, EvalAnswer.model == model
            ).with_for_update(of=EvalAnswer)
        )
    ).first()
    if found is None:
        raise NotFound
    return found[0], found[1]


# --- the workers ----------------------------------------------------------------------------------------------------


async def claim(session: AsyncSession, worker: str, at: datetime, dead_since: datetime) -> EvalRun | None:
    """Take the oldest that waits, or that a worker left; None when there is nothing to do."""
    waits = (EvalRun.state == "waiting") | ((EvalRun.state == "running") & (EvalRun.heartbeat_at < dead_since))
    found = await session.scalar(select(EvalRun.id).where(waits).order_by(EvalRun.created_at).limit(1))
    if found is None:
        return None
    taken = await session.scalar(
        update(EvalRun)
        .where(EvalRun.id == found, waits)
        .values(state="running", worker=worker, heartbeat_at=at)
        .returning(EvalRun.id)
    )
    return await session.get(EvalRun, taken, populate_existing=True) if taken is not None else None


async def release_all(session: AsyncSession) -> None:
    """What is said to be worked on waits again."""
    await session.execute(update(EvalRun).where(EvalRun.state == "running").values(state="waiting", worker=None))


async def hold(session: AsyncSession, run_id: str, worker: str) -> EvalRun | None:
    """The row for a change by the worker that has it; None when it was taken away, cancelled or is gone."""
    mine = select(EvalRun).where(EvalRun.id == run_id, EvalRun.worker == worker, EvalRun.state == "running")
    return await session.scalar(mine.with_for_update().execution_options(populate_existing=True))


async def subject_of(session: AsyncSession, user_id: str) -> Subject | None:
    """The person as they are now; None: they may not use anything any more."""
    user = await session.get(User, user_id, populate_existing=True)
    if user is None or user.status != "active":
        return None
    groups = (await memberships(session, [user_id])).get(user_id, ())
    return Subject(user_id, "admin" if user.role == "admin" else "member", None, groups=groups)
