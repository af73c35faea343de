"""A migrated database of both kinds, and calls to write down."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio.to_thread
import pytest

from freehold.db import Database, migrate, open_database, parse_target
from freehold.identity.models import User
from freehold.identity.people import repository as people
from freehold.identity.people.membership import Membership
from freehold.identity.people.models import Group
from freehold.identity.service import new_user
from freehold.kit.clock import now
from freehold.kit.ids import new_id
from freehold.usage.record import UsageRecord

ANA = "0192d7a0-0000-7000-8000-000000000001"
BO = "0192d7a0-0000-7000-8000-000000000002"
LEGAL = "0192d7a0-0000-7000-8000-00000000000c"
INTERNS = "0192d7a0-0000-7000-8000-00000000000d"


@pytest.fixture
async def open_again(database_url: str, tmp_path: Path) -> AsyncIterator[Callable[[], Any]]:
    """Open the same database once more, as another process would."""
    opened: list[Database] = []

    async def again() -> Database:
        database = await anyio.to_thread.run_sync(open_database, parse_target(database_url, tmp_path))
        opened.append(database)
        return database

    yield again
    for database in opened:
        await database.dispose()


@pytest.fixture
async def database(open_again: Callable[[], Any]) -> Database:
    database = await open_again()
    await migrate.upgrade(database)
    return database


async def put_into_group(database: Database, group_id: str, name: str, *user_ids: str) -> Membership:
    """A group of these people, whose accounts are made where they are missing."""
    at = now()
    async with database.begin() as session:
        for user_id in user_ids:
            if await session.get(User, user_id) is None:
                session.add(new_user(user_id, f"{user_id[-1]}@example.org", user_id[-1], "member", "x"))
        session.add(Group(id=group_id, name=name, description="", created_at=at, updated_at=at))
        await session.flush()
        for user_id in user_ids:
            await people.join(session, user_id, [group_id], at)
    return Membership(group_id, name)


def call(**changes: Any) -> UsageRecord:
    """A call that went well."""
    given: dict[str, Any] = {
        "at": datetime(2026, 9, 14, 12, tzinfo=UTC),
        "user_id": ANA,
        "source": "chat",
        "requested": "acme/alpha",
        "model": "acme/alpha",
        "provider_id": "acme",
        "self_hosted": False,
        "status": "ok",
        "input_tokens": 7,
        "output_tokens": 3,
        "cached_input_tokens": 2,
        "reasoning_tokens": 1,
        "cost_usd": 0.0000475,
    }
    return UsageRecord(**given | changes)


def some_key() -> str:
    return new_id()
