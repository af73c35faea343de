"""The write-ahead log of answers: events are shown only after the transaction that holds them is committed.

One writer per process commits the events of all its generations together, at most once in 40 milliseconds, with their
heartbeat. So whatever a reader has seen is in the database, and a hundred answers cost one transaction.
"""

from collections.abc import AsyncGenerator, Callable
from typing import Any

import anyio
import structlog

from freehold.chat import generation_rows, sse
from freehold.chat.fold import merge
from freehold.db import Database
from freehold.errors import FreeholdError, StorageError
from freehold.kit.clock import monotonic

Json = dict[str, Any]

COMMIT_SECONDS = 0.040  # the least time between two commits; a reader draws no faster
HEARTBEAT_SECONDS = 5.0
MAX_WAITING_CHARACTERS = 65_536  # a faster model waits for the disk

_log = structlog.get_logger(__name__)


class GenerationLost(Exception):
    """Another process ended this generation; what it wrote stands."""


class WriterStopped(Exception):
    """The server ends and nobody commits any more; what waits is to be saved with the end."""


class LogStream:
    """The log of one generation in the process that writes it: what is committed, what waits, and who follows."""

    def __init__(self, writer: "LogWriter", generation_id: str) -> None:
        self.generation_id = generation_id
        self.frames: list[bytes] = []  # committed; the frame of event n is at n - 1
        self.waiting: list[Json] = []  # not yet committed, nobody has seen these
        self.ended = False
        self.on_failure: Callable[[], object] | None = None  # called when nothing more can be written
        self._writer = writer
        self._waiting_size = 0
        self._in_flight = False
        self._finished = False
        self._failure: Exception | None = None
        self._last_words: bytes | None = None
        self._changed = anyio.Event()

    @property
    def next_seq(self) -> int:
        return len(self.frames) + 1

    def events(self) -> list[Json]:
        """Every committed event."""
        return [sse.event_of(framed) for framed in self.frames]

    async def append(self, event: Json) -> None:
        """Hand over an event; returns at once unless much is waiting.

        Raises StorageError, GenerationLost, WriterStopped.
        """
        self._raise_failure()
        if not self.waiting or not merge(self.waiting[-1], event):
            self.waiting.append(event)
        self._waiting_size += len(event.get("delta", "")) + 64
        self._writer.wake(self)
        while self._waiting_size > MAX_WAITING_CHARACTERS:
            await self._changed.wait()
            self._raise_failure()

    async def flush(self) -> None:
        """Wait until everything handed over is committed. Raises StorageError, GenerationLost, WriterStopped."""
        while self.waiting or self._in_flight:
            self._raise_failure()
            await self._changed.wait()
        self._raise_failure()

    async def tail(self, cursor: int) -> AsyncGenerator[bytes]:
        """The frames after number `cursor`, as they are committed, to the end; a ping when nothing comes for long."""
        at = cursor
        while True:
            if at < len(self.frames):
                chunk, at = b"".join(self.frames[at:]), len(self.frames)
                yield chunk
                continue
            if self.ended:
                if self._last_words is not None and not self._finished:
                    yield self._last_words
                return
            with anyio.move_on_after(sse.PING_SECONDS) as waiting:
                await self._changed.wait()
            if waiting.cancelled_caught:
                yield sse.PING

    def end(self, last_words: bytes | None = None) -> None:
        """Nothing more comes; `last_words` is the frame that ends the stream where the log could not be finished."""
        self.ended = True
        self._last_words = last_words or self._last_words
        self._wake()

    # the writer's side

    def take(self) -> list[Json]:
        """What waits, to be committed; then comes `committed` or `failed`."""
        events, self.waiting, self._waiting_size = self.waiting, [], 0
        self._in_flight = True
        return events

    def committed(self, events: list[Json]) -> None:
        self._finished = self._finished or any(event["type"] == "finish" for event in events)
        self.frames.extend(sse.frame(event, seq) for seq, event in enumerate(events, self.next_seq))
        self._in_flight = False
        self._wake()

    def failed(self, events: list[Json], failure: Exception) -> None:
        """The events go back to those that wait, for the last try when the generation ends."""
        self.waiting[:0] = events
        self._in_flight = False
        self._failure = failure
        self._wake()
        if self.on_failure is not None:
            self.on_failure()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _wake(self) -> None:
        changed, self._changed = self._changed, anyio.Event()
        changed.set()


Batch = tuple[LogStream, int, list[Json]]
"""Events of one stream with the number of the first."""


class LogWriter:
    """The one task of a process that commits logs."""

    def __init__(self, database: Database, worker: str) -> None:
        self._database = database
        self._worker = worker
        self._open: dict[str, LogStream] = {}
        self._dirty: dict[str, LogStream] = {}
        self._work = anyio.Event()
        self._next_beat = 0.0
        self._stopped = False

    def open(self, generation_id: str) -> LogStream:
        """A stream for a generation whose row this process has just committed."""
        stream = self._open[generation_id] = LogStream(self, generation_id)
        if self._stopped:  # a request that was still on its way when the server began to end
            stream.failed([], WriterStopped())
        return stream

    def close(self, stream: LogStream) -> None:
        self._open.pop(stream.generation_id, None)
        self._dirty.pop(stream.generation_id, None)

    def wake(self, stream: LogStream) -> None:
        self._dirty[stream.generation_id] = stream
        self._work.set()

    async def run(self) -> None:
        """Commit for ever; ends by cancellation."""
        try:
            await self._commit_for_ever()
        finally:
            self._stopped = True
            for stream in list(self._open.values()):
                stream.failed([], WriterStopped())

    async def _commit_for_ever(self) -> None:
        while True:
            with anyio.move_on_after(HEARTBEAT_SECONDS):
                await self._work.wait()
            started = monotonic()
            self._work = anyio.Event()
            # a commit that is under way when the server stops is waited for, so that memory and database agree
            with anyio.CancelScope(shield=True):
                await self._commit()
            await anyio.sleep(max(0.0, started + COMMIT_SECONDS - monotonic()))

    async def _commit(self) -> None:
        dirty, self._dirty = self._dirty, {}
        batch = [(stream, stream.next_seq, stream.take()) for stream in dirty.values()]
        beats = dict(self._open) if monotonic() >= self._next_beat else {}
        ids = sorted({*dirty, *beats})
        if not ids:
            return
        try:
            held = await self._write(ids, batch, beat=bool(beats))
        except StorageError as error:
            _log.error("log_commit_failed", code=error.code, generations=len(batch))
            self._fail(batch, error)
        except Exception as error:  # noqa: BLE001 - a batch that cannot be written must not end the writer of all others
            _log.exception("log_commit_broke", generations=len(batch))
            self._fail(batch, FreeholdError(f"The answer could not be saved: {type(error).__name__}."))
        else:
            self._tell(batch, held, [stream for key, stream in beats.items() if key not in dirty])

    def _tell(self, batch: list[Batch], held: set[str], others: list[LogStream]) -> None:
        """Who still holds its generation goes on; the others let go."""
        for stream, _, events in batch:
            if stream.generation_id in held:
                stream.committed(events)
            else:
                stream.failed(events, GenerationLost())
        for stream in others:
            if stream.generation_id not in held and not stream.ended:
                stream.failed([], GenerationLost())

    async def _write(self, ids: list[str], batch: list[Batch], *, beat: bool) -> set[str]:
        async with self._database.begin() as session:
            held = await generation_rows.hold(session, ids, self._worker)
            rows = [(stream.generation_id, seq, events) for stream, seq, events in batch if events]
            rows = [row for row in rows if row[0] in held]
            if rows:
                await generation_rows.append(session, rows)
            if beat and held:
                await generation_rows.beat(session, sorted(held))
        if beat:
            self._next_beat = monotonic() + HEARTBEAT_SECONDS
        return held

    def _fail(self, batch: list[Batch], failure: Exception) -> None:
        for stream, _, events in batch:
            stream.failed(events, failure)
