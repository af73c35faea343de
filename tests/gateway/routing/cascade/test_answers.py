"""The final answer of a text: what counts as one, and which ways of writing it are the same."""

from fractions import Fraction

import pytest

from freehold.gateway.routing.cascade import numbers
from freehold.gateway.routing.cascade.answers import agree, final_of

OPTIONS = "Which is a mammal?\nA. a trout\nB. a whale\nC. a wasp"
HOW_MANY = "How many apples are left?"

SAME = [
    ("1,200", "1200.0", ""),
    ("1200", "一千二百", ""),
    ("一千二", "$1,200", ""),
    ("1.2k", "1,200.00", ""),
    ("1 200", "１２００", ""),
    ("1.200,50", "1,200.50", ""),
    ("3.5", "三点五", ""),
    ("50%", "50 %", ""),
    ("50%", "0.5", ""),
    ("50%", "50", ""),
    ("百分之五十", "50%", ""),
    ("12.5%", "0.125", ""),
    ("3万", "30,000", ""),
    ("1.2亿", "120 million", ""),
    ("两千零五", "2005", ""),
    ("十二", "12", ""),
    ("一万零三十", "10030", ""),
    ("负三", "-3", ""),
    ("−3", "-3.0", ""),
    (r"\boxed{\frac{3}{4}}", "0.75", ""),
    (r"Thus $\boxed{1\frac{1}{2}}$.", "The answer is 3/2.", ""),
    (r"So the result: \boxed{\text{B}}", "B", OPTIONS),
    (r"\boxed{1{,}200}", "#### 1200", ""),
    ("6.02 × 10^23", "6.02e23", ""),
    ("3.14", "The answer is 3.14159.", ""),
    ("1/3", "0.333", ""),
    ("He runs 3 x 60 = 180 a day.\nSo he runs 540 meters a week.", "The answer is 540.", HOW_MANY),
    ("一共还剩下 17 个苹果。", "There are 17 apples left.", "还剩多少个苹果？"),
    ("**Answer: 42**", "The final answer is $42$", ""),
    ("最终答案：四十二", "答案是42。", ""),
    ("B", "(b)", OPTIONS),
    ("B. a whale", "The correct answer is **B**.", OPTIONS),
    ("答案：B", "选B", OPTIONS),
    ("因此选择 B", "The answer is (B) because whales nurse their young.", OPTIONS),
    ("Yes, because it is even.", "是的。", "Is 4 even?"),
    ("True", "正确", ""),
    ("Oui", "はい", ""),
    ("不是", "No.", ""),
    ("Label: Positive", "positive", "Classify the sentiment as positive or negative."),
    ("类别：体育", "体育", "请给这条新闻分类"),
    ('{"a": 1, "b": [1.0, "X  y"]}', '```json\n{\n  "b": [1, "x y"],\n  "a": 1.0\n}\n```', ""),
    ("```\n42\n```", "42", ""),
    ("<think>maybe 41? or 43</think>\n42", "42", ""),
]

DIFFERENT = [
    ("1,200", "1,201", ""),
    ("0.5", "5", ""),
    ("3.1", "3.14159", ""),
    ("50%", "0.05", ""),
    ("一千二百", "一千零二十", ""),
    ("B", "C", OPTIONS),
    ("Yes", "No", ""),
    ("是", "不是", ""),
    ('{"a": 1}', '{"a": 2}', ""),
    ('{"a": [1, 2]}', '{"a": [2, 1]}', ""),
    ("The answer is 540.", "The answer is 180.", HOW_MANY),
    ("Label: positive", "Label: negative", ""),
    ("-3", "3", ""),
]

NONE = [
    ("Hello! How can I help you today?", "Hi"),
    ("Paris is a lively city with a long history, which began on an island.", "Tell me about Paris"),
    ("```python\nprint(42)\n```", "Write a program that prints 42"),
    ("Here is the code:\n```python\nprint(42)\n```\nIt prints 42.", "How many lines does this have?"),
    ("", ""),
    ("I was born in 1990 and moved in 2004.", "Write me a short biography"),
    ("No problem! I have rewritten the text.", "Rewrite this"),
    ("一般来说，这取决于你的情况。", "我该怎么办"),
]


@pytest.mark.parametrize(("one", "other", "asked"), SAME)
def test_ways_of_writing_the_same_answer(one: str, other: str, asked: str) -> None:
    assert agree(final_of(one, asked), final_of(other, asked)), (final_of(one, asked), final_of(other, asked))


@pytest.mark.parametrize(("one", "other", "asked"), DIFFERENT)
def test_other_answers(one: str, other: str, asked: str) -> None:
    first, second = final_of(one, asked), final_of(other, asked)
    assert first is not None
    assert second is not None
    assert not agree(first, second)


@pytest.mark.parametrize(("text", "asked"), NONE)
def test_prose_and_programs_have_none(text: str, asked: str) -> None:
    assert final_of(text, asked) is None


def test_long_texts_inside_json_are_not_compared() -> None:
    one = final_of('{"id": 7, "summary": "%s"}' % ("The meeting began late. " * 10))
    other = final_of('{"id": 7, "summary": "%s"}' % ("They met, though not on time. " * 8))
    assert agree(one, other)
    assert not agree(one, final_of('{"id": 8, "summary": "%s"}' % ("The meeting began late. " * 10)))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("一百二十三", 123),
        ("二〇二六", 2026),
        ("一亿零五", 100_000_005),
        ("三千万", 30_000_000),
        ("十", 10),
        ("壹佰", 100),
    ],
)
def test_chinese_numerals(text: str, value: int) -> None:
    assert numbers.chinese(text) == Fraction(value)


@pytest.mark.parametrize("text", ["百千", "一二十", "点五点"])
def test_what_is_no_numeral(text: str) -> None:
    assert numbers.chinese(text) is None


def test_hostile_texts_are_read_quickly() -> None:
    for text in (
        "9" * 100_000,
        "1," * 50_000,
        "\\boxed{" * 20_000,
        "一" * 50_000,
        "[" * 100_000,
        "答案" * 40_000,
        "1e99" * 9_000,
    ):
        final_of(text, HOW_MANY)
