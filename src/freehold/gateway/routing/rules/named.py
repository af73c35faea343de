"""Models by the names that rules have for them; pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import translate

from freehold.gateway.routing.aliases import Alias
from freehold.gateway.routing.deployment import Deployment
from freehold.settings.routing import TIERS, Tier


@dataclass(frozen=True, slots=True)
class Named:
    """`refs`: provider/model; `patterns` over the same."""

    refs: frozenset[str] = frozenset()
    tiers: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()
    _pattern: re.Pattern[str] | None = field(init=False, repr=False, compare=False)  # all of them in one

    def __post_init__(self) -> None:
        every = re.compile("|".join(map(translate, self.patterns))) if self.patterns else None
        object.__setattr__(self, "_pattern", every)

    def __bool__(self) -> bool:
        return bool(self.refs or self.tiers or self.patterns)

    def names(self, deployment: Deployment) -> bool:
        """Whether it is named for itself, and not by its tier."""
        ref = deployment.ref
        return ref in self.refs or (self._pattern is not None and self._pattern.match(ref) is not None)

    def covers(self, deployment: Deployment, tier: Tier) -> bool:
        """Whether a deployment of that tier is one of them."""
        return tier in self.tiers or self.names(deployment)


def named(names: Iterable[str], aliases: Mapping[str, Alias]) -> Named:
    """What they stand for: aliases, provider/model, patterns, and tiers where no alias has that name."""
    refs: set[str] = set()
    tiers: set[str] = set()
    patterns: list[str] = []
    for name in names:
        alias = aliases.get(name)
        if alias is not None:
            refs.update(target.ref for target in alias.settings.targets)
        elif name in TIERS:
            tiers.add(name)
        elif "*" in name or "?" in name:
            patterns.append(name)
        else:
            refs.add(name)
    return Named(frozenset(refs), frozenset(tiers), tuple(patterns))
