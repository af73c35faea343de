"""How generations end: the one transaction that saves message, thread and log, and the reaper that ends orphans."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

import anyio
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.chat import generation_rows, lessons, models, repository, schemas, views
from freehold.chat.announce import Announcer
from freehold.chat.fold import fold, last_run
from freehold.db import Database
from freehold.errors import ErrorBody, StorageError
from freehold.kit.clock import now

Json = dict[str, Any]
Ending = Literal["complete", "stopped", "failed", "interrupted"]

SILENT_SECONDS = 30.0  # a worker without a heartbeat for so long is dead
REAP_SECONDS = 15.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ended:
    """What was committed; `event` is the last of the log."""

    message: schemas.Message
    thread: schemas.Thread
    generation: schemas.Generation
    event: Json


async def end(
    database: Database,
    generation: models.Generation,
    ending: Ending,
    *,
    worker: str | None,
    parts: list[Json],
    run: Json | None,
    error: ErrorBody | None,
    waiting: list[Json],
    next_seq: int,
) -> Ended | None:
    """Commit the message as it ended and close the log; `waiting` are events that come into it before the last one.

    None when the generation is not `worker`'s any more (None: whoever writes it), or its thread is gone.
    """
    async with database.begin() as session:
        return await _end(
            session,
            generation,
            ending,
            worker=worker,
            parts=parts,
            run=run,
            error=error,
            waiting=waiting,
            next_seq=next_seq,
        )


async def _end(
    session: AsyncSession,
    generation: models.Generation,
    ending: Ending,
    *,
    worker: str | None,
    parts: list[Json],
    run: Json | None,
    error: ErrorBody | None,
    waiting: list[Json],
    next_seq: int,
) -> Ended | None:
    status = "done" if ending == "complete" else ending
    if not await generation_rows.end(session, generation.id, status, worker=worker):
        return None
    message = await session.get(models.Message, generation.message_id)
    thread = await session.get(models.Thread, generation.thread_id)
    if message is None or thread is None:
        return None
    message.parts, message.status, message.translation = parts, ending, None
    message.run = run or message.run
    message.error = {**error.as_dict(), "at": now().isoformat()} if error else None
    thread.last_activity_at = thread.updated_at = now()
    if ending == "stopped":
        thread.read_at = thread.last_activity_at  # who stopped it has seen it
    elif ending == "complete":
        await lessons.regenerated(session, generation, message)
        await lessons.went_on(session, generation, message)
    await session.flush()
    generating = await repository.is_generating(session, generation.owner_id, thread.id)
    shown_message, shown_thread = views.message(message), views.thread(thread, generating=generating)
    event = schemas.FinishEvent(message=shown_message, thread=shown_thread).model_dump(mode="json")
    await generation_rows.append(session, [(generation.id, next_seq, [*waiting, event])])
    row = await session.get_one(models.Generation, generation.id, populate_existing=True)
    return Ended(shown_message, shown_thread, views.generation(row), event)


async def end_from_log(database: Database, generation: models.Generation, ending: Ending) -> Ended | None:
    """End somebody else's generation with what its log holds; None when it ended meanwhile."""
    async with database.begin() as session:
        # first the row, so that its writer adds nothing between the reading and the end
        if not await generation_rows.hold(session, [generation.id], generation.worker):
            return None
        message = await session.get(models.Message, generation.message_id)
        if message is None:
            await generation_rows.end(session, generation.id, ending, worker=None)
            return None
        log = await generation_rows.log_after(session, generation.id, 0)
        events = [event for _, event in log]
        return await _end(
            session,
            generation,
            ending,
            worker=None,
            parts=fold(message.parts, events),
            run=last_run(events),
            error=None,
            waiting=[],
            next_seq=len(log) + 1,
        )


async def end_orphans(database: Database, announcer: Announcer, worker: str, *, at_start: bool = False) -> int:
    """Mark as interrupted what dead processes were writing; how many there were.

    On SQLite this process is the only one, so at its start everything that runs is an orphan. On PostgreSQL others may
    live: there the heartbeat decides.
    """
    alone = at_start and database.dialect == "sqlite"
    silent_since = None if alone else now() - timedelta(seconds=SILENT_SECONDS)
    async with database.read() as session:
        orphans = await generation_rows.orphans(session, own=worker, silent_since=silent_since)
    for generation in orphans:
        ended = await end_from_log(database, generation, "interrupted")
        if ended is not None:
            _log.warning("generation_interrupted", generation_id=generation.id, worker=generation.worker)
            announce(announcer, generation.owner_id, ended)
    return len(orphans)


async def reap_for_ever(database: Database, announcer: Announcer, worker: str) -> None:
    """End orphans every 15 seconds; ends by cancellation."""
    while True:
        await anyio.sleep(REAP_SECONDS)
        try:
            await end_orphans(database, announcer, worker)
        except StorageError as error:
            _log.warning("reaper_failed", code=error.code)


def announce(announcer: Announcer, owner_id: str, ended: Ended) -> None:
    """Tell every tab of the owner."""
    announcer.generation(owner_id, ended.generation)
    announcer.message(owner_id, ended.message)
    announcer.thread(owner_id, ended.thread)
