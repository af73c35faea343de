"""Which rule decides: of many, judged by an index, the same one as by reading all of them in their order."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from freehold.access.subject import Grant, Subject
from freehold.gateway.routing.content import Content
from freehold.gateway.routing.rules.facts import Caller, Facts
from freehold.gateway.routing.rules.keywords import Keywords
from freehold.gateway.routing.rules.language import language_of
from freehold.gateway.routing.rules.ruleset import Ruleset
from freehold.identity.people.membership import Membership
from freehold.settings.routing import Bounds, Rule, TimeOfDay, When

# --- plain reading of a condition ------------------------------------------------------------------------------------


@dataclass
class Request:
    """What a rule is asked about, as plain values."""

    role: str
    groups: list[str]
    key: str | None
    user: str
    tokens: int
    content: Content
    classes: frozenset[str]
    shares: dict[tuple[str, str, str], float]
    cost: float | None
    locked: bool
    now: datetime

    def facts(self) -> Facts:
        grant = Grant(self.key, self.key, "sample", "member", frozenset({"chat"})) if self.key else None
        groups = tuple(Membership(name, name) for name in self.groups)
        made = Facts(
            Caller(Subject(self.user, self.role, None, grant=grant, groups=groups)),
            lambda: self.content,
            tokens=self.tokens,
            locked=self.locked,
            given_classes=self.classes,
            shares=lambda: self.shares,
            now=self.now,
        )
        made.cost = lambda: self.cost
        return made


def holds(when: When, request: Request) -> bool:
    said, groups = request.content.said, {name.casefold() for name in request.groups}
    judged: dict[str, bool] = {
        "all": all(holds(one, request) for one in when.all),
        "any": any(holds(one, request) for one in when.any),
        "not_": when.not_ is not None and not holds(when.not_, request),
        "keyword": any(is_said(word, said) for word in when.keyword),
        "regex": any(re.search(pattern, said) for pattern in when.regex),
        "role": any(name.casefold() in {request.role, *groups} for name in when.role),
        "group": any(groups if name == "*" else name.casefold() in groups for name in when.group),
        "key": request.key is not None and any(is_like(name, request.key) for name in when.key),
        "user": any(name.casefold() == request.user for name in when.user),
        "context_tokens": lies_within(when.context_tokens, request.tokens),
        "attachments": any(kind in request.content.attachments for kind in when.attachments),
        "language": language_of(request.content.asked) in when.language,
        "time": when.time is not None and is_time(when.time, request.now),
        "data_class": any(name in request.classes for name in when.data_class),
        "spend": is_spent(when, request),
        "cost": request.cost is not None and lies_within(when.cost, request.cost),
        "locked": request.locked is when.locked,
    }
    assert judged.keys() == When.model_fields.keys()
    return all(judged[name] for name in when.model_fields_set)


def is_said(keyword: str, text: str) -> bool:
    keyword, text = (" ".join(unicodedata.normalize("NFKC", one).casefold().split()) for one in (keyword, text))
    places = [at for at in range(len(text)) if keyword and text.startswith(keyword, at)]
    return any(not cuts(text, at) and not cuts(text, at + len(keyword)) for at in places)


def cuts(text: str, at: int) -> bool:
    """Whether a word with blanks around it goes on over this place."""
    around = text[max(0, at - 1) : at + 1]
    return 0 < at < len(text) and all(
        one == "_" or (one.isalnum() and not "\u3040" <= one <= "\u9fff") for one in around
    )


def is_like(pattern: str, key: str) -> bool:
    return key == pattern.casefold() or (pattern.endswith("*") and key.startswith(pattern[:-1].casefold()))


def lies_within(bounds: Bounds | None, value: float) -> bool:
    if bounds is None:
        return False
    low = (bounds.gt is None or value > bounds.gt) and (bounds.gte is None or value >= bounds.gte)
    return low and (bounds.lt is None or value < bounds.lt) and (bounds.lte is None or value <= bounds.lte)


def is_time(when: TimeOfDay, now: datetime) -> bool:
    there = now + timedelta(hours=8 if when.tz == "Asia/Shanghai" else 0)
    start, end = when.between or ("00:00", "00:00")
    clock = f"{there:%H:%M}"
    if start < end:
        inside = start <= clock < end
    else:
        inside = clock >= start or clock < end
        if clock < end != start:
            there -= timedelta(days=1)
    days = [("mon", "tue", "wed", "thu", "fri", "sat", "sun").index(day) for day in when.weekdays]
    return inside and (not days or there.weekday() in days)


def is_spent(when: When, request: Request) -> bool:
    spent = when.spend
    if spent is None:
        return False
    kind = next(kind for kind in ("group", "user", "key") if getattr(spent, kind) is not None)
    share = request.shares.get((kind, getattr(spent, kind), spent.period))
    above = share is not None and (spent.gt_pct is None or share > spent.gt_pct)
    return above and (spent.lt_pct is None or share is None or share < spent.lt_pct)


# --- random rules and requests ---------------------------------------------------------------------------------------

WORDS = ["tax", "Tax", "taxi", "ＴＡＸ", "合同", "合", "同书", "ai合同", "open", "c++", ".net", "_x", "non disclosure"]
WORDS += ["straße", "STRASSE", "がく", "7", " "]
NAMES = ["legal", "Legal", "sales", "intern", "admin", "member"]
amounts = st.sampled_from([0, 1, 5, 10, 100])
bounds = st.dictionaries(st.sampled_from(["gt", "gte", "lt", "lte"]), amounts, min_size=1, max_size=2)
times = st.sampled_from(
    [
        {"between": ["03:00", "12:30"], "tz": "Asia/Shanghai"},
        {"between": ["22:00", "06:00"], "weekdays": ["fri", "sat"]},
        {"weekdays": ["mon", "sun"]},
        {"between": ["09:00", "09:00"], "weekdays": ["tue"]},
    ]
)
HOLDERS = list(product(["group", "user", "key"], ["*", "legal"], ["day", "month"]))
spends = st.builds(
    lambda of, bound, pct: {of[0]: of[1], "period": of[2], bound: pct},
    st.sampled_from(HOLDERS),
    st.sampled_from(["gt_pct", "lt_pct"]),
    amounts,
)


def some(*of: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(of), min_size=1, max_size=3, unique=True)


LEAVES: dict[str, st.SearchStrategy[Any]] = {
    "keyword": some(*WORDS),
    "regex": some("t.x", r"\d", "合.?", "^$"),
    "role": some(*NAMES),
    "group": some(*NAMES, "*"),
    "key": some("ci-*", "CI-1", "laptop"),
    "user": some("u1", "U2"),
    "context_tokens": bounds,
    "attachments": some("image", "audio", "file"),
    "language": some("en", "zh", "ja"),
    "time": times,
    "data_class": some("confidential", "secret"),
    "spend": spends,
    "cost": bounds,
    "locked": st.booleans(),
}


def merged(parts: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.lists(parts, min_size=1, max_size=2).map(
        lambda some: {name: of for one in some for name, of in one.items()}
    )


def joined(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    several = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        *(st.fixed_dictionaries({name: of}) for name, of in (("any", several), ("all", several), ("not", inner)))
    )


single = st.one_of(*(st.fixed_dictionaries({name: of}) for name, of in LEAVES.items()))
conditions = st.one_of(
    single,
    merged(single),
    joined(single),
    merged(joined(single) | single),
    joined(joined(single) | single),
    st.just({}),
)
pieces = st.sampled_from([*WORDS, "non", "disclosure", "disclosures", "c", "C+", "net", "_", "书", "a"])
separators = st.sampled_from(["", " ", " ", "-", "\n", "\x1c", "，"])
texts = st.lists(pieces | separators, max_size=8).map("".join) | st.lists(pieces, max_size=6).map(" ".join)
contents = st.builds(
    lambda asked, before, attachments: Content(asked, f"{before}\n\n{asked}", attachments=attachments),
    texts,
    texts,
    st.frozensets(st.sampled_from(["image", "audio", "file"])),
)
requests = st.builds(
    Request,
    role=st.sampled_from(["admin", "member"]),
    groups=st.lists(st.sampled_from(["Legal", "sales", "intern"]), max_size=3),
    key=st.sampled_from([None, "ci-1", "ci-night", "laptop"]),
    user=st.sampled_from(["u1", "u2"]),
    tokens=amounts,
    content=contents,
    classes=st.frozensets(st.sampled_from(["confidential", "secret"])),
    shares=st.dictionaries(st.sampled_from(HOLDERS), amounts, max_size=6),
    cost=st.one_of(st.none(), amounts),
    locked=st.booleans(),
    now=st.datetimes(datetime(2026, 11, 1), datetime(2026, 11, 28), timezones=st.just(UTC)),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(conditions, min_size=4, max_size=8), st.lists(requests, min_size=1, max_size=4))
def test_the_rule_that_decides_is_the_first_that_holds(whens: list[dict[str, Any]], asked: list[Request]) -> None:
    rules = [
        Rule.model_validate({"id": f"r{at}", "when": when, "then": {"prefer": "x"}}) for at, when in enumerate(whens)
    ]
    together, alone = Ruleset(rules, {}), [Ruleset([rule], {}) for rule in rules]
    for request in asked:
        plainly = [rule.id for rule in rules if holds(rule.when, request)]
        assert [found.id for one in alone if (found := one.first(request.facts())) is not None] == plainly
        found = together.first(request.facts())
        assert ([found.id] if found is not None else []) == plainly[:1]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=4, max_size=len(WORDS)), texts, st.sampled_from([1, 40]))
def test_keywords_are_found_as_by_reading_the_text_for_each(words: list[str], text: str, times: int) -> None:
    known, text = Keywords(), text * times
    numbers = {word: known.add([word]) for word in words}
    within = known.within(text)
    assert {word for word in words if numbers[word] & within} == {word for word in words if is_said(word, text)}


def test_what_nobody_needs_is_not_looked_for() -> None:
    """Detectors may take long: they are not asked where a rule before theirs decides, or theirs cannot hold."""
    asked: list[Content] = []

    def detect(content: Content) -> frozenset[str]:
        asked.append(content)
        return frozenset({"secret"})

    def first(*rules: dict[str, Any]) -> str | None:
        made = [Rule.model_validate({"id": str(at), "then": {"prefer": "x"}, **one}) for at, one in enumerate(rules)]
        facts = Facts(Caller(Subject("u", "member", None)), Content, tokens=1, detect=detect)
        found = Ruleset(made, {}).first(facts)
        return found.id if found is not None else None

    assert first({"when": {}}, {"when": {"data_class": "secret"}}) == "0"
    assert first({"when": {"data_class": "secret", "role": "intern"}}) is None
    assert asked == []
    assert first({"when": {"data_class": "public"}}, {"when": {"data_class": "secret"}}) == "1"
    assert len(asked) == 1
