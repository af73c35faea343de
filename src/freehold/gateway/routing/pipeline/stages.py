"""The stages in their order: candidates, rules, capability, locality, need, objective, fallback; pure.

What was asked for by name goes through those that forbid alone: `narrowed`.
"""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from freehold.gateway.meter import LIKELY_OUTPUT
from freehold.gateway.routing.content import Content
from freehold.gateway.routing.deployment import Deployment, Skipped, Why
from freehold.gateway.routing.pipeline.decision import Choice, Decision, Need, Ranked
from freehold.gateway.routing.pipeline.need import PREMIUM_P, Judge, asked_of_local, no_judge, prior
from freehold.gateway.routing.pipeline.snapshot import Snapshot, Unit
from freehold.gateway.routing.rules.facts import Facts
from freehold.gateway.routing.rules.named import Named
from freehold.gateway.routing.rules.ruleset import Compiled, Ruleset
from freehold.settings.areas import Strategy
from freehold.settings.routing import TIERS, Change, Language, Objective

Left = Sequence[tuple[Unit, Sequence[Deployment]]]
_Growing = list[tuple[Unit, Sequence[Deployment]]]

ANSWER_ROOM = 1_024
"""Tokens kept free for an answer without a limit."""

LATENCY_WEIGHT = 0.02, 0.3
"""What a second until the first token weighs beside the whole price of the dearest model: else, and for `latency`."""

MOST_TOLD = 12
"""Candidates that are asked one after the other, and told of; no call asks more often."""

LONGEST_S = 30.0
PREMIUM_OVER = 0.05
"""Premium is at least so much likelier to answer well than a local model at the floor."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How to decide. `latency_s`: expected until the first token, with those who wait; `order`: among the targets."""

    objective: Objective = "balanced"
    floor: float = 0.95
    fallback: tuple[Named, ...] = ()
    judge: Judge = no_judge
    latency_s: Callable[[Deployment], float] = lambda _deployment: 0.0
    order: Callable[[Sequence[Deployment], Strategy], Sequence[Deployment]] = lambda items, _strategy: items


def decide(snapshot: Snapshot, facts: Facts, rules: Ruleset, terms: Terms, allowed: Callable[[str], bool]) -> Decision:
    """Who is asked, and why. An empty order: every candidate was removed, `removed` says by what."""
    decision = Decision((), tokens=facts.tokens)
    left = _candidates(snapshot, allowed, decision)
    facts.cost = _dearest([unit for unit, _ in left], facts)
    rule = rules.first(facts)
    if left is snapshot.whole:
        left, least = _whole_by_rule(rule, snapshot, decision)
    else:
        left, least = _by_rule(left, rule, decision), 0
    if rule is not None:
        decision.rule = rule.id
        if rule.change is not None:
            terms = changed(terms, rule.change)
    left = _capable(left, facts, decision, least)
    left = _local(left, facts, decision)
    if not left:
        return decision
    return _ordered(left, facts, rule, terms, decision)


def narrowed(
    order: Sequence[Deployment], snapshot: Snapshot, facts: Facts, rules: Ruleset
) -> tuple[list[Deployment], list[Skipped], Compiled | None]:
    """What rules and locality leave of what was asked for by name, with what the rule wishes before the others."""
    facts.cost = _dearest([Unit(item.ref, (item,), "weighted", snapshot.tier_of(item)) for item in order], facts)
    rule = rules.first(facts)
    left, removed = [], []
    for item in order:
        tier = snapshot.tier_of(item)
        why: Why | None = rule.forbids(item, tier) if rule is not None else None
        if why is None and facts.locked and not item.config.self_hosted:
            why = "leaves_the_house"
        if why is None:
            left.append(item)
        else:
            removed.append(Skipped(item.ref, why, rule=rule.id if rule is not None and why != _LOCKED else None))
    wished = (rule.pin or rule.prefer) if rule is not None else None
    if wished:
        left.sort(key=lambda item: not wished.covers(item, snapshot.tier_of(item)))
    return left, removed, rule


_LOCKED: Why = "leaves_the_house"


# --- stages ---------------------------------------------------------------------------------------------------------


def _candidates(snapshot: Snapshot, allowed: Callable[[str], bool], decision: Decision) -> Left:
    left: _Growing = []
    every = allowed("auto")
    if every:
        return snapshot.whole
    for unit in snapshot.units:
        if allowed(unit.name):
            left.append((unit, unit.deployments))
            continue
        usable = [item for item in unit.deployments if allowed(item.ref)]
        decision.removed += [Skipped(item.ref, "not_allowed") for item in unit.deployments if item not in usable]
        if usable:
            left.append((unit, usable))
    return left


def _whole_by_rule(rule: Compiled | None, snapshot: Snapshot, decision: Decision) -> tuple[Left, float]:
    """What a rule leaves of all there is, found out once, and the smallest context among it."""
    known = snapshot.narrowed.get(id(rule))
    if known is None or known[0] is not rule:
        alone = Decision(())
        left = _by_rule(snapshot.whole, rule, alone)
        contexts = [item.card.context_tokens for _, items in left for item in items]
        least = min((one for one in contexts if one is not None), default=math.inf)
        known = snapshot.narrowed[id(rule)] = rule, left, least, alone.removed
    decision.removed += known[3]
    return known[1], known[2]


def _by_rule(left: Left, rule: Compiled | None, decision: Decision) -> Left:
    if rule is None:
        return [(unit, items) for unit, items in left if not unit.by_rule]
    wished = rule.pin or rule.prefer
    kept: _Growing = []
    if not rule.guards:
        kept += [(unit, items) for unit, items in left if not unit.by_rule or _named(wished, unit, items)]
        left = ()
    for unit, items in left:
        if unit.by_rule and not _named(wished, unit, items):
            continue  # it is there for another rule
        fine = []
        for item in items:
            why = rule.forbids(item, unit.tier)
            if why is None:
                fine.append(item)
            else:
                decision.removed.append(Skipped(item.ref, why, rule=rule.id))
        if fine:
            kept.append((unit, fine))
    if rule.pin:
        pinned = [(unit, [item for item in items if rule.pin.covers(item, unit.tier)]) for unit, items in kept]
        pinned = [(unit, items) for unit, items in pinned if items]
        if pinned:  # a pin that cannot be had is a wish; what forbids is not
            refs = {item.ref for _, items in pinned for item in items}
            for _, items in kept:
                decision.removed += [
                    Skipped(item.ref, "rule_pins_another", rule=rule.id) for item in items if item.ref not in refs
                ]
            return pinned
        return [(unit, items) for unit, items in kept if not unit.by_rule]
    return kept


def _named(names: Named, unit: Unit, items: Sequence[Deployment]) -> bool:
    return any(names.covers(item, unit.tier) for item in items)


def changed(terms: Terms, change: Change) -> Terms:
    """The terms with what a rule, or a trial, sets."""
    return Terms(
        change.objective or terms.objective,
        terms.floor if change.quality_floor is None else change.quality_floor,
        terms.fallback,
        terms.judge,
        terms.latency_s,
        terms.order,
    )


def _capable(left: Left, facts: Facts, decision: Decision, least: float) -> Left:
    """`least`: no context among them is known to be smaller."""
    needed = facts.tokens + min(facts.output_limit or ANSWER_ROOM, 4 * ANSWER_ROOM)
    content = facts.content
    images, audio = "image" in content.attachments, "audio" in content.attachments
    plain = not (images or audio or content.tools or content.json_schema)
    if plain and needed <= least:
        return left
    kept: _Growing = []
    small: list[tuple[Unit, Deployment]] = []
    for unit, items in left:
        fine = []
        for item in items:
            why = None if plain else _cannot(item, images=images, audio=audio, content=content)
            if why is not None:
                decision.removed.append(Skipped(item.ref, why))
            elif item.card.context_tokens is not None and item.card.context_tokens < needed:
                small.append((unit, item))
            else:
                fine.append(item)
        if fine:
            kept.append((unit, fine))
    if not kept and small:
        # the count is only an estimate, so the largest is asked all the same
        largest = max(item.card.context_tokens or 0 for _, item in small)
        kept = [(unit, [item]) for unit, item in small if item.card.context_tokens == largest]
        small = [(unit, item) for unit, item in small if item.card.context_tokens != largest]
    decision.removed += [Skipped(item.ref, "context_too_small") for _, item in small]
    return kept


def _cannot(item: Deployment, *, images: bool, audio: bool, content: Content) -> Why | None:
    """What the request needs and the model is known not to do; one of which nothing is known is simply tried."""
    abilities = item.card.abilities
    if images and item.offer.sees_images is False:
        return "cannot_see_images"
    if not abilities:
        return None
    if audio and "audio" not in abilities:
        return "cannot_hear"
    if content.tools and "tools" not in abilities:
        return "cannot_use_tools"
    if content.json_schema and not abilities & {"json_schema", "tools"}:
        return "cannot_keep_a_schema"
    return None


def _local(left: Left, facts: Facts, decision: Decision) -> Left:
    if not facts.locked:
        return left
    kept: _Growing = []
    for unit, items in left:
        inside = [item for item in items if item.config.self_hosted]
        decision.removed += [Skipped(item.ref, _LOCKED) for item in items if not item.config.self_hosted]
        if inside:
            kept.append((unit, inside))
    return kept


class _Place(NamedTuple):
    """A candidate that is left, with what its place comes of; they compare by score, then as they came."""

    score: float
    at: int
    unit: Unit
    items: Sequence[Deployment]
    cost: float | None
    p: float
    need: Need | None
    rank: int  # of its tier

    def ranked(self) -> Ranked:
        """As it is told."""
        inside = all(item.config.self_hosted for item in self.items)
        return Ranked(self.unit.name, self.items[0].ref, self.unit.tier, inside, self.cost, self.p)


def _ordered(left: Left, facts: Facts, rule: Compiled | None, terms: Terms, decision: Decision) -> Decision:
    places = _judged(left, facts, terms)
    places.sort()
    wished = rule.prefer if rule is not None else None
    if wished:
        places.sort(key=lambda place: not _named(wished, place.unit, place.items))
    chosen = places[0]
    decision.choice = _choice(places, rule, facts)
    kept = None if wished or (rule is not None and rule.pin) else _kept(places, facts)
    if kept is not None and kept is not chosen:
        chosen, decision.choice = kept, "keeps_model"
    asked: dict[str, Deployment] = {}
    told: list[Ranked] = []
    for place in (chosen, *_fallback([place for place in places if place is not chosen], chosen, terms)):
        told.append(place.ranked())
        for item in terms.order(place.items, place.unit.strategy):
            asked.setdefault(item.ref, item)
        if len(told) == MOST_TOLD:
            break
    decision.order, decision.ranked = tuple(asked.values()), told
    decision.need = chosen.need or next((place.need for place in places if place.need is not None), None)
    decision.language, decision.floor = facts.language, terms.floor
    return decision


def _judged(left: Left, facts: Facts, terms: Terms) -> list[_Place]:
    """What each candidate costs, how likely it answers well, how soon, and what that makes together."""
    floor = asked_of_local(terms.floor, terms.objective)
    weight = _of_failure(floor)
    per_second = LATENCY_WEIGHT[terms.objective == "latency"]
    read, written = facts.tokens, _written(facts)
    costs = [None if (rates := unit.rates) is None else read * rates[0] + written * rates[1] for unit, _ in left]
    dearest = max([cost or 0.0 for cost in costs], default=0.0) or 1.0
    beliefs: dict[frozenset[Language], Need] = {}
    learned = [
        terms.judge(facts, unit, terms.floor, terms.objective) if unit.tier == "local" else None for unit, _ in left
    ]
    best = max([need.beside(floor) for need in learned if need is not None], default=None)
    places: list[_Place] = []
    for at, (unit, items) in enumerate(left):
        need = learned[at]
        if need is None and unit.tier != "premium":
            need = beliefs.get(unit.languages)
            if need is None:
                need = beliefs[unit.languages] = prior(facts, unit, floor)
        if need is None:
            weighs = p = PREMIUM_P["premium"]
        elif unit.tier == "local":
            p, weighs = need.p, need.beside(floor) if need.learned else need.p
        else:  # what is hard for a model in the house is half as hard for a cheap one outside
            weighs = p = min(PREMIUM_P["standard"], 0.5 + (need.p if best is None else best) / 2)
            need = None
        cost = costs[at]
        share = 1.0 if cost is None else cost / dearest
        wait = terms.latency_s(items[0])
        score = share + weight * (1.0 - weighs) + per_second * (wait if wait < LONGEST_S else LONGEST_S)
        places.append(_Place(score, at, unit, items, cost, p, need, unit.rank))
    return places


def weighed(cost: float | None, dearest: float, p: float, floor: float) -> float:
    """The score of one candidate but for the wait; the lower, the better."""
    return (1.0 if cost is None else cost / dearest) + _of_failure(floor) * (1.0 - p)


def _of_failure(floor: float) -> float:
    """What likely failure weighs beside the cost: at the floor a local model and a premium one are equal."""
    return 1.0 / max(PREMIUM_OVER, PREMIUM_P["premium"] - floor)


def _choice(places: Sequence[_Place], rule: Compiled | None, facts: Facts) -> Choice:
    if rule is not None and rule.pin:
        return "rule_pins"
    if rule is not None and rule.prefer:
        return "rule_prefers"
    if facts.locked:
        return "in_house_only"
    if rule is not None and (rule.deny or rule.require):
        return "rule_narrows"
    if len(places) == 1:
        return "only_one"
    ranks = [place.rank for place in places]
    if ranks[0] > min(ranks):
        return "likely_too_hard"
    return "likely_enough" if max(ranks) > ranks[0] else "cheapest"


def _kept(places: Sequence[_Place], facts: Facts) -> _Place | None:
    """The model that the thread has, where the choice would be as good or weaker: up freely, down on a new topic."""
    if facts.previous is None:
        return None
    before = next((one for one in places if any(item.ref == facts.previous for item in one.items)), None)
    if before is None or before.rank < places[0].rank:
        return None
    return before if before.rank == places[0].rank or not new_topic(facts.content) else None


_TERM = re.compile(r"[^\W\d_\u3400-\u9fff]{4,}|(?=([\u3400-\u9fff]{2}))")
_BEFORE = 4_000  # characters of what was said before that are looked at


def new_topic(content: Content) -> bool:
    """Whether the last message has words of its own and shares none with what was said before it."""
    own = {found[1] or found[0] for found in _TERM.finditer(content.asked.lower())}
    before = content.said.removesuffix(content.asked)[-_BEFORE:].lower()
    return len(own) > 1 and not any(term in before for term in own)


def _fallback(rest: list[_Place], chosen: _Place, terms: Terms) -> list[_Place]:
    """Who is asked when the chosen one fails: as configured, else its own tier, higher ones, then lower ones."""
    if terms.fallback:
        found: list[_Place] = []
        for names in terms.fallback:
            found += [
                one for one in rest if one not in found and any(names.covers(item, one.unit.tier) for item in one.items)
            ]
        return found

    # the places are in their order already
    tiers: list[list[_Place]] = [[] for _ in TIERS]
    for one in rest:
        tiers[one.rank].append(one)
    return [one for some in (*tiers[chosen.rank :], *reversed(tiers[: chosen.rank])) for one in some]


def _written(facts: Facts) -> int:
    """About how many tokens the answer has."""
    return min(facts.output_limit or LIKELY_OUTPUT, 4 * LIKELY_OUTPUT)


def _dearest(units: Iterable[Unit], facts: Facts) -> Callable[[], float | None]:
    """About what the dearest of them costs, found out when a rule asks for it, and once."""

    @cache
    def dearest() -> float | None:
        read, written = facts.tokens, _written(facts)
        rates = [unit.rates or (0.0, 0.0) for unit in units]
        return max([read * each + written * other for each, other in rates], default=None)

    return dearest
