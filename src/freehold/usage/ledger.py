"""The ledger: what every call took, handed over in microseconds and written to the database in batches.

A process that is killed loses at most what it was handed within one FLUSH_SECONDS. An orderly stop loses nothing, also
when the database is away: then the rest goes to a file in the data directory that the next start reads.
"""

from collections import deque
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import anyio
import anyio.to_thread
import structlog

from freehold.db import Database
from freehold.errors import StorageError
from freehold.kit.ids import id_at
from freehold.observability import metrics
from freehold.usage import repository
from freehold.usage.record import UsageRecord
from freehold.usage.spill import Spill

FLUSH_SECONDS = 0.5
BATCH = 500
"""So many waiting calls are written at once and not at the next half second."""

LARGEST_BATCH = 1000
IN_MEMORY = 20_000
"""So many calls wait in memory for a database that is away (some 10 MB); what is older goes to the file."""

MOST_WAITING = 100_000
"""With the file full as well, calls beyond this are lost, counted and logged."""

TRY_AGAIN_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0)
SPILL = "usage-unsaved.jsonl"
REFUSED = "usage-refused.jsonl"

_log = structlog.get_logger(__name__)


class Ledger:
    """One per process: `start`, a task that is in `run`, and `stop` when nothing more is recorded."""

    def __init__(self, database: Database, folder: Path) -> None:
        """`folder` holds the files of calls that the database did not take."""
        self._database = database
        self._spill = Spill(folder / SPILL)
        self._spilled = False
        self._refused = Spill(folder / REFUSED)
        self._waiting: deque[UsageRecord] = deque()
        self._batch: list[UsageRecord] = []  # taken from those that wait, not yet known to be written
        self._uncertain = False  # whether a commit of the batch was tried
        self._failures = 0
        self._lost = 0
        self._some = anyio.Event()
        self._many = anyio.Event()
        self._writing = anyio.Lock()
        self._scope = anyio.CancelScope()

    @property
    def waiting(self) -> int:
        """Calls that are not in the database yet."""
        return len(self._waiting) + len(self._batch)

    def record(self, record: UsageRecord) -> None:
        """Hand a call over; never waits and never raises."""
        waiting = len(self._waiting)
        if waiting >= MOST_WAITING:
            self._lose()
            return
        self._waiting.append(record)
        if not waiting:
            self._some.set()
        elif waiting + 1 >= BATCH:
            self._many.set()

    async def start(self) -> None:
        """Write down what the last run of the server could not."""
        self._spilled = await anyio.to_thread.run_sync(self._spill.exists)
        if self._spilled:
            async with self._writing:
                await self._read_back()

    async def run(self) -> None:
        """Write for ever; ends by `stop` or by cancellation, and never in the middle of a transaction."""
        with self._scope:
            while True:
                await self._some.wait()
                if self._failures:
                    await anyio.sleep(TRY_AGAIN_SECONDS[min(self._failures, len(TRY_AGAIN_SECONDS)) - 1])
                else:
                    with anyio.move_on_after(FLUSH_SECONDS):
                        await self._many.wait()
                self._some, self._many = anyio.Event(), anyio.Event()
                with anyio.CancelScope(shield=True):
                    await self.flush()
                if self._waiting or self._batch:
                    self._some.set()

    async def flush(self) -> bool:
        """Write everything that waits now; False when the database refuses and it has to wait longer.

        What comes meanwhile waits for the next time: else a steady stream of calls is written a few at a time.
        """
        async with self._writing:
            due = self.waiting
            while due > 0:
                due -= len(self._batch) or min(len(self._waiting), LARGEST_BATCH)
                if not await self._write():
                    await self._make_room()
                    return False
                if self._spilled:
                    await self._read_back()
            return True

    async def stop(self) -> None:
        """Write what waits, into the file if the database is away."""
        self._scope.cancel()
        with anyio.CancelScope(shield=True):
            if await self.flush():
                return
            async with self._writing:
                if not await self._to_file(self._spill, _identified([*self._batch, *self._waiting])):
                    self._lose(self.waiting)
                self._batch, self._waiting = [], deque()

    # --- one batch ----------------------------------------------------------------------------------------------------

    async def _write(self) -> bool:
        if not self._batch:
            self._batch = _identified(self._waiting.popleft() for _ in range(min(len(self._waiting), LARGEST_BATCH)))
            self._uncertain = False
        try:
            await self._commit(self._batch, uncertain=self._uncertain)
        except StorageError as error:
            self._uncertain = True
            self._failures += 1
            _log.error("usage_not_written", code=error.code, waiting=self.waiting, tries=self._failures)
            metrics.USAGE_WAITING.set(self.waiting)
            return False
        except Exception as error:  # noqa: BLE001 - a batch that cannot be written must not hold up all later ones
            reason = f"{type(error).__name__}: {error}"[:200]
            _log.error("usage_refused", reason=reason, calls=len(self._batch), file=str(self._refused.path))
            await self._to_file(self._refused, self._batch)
        self._batch, self._failures = [], 0
        metrics.USAGE_WAITING.set(self.waiting)
        return True

    async def _commit(self, records: list[UsageRecord], *, uncertain: bool) -> None:
        async with self._database.begin() as session:
            await repository.append(session, await repository.unwritten(session, records) if uncertain else records)

    # --- while the database is away -----------------------------------------------------------------------------------

    async def _make_room(self) -> None:
        """Move the oldest to the file once there are many."""
        over = len(self._waiting) - IN_MEMORY
        if over <= 0:
            return
        oldest = _identified(islice(self._waiting, over))
        if await self._to_file(self._spill, oldest):
            self._spilled = True
            for _ in range(over):
                self._waiting.popleft()

    async def _to_file(self, file: Spill, records: list[UsageRecord]) -> bool:
        try:
            await anyio.to_thread.run_sync(file.append, records)
        except OSError as error:
            _log.error("usage_file_not_written", file=str(file.path), error=str(error), calls=len(records))
            return False
        _log.warning("usage_in_file", file=str(file.path), calls=len(records))
        return True

    async def _read_back(self) -> None:
        """Write the file's calls to the database and remove it; it stays when the database refuses again."""
        written = 0
        batches = self._spill.batches(LARGEST_BATCH)
        try:
            while (records := await anyio.to_thread.run_sync(next, batches, None)) is not None:
                await self._commit(records, uncertain=True)
                written += len(records)
            await anyio.to_thread.run_sync(self._spill.remove)
            self._spilled = False
        except (StorageError, OSError) as error:
            _log.error("usage_file_not_read", file=str(self._spill.path), error=str(error), written=written)
        else:
            _log.info("usage_file_read", calls=written)

    def _lose(self, calls: int = 1) -> None:
        metrics.USAGE_LOST.inc(calls)
        if self._lost % 1000 + calls > 1000 or not self._lost:
            _log.critical("usage_lost", calls=self._lost + calls)
        self._lost += calls


def _identified(records: Iterable[UsageRecord]) -> list[UsageRecord]:
    """The records, each with an id that sorts by the time of the call."""
    found = list(records)
    for record in found:
        record.id = record.id or id_at(record.at)
    return found
