"""What is cleared away daily: the bin after 30 days, logs of ended answers, images that nothing shows."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import anyio
import anyio.lowlevel
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.chat import generation_rows, repository
from freehold.db import Database
from freehold.errors import StorageError
from freehold.files.service import Files
from freehold.kit.clock import now

BIN_DAYS = 30
LOG_HOURS = 24
EVERY_SECONDS = 24 * 3600.0
AT_A_TIME = 50  # rows of one transaction, so that nobody waits for the sweep

_log = structlog.get_logger(__name__)


async def sweep_for_ever(database: Database, files: Files) -> None:
    """Sweep now and each day; ends by cancellation."""
    while True:
        try:
            await sweep(database, files)
        except (StorageError, OSError) as error:
            _log.warning("sweep_failed", error=str(error))
        await anyio.sleep(EVERY_SECONDS)


async def sweep(database: Database, files: Files) -> None:
    """One round. Raises StorageError, OSError."""
    bin_ends, logs_end = now() - timedelta(days=BIN_DAYS), now() - timedelta(hours=LOG_HOURS)
    await _all(database, lambda session: repository.purge_threads(session, bin_ends, AT_A_TIME))
    await _all(database, lambda session: repository.purge_messages(session, bin_ends, AT_A_TIME))
    await _all(database, lambda session: generation_rows.purge_logs(session, logs_end, AT_A_TIME))
    async with database.read() as session:
        used = await repository.file_ids_in_use(session)
    await files.sweep(used)


async def _all(database: Database, purge: Callable[[AsyncSession], Awaitable[int]]) -> None:
    while True:
        async with database.begin() as session:
            if await purge(session) < AT_A_TIME:
                return
        await anyio.lowlevel.checkpoint()
