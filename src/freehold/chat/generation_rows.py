"""Rows of generations and of their log."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.chat.models import Generation, GenerationLog, Message, Thread
from freehold.chat.repository import is_there
from freehold.errors import NotFound
from freehold.kit.clock import now

Json = dict[str, Any]


async def find(session: AsyncSession, owner_id: str, generation_id: str) -> Generation:
    """A generation in a thread that is not in the bin. Raises NotFound."""
    row = await session.scalar(
        select(Generation)
        .join(Thread, Thread.id == Generation.thread_id)
        .where(Generation.id == generation_id, Generation.owner_id == owner_id, is_there())
    )
    if row is None:
        raise NotFound
    return row


async def find_by_key(session: AsyncSession, owner_id: str, idempotency_key: str) -> Generation | None:
    """The generation that a request with this key started, or None."""
    return await session.scalar(
        select(Generation).where(Generation.owner_id == owner_id, Generation.idempotency_key == idempotency_key)
    )


async def is_begun(session: AsyncSession, owner_id: str, idempotency_key: str | None) -> bool:
    """Whether a request with this key was taken."""
    return bool(idempotency_key and await find_by_key(session, owner_id, idempotency_key))


async def running_in(session: AsyncSession, owner_id: str, thread_id: str) -> Sequence[Generation]:
    """The generations of a thread that are being written."""
    return (
        await session.scalars(
            select(Generation).where(
                Generation.thread_id == thread_id, Generation.owner_id == owner_id, Generation.status == "running"
            )
        )
    ).all()


async def running_of(session: AsyncSession, owner_id: str) -> int:
    """How many answers are being written for an owner."""
    query = select(func.count()).select_from(Generation)
    return await session.scalar(query.where(Generation.owner_id == owner_id, Generation.status == "running")) or 0


async def orphans(session: AsyncSession, *, own: str, silent_since: datetime | None) -> Sequence[Generation]:
    """Running generations of other workers than `own`; with a time, only those without a heartbeat since then."""
    query = select(Generation).where(Generation.status == "running", Generation.worker != own)
    if silent_since is not None:
        query = query.where(Generation.heartbeat_at < silent_since)
    return (await session.scalars(query)).all()


async def hold(session: AsyncSession, generation_ids: Sequence[str], worker: str) -> set[str]:
    """Those of the generations that `worker` still writes, locked until the transaction ends.

    One that is missing was ended by somebody else: stopped on another process, or taken for dead.
    """
    query = select(Generation.id).where(
        Generation.id.in_(generation_ids), Generation.status == "running", Generation.worker == worker
    )
    return set((await session.scalars(query.order_by(Generation.id).with_for_update())).all())


async def beat(session: AsyncSession, generation_ids: Sequence[str]) -> None:
    """Say that the worker of these generations is alive."""
    await session.execute(update(Generation).where(Generation.id.in_(generation_ids)).values(heartbeat_at=now()))


async def end(session: AsyncSession, generation_id: str, status: str, *, worker: str | None) -> bool:
    """Mark a running generation as ended; False when somebody else did. `worker` None: whoever writes it."""
    statement = update(Generation).where(Generation.id == generation_id, Generation.status == "running")
    if worker is not None:
        statement = statement.where(Generation.worker == worker)
    result = await session.execute(statement.values(status=status, finished_at=now()))
    return bool(result.rowcount)  # type: ignore[attr-defined]


async def append(session: AsyncSession, rows: Sequence[tuple[str, int, list[Json]]]) -> None:
    """Add batches to the log: (generation id, number of the first event, events)."""
    await session.execute(
        insert(GenerationLog),
        [{"generation_id": generation_id, "seq": seq, "events": events} for generation_id, seq, events in rows],
    )


async def log_after(session: AsyncSession, generation_id: str, cursor: int) -> list[tuple[int, Json]]:
    """The numbered events after `cursor`. The caller has found the generation for its owner."""
    # a batch that begins before the cursor may reach beyond it
    start = (
        select(func.max(GenerationLog.seq))
        .where(GenerationLog.generation_id == generation_id, GenerationLog.seq <= cursor + 1)
        .scalar_subquery()
    )
    batches = await session.execute(
        select(GenerationLog.seq, GenerationLog.events)
        .where(GenerationLog.generation_id == generation_id, GenerationLog.seq >= func.coalesce(start, 0))
        .order_by(GenerationLog.seq)
    )
    numbered = ((seq + at, event) for seq, events in batches for at, event in enumerate(events))
    return [(seq, event) for seq, event in numbered if seq > cursor]


async def kept_parts(session: AsyncSession, generation: Generation) -> list[Json]:
    """The parts of the message before this generation: what a continued one had, nothing for a new one."""
    first = await session.get(GenerationLog, (generation.id, 0))
    return first.events[0]["parts"] if first else []


async def latest_of(session: AsyncSession, owner_id: str, message_id: str) -> Generation | None:
    """The generation that wrote at a message last, or None: it was imported or copied."""
    query = select(Generation).where(Generation.message_id == message_id, Generation.owner_id == owner_id)
    return await session.scalar(query.order_by(Generation.id.desc()).limit(1))


async def rivals(session: AsyncSession, generation: Generation) -> list[tuple[Generation, Message]]:
    """The other generations of the turn that began this one, with their messages, as far as they are still there."""
    rows = await session.execute(
        select(Generation, Message)
        .join(Message, Message.id == Generation.message_id)
        .where(Generation.thread_id == generation.thread_id, Generation.owner_id == generation.owner_id)
        .where(Generation.started_at == generation.started_at, Generation.id != generation.id)
        .where(Generation.kind == generation.kind, Message.deleted_at.is_(None))
        .order_by(Message.id)
    )
    return [(other, message) for other, message in rows]


async def message_of(session: AsyncSession, generation: Generation) -> Message:
    """The message that a generation writes."""
    message = await session.get(Message, generation.message_id)
    if message is None:
        raise NotFound
    return message


async def purge_logs(session: AsyncSession, before: datetime, limit: int) -> int:
    """Remove the logs of up to `limit` generations that ended before `before`: their messages hold it all."""
    logged = select(GenerationLog.generation_id).where(GenerationLog.generation_id == Generation.id).exists()
    ids = (
        await session.scalars(select(Generation.id).where(Generation.finished_at < before, logged).limit(limit))
    ).all()
    if ids:
        await session.execute(delete(GenerationLog).where(GenerationLog.generation_id.in_(ids)))
    return len(ids)
