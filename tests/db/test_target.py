"""Every form of DATABASE_URL that people bring is understood, the others are refused without showing a password."""

from pathlib import Path

import pytest

from freehold.db import parse_target
from freehold.errors import ConfigurationError

DATA = Path("/srv/data")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (None, "/srv/data/freehold.sqlite"),
        ("", "/srv/data/freehold.sqlite"),
        ("file:///app/data/db.sqlite", "/app/data/db.sqlite"),
        ("file:/app/data/db.sqlite", "/app/data/db.sqlite"),
        ("file://localhost/app/my%20data/db.sqlite", "/app/my data/db.sqlite"),
        ("sqlite:////app/data/db.sqlite", "/app/data/db.sqlite"),
        ("sqlite+aiosqlite:////app/db.sqlite", "/app/db.sqlite"),
        ("sqlite:///db.sqlite", "db.sqlite"),
        ("sqlite:///data/db.sqlite", "data/db.sqlite"),
    ],
)
def test_sqlite(url: str | None, path: str) -> None:
    target = parse_target(url, DATA)
    assert (target.dialect, target.path) == ("sqlite", Path(path))


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg", "POSTGRES", "postgresql+psycopg"])
def test_postgresql(scheme: str) -> None:
    target = parse_target(f"{scheme}://u:p%40ss@db:5433/chat?sslmode=require&schema=public", DATA)
    assert target.dialect == "postgresql"
    assert target.url is not None
    assert target.url.drivername == "postgresql+asyncpg"
    assert (target.url.username, target.url.password, target.url.host) == ("u", "p@ss", "db")
    assert (target.url.port, target.url.database, dict(target.url.query)) == (5433, "chat", {"ssl": "require"})
    assert "p@ss" not in str(target)
    assert "p%40ss" not in str(target)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:hidden@h/d",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///",
        "file://host/path",
        "file:///",
        "postgresql://u:hidden@h",
        "postgresql://u:hidden@h:port/d",
        "nonsense",
    ],
)
def test_what_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_target(url, DATA)
    assert "DATABASE_URL" in caught.value.message
    assert "hidden" not in caught.value.message
    assert "postgresql://" in caught.value.next_step
