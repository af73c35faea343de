"""What the linter says of rules, and the tests that go with them."""

from typing import Any

import pytest

from freehold.gateway.routing.linting import implies
from freehold.gateway.routing.policy import Policy
from freehold.gateway.routing.rulebook import Verdict, judge
from freehold.gateway.routing.slots import Slots
from freehold.settings.routing import When
from tests.gateway.routing.routes import MODELS, rule, shelf
from tests.gateway.routing.shelf import router


def verdict(models: dict[str, Any] | None = None, **routing: Any) -> Verdict:
    routes = router(shelf(models or MODELS, **routing))
    return judge(Policy(routes, Slots()), routes, ())


def codes(models: dict[str, Any] | None = None, **routing: Any) -> list[str]:
    return [finding.code for finding in verdict(models, **routing).findings]


def test_good_rules_have_no_finding() -> None:
    rules = [
        rule("a", then={"require": {"self_hosted": True}}, data_class="confidential"),
        rule("b", then={"pin": "premium"}, keyword="tax"),
        rule("c", then={"deny": ["cloud/*", "premium"]}, role="intern"),
    ]
    assert codes(rules=rules) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("premum", "did you mean premium?"),
        ("cluod/gpt", "did you mean cloud?"),
        ("nothing", "name an alias"),
    ],
)
def test_unknown_models_are_mistakes(name: str, said: str) -> None:
    found = verdict(rules=[rule("typo", then={"pin": name})])
    assert [(one.code, one.rule, one.about) for one in found.findings] == [("unknown_model", "typo", name)]
    assert said in str(found.findings[0])
    assert found.problems


@pytest.mark.parametrize(("second", "outside"), [(["local"], []), (["local", "premium"], ["premium"])])
def test_a_second_model_outside_is_never_asked(second: list[str], outside: list[str]) -> None:
    found = verdict(auto={"cascade": {"second": second}})
    assert [(one.code, one.about) for one in found.findings] == [("second_outside", name) for name in outside]
    assert not found.problems


def test_a_trial_that_tries_nothing() -> None:
    same = {"id": "t", "share": 0.5, "set": {"quality_floor": 0.9, "objective": "balanced"}}
    found = verdict(auto={"quality_floor": 0.9}, trial=same).findings
    assert [(one.code, one.place, one.is_error) for one in found] == [("trial_changes_nothing", "routing.trial", False)]
    assert codes(trial=same) == []
    assert codes(trial={"id": "t", "share": 1, "set": {"objective": "cost"}}) == ["trial_without_control"]


def test_a_class_of_data_that_nobody_looks_for() -> None:
    inside = rule(
        "typo", then={"require": {"self_hosted": True}}, any=[{"data_class": "confidentail"}, {"keyword": "x"}]
    )
    found = verdict(rules=[inside]).findings
    assert [(one.code, one.rule, one.about) for one in found] == [("unknown_class", "typo", "confidentail")]
    assert "did you mean confidential?" in str(found[0])


def test_a_rule_behind_one_that_covers_it_is_never_reached() -> None:
    rules = [
        rule("wide", then={"prefer": "local"}, keyword=["tax", "law"]),
        rule("narrow", then={"pin": "premium"}, keyword="tax", role="intern"),
        rule("other", then={"pin": "premium"}, role="intern"),
    ]
    found = verdict(rules=rules).findings
    assert [(one.code, one.rule, one.about) for one in found] == [("unreachable", "narrow", "wide")]


def test_a_rule_that_leaves_nobody() -> None:
    assert codes(rules=[rule(then={"deny": ["local", "premium"]}, role="intern")]) == ["leaves_nobody"]
    assert codes(rules=[rule(then={"require": {"abilities": "audio"}}, role="intern")]) == ["leaves_nobody"]


def test_a_rule_that_means_the_house_and_leaks() -> None:
    leaky = {**MODELS, "local": {**MODELS["local"], "fallback": ["premium"]}}
    assert codes(leaky, rules=[rule(then={"pin": "local"}, data_class="secret")]) == ["outside_fallback"]
    assert codes(rules=[rule(then={"prefer": "local"}, data_class="secret")]) == ["only_prefers"]
    assert codes(leaky, rules=[rule(then={"require": {"self_hosted": True}}, data_class="secret")]) == []


def test_an_alias_named_auto_beside_the_settings_of_auto() -> None:
    assert codes({**MODELS, "auto": MODELS["local"]}, auto={}) == ["two_autos"]


def test_tests_say_what_is_not_as_it_should_be() -> None:
    rules = [rule("interns", then={"deny": ["premium"]}, role="intern")]

    def wrong(given: Any, **expect: Any) -> list[str]:
        outcome = verdict(rules=rules, tests=[{"given": given, "expect": expect}]).tests[0]
        return list(outcome.wrong)

    intern = {"role": "intern", "text": "证明根号2是无理数"}
    assert wrong(intern, model="local", rule="interns") == []
    assert wrong(intern, not_model="premium", self_hosted=True) == []
    assert wrong({"text": "hi"}, rule="none") == []
    assert wrong({**intern, "model": "premium"}, refused=True) == []
    assert wrong(intern, model="premium") == ["house/qwen would be asked, not premium"]
    assert wrong(intern, rule="none") == ["the rule that decides is interns, not none"]
    assert wrong({"text": "hi"}, not_model="premium") == ["cloud/gpt may be asked"]
    assert wrong({"text": "hi"}, self_hosted=True) == ["cloud/gpt may be asked, outside"]
    assert wrong({"text": "hi"}, refused=True) == ["house/qwen would be asked"]


@pytest.mark.parametrize(
    ("narrow", "wide", "holds"),
    [
        ({"keyword": "a"}, {}, True),
        ({}, {"keyword": "a"}, False),
        ({"context_tokens": {"gt": 20}}, {"context_tokens": {"gte": 20}}, True),
        ({"context_tokens": {"gte": 20}}, {"context_tokens": {"gt": 20}}, False),
        ({"context_tokens": {"gt": 20}}, {"context_tokens": {"gt": 10, "lt": 50}}, False),
        ({"group": "legal"}, {"group": "*"}, True),
        ({"keyword": "a"}, {"any": [{"keyword": ["a", "b"]}, {"role": "x"}]}, True),
        ({"role": "y"}, {"any": [{"keyword": "a"}, {"role": "x"}]}, False),
        ({"keyword": "a", "role": "x"}, {"all": [{"keyword": "a"}, {"role": "x"}]}, True),
        ({"role": "x"}, {"not": {"role": "y"}}, False),
    ],
)
def test_whether_one_condition_covers_another(narrow: Any, wide: Any, holds: bool) -> None:
    assert implies(When.model_validate(narrow), When.model_validate(wide)) is holds
