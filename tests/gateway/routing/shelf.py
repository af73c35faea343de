"""Providers and their models as plain values, and a clock that moves when it is told to."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

from freehold.errors import ModelNotFound
from freehold.gateway.routing.router import Router
from freehold.providers import choice
from freehold.providers.base import ModelCard, ProviderConfig
from freehold.providers.cards import Offer
from freehold.providers.choice import Candidate
from freehold.settings import Settings


class Shelf:
    """What the directory knows; `settings` hold the aliases."""

    def __init__(self, models: dict[str, Any], *cards: tuple[str, ModelCard], **configs: dict[str, Any]) -> None:
        self.version = 1
        self.settings = Settings.model_validate({"declared": {"models": models}})
        self.offers: dict[str, Candidate] = {}
        for provider_id, card in cards:
            config = ProviderConfig(
                provider_id, "openai_compatible", provider_id.title(), **configs.get(provider_id, {})
            )
            self.offers[f"{provider_id}/{card.id}"] = Candidate(config, Offer(card, enabled=True))

    def configs(self) -> list[Any]:
        return [
            SimpleNamespace(config=config, names_models=bool(config.models))
            for config in {item.config.id: item.config for item in self.candidates()}.values()
        ]

    def candidates(self) -> list[Candidate]:
        return list(self.offers.values())

    def find(self, ref: str) -> Candidate:
        return choice.find(ref, self.candidates())


class Clock:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def router(shelf: Shelf, clock: Clock | None = None, chance: Callable[[], float] = lambda: 0.5) -> Router:
    return Router(cast("Any", shelf), now=clock or Clock(), chance=chance)


__all__ = ["Clock", "ModelNotFound", "Shelf", "router"]
