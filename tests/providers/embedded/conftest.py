"""A models folder with the tiny model in it, and providers that read it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from freehold.providers.base import ProviderConfig
from freehold.providers.embedded.provider import EmbeddedProvider
from freehold.providers.registry import ProviderDeps, build, provider_class, vendors
from freehold.providers.upstream import Upstream
from tests.providers.embedded.tiny_model import write_tiny_model

MakeProvider = Callable[..., EmbeddedProvider]


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("gguf") / "tiny.gguf")


@pytest.fixture
def data_dir(tmp_path: Path, tiny_model: Path) -> Path:
    """A data directory whose models folder holds tiny.gguf."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "tiny.gguf").hardlink_to(tiny_model)
    return tmp_path


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    upstream = Upstream()
    yield upstream
    await upstream.aclose()


@pytest.fixture
async def make_provider(data_dir: Path, upstream: Upstream) -> AsyncIterator[MakeProvider]:
    """Builds providers with the options given, and ends their children after the test."""
    await asyncio.to_thread(vendors)
    await asyncio.to_thread(provider_class, "embedded")
    made: list[EmbeddedProvider] = []

    def make(folder: Path = data_dir, **options: Any) -> EmbeddedProvider:
        settings = {"embedded": {"threads": 1, "context_tokens": 2048, **options}}
        config = ProviderConfig("embedded", "embedded", "Built-in model", self_hosted=True)
        provider = build(config, ProviderDeps(upstream, folder, settings))
        assert isinstance(provider, EmbeddedProvider)
        made.append(provider)
        return provider

    yield make
    for provider in made:
        await provider.aclose()
