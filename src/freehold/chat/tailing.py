"""Following a generation through the database: the first frame of each stream, and a log written elsewhere."""

from collections.abc import AsyncGenerator

import anyio
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.chat import generation_rows, models, repository, schemas, sse, views
from freehold.db import Database
from freehold.kit.clock import monotonic

POLL_SECONDS = 0.2


async def start_frame(session: AsyncSession, owner_id: str, generation_id: str) -> bytes:
    """The rows as they are now; the message with the parts it had before this generation. Raises NotFound."""
    generation = await generation_rows.find(session, owner_id, generation_id)
    thread = await repository.find_thread(session, owner_id, generation.thread_id)
    message = await generation_rows.message_of(session, generation)
    question = await session.get(models.Message, message.parent_id) if generation.kind == "send" else None
    running = generation.status == "running"
    start = schemas.StartEvent(
        generation=views.generation(generation),
        thread=views.thread(thread, generating=await repository.is_generating(session, owner_id, thread.id)),
        user_message=views.message(question) if question else None,
        message=views.message(
            message,
            generation_id=generation.id if running else None,
            parts=await generation_rows.kept_parts(session, generation),
        ),
        rivals=[
            views.message(other, generation_id=theirs.id if theirs.status == "running" else None)
            for theirs, other in await generation_rows.rivals(session, generation)
        ]
        if generation.kind == "send"
        else [],
    )
    return sse.frame(start.model_dump(mode="json"))


async def poll_log(database: Database, owner_id: str, generation_id: str, cursor: int) -> AsyncGenerator[bytes]:
    """The frames after `cursor` as they come into the database, to the end of the log; pings when it is quiet."""
    spoke_at = monotonic()
    while True:
        last = None
        async with database.read() as session:
            # the row first: when it says that it ended, the log read after it is whole
            generation = await generation_rows.find(session, owner_id, generation_id)
            events = await generation_rows.log_after(session, generation_id, cursor)
            if not events and generation.status != "running":
                last = await final_frame(session, generation)
        # nothing is held while a slow reader takes its time
        if last is not None:
            yield last
            return
        if events:
            cursor = events[-1][0]
            yield b"".join(sse.frame(event, seq) for seq, event in events)
            spoke_at = monotonic()
            if events[-1][1]["type"] == "finish":
                return
        elif monotonic() - spoke_at > sse.PING_SECONDS:
            yield sse.PING
            spoke_at = monotonic()
        if generation.status == "running":
            await anyio.sleep(POLL_SECONDS)


async def final_frame(session: AsyncSession, generation: models.Generation) -> bytes:
    """The end of a generation whose log was cleared away, or was read to its end before: the message says it all."""
    message = await generation_rows.message_of(session, generation)
    thread = await session.get_one(models.Thread, generation.thread_id)
    generating = await repository.is_generating(session, generation.owner_id, thread.id)
    event = schemas.FinishEvent(message=views.message(message), thread=views.thread(thread, generating=generating))
    return sse.frame(event.model_dump(mode="json"))
