"""Which models there are to choose from, made anew when that changes; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from freehold.gateway.routing.aliases import Alias
from freehold.gateway.routing.deployment import Deployment
from freehold.gateway.routing.rules.named import Named
from freehold.settings.areas import Strategy
from freehold.settings.routing import TIERS, AutoSettings, Language, Tier

AUTO = "auto"
"""The name that stands for a choice."""

CHEAP_SHARE = 1 / 3
"""An outside model that costs less than this share of the dearest one is `standard`, where nobody said otherwise."""

MOST = 200
"""Candidates; a provider with thousands of models is no choice that somebody made."""


Rates = tuple[float, float]
"""US dollars for a token read and one written."""


def rates_of(item: Deployment) -> Rates | None:
    """What a deployment costs; None: nobody knows."""
    prices = item.card.prices
    if item.config.self_hosted:
        return 0.0, 0.0
    if prices.input is None or prices.output is None:
        return None
    return prices.input / 1e6, prices.output / 1e6


def dearest_of(rates: Iterable[Rates | None]) -> list[Rates]:
    """Those among which the dearest one is, whatever is read and written: of each other one, one is as dear in both."""
    found: list[Rates] = []
    for one in sorted({rate or (0.0, 0.0) for rate in rates}, reverse=True):
        if not found or one[1] > found[-1][1]:
            found.append(one)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """One candidate: an alias with its own targets, or a model by itself."""

    name: str
    deployments: tuple[Deployment, ...]
    strategy: Strategy
    tier: Tier
    languages: frozenset[Language] = frozenset()
    by_rule: bool = False  # only there because a rule names it
    rank: int = field(init=False)  # of its tier
    self_hosted: bool = field(init=False)  # all of it
    rates: Rates | None = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rank", TIERS.index(self.tier))
        object.__setattr__(self, "self_hosted", all(item.config.self_hosted for item in self.deployments))
        object.__setattr__(self, "rates", rates_of(self.deployments[0]))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`units`: what `auto` chooses from, those that only rules name at the end. `tiers`: of every ref in them."""

    units: tuple[Unit, ...]
    tiers: Mapping[str, Tier]
    aliases: Mapping[str, Alias]
    whole: Sequence[tuple[Unit, Sequence[Deployment]]] = field(init=False)  # every unit with all its deployments
    dearest: Sequence[Rates] = field(init=False)  # of all units, see dearest_of
    narrowed: dict[int, Any] = field(init=False, default_factory=dict, compare=False)  # what the stages remember of it

    def __post_init__(self) -> None:
        object.__setattr__(self, "whole", tuple((unit, unit.deployments) for unit in self.units))
        object.__setattr__(self, "dearest", dearest_of(unit.rates for unit in self.units))

    @property
    def offered(self) -> list[Unit]:
        """Without those that only rules name."""
        return [unit for unit in self.units if not unit.by_rule]

    def tier_of(self, deployment: Deployment) -> Tier:
        """The tier of any deployment."""
        known = self.tiers.get(deployment.ref)
        return known or ("local" if deployment.config.self_hosted else "premium")


def taken(
    auto: AutoSettings | None,
    aliases: Mapping[str, Alias],
    models: Iterable[Deployment],
    *,
    by_rules: Named,
) -> Snapshot:
    """The snapshot of what is configured; `models`: all chat models that can be asked, `by_rules`: what rules name."""
    known = list(models)
    wanted = auto.models if auto is not None else ()
    chosen = {name: alias for name, alias in aliases.items() if alias.groups and alias.own[0].card.kind == "chat"}
    tiers = _tiers(chosen, known)
    units: list[Unit] = []
    in_alias: set[str] = set()
    for name, alias in chosen.items():
        offered = not wanted or any(fnmatchcase(name, one) for one in wanted)
        named = any(by_rules.names(item) for item in alias.own)
        if offered or named:
            units.append(_of_alias(alias, tiers, by_rule=not offered))
            in_alias.update(item.ref for item in alias.own)
    for item in known:
        if item.ref in in_alias:
            continue
        offered = any(fnmatchcase(item.ref, one) for one in wanted) or (
            not wanted and not chosen and not item.card.demonstration
        )
        if (offered or by_rules.names(item)) and len(units) < MOST:
            units.append(Unit(item.ref, (item,), "weighted", tiers[item.ref], by_rule=not offered))
    units.sort(key=lambda unit: unit.by_rule)
    return Snapshot(tuple(units), tiers, aliases)


def _of_alias(alias: Alias, tiers: Mapping[str, Tier], *, by_rule: bool) -> Unit:
    own = tuple(alias.own)
    tier = TIERS[max(TIERS.index(tiers[item.ref]) for item in own)]
    languages = frozenset(alias.settings.languages)
    return Unit(alias.name, own, alias.settings.strategy, tier, languages, by_rule)


def _tiers(aliases: Mapping[str, Alias], models: Sequence[Deployment]) -> dict[str, Tier]:
    """Of every model: what an alias says of it, else `local` in the house, else by its price beside the dearest."""
    every = {item.ref: item for item in models}
    for alias in aliases.values():
        every |= {item.ref: item for item in alias.own}
    dearest = max((item.price or 0.0 for item in every.values()), default=0.0)
    found: dict[str, Tier] = {}
    for ref, item in every.items():
        if item.config.self_hosted:
            found[ref] = "local"
        else:
            cheap = item.price is not None and item.price < dearest * CHEAP_SHARE
            found[ref] = "standard" if cheap else "premium"
    for alias in aliases.values():
        if alias.settings.tier is not None:
            found |= {item.ref: alias.settings.tier for item in alias.own}
    return found
