"""Readers never write, writers never lose, and trouble with the storage is told by its name."""

import asyncio
import itertools
import socket
import sqlite3
import time
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from freehold.db import Database, open_database, parse_target
from freehold.errors import DatabaseLocked, DatabaseUnreachable, DiskFull, StorageError
from tests.services.ports import free_port


async def prepared(database: Database) -> None:
    async with database.begin() as session:
        await session.execute(text("CREATE TABLE counter (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)"))
        await session.execute(text("INSERT INTO counter VALUES (1, 0)"))


async def value(database: Database) -> int:
    async with database.read() as session:
        return int((await session.execute(text("SELECT n FROM counter WHERE id = 1"))).scalar_one())


async def test_concurrent_writers_lose_nothing(database: Database) -> None:
    await prepared(database)

    async def add() -> None:
        async with database.begin() as session:
            if database.dialect == "postgresql":
                await session.execute(text("SELECT n FROM counter WHERE id = 1 FOR UPDATE"))
            now = (await session.execute(text("SELECT n FROM counter WHERE id = 1"))).scalar_one()
            await session.execute(text("UPDATE counter SET n = :n WHERE id = 1"), {"n": now + 1})

    await asyncio.gather(*(add() for _ in range(40)))
    assert await value(database) == 40


async def test_an_error_rolls_back(database: Database) -> None:
    await prepared(database)

    async def fail() -> None:
        async with database.begin() as session:
            await session.execute(text("UPDATE counter SET n = 9"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await value(database) == 0


async def test_a_cancelled_writer_rolls_back_and_lets_the_next_one_in(database: Database) -> None:
    await prepared(database)
    inside = asyncio.Event()

    async def hang() -> None:
        async with database.begin() as session:
            await session.execute(text("UPDATE counter SET n = 9"))
            inside.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(hang())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(5):
        async with database.begin() as session:
            await session.execute(text("UPDATE counter SET n = n + 1"))
    assert await value(database) == 1


async def test_a_broken_rule_stays_an_integrity_error(database: Database) -> None:
    await prepared(database)
    with pytest.raises(IntegrityError):
        async with database.begin() as session:
            await session.execute(text("INSERT INTO counter VALUES (1, 0)"))


async def test_the_version_is_told(database: Database) -> None:
    assert (await database.version())[0].isdigit()
    await database.ping()


# --- SQLite alone ---------------------------------------------------------------------------------------------------


@pytest.fixture
async def file(tmp_path: Path):  # type: ignore[no-untyped-def]
    database = open_database(parse_target(f"sqlite:///{tmp_path / 'x.sqlite'}", tmp_path))
    yield database
    await database.dispose()


async def test_sqlite_is_set_up_for_durability(file: Database) -> None:
    async with file.begin() as session:
        pragmas = {
            name: (await session.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "mmap_size")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000, "mmap_size": 0}


async def test_a_reader_cannot_write_and_never_checkpoints(file: Database) -> None:
    await prepared(file)
    async with file.read() as session:
        assert (await session.execute(text("PRAGMA wal_autocheckpoint"))).scalar_one() == 0
    with pytest.raises((DBAPIError, StorageError)):
        async with file.read() as session:
            await session.execute(text("UPDATE counter SET n = 1"))
    assert await value(file) == 0


async def test_a_reader_is_not_held_up_by_a_writer(file: Database) -> None:
    await prepared(file)
    async with file.begin() as session:
        await session.execute(text("UPDATE counter SET n = 1"))
        async with asyncio.timeout(1):
            assert await value(file) == 0


async def test_a_full_disk_is_told_and_loses_nothing(file: Database) -> None:
    await prepared(file)
    async with file.begin() as session:
        pages = (await session.execute(text("PRAGMA page_count"))).scalar_one()
        # SQLite's own limit fails exactly where a full disk does: with SQLITE_FULL when a page is wanted
        await session.execute(text(f"PRAGMA max_page_count = {pages}"))
    with pytest.raises(DiskFull) as caught:
        async with file.begin() as session:
            await session.execute(text("CREATE TABLE big AS SELECT hex(randomblob(100000))"))
    assert caught.value.status == 507
    assert await value(file) == 0


async def test_a_lock_of_another_program_is_told(file: Database, tmp_path: Path) -> None:
    await prepared(file)
    # the busy time-out is what production waits; the test does not
    async with file.writer.connect() as connection:
        await connection.exec_driver_sql("PRAGMA busy_timeout = 50")
        await connection.rollback()
    other = sqlite3.connect(tmp_path / "x.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        began = time.monotonic()
        with pytest.raises(DatabaseLocked):
            async with file.begin() as session:
                await session.execute(text("UPDATE counter SET n = 1"))
        assert time.monotonic() - began < 3
    finally:
        other.execute("ROLLBACK")
        other.close()
    async with file.begin() as session:
        await session.execute(text("UPDATE counter SET n = 2"))
    assert await value(file) == 2


async def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "no.sqlite").write_bytes(b"hello, this is a text file and nothing else " * 100)
    database = open_database(parse_target(f"sqlite:///{tmp_path / 'no.sqlite'}", tmp_path))
    with pytest.raises(StorageError, match="not a SQLite database"):
        await database.ping()
    await database.dispose()


# --- PostgreSQL alone -----------------------------------------------------------------------------------------------


async def test_a_server_that_is_not_there_is_told() -> None:
    database = open_database(parse_target(f"postgresql://u:p@127.0.0.1:{free_port()}/d", Path()))
    with pytest.raises(DatabaseUnreachable, match="does not answer"):
        await database.ping()
    await database.dispose()


async def test_a_server_that_hangs_up_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        database = open_database(parse_target(f"postgresql://u:p@127.0.0.1:{listener.getsockname()[1]}/d", Path()))

        def hang_up() -> None:
            listener.accept()[0].close()

        with pytest.raises(DatabaseUnreachable):
            await asyncio.gather(asyncio.to_thread(hang_up), database.ping())
        await database.dispose()


@pytest.mark.postgres
async def test_a_statement_that_runs_too_long_is_given_up(postgres_server) -> None:  # type: ignore[no-untyped-def]
    url = postgres_server.url(postgres_server.create())
    database = open_database(parse_target(url, Path()), statement_timeout_seconds=0.2)
    with pytest.raises(DatabaseLocked, match="too long"):
        async with database.read() as session:
            await session.execute(text("SELECT pg_sleep(5)"))
    await database.dispose()


@pytest.mark.postgres
async def test_a_missing_database_is_told(postgres_server) -> None:  # type: ignore[no-untyped-def]
    database = open_database(parse_target(postgres_server.url("nowhere"), Path()))
    with pytest.raises(DatabaseUnreachable, match="no database of that name"):
        await database.ping()
    await database.dispose()


@pytest.mark.postgres
async def test_lost_connections_are_replaced(postgres_server) -> None:  # type: ignore[no-untyped-def]
    name = postgres_server.create()
    database = open_database(parse_target(postgres_server.url(name), Path()))
    await database.ping()
    postgres_server.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    await database.ping()
    await database.dispose()


async def test_whoever_came_first_is_served_first(database_url: str, tmp_path: Path) -> None:
    """With SQLAlchemy's pool alone some of these are passed by two to five hundred others."""
    database = open_database(parse_target(database_url, tmp_path), pool_size=4)
    came, served = itertools.count(), list[int]()
    inside, most = 0, 0

    async def ask_again_and_again() -> None:
        nonlocal inside, most
        for _ in range(12):
            place = next(came)
            async with database.read() as session:
                served.append(place)
                inside += 1
                most = max(most, inside)
                await session.execute(text("SELECT 1"))
                inside -= 1

    await asyncio.gather(*(ask_again_and_again() for _ in range(100)))
    assert served == list(range(1200))
    assert most == 4, "the line stands here and not at the pool"
    await database.dispose()
