"""A policy over models that are plain values, for tests of rules and of `auto`."""

from typing import Any

from freehold.gateway.routing.policy import Policy
from freehold.gateway.routing.samples import Sample, try_out
from freehold.gateway.routing.slots import Slots
from freehold.providers.base import ModelCard, Prices
from freehold.settings import Settings
from freehold.settings.routing import Given
from tests.gateway.routing.shelf import Shelf, router

SMALL = ModelCard("qwen", context_tokens=32_000, abilities=frozenset({"tools"}))
CHEAP = ModelCard("mini", context_tokens=128_000, abilities=frozenset({"tools", "vision"}), prices=Prices(0.15, 0.6))
LARGE = ModelCard(
    "gpt", context_tokens=128_000, abilities=frozenset({"tools", "vision", "json_schema"}), prices=Prices(2.5, 10.0)
)
MODELS: dict[str, Any] = {
    "local": {"provider": "house", "model": "qwen", "tier": "local"},
    "premium": {"provider": "cloud", "model": "gpt", "tier": "premium"},
}


def shelf(models: dict[str, Any] | None = None, **routing: Any) -> Shelf:
    """A model in the house and two outside; `routing` as in freehold.yaml."""
    made = Shelf(models or {}, ("house", SMALL), ("cloud", CHEAP), ("cloud", LARGE), house={"self_hosted": True})
    classes = [{"id": name, "words": [name]} for name in ("confidential", "secret")]
    declared = {"models": models or {}, "routing": routing, "privacy": {"classes": classes}}
    made.settings = Settings.model_validate({"declared": declared})
    return made


def policy(models: dict[str, Any] | None = None, **routing: Any) -> Policy:
    return Policy(router(shelf(models, **routing)), Slots())


def rule(name: str = "r", *, then: Any, **when: Any) -> dict[str, Any]:
    return {"id": name, "when": when, "then": then}


def asked(made: Policy, text: str = "hello", person: str | None = None, **given: Any) -> Sample:
    return try_out(made, Given.model_validate({"text": text, **given}), person)


def refs(sample: Sample) -> list[str]:
    return [item.ref for item in sample.decision.order]


def out(sample: Sample) -> dict[str, str]:
    return {item.ref: item.why for item in sample.decision.removed}
