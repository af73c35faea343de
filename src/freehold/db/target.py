"""Reading a DATABASE_URL: which database, where, and how it may be shown."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from freehold.errors import ConfigurationError

FORMS = "sqlite:///path, file:///path or postgresql://user:password@host:5432/name"


@dataclass(frozen=True, slots=True)
class Target:
    """A database to open: a SQLite file, or a PostgreSQL URL for asyncpg."""

    dialect: Literal["sqlite", "postgresql"]
    path: Path | None = None
    url: URL | None = None

    def __str__(self) -> str:
        """The address without its password."""
        return f"sqlite:///{self.path}" if self.url is None else self.url.render_as_string(hide_password=True)


def parse_target(url: str | None, data_dir: Path) -> Target:
    """Understand `url` (None: `data_dir`/freehold.sqlite); raises ConfigurationError without repeating the URL.

    `file:///app/data/db.sqlite` and `sqlite:////app/data/db.sqlite` are absolute, `sqlite:///db.sqlite` is relative to
    the working directory, as in SQLAlchemy.
    """
    if not url:
        return Target("sqlite", path=data_dir / "freehold.sqlite")
    scheme = url.partition(":")[0].lower()
    if scheme == "file":
        parts = urlsplit(url)
        path = unquote(parts.path)
        if parts.netloc not in ("", "localhost") or not path.strip("/"):
            raise _refused("a file: address needs three slashes and a path")
        return Target("sqlite", path=Path(path))
    if scheme.partition("+")[0] == "sqlite":
        path = unquote(urlsplit(url.replace(scheme, "sqlite", 1)).path)
        if not url.partition(":")[2].startswith("///") or path in ("/", "/:memory:"):
            raise _refused("SQLite needs a file: conversations in memory would be lost")
        return Target("sqlite", path=Path(path[1:]))
    if scheme.partition("+")[0] in ("postgres", "postgresql"):
        return Target("postgresql", url=_postgresql(url))
    raise _refused("it names a database that Freehold does not know")


def _postgresql(url: str) -> URL:
    try:
        parsed = make_url(url).set(drivername="postgresql+asyncpg")
    except (ArgumentError, ValueError):
        raise _refused("it cannot be read; special characters in the password have to be percent-encoded") from None
    if not parsed.database:
        raise _refused("the name of the database is missing")
    query = dict(parsed.query)
    # libpq calls it sslmode, asyncpg ssl; the values are the same
    mode = query.pop("sslmode", None)
    for foreign in ("connection_limit", "pool_timeout", "pgbouncer", "schema"):
        query.pop(foreign, None)
    return parsed.set(query={**query, **({"ssl": mode} if mode else {})})


def _refused(why: str) -> ConfigurationError:
    return ConfigurationError(f"DATABASE_URL: {why}.", next_step=f"Write it as {FORMS}.")
