"""The order of the candidates and what is told of them: the same as by weighing each one by itself."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from freehold.access.subject import Subject
from freehold.gateway.routing.content import Content
from freehold.gateway.routing.deployment import Deployment
from freehold.gateway.routing.pipeline.decision import Need
from freehold.gateway.routing.pipeline.need import CODE, FORMULA, PREMIUM_P, asked_of_local, difficulty, prior
from freehold.gateway.routing.pipeline.scoring import LATENCY_WEIGHT, LONGEST_S, Terms, likely_written, weighed
from freehold.gateway.routing.pipeline.snapshot import Snapshot, Unit, dearest_of
from freehold.gateway.routing.pipeline.stages import MOST_TOLD, decide
from freehold.gateway.routing.rules.facts import Caller, Facts
from freehold.gateway.routing.rules.ruleset import Ruleset
from freehold.providers.base import ModelCard, Prices, ProviderConfig
from freehold.providers.cards import Offer
from freehold.settings.routing import Rule

prices = st.one_of(st.just(Prices()), st.builds(Prices, st.sampled_from([0, 0.1, 1, 5]), st.sampled_from([0, 0.4, 20])))


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    units, tiers = [], {}
    for at in range(draw(st.integers(1, 20))):
        items = []
        for number in range(draw(st.sampled_from([1, 1, 2]))):
            config = ProviderConfig(f"p{at % 3}", "openai_compatible", "P", self_hosted=draw(st.booleans()))
            card = ModelCard(f"m{at}-{number}", context_tokens=32_000, prices=draw(prices))
            items.append(Deployment(f"{config.id}/{card.id}", config, Offer(card, enabled=True), card))
        tier = draw(st.sampled_from(["local", "standard", "premium"]))
        languages = draw(st.sampled_from([frozenset(), frozenset({"zh"})]))
        units.append(Unit(f"alias-{at}", tuple(items), "weighted", tier, languages))
        tiers |= {item.ref: tier for item in items}
    return Snapshot(tuple(units), tiers, {})


def plainly(snapshot: Snapshot, facts: Facts, terms: Terms) -> list[tuple[str, float | None, float]]:
    """Name, cost and p of every candidate, the best first, each weighed by itself."""
    floor = asked_of_local(terms.floor, terms.objective)
    read, written = facts.tokens, likely_written(facts)
    costs = {unit: unit.rates and read * unit.rates[0] + written * unit.rates[1] for unit in snapshot.units}
    dearest = max(cost or 0.0 for cost in costs.values()) or 1.0
    learned = {unit: terms.judge(facts, unit, terms.floor, terms.objective) for unit in snapshot.units}
    beside = [need.beside(floor) for unit, need in learned.items() if need is not None and unit.tier == "local"]
    weighing = []
    for unit in snapshot.units:
        own = learned[unit] if unit.tier == "local" else None
        need = own or prior(facts, unit, floor, difficulty(facts.content))
        p = weighs = PREMIUM_P["premium"]
        if unit.tier == "local":
            p, weighs = need.p, need.beside(floor) if own else need.p
        elif unit.tier == "standard":
            p = weighs = min(PREMIUM_P["standard"], 0.5 + max(beside, default=need.p) / 2)
        wait = min(LONGEST_S, terms.latency_s(unit.deployments[0]))
        score = weighed(costs[unit], dearest, weighs, floor) + LATENCY_WEIGHT[terms.objective == "latency"] * wait
        weighing.append((score, (unit.name, costs[unit], p)))
    return [told for _, told in sorted(weighing, key=lambda one: one[0])]


@st.composite
def terms_for(draw: st.DrawFn) -> Terms:
    learned = draw(st.dictionaries(st.sampled_from([f"alias-{at}" for at in range(20)]), st.floats(0, 1)))
    waits = draw(st.dictionaries(st.sampled_from([f"p{at}" for at in range(3)]), st.sampled_from([0.5, 30.0, 4000.0])))

    def judge(_facts: Facts, unit: Unit, floor: float, _objective: Any) -> Need | None:
        p = learned.get(unit.name)
        return None if p is None else Need(p, p, p, 0.9 * floor, learned=True)

    return Terms(
        objective=draw(st.sampled_from(["cost", "balanced", "quality", "latency"])),
        floor=draw(st.sampled_from([0.0, 0.5, 0.95, 1.0])),
        judge=judge,
        latency_s=lambda item: waits.get(item.config.id, 0.0),
    )


@settings(deadline=None)
@given(
    snapshots(), terms_for(), st.sampled_from(["hello", "证明√2是无理数" * 30]), st.integers(0, 20_000), st.booleans()
)
def test_the_best_is_chosen_and_the_others_follow_in_their_order(
    snapshot: Snapshot, terms: Terms, text: str, tokens: int, prefers: bool
) -> None:
    rules = [Rule.model_validate({"id": "r", "then": {"prefer": "p1/*"}})] if prefers else []
    content = Content(text, text)

    def decided(allowed: str) -> Any:
        facts = Facts(Caller(Subject("u", "member", None)), lambda: content, tokens=tokens)
        return decide(snapshot, facts, Ruleset(rules, {}), terms, lambda ref: ref.startswith(allowed)), facts

    decision, facts = decided("a")  # `auto` and with it everything, which is remembered
    best = plainly(snapshot, facts, terms)
    wished = {unit.name for unit in snapshot.units if unit.deployments[0].config.id == "p1"} if prefers else set()
    best.sort(key=lambda one: one[0] not in wished)
    ranks = {unit.name: unit.rank for unit in snapshot.units}
    first = ranks[best[0][0]]
    tiers = [*range(first, 3), *reversed(range(first))]
    told = [best[0], *(one for rank in tiers for one in best[1:] if ranks[one[0]] == rank)]
    assert [(one.name, one.cost_usd, one.p) for one in decision.ranked] == told[:MOST_TOLD]
    inside = {unit.name: all(item.config.self_hosted for item in unit.deployments) for unit in snapshot.units}
    assert all(one.self_hosted is inside[one.name] for one in decision.ranked)

    by_name, _ = decided("alias-")
    assert by_name == decision


@given(st.lists(st.one_of(st.none(), st.tuples(st.integers(0, 9), st.integers(0, 9))), max_size=12), st.data())
def test_the_dearest_is_among_those_that_are_kept(rates: list[Any], data: st.DataObject) -> None:
    read, written = data.draw(st.integers(0, 1000)), data.draw(st.integers(0, 1000))

    def dearest(of: list[Any]) -> float | None:
        return max((read * one[0] + written * one[1] for one in (rate or (0, 0) for rate in of)), default=None)

    assert dearest(list(dearest_of(rates))) == dearest(rates)


PIECES = [
    "```",
    "def",
    "class",
    "x",
    " ",
    "{",
    ";",
    "\n",
    "=>",
    "import",
    "#include",
    "$",
    "\\frac",
    "∀",
    "prove",
    "证明",
    "a",
]


@given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join))
def test_a_hint_hides_no_sign(text: str) -> None:
    for sign in (CODE, FORMULA):
        assert sign.within(text) is bool(sign.pattern.search(text))
