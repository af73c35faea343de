"""Every condition, by samples that meet it and samples that do not."""

from typing import Any

import pytest

from freehold.settings.routing import When
from tests.gateway.routing.routes import asked, policy, rule

PREFER = {"prefer": "premium"}

CASES: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ({"keyword": ["contract", "合同"]}, {"text": "审阅合同"}, {"text": "subcontractor"}),
    ({"regex": r"\d{17}[\dXx]"}, {"text": "号码11010519491231002X"}, {"text": "1101051949"}),
    ({"role": "intern"}, {"role": "intern"}, {"role": "member"}),
    ({"role": "admin"}, {"role": "admin"}, {}),
    ({"group": "Legal"}, {"group": ["legal"]}, {"group": ["sales"]}),
    ({"group": "*"}, {"group": ["sales"]}, {}),
    ({"key": "ci-*"}, {"key": "ci-nightly"}, {"key": "laptop"}),
    ({"user": "Ann@Example.org"}, {"user": "ann@example.org"}, {"user": "bob@example.org"}),
    ({"context_tokens": {"gt": 28_000}}, {"context_tokens": 28_001}, {"context_tokens": 28_000}),
    ({"context_tokens": {"gte": 10, "lt": 20}}, {"context_tokens": 10}, {"context_tokens": 20}),
    ({"context_tokens": {"lte": 5}}, {"context_tokens": 5}, {"context_tokens": 6}),
    ({"attachments": ["image", "audio"]}, {"attachments": ["audio"]}, {"attachments": ["file"]}),
    ({"language": "zh"}, {"text": "你好"}, {"text": "hello"}),
    ({"data_class": "confidential"}, {"data_class": ["confidential"]}, {"data_class": ["public"]}),
    ({"spend": {"group": "*", "gt_pct": 90}}, {"group": ["a"], "spent_pct": 91}, {"group": ["a"], "spent_pct": 90}),
    ({"spend": {"group": "*", "gt_pct": 90}}, {"group": ["a"], "spent_pct": 99}, {"spent_pct": 99}),
    ({"spend": {"user": "*", "period": "day", "lt_pct": 50}}, {"spent_pct": 10}, {"spent_pct": 50}),
    ({"cost": {"gt": 0.01}}, {"context_tokens": 100_000}, {"context_tokens": 100}),
    ({"locked": True}, {"locked": True}, {}),
    ({"any": [{"role": "intern"}, {"keyword": "tax"}]}, {"text": "my tax"}, {"text": "my taxi"}),
    ({"all": [{"role": "intern"}, {"keyword": "tax"}]}, {"text": "tax", "role": "intern"}, {"text": "tax"}),
    ({"not": {"role": "intern"}}, {}, {"role": "intern"}),
    ({"role": "intern", "keyword": "tax"}, {"text": "tax", "role": "intern"}, {"text": "x", "role": "intern"}),
    ({}, {}, {"model": "nothing"}),
]


@pytest.mark.parametrize(("when", "met", "missed"), CASES[:-1])
def test_a_condition(when: dict[str, Any], met: dict[str, Any], missed: dict[str, Any]) -> None:
    made = policy(rules=[rule(then=PREFER, **when)])
    assert asked(made, **met).decision.rule == "r"
    assert asked(made, **missed).decision.rule is None


def test_a_rule_without_a_condition_always_holds() -> None:
    assert asked(policy(rules=[rule(then=PREFER)])).decision.rule == "r"


@pytest.mark.parametrize(
    ("at", "met"),
    [
        ("2026-11-27T22:00+08:00", True),
        ("2026-11-28T05:59+08:00", True),
        ("2026-11-28T06:00+08:00", False),
        ("2026-11-27T14:30Z", True),
        ("2026-11-27T12:00Z", False),
        ("2026-11-29T05:00+08:00", False),  # the night of Saturday
        ("2026-11-29T23:00+08:00", False),
    ],
)
def test_a_night_over_midnight_belongs_to_the_day_before(at: str, met: bool) -> None:
    night = {"between": ["22:00", "06:00"], "tz": "Asia/Shanghai", "weekdays": ["fri"]}
    made = policy(rules=[rule(then=PREFER, time=night)])
    assert (asked(made, at=at).decision.rule == "r") is met


def test_a_day_and_days_alone() -> None:
    day = policy(rules=[rule(then=PREFER, time={"between": ["9:00", "17:30"]})])
    assert asked(day, at="2026-11-27T09:00Z").decision.rule == "r"
    assert asked(day, at="2026-11-27T17:30Z").decision.rule is None
    days = policy(rules=[rule(then=PREFER, time={"weekdays": ["sat", "sun"]})])
    assert asked(days, at="2026-11-28T23:59Z").decision.rule == "r"
    assert asked(days, at="2026-11-27T23:59Z").decision.rule is None


def test_the_first_rule_decides_and_one_that_is_off_is_not_looked_at() -> None:
    rules = [
        {**rule("off", then=PREFER), "enabled": False},
        rule("first", then={"prefer": "local"}, keyword="tax"),
        rule("second", then=PREFER, keyword="tax"),
    ]
    sample = asked(policy(rules=rules), "my tax")
    assert sample.decision.rule == "first"
    assert sample.holds == [("first", True), ("second", True)]


def test_every_condition_of_the_model_is_tried_here() -> None:
    tried = {name for when, _, _ in CASES for name in when} | {"time"}
    assert {field.alias or name for name, field in When.model_fields.items()} == tried
