"""One migration tree makes on both databases what the models say, and a step back loses no backup."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Insert, column, insert, inspect, table, text

from freehold.chat.search.repository import Wanted, loaded, newest_first
from freehold.chat.search.words import terms
from freehold.db import Base, Database, migrate, open_database, parse_target
from freehold.errors import SchemaTooNew, StorageError
from freehold.kit.clock import now
from freehold.kit.ids import new_id
from tests.db.first_migration import load_models

load_models()

SEARCH = "0008"


async def tables(database: Database) -> set[str]:
    async with database.writer.connect() as connection:
        return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))


async def test_the_migrated_schema_is_what_the_models_say(database: Database) -> None:
    assert len(Base.metadata.tables) > 10
    await migrate.upgrade(database)

    def ours(name: str | None, kind: str, _parents: object) -> bool:
        # the index of the search is no table or index of a model, but each database's own
        return not (name or "").startswith("search_index" if kind == "table" else "ix_search_docs_tokens")

    def differences(connection: Connection) -> list[object]:
        options = {"compare_type": True, "target_metadata": Base.metadata, "include_name": ours}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata))

    async with database.writer.connect() as connection:
        found = await connection.run_sync(differences)
    assert found == [], "write a migration, or before the first release: python -m tests.db.first_migration"


async def test_foreign_keys_and_partial_indexes_are_there(database: Database) -> None:
    await migrate.upgrade(database)

    def rules(connection: Connection) -> set[tuple[str, str, str]]:
        found = inspect(connection)
        return {
            (table, str(key["constrained_columns"]), str(key["options"].get("ondelete")))
            for table in found.get_table_names()
            for key in found.get_foreign_keys(table)
        }

    expected = {
        (table.name, str([column.name for column in key.columns]), str(key.ondelete))
        for table in Base.metadata.tables.values()
        for key in table.foreign_key_constraints
    }
    async with database.writer.connect() as connection:
        assert await connection.run_sync(rules) == expected
        if database.dialect == "sqlite":
            sql = (await connection.execute(text("SELECT group_concat(sql) FROM sqlite_master"))).scalar_one()
        else:
            sql = (await connection.execute(text("SELECT string_agg(indexdef, ',') FROM pg_indexes"))).scalar_one()
    partial = [index for of in Base.metadata.tables.values() for index in of.indexes if index.dialect_kwargs]
    assert sql.count(" WHERE ") == len(partial) > 0


async def test_the_way_down_and_up_again(database: Database) -> None:
    assert await migrate.current_revision(database) is None
    assert await migrate.upgrade(database) is None
    assert await migrate.current_revision(database) == migrate.head()
    before = await tables(database)
    assert await migrate.upgrade(database) == migrate.head()
    await migrate.downgrade(database, "base")
    assert await tables(database) == {"alembic_version"}
    await migrate.upgrade(database)
    assert await tables(database) == before


async def test_a_newer_schema_is_refused_and_left_alone(database: Database) -> None:
    await migrate.upgrade(database)
    async with database.begin() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaTooNew, match="9999") as caught:
        await migrate.upgrade(database)
    assert "newer Freehold" in caught.value.next_step
    assert await migrate.current_revision(database) == "9999"


async def test_what_was_written_before_the_search_is_found_by_it(database: Database) -> None:
    await migrate.upgrade(database)
    await migrate.downgrade(database, migrate.revisions()[migrate.revisions().index(SEARCH) - 1])
    at = now()
    owner = {"id": new_id(), "name": "A", "role": "member", "status": "active", "preferences": {}}
    thread = {"id": new_id(), "owner_id": owner["id"], "title": "旧标题", "title_source": "user", "state": "active"}
    ids = [new_id() for _ in range(3)]
    said = {"thread_id": thread["id"], "role": "user", "status": "complete"}
    async with database.begin() as session:
        times = {"created_at": at, "updated_at": at}
        await session.execute(table_of("users", owner | times), owner | times)
        row = thread | times | {"pinned": False, "last_activity_at": at}
        await session.execute(table_of("threads", row), row)
        for number, (message_id, parent_id) in enumerate(zip(ids, [None, *ids], strict=False)):
            row = said | {"id": message_id, "parent_id": parent_id, "created_at": at}
            row |= {"parts": [{"type": "text", "text": f"旧消息 {number}"}], "deleted_at": at if number == 1 else None}
            await session.execute(table_of("messages", row), row)
    await migrate.upgrade(database)
    async with database.read() as session:
        for kind, query, expected in (
            ("title", "标题", [None]),
            ("message", "消息", ids[:1]),
            ("message", "0", ids[:1]),
        ):
            wanted = Wanted(owner["id"], kind, tuple(terms(query)))  # type: ignore[arg-type]
            found = await newest_first(session, wanted, None, 9)
            rows = await loaded(session, owner["id"], found)
            assert [doc.message_id for doc, _, _ in rows] == expected, query


def table_of(name: str, row: dict[str, Any]) -> Insert:
    """An insert that names only these columns: at an earlier schema the others are not there."""
    columns = Base.metadata.tables[name].columns
    return insert(table(name, *(column(key, columns[key].type) for key in row)))


@pytest.mark.postgres
async def test_two_servers_that_start_together_migrate_once(postgres_server) -> None:  # type: ignore[no-untyped-def]
    url = postgres_server.url(postgres_server.create())
    pair = [open_database(parse_target(url, Path())) for _ in range(2)]
    await asyncio.gather(*(migrate.upgrade(database) for database in pair))
    assert await migrate.current_revision(pair[0]) == migrate.head()
    for database in pair:
        await database.dispose()


async def test_a_failing_step_leaves_nothing_behind(database: Database) -> None:
    async with database.begin() as session:
        await session.execute(text("CREATE TABLE threads (id INTEGER)"))  # in the way of the first migration
    with pytest.raises(Exception, match="threads"):
        await migrate.upgrade(database)
    assert await tables(database) <= {"threads", "alembic_version"}
    assert await migrate.current_revision(database) is None


def test_the_head_is_known_without_alembic_and_is_alembics() -> None:
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(migrate.MIGRATIONS))
    assert script.get_heads() == [migrate.head()]
    assert sorted(step.revision for step in script.walk_revisions()) == list(migrate.revisions())


# --- the backup before a migration of SQLite -------------------------------------------------------------------------


@pytest.fixture
async def file(tmp_path: Path):  # type: ignore[no-untyped-def]
    database = open_database(parse_target(f"sqlite:///{tmp_path / 'x.sqlite'}", tmp_path))
    await migrate.upgrade(database, backups=tmp_path / "backups")
    yield database
    await database.dispose()


async def test_a_copy_is_made_before_a_change_and_it_is_whole(file: Database, tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    assert not backups.exists(), "an empty database needs no copy"
    async with file.begin() as session:
        await session.execute(text("INSERT INTO settings VALUES ('kept', '{}', '2026-01-01')"))
    await migrate.downgrade(file, "base", backups=backups)
    (copy,) = backups.iterdir()
    assert copy.stat().st_mode & 0o077 == 0
    saved = sqlite3.connect(copy)
    assert saved.execute("SELECT key FROM settings").fetchall() == [("kept",)]
    assert saved.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    saved.close()


async def test_only_the_newest_copies_are_kept(file: Database, tmp_path: Path) -> None:
    made = [
        await asyncio.to_thread(migrate.backup, tmp_path / "x.sqlite", tmp_path / "backups", "0001") for _ in range(7)
    ]
    assert sorted((tmp_path / "backups").iterdir()) == sorted(set(made))[-migrate.BACKUPS_KEPT :]


async def test_a_damaged_database_is_not_migrated(file: Database, tmp_path: Path) -> None:
    async with file.begin() as session:
        for number in range(300):
            await session.execute(
                text("INSERT INTO settings VALUES (:key, '{}', '2026-01-01')"), {"key": f"{number:0100d}"[:100]}
            )
    await file.dispose()
    path = tmp_path / "x.sqlite"
    content = bytearray(path.read_bytes())
    for page in range(len(content) // 4096 - 8, len(content) // 4096):
        content[page * 4096 : page * 4096 + 200] = b"\xff" * 200
    path.write_bytes(content)
    with pytest.raises(StorageError):
        await migrate.downgrade(file, "base", backups=tmp_path / "backups")
    check = sqlite3.connect(path)
    assert check.execute("SELECT version_num FROM alembic_version").fetchone() == (migrate.head(),)
    check.close()
