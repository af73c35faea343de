"""An alias with the deployments that stand behind it now, and what all of them can; pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce

from freehold.errors import ModelNotFound
from freehold.gateway.routing.deployment import Deployment
from freehold.providers.base import ModelCard, Prices
from freehold.providers.choice import Candidate
from freehold.settings.areas import ModelAlias, Strategy

Find = Callable[[str], Candidate]


@dataclass(frozen=True, slots=True)
class Group:
    """Deployments that are asked before those of the next group, in the order of a strategy."""

    deployments: tuple[Deployment, ...]
    strategy: Strategy


@dataclass(frozen=True, slots=True)
class Alias:
    """`groups`: its own targets, then those of each fallback. `missing`: what is off or gone, so it cannot be asked."""

    name: str
    settings: ModelAlias
    groups: tuple[Group, ...]
    missing: tuple[str, ...]

    @property
    def deployments(self) -> list[Deployment]:
        """Everything that may answer, its own targets first."""
        return [deployment for group in self.groups for deployment in group.deployments]

    @property
    def own(self) -> list[Deployment]:
        """Its own targets that can be asked; those of its fallbacks when there are none."""
        names = {target.ref for target in self.settings.targets}
        return [item for item in self.deployments if item.ref in names] or self.deployments

    @property
    def self_hosted(self) -> bool:
        """Nothing leaves the house, whichever of them answers."""
        return all(deployment.config.self_hosted for deployment in self.deployments)

    def card(self) -> ModelCard:
        """What every one of its own targets can: the smallest context, the abilities that all have, the highest price.

        Abilities are empty, which stands for unknown, as soon as nobody knows those of one target.
        """
        cards = [deployment.card for deployment in self.own]
        shown = self.settings
        return ModelCard(
            id=self.name,
            name=shown.name,
            kind=cards[0].kind,
            context_tokens=_least([card.context_tokens for card in cards]),
            max_output_tokens=_least([card.max_output_tokens for card in cards]),
            abilities=reduce(frozenset.__and__, [card.abilities for card in cards]),
            prices=_dearest(self.own),
            description=shown.description,
            demonstration=all(card.demonstration for card in cards),
        )

    @property
    def sees_images(self) -> bool | None:
        """False when no target does, None when nobody knows."""
        seen = {deployment.offer.sees_images for deployment in self.own}
        return True if True in seen else None if None in seen else False


def resolve(name: str, aliases: Mapping[str, ModelAlias], find: Find) -> Alias:
    """The alias with what is configured now. Its fallbacks hold no circle: the settings were checked."""
    groups: list[Group] = []
    missing: list[str] = []
    seen: set[str] = set()
    for refs, alias in _groups(name, aliases):
        found = []
        for target in refs:
            if target in seen:
                continue
            seen.add(target)
            try:
                candidate = find(target)
            except ModelNotFound:
                missing.append(target)
                continue
            if candidate.offer.usable and candidate.ref == target:
                found.append(_deployment(candidate, alias))
            else:
                missing.append(target)
        if found:
            groups.append(Group(tuple(found), alias.strategy if alias else "weighted"))
    return Alias(name, aliases[name], tuple(groups), tuple(missing))


def _groups(name: str, aliases: Mapping[str, ModelAlias]) -> Iterator[tuple[list[str], ModelAlias | None]]:
    alias = aliases[name]
    yield [target.ref for target in alias.targets], alias
    for other in alias.fallback:
        if other in aliases:
            yield from _groups(other, aliases)
        else:
            yield [other], None


def _deployment(candidate: Candidate, alias: ModelAlias | None) -> Deployment:
    target = next((item for item in alias.targets if item.ref == candidate.ref), None) if alias else None
    bare = Deployment(candidate.ref, candidate.config, candidate.offer, candidate.card)
    if target is None:
        return bare
    return Deployment(bare.ref, bare.config, bare.offer, bare.card, target.weight, target.priority, target.region)


def _least(values: list[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return min(known) if len(known) == len(values) else None


def _dearest(deployments: list[Deployment]) -> Prices:
    """The prices of the dearest outside target, so that an estimate is never too low; unknown as soon as one is."""
    outside = [item for item in deployments if not item.config.self_hosted]
    if not outside or any(item.price is None for item in outside):
        return Prices()
    return max(outside, key=lambda item: item.price or 0.0).card.prices
