"""How a model is chosen in this process: the rules of freehold.yaml and of the app, and what `auto` chooses from."""

import contextlib
from collections.abc import Awaitable, Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Protocol

from freehold.access.subject import Subject
from freehold.errors import FreeholdError, KeptInHouse, ModelNotAllowed, NoModelAvailable, RuleForbids
from freehold.gateway.meter import Size
from freehold.gateway.routing import ability
from freehold.gateway.routing.arms import Arms
from freehold.gateway.routing.cascade.judging import Cascade
from freehold.gateway.routing.content import Content
from freehold.gateway.routing.deployment import Deployment, Need, Skipped
from freehold.gateway.routing.pipeline.decision import Decision, Ranked
from freehold.gateway.routing.pipeline.decision import Need as Belief
from freehold.gateway.routing.pipeline.need import Judge, no_judge
from freehold.gateway.routing.pipeline.snapshot import AUTO, Snapshot, Unit, taken
from freehold.gateway.routing.pipeline.stages import Terms, changed, decide, narrowed
from freehold.gateway.routing.plan import Plan
from freehold.gateway.routing.router import Allowed, Router, everything
from freehold.gateway.routing.rules.facts import Caller, Detect, Facts, Shares, nothing_detected
from freehold.gateway.routing.rules.named import named
from freehold.gateway.routing.rules.ruleset import Ruleset
from freehold.gateway.routing.slots import Slots
from freehold.providers import cards
from freehold.providers.base import Ability, ModelCard, ProviderConfig
from freehold.providers.schemas import ModelInfo
from freehold.settings.routing import Objective, RoutingSettings, Rule

SECONDS_IN_QUEUE = 5.0
"""What each who waits for a server is taken to cost the next one."""


class Asking(Protocol):
    """What is known of a request when a model is chosen."""

    @property
    def need(self) -> Need: ...
    @property
    def size(self) -> Size: ...
    def content(self) -> Content: ...


@dataclass(frozen=True, slots=True)
class Thread:
    """What a conversation brings along: whether it is kept in the house, the model (provider/model) that answered last,
    and the classes of data that may leave the house all the same.

    Where a summary stands for earlier messages, `behind` are their texts and `left_out` is about how many tokens less
    are sent for it. `asked` is what the person wrote last, where more than that stands in the last message.
    `id`, `message_id`: where the answer is kept; `may_leave` finds out whether more of it may be sent out later on.
    `compared`: the answer may be held against another model's; what nobody asked as a question of its own is not.
    """

    locked: bool = False
    previous: str | None = None
    consent: frozenset[str] = frozenset()
    behind: tuple[str, ...] = ()
    left_out: int = 0
    asked: str | None = None
    id: str | None = None
    message_id: str | None = None
    may_leave: Callable[[], Awaitable[bool]] | None = None
    compared: bool = True


NO_THREAD = Thread()


class Policy:
    """One per process. Everything is decided from memory."""

    def __init__(self, router: Router, slots: Slots) -> None:
        self.detect: Detect = nothing_detected
        self.judge: Judge = no_judge
        self.shares: Callable[[Subject], Shares] = lambda _subject: {}
        self.emails: Mapping[str, str] = {}
        self.halted_trial: str | None = None  # the id of the one that its guards ended
        self._router = router
        self._slots = slots
        self._own: tuple[Rule, ...] = ()
        self._version: int | None = None
        self._rules = Ruleset((), {})
        self._snapshot = Snapshot((), {}, {})
        self._terms = Terms()
        self._followed: float | None = None
        self._arms: Arms | None = None
        self._terms_tried = self._terms

    # --- what there is ----------------------------------------------------------------------------------------------

    @property
    def declared(self) -> RoutingSettings:
        """What freehold.yaml says."""
        return self._router.directory.settings.declared.routing

    @property
    def own(self) -> tuple[Rule, ...]:
        """The rules that were made in the app; they come after those of the file."""
        return self._own

    def take(self, own: Sequence[Rule]) -> None:
        """Put other rules of the app to work."""
        self._own = tuple(own)
        self._version = None

    def follow(self, floor: float | None) -> None:
        """Keep the quality at this share of the premium one, where the settings ask for more; None: as they say."""
        if floor != self._followed:
            self._followed = floor
            self._version = None

    @property
    def followed(self) -> float | None:
        """The floor that was given to `follow`."""
        return self._followed

    @property
    def snapshot(self) -> Snapshot:
        """What there is to choose from."""
        self._refresh()
        return self._snapshot

    @property
    def terms(self) -> Terms:
        """How it is decided where no rule says otherwise."""
        self._refresh()
        return self._terms

    @property
    def rules(self) -> Ruleset:
        """Every rule that is on."""
        self._refresh()
        return self._rules

    def is_auto(self, ref: str) -> bool:
        """Whether the reference leaves the choice to us; an alias of that name is an alias."""
        return ref == AUTO and AUTO not in self._router.known_aliases()

    @property
    def offers_auto(self) -> bool:
        """Whether people are shown it."""
        auto = self.declared.auto
        if not self.is_auto(AUTO) or (auto is not None and auto.enabled is False):
            return False
        count = len(self.snapshot.offered)
        return count >= 2 or (count == 1 and auto is not None)

    def auto_info(self) -> ModelInfo:
        """`auto` as a model that can be picked; the browser has the words for it."""
        card, config, _ = self.auto_described()
        return ModelInfo(
            **cards.card_info(card, self_hosted=config.self_hosted),
            ref=AUTO,
            provider_id=AUTO,
            provider_name=config.name,
            enabled=True,
            targets=[item.ref for unit in self.snapshot.offered for item in unit.deployments],
        )

    def auto_described(self) -> tuple[ModelCard, ProviderConfig, bool | None]:
        """What can be said before somebody was chosen: what the most able of them can, as that one may be chosen."""
        items = [item for unit in self.snapshot.offered for item in unit.deployments]
        seen = {item.offer.sees_images for item in items}
        card = ModelCard(
            AUTO,
            name="Auto",
            context_tokens=max((item.card.context_tokens or 0 for item in items), default=0) or None,
            max_output_tokens=max((item.card.max_output_tokens or 0 for item in items), default=0) or None,
            abilities=frozenset[Ability]().union(*(item.card.abilities for item in items)),
        )
        in_house = bool(items) and all(item.config.self_hosted for item in items)
        config = ProviderConfig(AUTO, "openai_compatible", "Auto", self_hosted=in_house)
        return card, config, True if True in seen else None if None in seen else False

    def _refresh(self) -> None:
        directory = self._router.directory
        if self._version == directory.version:
            return
        routing, aliases = self.declared, self._router.known_aliases()
        self._rules = Ruleset((*routing.rules, *self._own), aliases)
        models = [
            Deployment(item.ref, item.config, item.offer, item.card)
            for item in directory.candidates()
            if item.card.kind == "chat"
        ]
        self._snapshot = taken(routing.auto, aliases, models, by_rules=self._rules.by_rules)
        auto = routing.auto
        floor = auto.quality_floor if auto is not None else Terms().floor
        self._terms = Terms(
            objective=auto.objective if auto is not None else "balanced",
            floor=floor if self._followed is None else min(floor, self._followed),
            fallback=tuple(named([name], aliases) for name in auto.fallback) if auto is not None else (),
            judge=self._believed,
            latency_s=self._latency_s,
            order=self._router.in_order,
        )
        trial = routing.trial
        if trial is None:
            self._arms = None
        else:
            if self._arms is None or (self._arms.trial_id, self._arms.share) != (trial.id, trial.share):
                self._arms = Arms(trial.id, trial.share)
            self._terms_tried = changed(self._terms, trial.set)
        self._version = directory.version

    def _believed(self, facts: Facts, unit: Unit, floor: float, objective: Objective) -> Belief | None:
        return self.judge(facts, unit, floor, objective)

    def _latency_s(self, deployment: Deployment) -> float:
        waiting = self._slots.waiting(deployment.config.id)
        return self._router.expected_first_token_s(deployment.ref) + waiting * SECONDS_IN_QUEUE

    # --- deciding ---------------------------------------------------------------------------------------------------

    def plan(self, subject: Subject, ref: str, asked: Asking, allowed: Allowed, thread: Thread = NO_THREAD) -> Plan:
        """As Router.plan, by the rules and for `auto`. Raises NoModelAvailable, too, when a rule leaves nobody."""
        if self._version != self._router.directory.version:
            self._refresh()
        auto = ref == AUTO and self.is_auto(ref)
        if not auto and not self._rules.rules and not thread.locked:
            return self._router.plan(ref, allowed, asked.need)
        facts = self.facts(subject, asked, thread)
        return self._plan_auto(facts, asked, allowed) if auto else self._plan_named(ref, facts, asked, allowed)

    def facts(self, subject: Subject, asked: Asking, thread: Thread = NO_THREAD, now: datetime | None = None) -> Facts:
        """What the rules are asked about."""
        caller = Caller(subject, self.emails.get(subject.user_id))
        return Facts(
            caller,
            asked.content,
            tokens=asked.size.input_tokens,
            output_limit=asked.size.output_limit,
            locked=thread.locked,
            previous=thread.previous,
            detect=self.detect,
            shares=lambda: self.shares(subject),
            now=now,
        )

    def decide(self, facts: Facts, allowed: Allowed, user_id: str | None = None, *, measured: bool = True) -> Decision:
        """What `auto` comes to. `user_id`: by whom the arm of a trial is found; without one there is no trial.

        `measured`: how long models lately took counts, too.
        """
        self._refresh()
        arms = self._arms
        if arms is None or user_id is None or arms.trial_id == self.halted_trial:
            terms = self._terms if measured else replace(self._terms, latency_s=Terms().latency_s, order=Terms().order)
            return decide(self._snapshot, facts, self._rules, terms, allowed)
        arm = arms[user_id]
        terms = self._terms_tried if arm == "trial" else self._terms
        decision = decide(self._snapshot, facts, self._rules, terms, allowed)
        decision.trial = arms.trial_id, arm
        return decision

    def decide_named(self, ref: str, facts: Facts, allowed: Allowed, need: Need) -> tuple[Plan, Decision]:
        """What the rules leave of what was asked for by name. Raises as Router.plan."""
        self._refresh()
        plan = self._router.plan(ref, allowed, need)
        order, removed, rule = narrowed(plan.deployments, self._snapshot, facts, self._rules)
        decision = Decision(order, removed=[*plan.skipped, *removed], tokens=facts.tokens)
        decision.rule = rule.id if rule is not None else None
        decision.ranked = [
            Ranked(item.ref, item.ref, self._snapshot.tier_of(item), item.config.self_hosted) for item in order
        ]
        if removed:
            decision.choice = "rule_narrows"
        return plan, decision

    def _plan_auto(self, facts: Facts, asked: Asking, allowed: Allowed) -> Plan:
        decision = self.decide(facts, allowed, facts.caller.subject.user_id)
        if not decision.order:
            raise refusal(AUTO, decision, self._snapshot)
        plan = Plan(
            self._router,
            decision.order,
            alias=AUTO,
            need=asked.need,
            skipped=decision.removed,
            route=decision.as_dict(),
        )
        auto = self.declared.auto
        if auto is not None and auto.cascade is not None and not facts.locked:
            plan.cascade = Cascade(auto.cascade, partial(self._others, auto.cascade.second, plan, facts, allowed))
        return plan

    def _others(
        self, names: tuple[str, ...], plan: Plan, facts: Facts, allowed: Allowed, first: str
    ) -> Iterator[Deployment]:
        """Models in the house beside the first, each once: of each name one; without names, or where there is none
        of theirs, one of the plan's.
        """
        known = {first}
        for name in names:
            with contextlib.suppress(FreeholdError):  # not there, or not for this caller: the others remain
                _, decision = self.decide_named(name, facts, everything if allowed(AUTO) else allowed, plan.need)
                if (found := self._free_in_house(decision.order, known)) is not None:
                    known.add(found.ref)
                    yield found
        if len(known) == 1 and (found := self._free_in_house(plan.deployments, known)) is not None:
            yield found

    def _free_in_house(self, order: Iterable[Deployment], known: Container[str]) -> Deployment | None:
        now = self._router.now()
        return next(
            (
                item
                for item in order
                if item.config.self_hosted and item.ref not in known and self._router.free_at(item, now) <= now
            ),
            None,
        )

    def _plan_named(self, ref: str, facts: Facts, asked: Asking, allowed: Allowed) -> Plan:
        plan, decision = self.decide_named(ref, facts, allowed, asked.need)
        if not decision.order:
            raise refusal(ref, decision, self._snapshot)
        if decision.rule is not None or len(decision.order) != len(plan.deployments):
            plan.narrow(decision.order, decision.removed, decision.as_dict())
        return plan


def refusal(ref: str, decision: Decision, snapshot: Snapshot) -> FreeholdError:
    """The error when nobody is left to be asked."""
    removed: list[Skipped] = decision.removed
    why = {item.why for item in removed} - {"not_offered"}
    if why and why == {"not_allowed"}:
        return ModelNotAllowed(f"This key may not use {ref}.", model=ref)
    if decision.rule is not None and why & {"rule_denies", "rule_requires"}:
        told = f"The routing rule {decision.rule} leaves no model for this request."
        return RuleForbids(told, model=ref, rule=decision.rule)
    if "leaves_the_house" in why:
        return KeptInHouse("This conversation is kept in the house, and no model there was asked.", model=ref)
    if "cannot_see_images" in why:
        blind = next(item for unit in snapshot.units for item in unit.deployments if item.offer.sees_images is False)
        return ability.blind(blind.config, blind.offer)
    if not removed:
        told = f"There is nothing that {ref} could choose from: no model is connected that answers by itself."
    else:
        told = f"There is no model for this request: {'; '.join(map(str, removed))}."
    return NoModelAvailable(told, next_step="Turn a model on, or name one that GET /v1/models lists.", model=ref)
