"""All rules in their order, compiled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from freehold.gateway.routing.aliases import Alias
from freehold.gateway.routing.deployment import Deployment, Why
from freehold.gateway.routing.rules.conditions import Compiler, Holds
from freehold.gateway.routing.rules.facts import Facts
from freehold.gateway.routing.rules.named import Named, named
from freehold.settings.routing import TIERS, Change, Require, Rule, Tier, When


@dataclass(frozen=True, slots=True)
class Compiled:
    """One rule."""

    id: str
    holds: Holds
    pin: Named
    prefer: Named
    deny: Named
    require: Require | None
    change: Change | None

    @property
    def guards(self) -> bool:
        """Whether it forbids anything."""
        return bool(self.deny) or self.require is not None

    def forbids(self, deployment: Deployment, tier: Tier) -> Why | None:
        """Why the rule does not let this one be asked, however it is asked for; None: it does."""
        if self.deny and self.deny.covers(deployment, tier):
            return "rule_denies"
        if self.require is not None and not _meets(self.require, deployment, tier):
            return "rule_requires"
        return None


class Ruleset:
    """`first` finds the rule that decides. Those that need a certain keyword, pattern, role or group are only looked at
    where the request has it: most of many rules do, and most requests have none of it.
    """

    __slots__ = ("_always", "_by_keyword", "_by_name", "_by_pattern", "_compiler", "by_rules", "rules", "spending")

    def __init__(self, rules: Sequence[Rule], aliases: Mapping[str, Alias]) -> None:
        compiler = self._compiler = Compiler()
        self.rules = tuple(
            Compiled(
                rule.id,
                compiler.compile(rule.when),
                named(rule.then.pin, aliases),
                named(rule.then.prefer, aliases),
                named(rule.then.deny, aliases),
                rule.then.require,
                rule.then.set,
            )
            for rule in rules
            if rule.enabled
        )
        self._always: list[int] = []
        self._by_keyword: dict[int, list[int]] = {}
        self._by_pattern: dict[int, list[int]] = {}
        self._by_name: dict[str, list[int]] = {}
        for at, rule in enumerate(rule for rule in rules if rule.enabled):
            self._place(at, rule.when)
        wished = (name for rule in rules if rule.enabled for name in (*rule.then.pin, *rule.then.prefer))
        self.by_rules = named(wished, aliases)
        self.spending = compiler.spending

    def first(self, facts: Facts) -> Compiled | None:
        """The first rule whose condition holds."""
        rules = self.rules
        for at in self._worth_a_look(facts):
            if rules[at].holds(facts):
                return rules[at]
        return None

    def _place(self, at: int, when: When) -> None:
        """Note what a rule cannot hold without."""
        compiler = self._compiler
        if when.keyword:
            places, needed = self._by_keyword, compiler.keywords.add(when.keyword)
        elif when.regex:
            places, needed = self._by_pattern, compiler.patterns.add(when.regex)
        elif when.role or (when.group and "*" not in when.group):
            places, needed = self._by_name, {name.strip().casefold() for name in when.role or when.group}
        else:
            self._always.append(at)
            return
        for one in needed:
            places.setdefault(one, []).append(at)  # type: ignore[call-overload] - each has keys of its own kind

    def _worth_a_look(self, facts: Facts) -> Sequence[int]:
        """The places of the rules that may hold, in their order."""
        found: set[int] = set()
        if self._by_keyword:
            for keyword in facts.keywords(self._compiler.keywords):
                found.update(self._by_keyword.get(keyword, ()))
        if self._by_pattern:
            for pattern in facts.patterns(self._compiler.patterns):
                found.update(self._by_pattern.get(pattern, ()))
        if self._by_name:
            for name in facts.caller.roles:
                found.update(self._by_name.get(name, ()))
        return sorted(found.union(self._always)) if found else self._always


def _meets(require: Require, deployment: Deployment, tier: Tier) -> bool:
    """Whether it is known to be like that."""
    card, config = deployment.card, deployment.config
    if require.self_hosted is not None and config.self_hosted is not require.self_hosted:
        return False
    if require.context_gte is not None and (card.context_tokens or 0) < require.context_gte:
        return False
    if require.tier is not None and TIERS.index(tier) < TIERS.index(require.tier):
        return False
    if require.provider and config.id not in require.provider:
        return False
    return card.abilities.issuperset(require.abilities)
