"""Engines and sessions: many readers and, on SQLite, exactly one writer connection."""

import json
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiosqlite
import anyio
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from freehold.db.failures import told_plainly
from freehold.db.target import Target
from freehold.kit.storable import without_nul

SQLITE_READERS = 4
WAIT_SECONDS = 30.0
"""For a connection; whoever waits longer is told that the database does not answer."""
BUSY_TIMEOUT_MS = 5000
CHECKPOINT_PAGES = 1000
SAFE_SQLITE = (3, 51, 3)
"""Before it a rare WAL-reset race can corrupt a file that several connections checkpoint; ours never do."""

# for all but numbers and text the driver looks for an adapter; where it finds none, that takes ten times what binding a
# value does, and a row of the ledger has a dozen columns without one
sqlite3.register_adapter(type(None), {None: None}.get)
sqlite3.register_adapter(bool, int)


class _Line:
    """As many at a time as there are connections, in the order in which they came.

    SQLAlchemy's pool lets whoever comes just now take what was given back for somebody who waits, and the one who waits
    goes to the end: beside a hundred others some waited for half a minute, and were told that there is no database.
    """

    def __init__(self, places: int) -> None:
        self._free = anyio.Semaphore(places)

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        """Raises TimeoutError after WAIT_SECONDS."""
        try:
            self._free.acquire_nowait()
        except anyio.WouldBlock:
            with anyio.fail_after(WAIT_SECONDS):
                await self._free.acquire()
        try:
            yield
        finally:
            self._free.release()


class Database:
    """Hands out sessions. `read()` never writes; `begin()` commits at its end and rolls back on any error.

    On SQLite all `begin()` blocks of the process go through one connection with BEGIN IMMEDIATE, so writers queue here
    and not on the file's lock; keep them short and never await anything but the database inside.
    Storage trouble (full disk, lock, lost server) leaves both as a `freehold.errors.StorageError`.
    A block that was entered is finished, also when its task is cancelled meanwhile: a connection that is cancelled in
    the middle of a statement is lost, and its thread never ends (aiosqlite's close and stop meet).
    """

    def __init__(self, reader: AsyncEngine, writer: AsyncEngine, target: Target, places: tuple[int, int]) -> None:
        """`places`: how many connections the reader and the writer have."""
        self.reader = reader
        self.writer = writer
        self.target = target
        self._read = async_sessionmaker(reader, expire_on_commit=False)
        self._write = async_sessionmaker(writer, expire_on_commit=False)
        self._readers = _Line(places[0])
        self._writers = self._readers if writer is reader else _Line(places[1])

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.writer.dialect.name

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncSession]:
        """A session for reading."""
        with told_plainly():
            async with self._readers.turn():
                with anyio.CancelScope(shield=True):
                    async with self._read() as session:
                        yield session

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[AsyncSession]:
        """A session in a transaction that commits at the end of the block."""
        with told_plainly():
            async with self._writers.turn():
                with anyio.CancelScope(shield=True):
                    async with self._write.begin() as session:
                        yield session

    async def version(self) -> str:
        """The version of SQLite, or of the PostgreSQL server."""
        async with self.read() as session:
            question = "SELECT sqlite_version()" if self.dialect == "sqlite" else "SHOW server_version"
            return str((await session.execute(text(question))).scalar_one())

    async def ping(self) -> None:
        """Ask the smallest question; raises StorageError when there is no answer."""
        # SQLite answers SELECT 1 without opening its file
        question = "SELECT count(*) FROM sqlite_schema" if self.dialect == "sqlite" else "SELECT 1"
        async with self.read() as session:
            await session.execute(text(question))

    async def dispose(self) -> None:
        """Close every connection; the writer last, so that SQLite's last checkpoint is its."""
        await self.reader.dispose()
        if self.writer is not self.reader:
            await self.writer.dispose()


def open_database(
    target: Target, *, pool_size: int = 10, statement_timeout_seconds: float = 5, own_file: bool = True
) -> Database:
    """Make the engines for `target`; connects on first use.

    `own_file` is for the process that holds the data directory's lock: only its writer moves the write-ahead log into
    the SQLite file. A command that runs beside a server passes False.
    """
    if target.path is not None:
        writer = _sqlite_engine(target.path, writer=True, checkpoints=own_file)
        reader = _sqlite_engine(target.path, writer=False, checkpoints=False)
        return Database(reader, writer, target, (SQLITE_READERS, 1))
    assert target.url is not None
    engine = create_async_engine(
        target.url,
        json_serializer=_json,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=WAIT_SECONDS,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={
            "timeout": 10,
            "server_settings": {
                "application_name": "freehold",
                "statement_timeout": str(int(statement_timeout_seconds * 1000)),
                "timezone": "UTC",
                "jit": "off",  # our statements are short; compiling them costs more than it saves
            },
        },
    )
    return Database(engine, engine, target, (pool_size, pool_size))


def _sqlite_engine(path: Path, *, writer: bool, checkpoints: bool) -> AsyncEngine:
    async def connect() -> aiosqlite.Connection:
        # isolation_level None: the driver opens no transaction by itself, the listener below does
        return await aiosqlite.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000)

    engine = create_async_engine(
        "sqlite+aiosqlite://",
        json_serializer=_json,
        async_creator=connect,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1 if writer else SQLITE_READERS,
        max_overflow=0,
        pool_timeout=WAIT_SECONDS,
    )

    def configure(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA mmap_size = 0")
        cursor.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES if checkpoints else 0}")
        if writer:
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA synchronous = FULL")
        else:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")

    event.listen(engine.sync_engine, "connect", configure)
    event.listen(engine.sync_engine, "begin", begin)
    return engine


def sqlite_is_safe() -> bool:
    """Whether this Python's SQLite has the WAL-reset fix."""
    return sqlite3.sqlite_version_info >= SAFE_SQLITE


def _json(value: Any) -> str:
    """JSON for a column; a model's answer may hold NUL, and PostgreSQL refuses it and all that comes with it."""
    text = json.dumps(value)
    return json.dumps(without_nul(value)) if "\\u0000" in text else text
