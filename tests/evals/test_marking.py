"""What passes, and how questions are read from what people paste."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.errors import TestSetRefused
from freehold.evals import reading, report
from freehold.evals.marking import Rule, check_rule, passes, verdict_of
from freehold.evals.models import EvalAnswer, EvalCase
from freehold.kit.intervals import wilson


@pytest.mark.parametrize(
    ("rule", "answer", "expected", "question", "good"),
    [
        ("contains", "The capital of France is **Paris**.", "paris", "", True),
        ("contains", "<think>Paris? No, Lyon.</think>Lyon.", "paris", "", False),
        ("contains", "ＰＡＲＩＳ　is it", "paris is", "", True),
        ("equals", "There are 1,200 of them.", "1.2k", "How many hens?", True),
        ("equals", "一共有一千二百只。", "1200", "农场里的鸡", True),
        ("equals", "So it comes to $18.00 in all.", "18", "Her income a day.", True),
        ("equals", "That makes 17 eggs.", "18", "Her income a day.", False),
        ("equals", "The answer is (B).", "B", "Which?\nA. one\nB. two\nC. three", True),
        ("equals", "答案：C", "B", "哪一个？\nA. 一\nB. 二\nC. 三", False),
        ("equals", "Yes, it is a prime.", "yes", "17 is a prime number.", True),
        ("equals", '```json\n{"a": 1.0, "b": ["X"]}\n```', '{"b": ["x"], "a": 1}', "", True),
        ("equals", "Positive.", "positive", "Classify the mood", True),
        ("equals", "“Bonjour!”", "bonjour", "Say hello in French", True),
        ("equals", "Bonsoir", "bonjour", "Say hello in French", False),
        ("regex", "Call +49 30 1234 now", r"\+49[\d ]{6,}", "", True),
        ("regex", "nothing", r"^a.c$", "", False),
        ("judge", "x", "x", "", None),
        ("look", "x", "", "", None),
    ],
)
def test_what_passes(rule: Rule, answer: str, expected: str, question: str, good: bool | None) -> None:
    assert passes(rule, answer, expected, question) is good


def test_a_rule_that_cannot_be_applied_is_refused() -> None:
    with pytest.raises(TestSetRefused, match="Line 3"):
        check_rule("contains", " ", 3)
    with pytest.raises(TestSetRefused, match="pattern"):
        check_rule("regex", "(", 3)
    check_rule("look", "", 3)


def test_verdicts() -> None:
    assert [verdict_of(one) for one in ((1.0, 0.0), (1.0, 1.0), (0.0, 1.0))] == ["better", "same", "worse"]


def test_lines_and_csv_are_told_apart() -> None:
    lines = reading.questions_in("What is 2+2?\n\n  Name a river, please.  \n", "look")
    assert [one.question for one in lines] == ["What is 2+2?", "Name a river, please."]
    pasted = '\ufeffquestion,expected,rule\n"What is\n2+2?",4,equals\nName a river,,\nGreet,hello,\n'
    found = reading.questions_in(pasted, "contains")
    assert [(one.question, one.expected, one.rule) for one in found] == [
        ("What is\n2+2?", "4", "equals"),
        ("Name a river", "", "look"),
        ("Greet", "hello", "contains"),
    ]
    semicolons = reading.questions_in("问题;答案\n一加一等于几？;二", "equals")
    assert [(one.question, one.expected, one.rule) for one in semicolons] == [("一加一等于几？", "二", "equals")]


def test_rules_have_the_names_of_the_menu_too() -> None:
    words = (Path(__file__).parents[2] / "web/src/locales/zh-CN/settings.po").read_text(encoding="utf-8").casefold()
    labels = list(reading.RULE_LABELS)
    for english, chinese in zip(labels[::2], labels[1::2], strict=True):
        assert f'msgid "{english}"\nmsgstr "{chinese}"' in words
    rows = "".join(f"Q?,x,{label.upper()}\n" for label in labels)
    read = reading.questions_in(f"question,expected,rule\n{rows}", "look")
    assert [one.rule for one in read] == list(reading.RULE_LABELS.values())
    assert set(reading.RULE_LABELS.values()) == set(reading.RULES)
    with pytest.raises(TestSetRefused, match="contains, equals, regex, judge, look") as refused:
        reading.questions_in("question,expected,rule\nA?,b,exact", "look")
    assert refused.value.params == {
        "why": "no_rule", "line": 2, "rule": "exact", "allowed": ["contains", "equals", "regex", "judge", "look"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (" \n ", "no question"),
        ("question,expected,rule\nA?,b,guess", "no rule"),
        ("question,expected,rule\nA?,b,equals\nB?,(,regex", "Line 3"),
        ("question,expected,rule\nA?,,equals", "needs what is expected"),
        ("\n".join(f"{at}?" for at in range(501)), "holds 500"),
        ("x" * 20_001, "longer"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, said: str) -> None:
    with pytest.raises(TestSetRefused, match=said):
        reading.questions_in(text, "look")


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = reading.questions_in(text, "contains")
    except TestSetRefused:
        return
    assert all(one.question.strip() for one in found)


@given(st.integers(0, 300), st.integers(0, 300))
def test_the_interval_holds_the_share(good: int, bad: int) -> None:
    low, high = wilson(good, good + bad)
    assert 0 <= low <= high <= 1
    if good + bad:
        assert low <= good / (good + bad) + 1e-9
        assert high >= good / (good + bad) - 1e-9


def test_nineteen_of_twenty_intervals_hold_the_truth() -> None:
    draw = random.Random(5)
    held = 0
    for _ in range(2000):
        truth, of = draw.uniform(0.1, 0.95), 60
        low, high = wilson(sum(draw.random() < truth for _ in range(of)), of)
        held += low <= truth <= high
    assert 0.93 <= held / 2000 <= 0.97


def answer(**more: object) -> EvalAnswer:
    plain = {"state": "ok", "text": "x", "self_hosted": False, "answered_by": "a/b", "model": "a/b"}
    return EvalAnswer(**{**plain, **more})


def test_a_report_counts_what_it_says() -> None:
    rows = [answer(passed=True, cost_nanodollars=1_000_000, duration_ms=float(at), output_tokens=3) for at in range(19)]
    rows += [answer(passed=False, verdict="worse", duration_ms=500.0, cost_nanodollars=None)]
    rows += [answer(state="failed", passed=False, answered_by=None), answer(state="skipped", answered_by=None)]
    found = report.result_of("a/b", rows, is_name=False)
    assert (found.answers, found.failed, found.skipped, found.judged, found.passed) == (20, 1, 1, 21, 19)
    assert found.rate == round(19 / 21, 4)
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.rate < found.high
    assert (round(found.cost_usd, 6), found.price_unknown, found.worse) == (0.019, 1, 1)
    assert (found.p50_ms, found.p95_ms) == (9.0, 18.0)
    assert (found.by_others, found.output_tokens) == (0, 57)
    assert report.result_of("a/b", [], is_name=False).rate is None


def test_a_spreadsheet_finds_no_formula() -> None:
    case = EvalCase(question="=HYPERLINK(1)", rule="look", expected="")
    told = report.as_csv([(case, answer(text="@SUM(1)", passed=True))]).decode()
    assert "'=HYPERLINK(1)" in told
    assert "'@SUM(1)" in told
    assert ",true," in told
