"""Aliases name providers that exist, at the start and at every reload; a wrong file changes nothing."""

from typing import Any

import pytest

from freehold.errors import ConfigurationError, Conflict
from freehold.providers.schemas import ProviderNew
from tests.providers.service_parts import bus, database, declared, make_settings, server, start_providers, upstream

__all__ = ["bus", "database", "declared", "make_settings", "server", "start_providers", "upstream"]


def with_aliases(declared: dict[str, Any], **models: Any) -> dict[str, Any]:
    return {"declared": {"providers": [declared], "models": models}}


@pytest.mark.parametrize(
    ("alias", "said"),
    [
        ({"provider": "acne", "model": "alpha"}, "there is no provider 'acne'; did you mean acme?"),
        ({"provider": "acme", "model": "alhpa"}, "acme has no model 'alhpa'; did you mean alpha?"),
        ({"provider": "acme", "model": "alpha", "fallback": ["nobody/x"]}, "models.x.fallback.0: there is no provider"),
    ],
)
async def test_what_does_not_exist_is_refused(
    start_providers: Any, make_settings: Any, declared: dict[str, Any], alias: dict[str, Any], said: str
) -> None:
    declared |= {"models": ["alpha", "beta"]}
    with pytest.raises(ConfigurationError) as caught:
        await start_providers(make_settings(**with_aliases(declared, x=alias | {"place": "freehold.yaml:9"})))
    assert caught.value.message.startswith("freehold.yaml:9: models.x.")
    assert said in caught.value.message


async def test_an_alias_may_not_be_called_like_a_provider(
    start_providers: Any, make_settings: Any, declared: dict[str, Any]
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        await start_providers(make_settings(**with_aliases(declared, acme={"provider": "acme", "model": "alpha"})))
    assert "there is a provider with that id" in caught.value.message


async def test_a_wrong_reload_keeps_what_runs(
    start_providers: Any, make_settings: Any, declared: dict[str, Any]
) -> None:
    right = make_settings(**with_aliases(declared, x={"provider": "acme", "model": "alpha"}))
    providers = await start_providers(right)
    version = providers.version
    wrong = make_settings(**with_aliases(declared, x={"provider": "nobody", "model": "alpha"}))
    with pytest.raises(ConfigurationError):
        await providers.reconfigure(wrong)
    assert providers.settings is right
    assert providers.version == version
    await providers.reconfigure(make_settings(**with_aliases(declared, y={"provider": "acme", "model": "alpha"})))
    assert list(providers.settings.declared.models) == ["y"]
    assert providers.version > version


async def test_a_provider_that_an_alias_asks_stays(
    start_providers: Any, make_settings: Any, declared: dict[str, Any]
) -> None:
    plain = make_settings()
    providers = await start_providers(plain)
    new = ProviderNew(id="mine", kind="openai_compatible", base_url=declared["base_url"], api_key=declared["api_key"])
    await providers.administration.add(new, force=True)
    await providers.reconfigure(make_settings(declared={"models": {"x": {"provider": "mine", "model": "alpha"}}}))
    with pytest.raises(Conflict) as caught:
        await providers.administration.remove("mine")
    assert "alias x" in caught.value.message
    with pytest.raises(Conflict):
        await providers.administration.add(new.model_copy(update={"id": "x"}), force=True)
