"""Rows of threads, messages, projects and drafts; every statement names the owner, nested rows are joined to theirs."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    String,
    and_,
    cast,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from freehold.chat.models import Draft, Generation, Message, Project, Thread
from freehold.errors import Conflict, NotFound
from freehold.kit.clock import now


def is_there() -> ColumnElement[bool]:
    """Whether a thread is neither in the bin nor past its time."""
    return and_(Thread.state != "deleted", or_(Thread.expires_at.is_(None), Thread.expires_at > now()))


# --- threads --------------------------------------------------------------------------------------------------------


def _generating() -> ColumnElement[bool]:
    return exists().where(Generation.thread_id == Thread.id, Generation.status == "running")


async def find_thread(session: AsyncSession, owner_id: str, thread_id: str, *, lock: bool = False) -> Thread:
    """A thread that is not in the bin. `lock` keeps others from changing its tree until the transaction ends.

    Raises NotFound, also for another owner's.
    """
    query = select(Thread).where(Thread.id == thread_id, Thread.owner_id == owner_id, is_there())
    thread = await session.scalar(query.with_for_update() if lock else query)
    if thread is None:
        raise NotFound
    return thread


async def find_deleted_thread(session: AsyncSession, owner_id: str, thread_id: str, since: datetime) -> Thread:
    """A thread in the bin, put there after `since`. Raises NotFound."""
    thread = await session.scalar(
        select(Thread)
        .where(Thread.id == thread_id, Thread.owner_id == owner_id)
        .where(Thread.state == "deleted", Thread.deleted_at > since)
        .where(or_(Thread.expires_at.is_(None), Thread.expires_at > now()))
        .with_for_update()
    )
    if thread is None:
        raise NotFound
    return thread


async def is_generating(session: AsyncSession, owner_id: str, thread_id: str) -> bool:
    """Whether an answer is being written in the thread."""
    query = select(_generating()).select_from(Thread).where(Thread.id == thread_id, Thread.owner_id == owner_id)
    return bool(await session.scalar(query))


async def thread_page(
    session: AsyncSession,
    owner_id: str,
    *,
    state: str,
    pinned: bool | None,
    project_id: str | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[tuple[Thread, bool]]:
    """The newest `limit` threads after the key (last activity, id), each with whether it is generating.

    Every query is one range of an index. Without a project the index starts with `pinned`, so "all" is two ranges.
    """
    wanted = [True, False] if pinned is None and project_id is None else [pinned]
    rows: list[tuple[Thread, bool]] = []
    for value in wanted:
        query = (
            select(Thread, _generating())
            .where(Thread.owner_id == owner_id, Thread.state == state)
            .order_by(Thread.last_activity_at.desc(), Thread.id.desc())
            .limit(limit)
        )
        if value is not None:
            query = query.where(Thread.pinned == value)
        if project_id is not None:
            query = query.where(Thread.project_id == project_id)
        if after is not None:
            key = tuple_(literal(after[0], Thread.last_activity_at.type), literal(after[1]))
            query = query.where(tuple_(Thread.last_activity_at, Thread.id) < key)
        rows.extend((thread, bool(generating)) for thread, generating in (await session.execute(query)))
    rows.sort(key=lambda row: (row[0].last_activity_at, row[0].id), reverse=True)
    return rows[:limit]


async def id_is_free(session: AsyncSession, table: type[Thread | Project], owner_id: str, row_id: str) -> Any | None:
    """None when nothing has the id; the owner's own row when it is one that may be seen.

    Raises Conflict for every other row with the id, without saying whose it is.
    """
    row = await session.get(table, row_id)
    if row is None:
        return None
    if row.owner_id != owner_id or getattr(row, "state", "") == "deleted":
        raise Conflict("That id cannot be used.", next_step="Choose a new UUIDv7, or leave the id out.")
    return row


async def make_thread(
    session: AsyncSession,
    owner_id: str,
    thread_id: str,
    *,
    project_id: str | None,
    title: str | None = None,
    model: str | None = None,
    in_house: bool = False,
    expires_at: datetime | None = None,
    parameters: dict[str, Any] | None = None,
) -> Thread:
    """Add a thread; where the owner has one with this id, that one as it is. Raises Conflict, NotFound."""
    existing = await id_is_free(session, Thread, owner_id, thread_id)
    if existing is not None:
        return existing
    if project_id is not None:
        await find_project(session, owner_id, project_id)
    at = now()
    thread = Thread(
        id=thread_id,
        owner_id=owner_id,
        project_id=project_id,
        title=title or "",
        title_source="user" if title else "none",
        model=model,
        state="active" if expires_at is None else "temp",
        expires_at=expires_at,
        pinned=False,
        in_house=in_house,
        parameters=parameters,
        last_activity_at=at,
        read_at=at,
        created_at=at,
        updated_at=at,
    )
    session.add(thread)
    await session.flush()
    return thread


async def set_automatic_title(session: AsyncSession, owner_id: str, thread_id: str, title: str) -> bool:
    """Title a thread that has none; whether it did. A title that its owner wrote meanwhile stays."""
    thread = await session.scalar(
        select(Thread)
        .where(Thread.id == thread_id, Thread.owner_id == owner_id, Thread.title_source == "none")
        .with_for_update()
    )
    if thread is None:
        return False
    thread.title, thread.title_source, thread.updated_at = title, "auto", now()
    await session.flush()
    return True


async def purge_threads(session: AsyncSession, before: datetime, limit: int) -> int:
    """Remove up to `limit` threads that lay in the bin since before `before`; all owners. How many there were."""
    ids = (await session.scalars(select(Thread.id).where(Thread.deleted_at < before).limit(limit))).all()
    if ids:
        await session.execute(delete(Thread).where(Thread.id.in_(ids), Thread.state == "deleted"))
    return len(ids)


async def purge_expired(session: AsyncSession, limit: int) -> int:
    """Remove up to `limit` temporary threads whose time is over, also those in the bin; all owners. How many."""
    ids = (await session.scalars(select(Thread.id).where(Thread.expires_at < now()).limit(limit))).all()
    if ids:
        # one that was kept at this moment stays
        await session.execute(delete(Thread).where(Thread.id.in_(ids), Thread.expires_at < now()))
    return len(ids)


# --- messages -------------------------------------------------------------------------------------------------------


def _owned(owner_id: str) -> Select[Message]:
    return select(Message).join(Thread, Thread.id == Message.thread_id).where(Thread.owner_id == owner_id, is_there())


async def messages(session: AsyncSession, owner_id: str, thread_id: str) -> Sequence[Message]:
    """Every message of a thread, deleted ones too, in the order of creation."""
    return (await session.scalars(_owned(owner_id).where(Message.thread_id == thread_id).order_by(Message.id))).all()


async def message_rows(session: AsyncSession, owner_id: str, thread_id: str) -> Sequence[Any]:
    """As `messages`, to read only: plain rows of the same names, which cost two thirds of the time in a long thread."""
    query = (
        select(*Message.__table__.c)
        .join(Thread, Thread.id == Message.thread_id)
        .where(Thread.owner_id == owner_id, is_there(), Message.thread_id == thread_id)
        .order_by(Message.id)
    )
    return (await session.execute(query)).all()


async def tree_rows(session: AsyncSession, thread_ids: Collection[str]) -> Sequence[Any]:
    """What is needed to see which messages of these threads are there, whoever owns them."""
    query = select(Message.id, Message.parent_id, Message.deleted_at).where(Message.thread_id.in_(thread_ids))
    return (await session.execute(query)).all()


async def find_message(
    session: AsyncSession, owner_id: str, message_id: str, *, thread_id: str | None = None, deleted: bool = False
) -> Message:
    """One message, of `thread_id` when given. Raises NotFound; `deleted` finds only one that was deleted."""
    query = _owned(owner_id).where(Message.id == message_id)
    query = query.where(Message.deleted_at.is_not(None) if deleted else Message.deleted_at.is_(None))
    if thread_id is not None:
        query = query.where(Message.thread_id == thread_id)
    message = await session.scalar(query)
    if message is None:
        raise NotFound
    return message


async def locked_message(session: AsyncSession, owner_id: str, message_id: str) -> Message:
    """One message, its thread locked until the transaction ends. Raises NotFound."""
    message = await find_message(session, owner_id, message_id)
    await find_thread(session, owner_id, message.thread_id, lock=True)
    return message


def _branch(owner_id: str, thread_id: str, leaf_id: str) -> CTE:
    link = (
        select(Message.id, Message.parent_id)
        .join(Thread, Thread.id == Message.thread_id)
        .where(Message.id == leaf_id, Message.thread_id == thread_id, Thread.owner_id == owner_id)
        .cte("link", recursive=True)
    )
    parent = aliased(Message)
    return link.union_all(
        select(parent.id, parent.parent_id).where(parent.id == link.c.parent_id, parent.thread_id == thread_id)
    )


async def branch_ids(session: AsyncSession, owner_id: str, thread_id: str, leaf_id: str) -> set[str]:
    """The ids of the branch that ends in `leaf_id`; empty when it is not there."""
    return set((await session.scalars(select(_branch(owner_id, thread_id, leaf_id).c.id))).all())


async def forks(session: AsyncSession, owner_id: str, thread_id: str) -> set[str | None]:
    """Below which messages of a thread there is more than one, deleted ones too; None for the root."""
    query = (
        select(Message.parent_id)
        .join(Thread, Thread.id == Message.thread_id)
        .where(Message.thread_id == thread_id, Thread.owner_id == owner_id)
        .group_by(Message.parent_id)
        .having(func.count() > 1)
    )
    return set((await session.scalars(query)).all())


async def branch(session: AsyncSession, owner_id: str, thread_id: str, leaf_id: str) -> list[Message]:
    """The messages from the root to `leaf_id`. Raises NotFound when one of them was deleted."""
    link = _branch(owner_id, thread_id, leaf_id)
    rows = (await session.scalars(select(Message).join(link, link.c.id == Message.id).order_by(Message.id))).all()
    if not rows or any(row.deleted_at is not None for row in rows):
        raise NotFound
    return list(rows)


async def purge_messages(session: AsyncSession, before: datetime, limit: int) -> int:
    """Remove up to `limit` messages deleted before `before`, with everything below them; all owners."""
    doomed = await session.execute(
        select(Message.id, Message.thread_id).where(Message.deleted_at < before).limit(limit)
    )
    found = list(doomed)
    for thread_id in {thread_id for _, thread_id in found}:
        gone = {message_id for message_id, of in found if of == thread_id}
        nodes = select(Message.id, Message.parent_id).where(Message.thread_id == thread_id).order_by(Message.id)
        for message_id, parent_id in await session.execute(nodes):  # parents come first
            if parent_id in gone:
                gone.add(message_id)
        await session.execute(delete(Message).where(Message.id.in_(gone)))
    return len(found)


# --- projects -------------------------------------------------------------------------------------------------------


async def find_project(session: AsyncSession, owner_id: str, project_id: str) -> Project:
    """Raises NotFound."""
    project = await session.scalar(select(Project).where(Project.id == project_id, Project.owner_id == owner_id))
    if project is None:
        raise NotFound
    return project


async def projects(session: AsyncSession, owner_id: str, project_id: str | None = None) -> list[tuple[Project, int]]:
    """The owner's projects by name, each with the number of its threads in the list and in the archive."""
    counted = and_(
        Thread.project_id == Project.id, Thread.owner_id == owner_id, Thread.state.in_(("active", "archived"))
    )
    query = (
        select(Project, func.count(Thread.id))
        .outerjoin(Thread, counted)
        .where(Project.owner_id == owner_id)
        .group_by(Project.id)
        .order_by(func.lower(Project.name), Project.id)
    )
    if project_id is not None:
        query = query.where(Project.id == project_id)
    return [(project, count) for project, count in (await session.execute(query))]


# --- drafts ---------------------------------------------------------------------------------------------------------


async def find_draft(session: AsyncSession, owner_id: str, scope: str) -> Draft | None:
    """The draft of a thread or of `new`, or None."""
    return await session.get(Draft, (owner_id, scope))


async def draft_was_sent(session: AsyncSession, owner_id: str, scope: str, key: str | None) -> None:
    """Forget the draft that the turn with this key sends; one with another key was begun since, and stays."""
    row = await find_draft(session, owner_id, scope)
    if row is not None and (key is None or row.content.get("key") in (None, key)):
        await session.delete(row)


async def clear_draft(session: AsyncSession, owner_id: str, scope: str) -> bool:
    """Forget a draft; whether there was one."""
    result = await session.execute(delete(Draft).where(Draft.owner_id == owner_id, Draft.scope == scope))
    return bool(result.rowcount)  # type: ignore[attr-defined]


async def file_ids_in_use(session: AsyncSession) -> set[str]:
    """The ids of all files that a message or a draft of any owner shows."""
    used: set[str] = set()
    has_file = or_(cast(Message.parts, String).like('%"file_id"%'), Message.status == "streaming")
    rows = await session.stream_scalars(select(Message.parts).where(has_file).execution_options(yield_per=200))
    async for parts in rows:
        used.update(part["file_id"] for part in parts if "file_id" in part)
    drafts = await session.stream_scalars(select(Draft.content).execution_options(yield_per=200))
    async for content in drafts:
        used.update(content.get("file_ids", []))
    return used
