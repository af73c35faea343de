"""The daily sweep: a running server clears away what each slice has outlived, and one that fails stops no other."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from freehold.access.models import IdempotencyRecord
from freehold.assembly import running_services
from freehold.errors import DatabaseLocked
from freehold.identity.models import Session
from freehold.identity.service import Visitor
from freehold.kit.clock import now
from freehold.settings import Settings
from freehold.sweeping import sweep_once


def settings_for(data_dir: Path) -> Settings:
    return Settings.model_validate({"data_dir": data_dir, "embedded": {"enabled": False}})


async def test_a_server_that_starts_clears_away_what_is_over(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "data")
    password = "four unrelated words walk"
    async with running_services(settings) as services:
        user = await services.identity.add_user("ann@example.org", "Ann", password, "admin")
        for _ in range(2):
            await services.identity.sign_in("ann@example.org", password, Visitor("127.0.0.1", "test"))
        kept, over = await services.identity.sessions(user, None)
        long_ago = now() - timedelta(days=400)
        async with services.database.begin() as session:
            await session.execute(update(Session).where(Session.id == over.id).values(expires_at=long_ago))
            for key, at in (("old", long_ago), ("new", now())):
                session.add(
                    IdempotencyRecord(user_id=user, key=key, fingerprint=b"", status=204, body=b"", created_at=at)
                )
    async with running_services(settings) as services, asyncio.timeout(10):
        while True:
            async with services.database.read() as session:
                sessions = list(await session.scalars(select(Session.id)))
                keys = list(await session.scalars(select(IdempotencyRecord.key)))
            if len(sessions) == len(keys) == 1:
                break
            await asyncio.sleep(0.05)
        assert (sessions, keys) == ([kept.id], ["new"])


async def test_a_sweep_that_fails_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    swept: list[str] = []

    async def locked() -> None:
        raise DatabaseLocked("Another program keeps the database locked.")

    async def fine() -> None:
        swept.append("fine")

    await sweep_once({"locked": locked, "fine": fine})
    assert swept == ["fine"]
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == ["sweep failed"]
