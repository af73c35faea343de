"""What is or looks wrong with rules: unknown models, rules that are never reached, that leave nobody, that leak."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from freehold.gateway.routing.aliases import Alias
from freehold.gateway.routing.pipeline.snapshot import AUTO, Snapshot
from freehold.gateway.routing.rules.named import named
from freehold.gateway.routing.rules.ruleset import Ruleset
from freehold.settings.environment import nearest
from freehold.settings.routing import TIERS, AutoSettings, Bounds, RouteTest, RoutingSettings, Rule, When

Code = Literal[
    "unknown_model",
    "unknown_provider",
    "unknown_class",
    "doubled_rule",
    "two_autos",
    "unreachable",
    "leaves_nobody",
    "second_outside",
    "outside_fallback",
    "only_prefers",
    "trial_changes_nothing",
    "trial_without_control",
]
ERRORS: frozenset[Code] = frozenset({"unknown_model", "unknown_provider", "doubled_rule", "two_autos"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing. `place`: file:line, or where in the app; `rule`: the one that is meant; `about`: a name in it.

    `near`: what may have been meant instead of that name.
    """

    code: Code
    place: str
    message: str
    rule: str | None = None
    about: str | None = None
    near: str | None = None

    @property
    def is_error(self) -> bool:
        """Whether the rules are refused for it; the others are warnings."""
        return self.code in ERRORS

    def __str__(self) -> str:
        return f"{self.place}: {'' if self.is_error else 'warning: '}{self.message}"


def lint(
    declared: RoutingSettings,
    own: Sequence[Rule],
    tests: Sequence[RouteTest],
    snapshot: Snapshot,
    providers: Mapping[str, Collection[str]],
    *,
    classes: Collection[str] = (),
) -> list[Finding]:
    """Everything that can be said without a request; `providers` with the models that they name, none: they are asked.

    `classes` are those of data that are looked for. `own` are the rules that were made in the app, after those of the
    file.
    """
    every = [*declared.rules, *own]
    known = _Known(snapshot.aliases, providers)
    found = [*_of_auto(declared, known), *_of_second(declared, snapshot), *_of_trial(declared), *_doubled(every)]
    for rule in every:
        found += known.check(rule.then.names, place_of(rule), rule.id)
        found += known.check_providers(rule)
        found += _of_classes(rule, classes)
    for test in tests:
        names = (*test.expect.model, *test.expect.not_model, *([test.given.model] if test.given.model != AUTO else ()))
        found += known.check(names, test.place or "a test", None)
    if not any(finding.is_error for finding in found):
        on = [rule for rule in every if rule.enabled]
        found += _unreachable(on)
        found += _of_models(on, snapshot)
    return found


def place_of(rule: Rule) -> str:
    """Where a rule stands."""
    return rule.place or f"rule {rule.id}"


class _Known:
    def __init__(self, aliases: Mapping[str, Alias], providers: Mapping[str, Collection[str]]) -> None:
        self._aliases, self._providers = aliases, providers

    def check(self, names: Sequence[str], place: str, rule: str | None) -> Iterator[Finding]:
        for name in names:
            if name in self._aliases or name in TIERS or "*" in name or "?" in name:
                continue
            provider, slash, model = name.partition("/")
            if not slash:
                near = nearest(name, [*self._aliases, *TIERS])
                hint = f"; did you mean {near}?" if near else "; name an alias, provider/model or a tier"
                yield Finding("unknown_model", place, f"there is no model {name!r}{hint}", rule, name, near)
            elif provider not in self._providers:
                near = nearest(provider, self._providers)
                hint = f"; did you mean {near}?" if near else ""
                meant = f"{near}/{model}" if near else None
                yield Finding("unknown_model", place, f"there is no provider {provider!r}{hint}", rule, name, meant)
            elif (declared := self._providers[provider]) and model not in declared:
                near = nearest(model, declared)
                hint = f"; did you mean {near}?" if near else ""
                meant = f"{provider}/{near}" if near else None
                yield Finding("unknown_model", place, f"{provider} has no model {model!r}{hint}", rule, name, meant)

    def check_providers(self, rule: Rule) -> Iterator[Finding]:
        for provider in rule.then.require.provider if rule.then.require else ():
            if provider not in self._providers:
                near = nearest(provider, self._providers)
                hint = f"; did you mean {near}?" if near else ""
                message = f"there is no provider {provider!r}{hint}"
                yield Finding("unknown_provider", place_of(rule), message, rule.id, provider, near)


def _of_auto(declared: RoutingSettings, known: _Known) -> Iterator[Finding]:
    auto = declared.auto
    if auto is None:
        return
    second = auto.cascade.second if auto.cascade is not None else ()
    names = (*auto.models, *auto.fallback, *filter(None, (auto.baseline, auto.judge)), *second)
    yield from known.check(names, "routing.auto", None)
    if next(iter(known.check((AUTO,), "", None)), None) is None:
        yield Finding("two_autos", "routing.auto", "there is an alias named auto, too; give that another name")


def _of_second(declared: RoutingSettings, snapshot: Snapshot) -> Iterator[Finding]:
    """Models beside the first that the cascade never asks, as they are outside."""
    auto = declared.auto
    for name in auto.cascade.second if auto is not None and auto.cascade is not None else ():
        named = [
            item for unit in snapshot.units for item in unit.deployments if name in (unit.name, item.ref, unit.tier)
        ]
        if named and not any(item.config.self_hosted for item in named):
            message = f"{name} is not in the house, so that it is never asked for a second answer"
            yield Finding("second_outside", "routing.auto.cascade.second", message, None, name)


def _of_trial(declared: RoutingSettings) -> Iterator[Finding]:
    trial, auto = declared.trial, declared.auto or AutoSettings()
    if trial is None:
        return
    floor, objective = trial.set.quality_floor, trial.set.objective
    if floor in (None, auto.quality_floor) and objective in (None, auto.objective):
        message = f"the trial {trial.id} sets what auto does already, so both of its arms are the same"
        yield Finding("trial_changes_nothing", "routing.trial", message)
    if trial.share == 1:
        message = f"the trial {trial.id} has everybody in it, so there is nobody to compare with"
        yield Finding("trial_without_control", "routing.trial", message)


def _of_classes(rule: Rule, known: Collection[str]) -> Iterator[Finding]:
    for name in dict.fromkeys(_classes_in(rule.when)):
        if name not in known:
            near = nearest(name, known)
            hint = f"; did you mean {near}?" if near else ""
            message = f"no class of data is named {name!r} under privacy, so this never holds{hint}"
            yield Finding("unknown_class", place_of(rule), message, rule.id, name)


def _classes_in(when: When) -> Iterator[str]:
    yield from when.data_class
    for part in (*when.any, *when.all, *([when.not_] if when.not_ is not None else ())):
        yield from _classes_in(part)


def _doubled(rules: Sequence[Rule]) -> Iterator[Finding]:
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            message = f"there is another rule named {rule.id!r}"
            yield Finding("doubled_rule", place_of(rule), message, rule.id)
        seen.add(rule.id)


def _unreachable(rules: Sequence[Rule]) -> Iterator[Finding]:
    for at, rule in enumerate(rules):
        before = next((one for one in rules[:at] if implies(rule.when, one.when)), None)
        if before is not None:
            message = f"{rule.id} is never reached: {before.id} decides whenever it would"
            yield Finding("unreachable", place_of(rule), message, rule.id, before.id)


def _of_models(rules: Sequence[Rule], snapshot: Snapshot) -> Iterator[Finding]:
    """What depends on the models that are there now."""
    if not snapshot.units:
        return
    for rule, compiled in zip(rules, Ruleset(rules, snapshot.aliases).rules, strict=True):
        items = [(item, unit) for unit in snapshot.units for item in unit.deployments]
        if rule.then.guards and all(compiled.forbids(item, unit.tier) for item, unit in items):
            message = f"{rule.id} leaves no model: every request that it meets is refused"
            yield Finding("leaves_nobody", place_of(rule), message, rule.id)
        yield from _leaks(rule, snapshot)


def _leaks(rule: Rule, snapshot: Snapshot) -> Iterator[Finding]:
    """A rule that means the house, and lets something out all the same."""
    required = rule.then.require is not None and rule.then.require.self_hosted
    if required:
        return
    wished = (*rule.then.pin, *rule.then.prefer)
    meant = named(wished, snapshot.aliases)
    items = [(unit, item) for unit in snapshot.units for item in unit.deployments if meant.covers(item, unit.tier)]
    if not items or not all(item.config.self_hosted for _, item in items):
        return
    for name in wished:
        alias = snapshot.aliases.get(name)
        outside = [item.ref for item in alias.deployments if not item.config.self_hosted] if alias is not None else []
        if outside:
            message = (
                f"{rule.id} keeps to {name} in the house, whose fallback {outside[0]} is outside: asked for by name it"
                " may go there; require {self_hosted: true}"
            )
            yield Finding("outside_fallback", place_of(rule), message, rule.id, name)
    if rule.then.prefer and not rule.then.pin and _means_data(rule.when):
        message = (
            f"{rule.id} only prefers the house: when nobody there answers, the data goes outside; "
            "require {self_hosted: true}"
        )
        yield Finding("only_prefers", place_of(rule), message, rule.id)


def _means_data(when: When) -> bool:
    """Whether the condition is about what must not leave."""
    here = bool(when.data_class or when.regex or when.locked)
    return here or any(_means_data(one) for one in (*when.any, *when.all))


# --- whether one condition holds whenever another does --------------------------------------------------------------

_ANY_OF = ("keyword", "regex", "role", "group", "key", "user", "attachments", "language", "data_class")
_SAME = ("time", "spend", "locked")


def implies(narrow: When, wide: When) -> bool:
    """Whether `wide` holds for sure where `narrow` does; False where that cannot be told."""
    for name in _ANY_OF:
        of_wide, of_narrow = getattr(wide, name), getattr(narrow, name)
        if of_wide and not (of_narrow and _within(of_narrow, of_wide)):
            return False
    for name in ("context_tokens", "cost"):
        if not _inside(getattr(narrow, name), getattr(wide, name)):
            return False
    if any(getattr(wide, name) is not None and getattr(narrow, name) != getattr(wide, name) for name in _SAME):
        return False
    if wide.not_ is not None and narrow.not_ != wide.not_:
        return False
    if any(not (implies(narrow, part) or part in narrow.all) for part in wide.all):
        return False
    return not wide.any or narrow.any == wide.any or any(implies(narrow, part) for part in wide.any)


def _within(narrow: Sequence[Any], wide: Sequence[Any]) -> bool:
    folded = {str(one).casefold() for one in wide}
    return "*" in folded or {str(one).casefold() for one in narrow} <= folded


def _inside(narrow: Bounds | None, wide: Bounds | None) -> bool:
    if wide is None:
        return True
    if narrow is None:
        return False
    lower, upper = _ends(narrow)
    wide_lower, wide_upper = _ends(wide)
    return lower >= wide_lower and upper <= wide_upper


def _ends(bounds: Bounds) -> tuple[tuple[float, int], tuple[float, int]]:
    """Both ends with whether they are left out, so that they compare."""
    low = [(bounds.gt, 1), (bounds.gte, 0)]
    high = [(bounds.lt, -1), (bounds.lte, 0)]
    lower = max(((value, mark) for value, mark in low if value is not None), default=(float("-inf"), 0))
    upper = min(((value, mark) for value, mark in high if value is not None), default=(float("inf"), 0))
    return lower, upper
