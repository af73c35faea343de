"""The `routing` section of freehold.yaml: what is wrong in it is named by file and line."""

from pathlib import Path

import pytest

from freehold.errors import ConfigurationError
from freehold.settings import load
from freehold.settings.routing import RoutingSettings

RULES = """
routing:
  auto: {objective: balanced, quality_floor: 0.95}
  rules:
    - {id: legal, when: {group: legal, keyword: [contract, 合同]}, then: {pin: premium}}
    - id: night
      when: {time: {between: ["22:00", "06:00"], tz: Asia/Shanghai}}
      then: {prefer: local}
  tests:
    - {given: {text: 合同}, expect: {rule: none}}
"""


def routing(tmp_path: Path, text: str) -> RoutingSettings:
    file = tmp_path / "freehold.yaml"
    file.write_text(text)
    return load({"config": file}, environ={}).settings.declared.routing


def test_it_is_read_with_the_line_of_every_rule(tmp_path: Path) -> None:
    found = routing(tmp_path, RULES)
    assert [(rule.id, rule.place) for rule in found.rules] == [
        ("legal", "freehold.yaml:5"),
        ("night", "freehold.yaml:6"),
    ]
    assert found.rules[0].when.keyword == ("contract", "合同")
    assert found.rules[0].then.pin == ("premium",)
    assert found.tests[0].place == "freehold.yaml:10"
    assert found.auto is not None


@pytest.mark.parametrize("name", ["Night_2.b", "法务-合同", "Договор", "ข้อมูล", "한국어", "7日", "夜" * 64])
def test_a_rule_may_have_a_name_in_any_script(tmp_path: Path, name: str) -> None:
    assert routing(tmp_path, RULES.replace("id: night", f"id: {name}")).rules[1].id == name


@pytest.mark.parametrize(
    ("wrong", "right", "line", "said"),
    [
        ("keyword:", "keywrd:", 5, "routing.rules.0.when.keywrd: there is no such setting; did you mean keyword?"),
        ("keyword: [contract, 合同]", "regex: '(?<=a)b'", 5, "is no pattern of RE2's syntax"),
        ("{pin: premium}", "{}", 5, "routing.rules.0.then: do something"),
        ("Asia/Shanghai", "Mars/Base", 7, "there is no time zone 'Mars/Base'"),
        ('"06:00"', '"25:00"', 7, 'must be a time such as "22:00"'),
        ("id: night", "id: legal", 6, "'legal' is another rule's already"),
        *(
            ("id: night", f'id: "{name}"', 6, "routing.rules.1.id: string should match pattern")
            for name in ("", "-night", "\u0301night", "at night", "day/night", "🌙", "夜\\u200b间", "夜" * 65)
        ),
        ("0.95", "95", 3, "routing.auto.quality_floor"),
        ("{rule: none}", "{}", 10, "expect something"),
        ("{text: 合同}", "{txt: a}", 10, "there is no such setting; did you mean text?"),
        ("balanced", "cheapest", 3, "routing.auto.objective"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, wrong: str, right: str, line: int, said: str) -> None:
    assert wrong in RULES
    with pytest.raises(ConfigurationError) as caught:
        routing(tmp_path, RULES.replace(wrong, right))
    assert f"freehold.yaml:{line}: " in caught.value.message
    assert said in caught.value.message
