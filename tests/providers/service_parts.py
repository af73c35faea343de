"""Fixtures: the real directory of providers over a real database and a model server on a real socket."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import anyio.to_thread
import pytest

import freehold.assembly  # noqa: F401 - with it every table is known
from freehold.db import Base, Database, open_database, parse_target
from freehold.kit.bus import MemoryBus
from freehold.kit.crypto import SecretBox
from freehold.providers.service import Providers
from freehold.providers.upstream import Upstream
from freehold.settings import Settings
from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import API_KEY, FakeUpstream


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    database = await anyio.to_thread.run_sync(open_database, parse_target(database_url, tmp_path))
    async with database.writer.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield database
    await database.dispose()


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    upstream = Upstream()
    yield upstream
    await upstream.aclose()


@pytest.fixture
async def server() -> AsyncIterator[FakeUpstream]:
    """A model server with the models alpha and beta."""
    async with FakeUpstream(OpenAIDialect(), models=["alpha", "beta"]) as server:
        yield server


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus()


@pytest.fixture
def make_settings(tmp_path: Path) -> Callable[..., Settings]:
    def make(*declared: dict[str, Any], **areas: Any) -> Settings:
        given = {"embedded": {"enabled": False}, "declared": {"providers": list(declared)}, "data_dir": tmp_path}
        return Settings.model_validate(given | areas)

    return make


@pytest.fixture
async def start_providers(
    database: Database, upstream: Upstream, bus: MemoryBus, make_settings: Callable[..., Settings]
) -> AsyncIterator[Callable[..., Any]]:
    """Start the directory with the given settings; the database's master key is always the same."""
    started: list[Providers] = []

    async def start(settings: Settings | None = None, **more: Any) -> Providers:
        box = SecretBox({1: bytes(32)})
        providers = Providers(settings or make_settings(), database, bus, box, upstream, **more)
        started.append(providers)
        await providers.start()
        return providers

    yield start
    for providers in started:
        await providers.stop()


@pytest.fixture
def declared(server: FakeUpstream) -> dict[str, Any]:
    """The model server as freehold.yaml declares it."""
    return {
        "id": "acme",
        "kind": "openai_compatible",
        "name": "Acme",
        "base_url": server.url,
        "api_key": API_KEY,
        "origin": "file",
        "origin_detail": "freehold.yaml:3",
    }


@pytest.fixture
async def providers(start_providers: Any, make_settings: Any, declared: dict[str, Any]) -> Providers:
    providers = await start_providers(make_settings(declared))
    await providers.refresh("acme")
    return providers
