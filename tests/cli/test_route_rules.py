"""freehold route check and explain, as an operator runs them: without a server, a database or a key."""

from pathlib import Path

from tests.cli.test_model import freehold

FILE = """
providers:
  - {id: ollama, kind: ollama}
  - {id: openai, kind: openai, api_key: sk-test}
models:
  local: {provider: ollama, model: "qwen3:8b", tier: local, languages: [en, zh]}
  premium: {provider: openai, model: gpt-4o, tier: premium}
routing:
  rules:
    - {id: interns, when: {role: intern}, then: {deny: [premium]}}
    - {id: late, when: {role: intern, keyword: tax}, then: {pin: premium}}
  tests:
    - {given: {role: intern, text: "证明根号2是无理数"}, expect: {model: local, rule: interns}}
"""


def write(tmp_path: Path, text: str = FILE) -> list[str]:
    file = tmp_path / "freehold.yaml"
    file.write_text(text)
    return ["--config", str(file), "--data-dir", str(tmp_path / "data")]


async def test_rules_are_linted_and_their_tests_run(tmp_path: Path) -> None:
    where = write(tmp_path)
    status, out, err = await freehold("route", "check", *where)
    assert (status, out) == (0, "2 rules, 1 test passed, 0 failed, 1 warning.\n")
    assert "freehold.yaml:11: warning: late is never reached: interns decides whenever it would" in err
    assert not (tmp_path / "data").exists(), "nothing is made"
    assert (await freehold("route", "check", "--strict", *where))[0] == 1


async def test_a_failing_test_and_an_unknown_model_are_named(tmp_path: Path) -> None:
    where = write(tmp_path, FILE.replace("model: local, rule", "model: premium, rule"))
    status, _, err = await freehold("route", "check", *where)
    assert status == 1
    assert "freehold.yaml:13: the test fails: ollama/qwen3:8b would be asked, not premium" in err
    where = write(tmp_path, FILE.replace("deny: [premium]", "deny: [premum]"))
    status, out, err = await freehold("route", "check", *where)
    assert (status, out) == (1, "2 rules, 1 mistake; no test was run.\n")
    assert "freehold.yaml:10: there is no model 'premum'; did you mean premium?" in err


async def test_a_sample_is_explained(tmp_path: Path) -> None:
    where = write(tmp_path)
    status, out, _ = await freehold("route", "explain", "--text", "my tax", "--role", "intern", *where)
    assert status == 0
    assert "rule      interns (freehold.yaml:10)" in out
    assert "late would hold, too, and came too late" in out
    assert "openai/gpt-4o: rule_denies (interns)" in out
    assert "1. local (local, in the house, $0.00000)" in out
    _, out, _ = await freehold("route", "explain", "--model", "premium", "--role", "intern", *where)
    assert "refused   The routing rule interns leaves no model" in out


async def test_classes_of_data_are_found_as_by_the_server(tmp_path: Path) -> None:
    privacy = "privacy: {classes: [{id: confidential, words: [绝密, Projekt Adler]}]}\n"
    rules = FILE.replace(
        "  rules:\n", "  rules:\n    - {id: stays, when: {data_class: confidential}, then: {pin: local}}\n"
    )
    tests = "    - {given: {text: 绝密文件}, expect: {rule: stays}}\n"
    status, out, err = await freehold("route", "check", *write(tmp_path, privacy + rules.rstrip() + "\n" + tests))
    assert (status, out) == (0, "3 rules, 2 tests passed, 0 failed, 1 warning.\n"), err


async def test_a_trial_is_linted_and_told(tmp_path: Path) -> None:
    trial = "  trial: {id: lower, share: 1, set: {quality_floor: 0.95}}\n"
    where = write(tmp_path, FILE.replace("routing:\n", "routing:\n" + trial))
    _, _, err = await freehold("route", "check", *where)
    assert "routing.trial: warning: the trial lower sets what auto does already" in err
    assert "routing.trial: warning: the trial lower has everybody in it" in err
    _, out, _ = await freehold("route", "explain", "--text", "hello", "--user", "somebody", *where)
    assert "trial     lower: in it\n" in out
    _, out, _ = await freehold("route", "explain", "--text", "hello", *where)
    assert "trial" not in out
