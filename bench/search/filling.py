"""Fills a database in bulk with what `corpus` makes."""

import json
import sqlite3
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import asyncpg

from bench.search.corpus import OTHERS, Text, threads
from freehold.kit.clock import now
from freehold.kit.ids import new_id

Json = dict[str, Any]
TABLES = ("threads", "messages", "search_docs")
BATCH = 1_000  # threads


def _rows(size: int, owners: list[str], texts: list[Text]) -> Iterator[dict[str, list[Json]]]:
    made = threads(size, owners, texts)
    while some := list(islice(made, BATCH)):
        yield {
            "threads": [thread for thread, _, _ in some],
            "messages": [message for _, messages, _ in some for message in messages],
            "search_docs": [doc for _, _, docs in some for doc in docs],
        }


def _owners(local: str, size: int) -> tuple[list[str], list[Json]]:
    at = now()
    others = [new_id() for _ in range(OTHERS if size > 1000 else 0)]
    same = {
        "name": "other",
        "role": "member",
        "status": "active",
        "preferences": {},
        "created_at": at,
        "updated_at": at,
    }
    users = [{"id": owner, **same} for owner in others]
    return [local, *others], users


def fill_sqlite(path: Path, size: int, texts: list[Text]) -> None:
    """Replace everything in the file by `size` messages; its triggers keep the index."""
    with sqlite3.connect(path, isolation_level=None) as file:
        for pragma in ("foreign_keys = OFF", "synchronous = OFF", "cache_size = -400000", "temp_store = MEMORY"):
            file.execute(f"PRAGMA {pragma}")
        file.execute("BEGIN IMMEDIATE")
        for table in reversed(TABLES):
            file.execute(f"DELETE FROM {table}")
        (local,) = file.execute("SELECT id FROM users WHERE name <> 'other'").fetchone()
        file.execute("DELETE FROM users WHERE name = 'other'")
        owners, users = _owners(local, size)
        _insert(file, "users", users)
        for tables in _rows(size, owners, texts):
            for table, rows in tables.items():
                _insert(file, table, rows)
            file.execute("COMMIT")  # the write-ahead log stays small
            file.execute("BEGIN IMMEDIATE")
        file.execute("COMMIT")
        file.execute("ANALYZE")
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    file.close()


def _insert(file: sqlite3.Connection, table: str, rows: list[Json]) -> None:
    if not rows:
        return
    names = list(rows[0])
    marks = ", ".join("?" * len(names))
    values = ([_plain(row[name]) for name in names] for row in rows)
    file.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", values)


def _plain(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value)
    return value.strftime("%Y-%m-%d %H:%M:%S.%f") if hasattr(value, "strftime") else value


async def fill_postgres(url: str, size: int, texts: list[Text]) -> None:
    """The same by COPY; the GIN index is built over it, as after a restore."""
    database = await asyncpg.connect(url)
    await database.execute("SET session_replication_role = replica; SET maintenance_work_mem = '1GB'")
    index = await database.fetchval("SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_search_docs_tokens'")
    await database.execute(f"DROP INDEX ix_search_docs_tokens; TRUNCATE {', '.join(TABLES)} CASCADE")
    local = await database.fetchval("SELECT id FROM users WHERE name <> 'other'")
    await database.execute("DELETE FROM users WHERE name = 'other'")
    owners, users = _owners(local, size)
    await _copy(database, "users", users)
    for tables in _rows(size, owners, texts):
        for table, rows in tables.items():
            await _copy(database, table, rows)
    await database.execute(index)
    await database.execute("VACUUM ANALYZE")
    await database.close()


async def _copy(database: asyncpg.Connection, table: str, rows: list[Json]) -> None:
    if not rows:
        return
    names = list(rows[0])
    records = [
        [json.dumps(row[name]) if isinstance(row[name], dict | list) else row[name] for name in names] for row in rows
    ]
    await database.copy_records_to_table(table, records=records, columns=names)
