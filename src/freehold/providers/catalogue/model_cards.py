"""What is known of a model before asking anyone: the price list, the families' rules, and how they merge."""

import functools
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import date
from fnmatch import translate
from pathlib import Path
from typing import Any

import orjson

from freehold.providers.base import ModelCard, Prices
from freehold.providers.catalogue.vendors import vendors

_HERE = Path(__file__).parent
_RULE_FIELDS = ("kind", "abilities", "context_tokens", "max_output_tokens", "knowledge_cutoff")


def card_for(
    kind: str, model_id: str, *, fetched: ModelCard | None = None, declared: ModelCard | None = None
) -> ModelCard:
    """Everything known of a model of a provider of `kind`; each field from the first source that has it.

    Order: `declared` (an administrator said so) > `fetched` (the provider said so) > the price list > the family's
    rule. Nothing is guessed: what no source says stays None, and no abilities means unknown or none.
    """
    known = _known(kind, model_id)
    for better in (fetched, declared):
        if better is not None:
            known = _over(better, known)
    return known


def known_models(kind: str) -> list[ModelCard]:
    """The chat models the price list has of a vendor, for those vendors that list none themselves."""
    vendor = vendors().get(kind)
    entries = _PRICES.get(vendor.prices or "", []) if vendor else []
    cards = [card_for(kind, entry["id"]) for entry in entries if not entry.get("old")]
    return [card for card in cards if card.kind == "chat"]


def _over(better: ModelCard, base: ModelCard) -> ModelCard:
    """`better` with its gaps filled from `base`."""
    changes: dict[str, Any] = {}
    for name in ("name", "context_tokens", "max_output_tokens", "knowledge_cutoff", "size_bytes", "description"):
        if getattr(better, name) is None and getattr(base, name) is not None:
            changes[name] = getattr(base, name)
    if not better.abilities:
        changes["abilities"] = base.abilities
    elif "image_output" in base.abilities:
        changes["abilities"] = better.abilities | {"image_output"}
    if better.kind == "chat" and base.kind != "chat":
        changes["kind"] = base.kind
    ours, theirs = better.prices, base.prices
    changes["prices"] = Prices(
        *(
            getattr(ours, f.name) if getattr(ours, f.name) is not None else getattr(theirs, f.name)
            for f in fields(Prices)
        )
    )
    return replace(better, **changes)


@functools.lru_cache(maxsize=4096)
def _known(kind: str, model_id: str) -> ModelCard:
    name = plain_name(model_id)
    ruled: dict[str, Any] = {}
    for rule in _RULES:
        if rule.matches(name):
            for field, value in rule.says.items():
                ruled.setdefault(field, value)
    entry = _price_entry(kind, model_id) or {}
    return ModelCard(
        id=model_id,
        name=entry.get("name"),
        kind=ruled.get("kind", "chat"),
        context_tokens=entry.get("context") or ruled.get("context_tokens"),
        max_output_tokens=ruled.get("max_output_tokens"),
        abilities=ruled.get("abilities", frozenset()),
        prices=Prices(*(entry.get(f.name) for f in fields(Prices))),
        knowledge_cutoff=ruled.get("knowledge_cutoff"),
    )


def plain_name(model_id: str) -> str:
    """The id without its publisher, in lower case: `Qwen/Qwen3-8B` becomes `qwen3-8b`."""
    return model_id.rsplit("/", 1)[-1].lower()


# --- the families' rules ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rule:
    matches: Callable[[str], Any]
    says: dict[str, Any]


def _read_rules() -> tuple[_Rule, ...]:
    data = tomllib.loads((_HERE / "families.toml").read_text(encoding="utf-8"))
    rules: list[_Rule] = []
    for table in data["rule"]:
        says = {field: table[field] for field in _RULE_FIELDS if field in table}
        if set(table) != {"match", *says}:
            raise ValueError(f"families.toml: unknown field in the rule for {table.get('match')}")
        if "abilities" in says:
            says["abilities"] = frozenset(says["abilities"])
        if not isinstance(says.get("knowledge_cutoff", date.min), date):
            raise TypeError(f"families.toml: knowledge_cutoff of {table['match']} is no date")
        pattern = re.compile("|".join(translate(glob) for glob in table["match"]))
        rules.append(_Rule(pattern.match, says))
    return tuple(rules)


# --- the price list ---------------------------------------------------------------------------------------------------


def _read_prices() -> dict[str, list[dict[str, Any]]]:
    return orjson.loads((_HERE / "prices.json").read_bytes())["vendors"]


def _price_entry(kind: str, model_id: str) -> dict[str, Any] | None:
    vendor = vendors().get(kind)
    if vendor is None or vendor.prices is None:
        return None
    entries = _PRICES.get(vendor.prices, [])
    wanted = model_id.lower()
    for candidate in (wanted, plain_name(model_id)):
        for entry in entries:
            if entry["id"].lower() == candidate:
                return entry
        for entry in entries:
            if _clause(entry["match"], candidate):
                return entry
    return None


_TESTS: dict[str, Callable[[str, str], Any]] = {
    "equals": lambda text, name: name == text.lower(),
    "starts_with": lambda text, name: name.startswith(text.lower()),
    "ends_with": lambda text, name: name.endswith(text.lower()),
    "contains": lambda text, name: text.lower() in name,
    "regex": re.search,
}


def _clause(clause: dict[str, Any], name: str) -> bool:
    """Whether a match rule of the price list, `{test: text}` or `{"and"|"or": [...]}`, holds for a model's id."""
    ((test, operand),) = clause.items()
    if test == "or":
        return any(_clause(part, name) for part in operand)
    if test == "and":
        return all(_clause(part, name) for part in operand)
    return bool(_TESTS[test](operand, name))


# Read at import, because a file must not be read inside the event loop.
_RULES = _read_rules()
_PRICES = _read_prices()
