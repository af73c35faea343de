"""All rules in their order, compiled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from freehold.gateway.routing.aliases import Alias
from freehold.gateway.routing.deployment import Deployment, Why
from freehold.gateway.routing.rules.conditions import Compiler, Holds
from freehold.gateway.routing.rules.facts import Facts
from freehold.gateway.routing.rules.index import Index
from freehold.gateway.routing.rules.named import Named, named
from freehold.settings.routing import TIERS, Change, Require, Rule, Tier


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
    """`first` finds the rule that decides: of those that hold, the one before all others."""

    __slots__ = ("_sources", "by_rules", "rules", "spending")

    def __init__(self, rules: Sequence[Rule], aliases: Mapping[str, Alias]) -> None:
        compiler = Compiler()
        rules = [rule for rule in rules if rule.enabled]
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
        )
        self._sources = Index(compiler, [rule.when for rule in rules]).sources
        wished = (name for rule in rules for name in (*rule.then.pin, *rule.then.prefer))
        self.by_rules = named(wished, aliases)
        self.spending = compiler.spending

    def first(self, facts: Facts) -> Compiled | None:
        """The first rule whose condition holds."""
        rules = self.rules
        first = len(rules)
        for source in self._sources:
            if source.first >= first:
                continue  # one that holds is before all of these
            for at in source.may_hold(facts):
                if at >= first:
                    break
                if rules[at].holds(facts):
                    first = at
                    break
        return rules[first] if first < len(rules) else None


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
