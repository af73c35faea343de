"""Limits and budgets in freehold.yaml and in variables: both forms, mistakes with their line, reload while running."""

from decimal import Decimal
from pathlib import Path

import pytest

from freehold.errors import ConfigurationError
from freehold.settings import Settings, load
from freehold.settings.reload import merge_live, needs_restart

GOOD = """
limits:
  json_bytes: 20000
  user: {requests_per_minute: 60, concurrency: 4}
  groups: {interns: {concurrency: 2}}
  models: {"openai/*": {tokens_per_minute: 100000}}
budgets:
  user: {usd: 20}
  people:
    ana@example.org: [{usd: 50.5, period: month}, {usd: 5, period: day}]
  groups: {interns: {usd: 10, period: week}}
  models: {"openai/*": {usd: 500, period: week}}
"""


def read(tmp_path: Path, text: str, environ: dict[str, str] | None = None) -> Settings:
    file = tmp_path / "freehold.yaml"
    file.write_text(text)
    return load({"config": file}, environ=environ or {}).settings


def test_one_budget_or_several(tmp_path: Path) -> None:
    settings = read(tmp_path, GOOD)
    assert settings.limits.user.requests_per_minute == 60
    assert settings.limits.models["openai/*"].tokens_per_minute == 100_000
    assert settings.limits.groups["interns"].concurrency == 2
    assert settings.budgets.groups["interns"][0].usd == 10
    assert [(budget.usd, budget.period) for budget in settings.budgets.user] == [(20, "month")]
    assert [(b.usd, b.period) for b in settings.budgets.people["ana@example.org"]] == [
        (Decimal("50.5"), "month"),
        (5, "day"),
    ]


def test_a_variable_holds_json(tmp_path: Path) -> None:
    settings = read(
        tmp_path, "", {"FREEHOLD_LIMITS__USER": '{"concurrency": 2}', "FREEHOLD_BUDGETS__USER": '{"usd": 1}'}
    )
    assert settings.limits.user.concurrency == 2
    assert settings.budgets.user[0].usd == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("limits:\n  user: {requests: 6}", "freehold.yaml:2: limits.user.requests: there is no such setting"),
        ("budgets:\n  user: {usd: -1}", "freehold.yaml:2: budgets.user.0.usd: "),
        ("budgets:\n  user:\n  - {usd: 1, perod: day}", "did you mean period?"),
        ("budgets:\n  people:\n    a@b.c: {usd: 1, periode: day}", "did you mean period?"),
        ("limits:\n  models:\n    'x/*':\n      concurency: 1", "did you mean concurrency?"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, text)
    assert said in caught.value.message


def test_limits_of_people_and_budgets_change_without_a_restart(tmp_path: Path) -> None:
    running, fresh = Settings(), read(tmp_path, GOOD)
    merged = merge_live(running, fresh)
    assert merged.budgets == fresh.budgets
    assert merged.limits.user.requests_per_minute == 60
    assert merged.limits.groups == fresh.limits.groups
    assert merged.limits.json_bytes == running.limits.json_bytes
    assert needs_restart(running, fresh) == ["config", "limits"]
    assert needs_restart(running, running.model_copy(update={"budgets": fresh.budgets})) == []
