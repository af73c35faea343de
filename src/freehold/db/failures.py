"""Which database failures a person can do something about, and how they are told."""

import errno
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from freehold.errors import DatabaseLocked, DatabaseUnreachable, DiskFull, StorageError

_FULL = "The disk that holds the database is full. The last change was not saved; everything before it is safe."
_LOCKED = "Another program keeps the database locked. The last change was not saved; everything before it is safe."
_UNREACHABLE = "The database server does not answer. The last change was not saved; everything before it is safe."
_BROKEN = "The database file cannot be read or written."

# SQLSTATE codes, https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL: dict[str, tuple[type[StorageError], str]] = {
    "53100": (DiskFull, _FULL),
    "55P03": (DatabaseLocked, _LOCKED),
    "40P01": (DatabaseLocked, _LOCKED),
    "57014": (DatabaseLocked, "The database took too long and the statement was given up."),
    "53300": (DatabaseUnreachable, "The database server has no free connection."),
    "57P01": (DatabaseUnreachable, _UNREACHABLE),
    "57P02": (DatabaseUnreachable, _UNREACHABLE),
    "57P03": (DatabaseUnreachable, _UNREACHABLE),
    "28P01": (DatabaseUnreachable, "The database server refused the user or the password."),
    "28000": (DatabaseUnreachable, "The database server refused the user or the password."),
    "3D000": (DatabaseUnreachable, "The database server has no database of that name."),
}

# primary result codes, https://www.sqlite.org/rescode.html
_SQLITE: dict[int, tuple[type[StorageError], str]] = {
    sqlite3.SQLITE_FULL: (DiskFull, _FULL),
    sqlite3.SQLITE_BUSY: (DatabaseLocked, _LOCKED),
    sqlite3.SQLITE_LOCKED: (DatabaseLocked, _LOCKED),
    sqlite3.SQLITE_CANTOPEN: (StorageError, _BROKEN),
    sqlite3.SQLITE_READONLY: (StorageError, _BROKEN),
    sqlite3.SQLITE_IOERR: (StorageError, _BROKEN),
    sqlite3.SQLITE_CORRUPT: (StorageError, _BROKEN),
    sqlite3.SQLITE_NOTADB: (StorageError, "The database file is not a SQLite database."),
}
_BROKEN_STEP = "Check the disk and the rights of the data directory; if the file is damaged, restore a backup."


def storage_error(error: BaseException) -> StorageError | None:
    """The StorageError that says what `error` means, or None when it is no storage trouble (a constraint, a bug)."""
    if isinstance(error, PoolTimeout):
        return DatabaseUnreachable("Every connection to the database is busy.")
    cause = error.orig if isinstance(error, DBAPIError) else error
    while cause is not None:
        found = _from_driver(cause)
        if found is not None:
            return found
        cause = cause.__cause__
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return DatabaseUnreachable(_UNREACHABLE)
    return None


def _from_driver(cause: BaseException) -> StorageError | None:
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:
        known = _SQLITE.get(code & 0xFF)
        return _make(*known) if known else None
    state = getattr(cause, "sqlstate", None)
    if isinstance(state, str):
        if state.startswith("08"):
            return DatabaseUnreachable(_UNREACHABLE)
        known = _POSTGRESQL.get(state)
        return _make(*known) if known else None
    if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(_FULL)
    # a refused or lost connection; any other OSError is not the database's
    if isinstance(cause, ConnectionError | TimeoutError | socket.gaierror):
        return DatabaseUnreachable(_UNREACHABLE)
    return None


def _make(kind: type[StorageError], message: str) -> StorageError:
    return kind(message, next_step=_BROKEN_STEP) if kind is StorageError else kind(message)


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn storage trouble raised inside into the StorageError that names the next step."""
    try:
        yield
    except (DBAPIError, PoolTimeout, OSError, sqlite3.Error) as error:
        found = storage_error(error)
        if found is None:
            raise
        raise found from error
