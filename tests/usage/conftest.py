"""A migrated database of both kinds, and calls to write down."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio.to_thread
import pytest

from freehold.db import Database, migrate, open_database, parse_target
from freehold.kit.ids import new_id
from freehold.usage.record import UsageRecord

ANA = "0192d7a0-0000-7000-8000-000000000001"
BO = "0192d7a0-0000-7000-8000-000000000002"


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
