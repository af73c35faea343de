"""Samples: what would become of a request, and the tests that say what has to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC

from freehold.access.subject import Subject
from freehold.errors import FreeholdError
from freehold.gateway.meter import IMAGE_TOKENS, Size, estimate_tokens
from freehold.gateway.routing.content import Content
from freehold.gateway.routing.deployment import ANYTHING, Need
from freehold.gateway.routing.pipeline.decision import Decision
from freehold.gateway.routing.policy import Policy, refusal
from freehold.gateway.routing.router import everything
from freehold.gateway.routing.rules.facts import Caller, Facts
from freehold.gateway.routing.rules.named import named
from freehold.identity.keys.grant import Grant
from freehold.identity.people.membership import Membership
from freehold.settings.routing import Expect, Given, RouteTest

_HOLDERS = ("user", "group", "key")
_PERIODS = ("day", "week", "month", "total")


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample with what came of it; `holds`: each rule that is on, and whether its condition holds."""

    given: Given
    decision: Decision
    holds: Sequence[tuple[str, bool]]
    error: FreeholdError | None = None


@dataclass(slots=True)
class Asked:
    """A request that nobody sends."""

    given: Given
    size: Size = field(init=False)

    def __post_init__(self) -> None:
        tokens = self.given.context_tokens
        if tokens is None:
            tokens = round(4 + estimate_tokens(self.given.text) + IMAGE_TOKENS * ("image" in self.given.attachments))
        self.size = Size(max(1, tokens))

    @property
    def need(self) -> Need:
        """As of a real request."""
        return Need(images=True) if "image" in self.given.attachments else ANYTHING

    def content(self) -> Content:
        """What it says."""
        given = self.given
        return Content(given.text, given.text, attachments=frozenset(given.attachments))


def try_out(policy: Policy, given: Given, user_id: str | None = None, *, measured: bool = True) -> Sample:
    """What would become of it. Raises ModelNotFound for a model that is not there.

    `user_id`: the account that `given.user` means; without one it is decided as if no trial ran. `measured`: by how
    long models lately took, too.
    """
    asked = Asked(given)
    facts = _facts(policy, given, asked)
    error = None
    if policy.is_auto(given.model):
        decision = policy.decide(facts, everything, user_id, measured=measured)
    else:
        _, decision = policy.decide_named(given.model, facts, everything, asked.need)
    if not decision.order:
        error = refusal(given.model, decision, policy.snapshot)
    return Sample(given, decision, [(rule.id, rule.holds(facts)) for rule in policy.rules.rules], error)


def _facts(policy: Policy, given: Given, asked: Asked) -> Facts:
    role = given.role or "member"
    names = dict.fromkeys([*given.group, *([role] if role not in ("admin", "member") else ())])
    grant = None
    if given.key is not None:
        grant = Grant(given.key, given.key, "sample", "member", frozenset({"chat"}))
    subject = Subject(
        given.user or "sample",
        "admin" if role == "admin" else "member",
        None,
        grant=grant,
        groups=tuple(Membership(name, name) for name in names),
    )
    at = given.at
    if at is not None and at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    own = {"user": (given.user or "sample",), "group": tuple(names), "key": (given.key,) if given.key else ()}
    shares = {
        (kind, name.casefold(), period): given.spent_pct
        for kind in _HOLDERS
        for name in (*own[kind], *(("*",) if own[kind] else ()))
        for period in _PERIODS
    }
    return Facts(
        Caller(subject, given.user),
        asked.content,
        tokens=asked.size.input_tokens,
        locked=given.locked,
        detect=policy.detect,
        given_classes=frozenset(given.data_class),
        shares=lambda: shares,
        now=at,
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """A test that was run; nothing in `wrong`: it passed."""

    place: str
    wrong: Sequence[str]
    text: str = ""


def run_tests(policy: Policy, tests: Sequence[RouteTest]) -> list[Outcome]:
    """Each test with what is not as it expects; what was measured lately makes no difference."""
    return [
        Outcome(test.place or f"test {number}", _wrong(policy, test), test.given.text)
        for number, test in enumerate(tests, 1)
    ]


def _wrong(policy: Policy, test: RouteTest) -> list[str]:
    expect = test.expect
    try:
        decision = try_out(policy, test.given, measured=False).decision
    except FreeholdError as error:
        return [] if expect.refused else [error.message]
    return list(_differences(policy, expect, decision))


def _differences(policy: Policy, expect: Expect, decision: Decision) -> list[str]:
    snapshot, wrong = policy.snapshot, []
    refused = not decision.order
    if refused is not bool(expect.refused) and (expect.refused is not None or refused):
        wrong.append("nothing is left to ask" if refused else f"{decision.order[0].ref} would be asked")
        return wrong
    if expect.rule is not None and (decision.rule or "none") != expect.rule:
        wrong.append(f"the rule that decides is {decision.rule or 'none'}, not {expect.rule}")
    if refused:
        return wrong
    first = decision.order[0]
    if expect.model and not named(expect.model, snapshot.aliases).covers(first, snapshot.tier_of(first)):
        wrong.append(f"{first.ref} would be asked, not {' or '.join(expect.model)}")
    if expect.not_model:
        barred = named(expect.not_model, snapshot.aliases)
        wrong += [f"{item.ref} may be asked" for item in decision.order if barred.covers(item, snapshot.tier_of(item))]
    if expect.self_hosted is not None:
        outside = next((item.ref for item in decision.order if not item.config.self_hosted), None)
        if (outside is None) is not expect.self_hosted:
            wrong.append(f"{outside} may be asked, outside" if outside else "all that may be asked is in the house")
    return wrong
