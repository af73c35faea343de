"""What is cleared away: temporary chats, the bin after 30 days, logs of ended answers, images that nothing shows."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import anyio
import anyio.lowlevel
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.chat import generation_rows, repository
from freehold.db import Database
from freehold.files.service import Files
from freehold.kit.clock import now

BIN_DAYS = 30
LOG_HOURS = 24
AT_A_TIME = 50  # rows of one transaction, so that nobody waits for the sweep


async def sweep(
    database: Database, files: Files, shown_elsewhere: Callable[[], Awaitable[set[str]]] | None = None
) -> None:
    """One round; files that are `shown_elsewhere` stay. Raises StorageError, OSError."""
    bin_ends, logs_end = now() - timedelta(days=BIN_DAYS), now() - timedelta(hours=LOG_HOURS)
    await _all(database, lambda session: repository.purge_threads(session, bin_ends, AT_A_TIME))
    await _all(database, lambda session: repository.purge_messages(session, bin_ends, AT_A_TIME))
    await _all(database, lambda session: generation_rows.purge_logs(session, logs_end, AT_A_TIME))
    async with database.read() as session:
        used = await repository.file_ids_in_use(session)
    if shown_elsewhere is not None:
        used |= await shown_elsewhere()
    await files.sweep(used)


async def sweep_temporary(database: Database) -> None:
    """Remove the temporary threads whose time is over, for good. Raises StorageError."""
    await _all(database, lambda session: repository.purge_expired(session, AT_A_TIME))


async def _all(database: Database, purge: Callable[[AsyncSession], Awaitable[int]]) -> None:
    while True:
        async with database.begin() as session:
            if await purge(session) < AT_A_TIME:
                return
        await anyio.lowlevel.checkpoint()
