"""Several servers on one database: what is changed of providers and models by one, the others follow."""

from typing import Any

import anyio
import pytest

from freehold.errors import NotFound
from freehold.kit.bus import MemoryBus
from freehold.providers import directory
from freehold.providers.schemas import EnteredPrices, ModelPatch, ProviderNew, ProviderPatch
from freehold.providers.service import Providers
from tests.fakes.ollama import OllamaDialect
from tests.fakes.upstream import API_KEY, FakeUpstream
from tests.providers.service_parts import bus, database, make_settings, server, start_providers, upstream

__all__ = ["bus", "database", "make_settings", "server", "start_providers", "upstream"]


@pytest.fixture
async def one(start_providers: Any) -> Providers:
    return await start_providers()


@pytest.fixture
async def other(one: Providers, start_providers: Any) -> Providers:
    return await start_providers()


async def added(providers: Providers, server: FakeUpstream) -> str:
    wish = {
        "kind": "openai_compatible",
        "base_url": server.url,
        "api_key": API_KEY,
        "name": "Box",
        "self_hosted": False,
    }
    return (await providers.administration.add(ProviderNew.model_validate(wish), force=False)).provider.id


async def test_the_others_follow_what_one_changes(one: Providers, other: Providers, server: FakeUpstream) -> None:
    box = await added(one, server)
    with pytest.raises(NotFound):
        other.configured(box)
    await other.catch_up()
    assert other.configured(box).config == one.configured(box).config
    assert other.find(f"{box}/alpha").ref == f"{box}/alpha"

    prices = EnteredPrices(input=1.5, output=6.0)
    await one.administration.change_model(box, "alpha", ModelPatch(prices=prices))
    await one.administration.change_model(box, "beta", ModelPatch(enabled=False))
    await one.administration.change(box, ProviderPatch(name="Chest"), force=False)
    await other.catch_up()
    assert other.detail(box).models == one.detail(box).models
    assert (other.find(f"{box}/alpha").card.prices.output, other.info(box).name) == (6.0, "Chest")

    await one.administration.remove(box)
    await other.catch_up()
    assert (other.configs(), other.candidates()) == ([], [])


async def test_it_happens_by_itself_and_open_pages_are_told_once(
    one: Providers, other: Providers, bus: MemoryBus, server: FakeUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "REFRESH_SECONDS", 0.05)
    box = await added(one, server)
    version = other.version
    with bus.subscribe(directory.EVERYONE) as told, anyio.fail_after(10):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(other.run)
            assert (await anext(told))["type"] == "models"
            while other.version == version:
                await anyio.sleep(0.01)
            assert other.configured(box).config.name == "Box"
            version = other.version
            await anyio.sleep(0.5)
            tasks.cancel_scope.cancel()
        assert other.version == version
        told.close()
        assert [payload async for payload in told] == []


async def test_its_own_change_is_no_news(one: Providers, bus: MemoryBus, server: FakeUpstream) -> None:
    await added(one, server)
    with bus.subscribe(directory.EVERYONE) as told:
        await one.catch_up()
        told.close()
        assert [payload async for payload in told] == []


async def test_each_server_says_what_is_on_its_own_disk(start_providers: Any, make_settings: Any) -> None:
    async with (
        FakeUpstream(OllamaDialect(), models=["left", "both"]) as left,
        FakeUpstream(OllamaDialect(), models=["both", "right"]) as right,
    ):

        async def server_beside(ollama: FakeUpstream) -> Providers:
            declared = {"id": "ollama", "kind": "ollama", "name": "Ollama", "base_url": ollama.url, "origin": "file"}
            providers: Providers = await start_providers(make_settings(declared))
            await providers.refresh("ollama")
            return providers

        one, other = await server_beside(left), await server_beside(right)
        await one.administration.change_model("ollama", "both", ModelPatch(enabled=False))
        for _ in range(3):
            for providers in (one, other):
                await providers.catch_up()
                await providers.refresh("ollama")
        assert {name: offer.enabled for name, offer in one.offers("ollama").items()} == {"both": False, "left": True}
        assert {name: offer.enabled for name, offer in other.offers("ollama").items()} == {"both": False, "right": True}
        versions = one.version, other.version
        for providers in (one, other):
            await providers.catch_up()
            await providers.refresh("ollama")
            await providers.catch_up()
        assert (one.version, other.version) == versions
