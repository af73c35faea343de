"""Brings the schema to the revision of the code: locked, each step in a transaction, after a verified backup.

Alembic is imported only when there is something to do: the head is known from the file names.
"""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio.to_thread
from sqlalchemy import Connection, inspect, text

from freehold.db.engine import Database
from freehold.db.failures import told_plainly
from freehold.errors import SchemaTooNew, StorageError
from freehold.kit.imports import without

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

MIGRATIONS = Path(__file__).parent / "migrations"
BACKUPS_KEPT = 5
_ADVISORY_LOCK = 0x46524545484F4C44  # "FREEHOLD"


_KNOWN = tuple(sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py")))


def revisions() -> tuple[str, ...]:
    """Every revision that this code knows, oldest first; a migration file is named `NNNN_what_it_does.py`."""
    return _KNOWN


def head() -> str:
    """The revision that this code needs."""
    return _KNOWN[-1]


async def current_revision(database: Database) -> str | None:
    """The revision of the database; None when it is empty."""
    with told_plainly():
        async with database.writer.connect() as connection:
            return await connection.run_sync(_revision)


async def upgrade(database: Database, *, backups: Path | None = None) -> str | None:
    """Bring the schema to the head and return the revision it had; does nothing when it is there already.

    A SQLite database that holds data is copied into `backups` first, and the copy is checked. Raises SchemaTooNew
    when the database was written by a newer Freehold, StorageError when the copy is damaged.
    """
    before = await current_revision(database)
    refuse_newer(before)
    if before == head():
        return before
    if before is not None:
        await _copy(database, backups, before)
    await _run(database, lambda script, revision, _context: script._upgrade_revs("head", revision))
    return before


async def downgrade(database: Database, revision: str, *, backups: Path | None = None) -> None:
    """Take the schema back to `revision`, or to nothing for `base`; a SQLite file is copied into `backups` first."""
    before = await current_revision(database)
    if before is not None:
        await _copy(database, backups, before)
    await _run(database, lambda script, now, _context: script._downgrade_revs(revision, now))


def refuse_newer(revision: str | None) -> None:
    """Raise SchemaTooNew for a revision this code does not know."""
    if revision is not None and revision not in revisions():
        raise SchemaTooNew(
            f"The database has schema {revision}, and this Freehold knows schemas up to {head()}. Nothing was changed."
        )


async def _copy(database: Database, backups: Path | None, label: str) -> None:
    if database.target.path is not None and backups is not None:
        await anyio.to_thread.run_sync(backup, database.target.path, backups, label)


Steps = Callable[["ScriptDirectory", Any, Any], Any]
"""From the scripts, the current revision and Alembic's context to the migrations to run."""


async def _run(database: Database, steps: Steps) -> None:
    script = await anyio.to_thread.run_sync(_read_scripts)
    with told_plainly():
        async with database.writer.connect() as connection:
            await connection.run_sync(_locked, script, steps)


def _read_scripts() -> "ScriptDirectory":
    """Import Alembic and every migration. Blocks."""
    # Alembic's templates would bring pygments to colour their errors
    with without("pygments"):
        from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(MIGRATIONS))
    script.get_heads()
    return script


def _locked(connection: Connection, script: "ScriptDirectory", steps: Steps) -> None:
    """Run the steps, each in a transaction; of two servers that start together, the second finds the work done."""
    postgresql = connection.dialect.name == "postgresql"
    if postgresql:
        connection.execute(text(f"SELECT pg_advisory_lock({_ADVISORY_LOCK})"))
        connection.execute(text("SET statement_timeout = 0"))
        connection.commit()
    try:
        refuse_newer(_revision(connection))
        _migrate(connection, script, steps)
    finally:
        if postgresql:
            connection.rollback()
            connection.execute(text("RESET statement_timeout"))
            connection.execute(text(f"SELECT pg_advisory_unlock({_ADVISORY_LOCK})"))
            connection.commit()


def _migrate(connection: Connection, script: "ScriptDirectory", steps: Steps) -> None:
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext

    options = {
        "fn": lambda revision, context: steps(script, revision, context),
        "transaction_per_migration": True,
        # SQLite can roll back DDL once the driver leaves transactions to us; Alembic assumes that it does not
        "transactional_ddl": True,
    }
    context = MigrationContext.configure(connection, opts=options)
    with Operations.context(context), context.begin_transaction():
        context.run_migrations()


def _revision(connection: Connection) -> str | None:
    found = None
    if inspect(connection).has_table("alembic_version"):
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    connection.rollback()
    return found


def backup(path: Path, folder: Path, label: str) -> Path:
    """Copy a SQLite file with the online backup API, check the copy, and keep the newest five. Blocks.

    Raises StorageError when the copy does not pass `PRAGMA integrity_check`.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")[:-3]
    copy = folder / f"{path.stem}-{stamp}-before-migration-from-{label}.sqlite"
    partial = copy.with_suffix(".partial")
    os.close(os.open(partial, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
    with told_plainly(), closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(partial)) as target:
        source.backup(target)
        verdict = target.execute("PRAGMA integrity_check").fetchone()[0]
    if verdict != "ok":
        raise StorageError(
            f"The database does not pass its integrity check ({verdict}), so its schema was not changed.",
            next_step=f"Restore a backup from {folder}, or start the Freehold that wrote it.",
        )
    partial.replace(copy)
    for old in sorted(folder.glob(f"{path.stem}-*-before-migration-*.sqlite"))[:-BACKUPS_KEPT]:
        old.unlink()
    return copy
