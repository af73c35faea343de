"""A database of each kind with two people, and Keys over it with a clock of its own."""

import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import anyio.to_thread
import pytest
from sqlalchemy import update

from freehold.access.subject import Subject
from freehold.db import Base, Database, open_database, parse_target
from freehold.identity.keys.schemas import KeyNew
from freehold.identity.keys.service import Keys
from freehold.identity.models import User
from freehold.identity.service import new_user
from freehold.kit import clock
from freehold.kit.crypto import SecretBox
from freehold.settings import DeclaredKey
from freehold.usage.budget_store import spent_by_keys

ALICE, BOB = (f"00000000-0000-7000-8000-00000000000{letter}" for letter in "ab")
ADMIN = Subject(ALICE, "admin", None)
MEMBER = Subject(BOB, "member", None)


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    database = await anyio.to_thread.run_sync(open_database, parse_target(database_url, tmp_path))
    async with database.writer.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with database.begin() as session:
        session.add(new_user(ALICE, "alice@example.org", "Alice", "admin", "x"))
        session.add(new_user(BOB, "bob@example.org", "Bob", "member", "x"))
    yield database
    await database.dispose()


@pytest.fixture
def box() -> SecretBox:
    return SecretBox({1: secrets.token_bytes(32)})


class World:
    """Keys with shorthands, and time that goes on when it is told to."""

    def __init__(self, database: Database, box: SecretBox, monkeypatch: pytest.MonkeyPatch) -> None:
        self.database, self.box = database, box
        self.keys = Keys(database, box, spent=spent_by_keys)
        self._later = timedelta()
        real = SimpleNamespace(now=clock.now, monotonic=clock.monotonic)
        monkeypatch.setattr(clock, "now", lambda: real.now() + self._later)
        monkeypatch.setattr(clock, "monotonic", lambda: real.monotonic() + self._later.total_seconds())

    def pass_time(self, **span: float) -> None:
        self._later += timedelta(**span)

    async def key(self, who: Subject = MEMBER, **wish: object) -> tuple[str, str]:
        """A new key of somebody's: its id and its secret."""
        shown = await self.keys.administration.create(who, KeyNew.model_validate({"name": "ci", **wish}))
        return shown.key.id, shown.secret

    async def change_user(self, user_id: str, **values: str) -> None:
        """As another process would: nobody is told."""
        async with self.database.begin() as session:
            await session.execute(update(User).where(User.id == user_id).values(**values))

    def another_process(self, *declared: DeclaredKey) -> Keys:
        return Keys(self.database, self.box, declared, spent=spent_by_keys)


@pytest.fixture
def world(database: Database, box: SecretBox, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(database, box, monkeypatch)
