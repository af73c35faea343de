"""Keywords in any language, patterns in linear time, and languages by their script."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.gateway.routing.rules.keywords import Keywords
from freehold.gateway.routing.rules.language import language_of
from freehold.gateway.routing.rules.patterns import Patterns


def holds(keyword: str, text: str) -> bool:
    known = Keywords()
    return bool(known.add([keyword]) & known.within(text))


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("合同", "请帮我审阅这份合同"),
        ("合同", "这份合同书有三页"),
        ("责任", "what does 责任 mean"),
        ("contract", "Please review this CONTRACT."),
        ("contract", "ｃｏｎｔｒａｃｔ，看一下"),
        ("ＣＯＮＴＲＡＣＴ", "the contract"),
        ("gpt", "用GPT写一封信"),
        ("non disclosure", "a Non\n Disclosure agreement"),
        ("c++", "teach me C++ now"),
        (".net", "in .NET?"),
        ("straße", "auf der STRASSE"),
        ("AI合同", "起草ai合同吧"),
        ("계약", "이 계약을 검토해 주세요"),
        ("договор", "Проверь Договор, пожалуйста"),
    ],
)
def test_found(keyword: str, text: str) -> None:
    assert holds(keyword, text)


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("contract", "a subcontractor"),
        ("contract", "contracts"),
        ("art", "start the party"),
        ("gpt", "chatgpt4"),
        ("non disclosure", "non disclosures"),
        ("AI合同", "openai合同"),
        ("合同", "合 同"),
        ("договор", "договоров"),
        ("tax", ""),
    ],
)
def test_not_found(keyword: str, text: str) -> None:
    assert not holds(keyword, text)


def test_many_keywords_are_told_apart() -> None:
    known = Keywords()
    law, money = known.add(["contract", "合同"]), known.add(["invoice", "发票", "合同"])
    assert known.within("发票在哪里") == known.add(["发票"])
    assert known.within("这份合同") == law & money
    assert known.within("an Invoice for the contract") == (law | money) - known.add(["合同", "发票"])


def test_patterns_are_found_in_one_pass_and_in_linear_time() -> None:
    known = Patterns()
    card, greedy = known.add([r"\d{17}[\dXx]"]), known.add([r"(a+)+b"])
    assert known.within("我的身份证号码是11010519491231002X，谢谢") == card
    assert known.within("aaab") == greedy
    assert known.within("") == frozenset()
    began = time.perf_counter()
    assert known.within("a" * 200_000) == frozenset()
    assert time.perf_counter() - began < 1, "a backtracking engine would never return"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("证明根号2是无理数", "zh"),
        ("用 Python 写一个快速排序", "zh"),
        ("日本語で説明してください", "ja"),
        ("한국어로 설명해 주세요", "ko"),
        ("Объясни это", "ru"),
        ("Explain 合同 in plain English, please", "en"),
        ("αβγ δεζ", "el"),
        ("“It’s déjà vu,” she said – again.", "en"),
        ("123 + 456 = ?", None),
        ("", None),
    ],
)
def test_the_language_is_that_of_most_letters(text: str, language: str | None) -> None:
    assert language_of(text) == language


LETTERS = {
    **dict.fromkeys("合同题", "zh"),
    **dict.fromkeys("がカ", "ja"),
    **dict.fromkeys("계약", "ko"),
    **dict.fromkeys("где", "ru"),
    **dict.fromkeys("αβγ", "el"),
    **dict.fromkeys("שלום", "he"),
    **dict.fromkeys("مرحبا", "ar"),
    **dict.fromkeys("हन", "hi"),
    **dict.fromkeys("ไทย", "th"),
    **dict.fromkeys("aZéü", "en"),
}


@given(st.lists(st.sampled_from([*LETTERS, *"aaaaaaaa ’1合合合"]), max_size=40).map("".join))
def test_the_language_is_as_by_counting_all_letters(text: str) -> None:
    weights = {"zh": 3, "ja": 3, "ko": 3}
    counts = {
        name: weights.get(name, 1) * sum(LETTERS.get(letter) == name for letter in text)
        for name in dict.fromkeys(LETTERS.values())
    }
    if counts["ja"] * 10 >= counts["zh"] > 0:
        counts["ja"] += counts["zh"]
    best = max(counts, key=lambda name: counts[name])
    assert language_of(text) == (best if counts[best] else None)
