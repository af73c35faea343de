"""The stages in their order: candidates, locality, rules, capability, need, objective, fallback; pure.

What was asked for by name goes through those that forbid alone: `narrowed`.
"""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import NamedTuple

from freehold.gateway.routing.content import Content
from freehold.gateway.routing.deployment import Deployment, Skipped, Why
from freehold.gateway.routing.pipeline.decision import Choice, Decision
from freehold.gateway.routing.pipeline.scoring import Field, Left, Terms, is_named, likely_written, scored
from freehold.gateway.routing.pipeline.snapshot import Rates, Snapshot, Unit, rates_of
from freehold.gateway.routing.rules.facts import Facts
from freehold.gateway.routing.rules.ruleset import Compiled, Ruleset
from freehold.settings.routing import TIERS, Change

_Growing = list[tuple[Unit, Sequence[Deployment]]]

ANSWER_ROOM = 1_024
"""Tokens kept free for an answer without a limit."""

MOST_TOLD = 12
"""Candidates that are asked one after the other, and told of; no call asks more often."""


def decide(snapshot: Snapshot, facts: Facts, rules: Ruleset, terms: Terms, allowed: Callable[[str], bool]) -> Decision:
    """Who is asked, and why. An empty order: every candidate was removed, `removed` says by what."""
    decision = Decision((), tokens=facts.tokens)
    left = _candidates(snapshot, allowed, decision)
    if facts.locked:  # before the rules: one that names only models outside has nobody to name then
        left = _local(left, decision)
    whole = left is snapshot.whole
    facts.cost = _dearest(snapshot.dearest if whole else [unit.rates for unit, _ in left], facts)
    rule = rules.first(facts)
    field = None
    if whole:
        by_rule = _whole_by_rule(rule, snapshot)
        left, least, field = by_rule.field.left, by_rule.least, by_rule.field
        decision.removed += by_rule.removed
    else:
        left, least = _by_rule(left, rule, decision), 0
    if rule is not None:
        decision.rule = rule.id
        if rule.change is not None:
            terms = changed(terms, rule.change)
    left = _capable(left, facts, decision, least)
    if not left:
        return decision
    if field is None or left is not field.left:
        field = Field(left, rule.prefer if rule is not None else None)
    return _ordered(field, facts, rule, terms, decision)


def narrowed(
    order: Sequence[Deployment], snapshot: Snapshot, facts: Facts, rules: Ruleset
) -> tuple[list[Deployment], list[Skipped], Compiled | None]:
    """What rules and locality leave of what was asked for by name, with what the rule wishes before the others."""
    facts.cost = _dearest([rates_of(item) for item in order], facts)
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


class _ByRule(NamedTuple):
    """What a rule leaves of all there is, the smallest context among it, and what it removed."""

    rule: Compiled | None
    field: Field
    least: float
    removed: Sequence[Skipped]


def _whole_by_rule(rule: Compiled | None, snapshot: Snapshot) -> _ByRule:
    """Found out once for every rule."""
    known = snapshot.narrowed.get(id(rule))
    if known is None or known.rule is not rule:
        alone = Decision(())
        left = _by_rule(snapshot.whole, rule, alone)
        contexts = [item.card.context_tokens for _, items in left for item in items]
        least = min((one for one in contexts if one is not None), default=math.inf)
        field = Field(left, rule.prefer if rule is not None else None)
        known = snapshot.narrowed[id(rule)] = _ByRule(rule, field, least, alone.removed)
    return known


def _by_rule(left: Left, rule: Compiled | None, decision: Decision) -> Left:
    if rule is None:
        return [(unit, items) for unit, items in left if not unit.by_rule]
    wished = rule.pin or rule.prefer
    kept: _Growing = []
    if not rule.guards:
        kept += [(unit, items) for unit, items in left if not unit.by_rule or is_named(wished, unit, items)]
        left = ()
    for unit, items in left:
        if unit.by_rule and not is_named(wished, unit, items):
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


def _local(left: Left, decision: Decision) -> Left:
    kept: _Growing = []
    for unit, items in left:
        inside = [item for item in items if item.config.self_hosted]
        decision.removed += [Skipped(item.ref, _LOCKED) for item in items if not item.config.self_hosted]
        if inside:
            kept.append((unit, inside))
    return kept


def _ordered(field: Field, facts: Facts, rule: Compiled | None, terms: Terms, decision: Decision) -> Decision:
    judged = scored(field, facts, terms)
    order = sorted(range(len(field.left)), key=judged.scores.__getitem__)
    if field.wished is not None:
        order.sort(key=[not wished for wished in field.wished].__getitem__)
    chosen = order[0]
    decision.choice = _choice(field, chosen, rule, facts)
    kept = None if field.wished is not None or (rule is not None and rule.pin) else _kept(field, order, facts)
    if kept is not None and kept != chosen:
        chosen, decision.choice = kept, "keeps_model"
    rest = [at for at in order if at != chosen]
    told = [chosen, *_fallback(field, rest, chosen, terms)[: MOST_TOLD - 1]]
    asked: dict[str, Deployment] = {}
    for at in told:
        unit, items = field.left[at]
        for item in terms.order(items, unit.strategy) if len(items) > 1 else items:
            asked.setdefault(item.ref, item)
    decision.order, decision.ranked = tuple(asked.values()), [judged.ranked(at) for at in told]
    beliefs = judged.beliefs
    decision.need = next((need for at in (chosen, *rest) if (need := beliefs[at].need) is not None), None)
    decision.language, decision.floor = facts.language, terms.floor
    return decision


def _choice(field: Field, chosen: int, rule: Compiled | None, facts: Facts) -> Choice:
    unit, items = field.left[chosen]
    if rule is not None and rule.pin and any(rule.pin.covers(item, unit.tier) for item in items):
        return "rule_pins"
    if rule is not None and rule.prefer:
        return "rule_prefers"
    if facts.locked:
        return "in_house_only"
    if rule is not None and (rule.deny or rule.require):
        return "rule_narrows"
    if len(field.left) == 1:
        return "only_one"
    rank, (lowest, highest) = field.ranks[chosen], field.extremes
    if rank > lowest:
        return "likely_too_hard"
    return "likely_enough" if highest > rank else "cheapest"


def _kept(field: Field, order: Sequence[int], facts: Facts) -> int | None:
    """The model that the thread has, where the choice would be as good or weaker: up freely, down on a new topic."""
    if facts.previous is None:
        return None
    having = {at for at, (_, items) in enumerate(field.left) for item in items if item.ref == facts.previous}
    before = next((at for at in order if at in having), None) if having else None
    rank, first = field.ranks, order[0]
    if before is None or rank[before] < rank[first]:
        return None
    return before if rank[before] == rank[first] or not new_topic(facts.content) else None


_TERM = re.compile(r"[^\W\d_\u3400-\u9fff]{4,}|(?=([\u3400-\u9fff]{2}))")
_BEFORE = 4_000  # characters of what was said before that are looked at


def new_topic(content: Content) -> bool:
    """Whether the last message has words of its own and shares none with what was said before it."""
    own = {found[1] or found[0] for found in _TERM.finditer(content.asked.lower())}
    before = content.said.removesuffix(content.asked)[-_BEFORE:].lower()
    return len(own) > 1 and not any(term in before for term in own)


def _fallback(field: Field, rest: Sequence[int], chosen: int, terms: Terms) -> list[int]:
    """Who is asked when the chosen one fails: as configured, else its own tier, higher ones, then lower ones."""
    if terms.fallback:
        found: dict[int, None] = {}
        for names in terms.fallback:
            found |= dict.fromkeys(at for at in rest if at not in found and is_named(names, *field.left[at]))
        return list(found)

    # the places are in their order already
    tiers: list[list[int]] = [[] for _ in TIERS]
    for at in rest:
        tiers[field.ranks[at]].append(at)
    first = field.ranks[chosen]
    return [at for some in (*tiers[first:], *reversed(tiers[:first])) for at in some]


def _dearest(rates: Iterable[Rates | None], facts: Facts) -> Callable[[], float | None]:
    """About what the dearest of them costs, found out when a rule asks for it, and once."""

    @cache
    def dearest() -> float | None:
        read, written = facts.tokens, likely_written(facts)
        known = (rate or (0.0, 0.0) for rate in rates)
        return max((read * each + written * other for each, other in known), default=None)

    return dearest
