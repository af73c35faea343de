"""Two servers over one database that write the list of the same provider: the later one stands, and nobody fails."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import anyio.to_thread
import pytest
from sqlalchemy import text

from freehold.db import Database, open_database, parse_target
from freehold.kit import clock
from freehold.providers import repository
from freehold.providers.base import ModelCard
from freehold.providers.cards import Offer
from freehold.providers.service import Providers
from tests.fakes.upstream import FakeUpstream
from tests.providers.service_parts import (
    bus,
    database,
    declared,
    make_settings,
    providers,
    server,
    start_providers,
    upstream,
)

__all__ = ["bus", "database", "declared", "make_settings", "providers", "server", "start_providers", "upstream"]


@pytest.fixture
async def elsewhere(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    """The database of `providers`, opened by another server."""
    opened = await anyio.to_thread.run_sync(
        partial(open_database, own_file=False), parse_target(database_url, tmp_path)
    )
    yield opened
    await opened.dispose()


async def until_it_waits(database: Database) -> None:
    """Until a transaction waits for another one; of SQLite, which tells nobody, until it surely does."""
    if database.dialect == "sqlite":
        await asyncio.sleep(0.3)
        return
    deadline = clock.monotonic() + 20
    while clock.monotonic() < deadline:
        async with database.read() as session:
            if await session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                return
        await asyncio.sleep(0.01)
    raise AssertionError("nothing waits")


async def test_a_list_is_written_over_the_one_that_another_server_writes_meanwhile(
    providers: Providers, elsewhere: Database, server: FakeUpstream
) -> None:
    server.models = ["alpha", "beta", "gamma"]
    theirs = Offer(ModelCard("gamma", name="As they saw it"), enabled=False)
    async with elsewhere.begin() as session:
        await repository.replace_offers(session, "acme", {"gamma": theirs}, [], clock.now())
        asked = asyncio.create_task(providers.refresh("acme"))
        await until_it_waits(elsewhere)
        assert not asked.done()
    await asked
    assert [model.ref for model in (await providers.models()).items] == ["acme/alpha", "acme/beta", "acme/gamma"]
    async with elsewhere.read() as session:
        stored = (await repository.offers(session))["acme"]
    assert list(stored) == ["alpha", "beta", "gamma"]
    assert (stored["gamma"].enabled, stored["gamma"].card.name) == (True, None)


async def test_two_servers_that_write_the_same_models_never_wait_for_each_other_in_a_ring(
    database: Database, elsewhere: Database
) -> None:
    ids = [f"model-{number:03}" for number in range(300)]

    async def write(own: Database, order: list[str], name: str) -> None:
        offers = {model_id: Offer(ModelCard(model_id, name=name), enabled=True) for model_id in order}
        async with own.begin() as session:
            await repository.replace_offers(session, "acme", offers, [], clock.now())

    for _ in range(3):
        await asyncio.gather(write(database, ids, "one"), write(elsewhere, ids[::-1], "other"))
        async with database.read() as session:
            stored = (await repository.offers(session))["acme"]
        assert list(stored) == ids
        assert len({offer.card.name for offer in stored.values()}) == 1, "half of one's list, half of the other's"
