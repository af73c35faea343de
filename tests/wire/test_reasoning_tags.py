"""Reasoning between tags at the start of an answer is told from the answer, however the pieces fall."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.wire.reasoning_tags import ReasoningTags


def split(pieces: list[str]) -> tuple[str, str]:
    tags = ReasoningTags()
    results = [tags.feed(piece) for piece in pieces] + [tags.finish()]
    return "".join(reasoning for reasoning, _ in results), "".join(text for _, text in results)


TEXT = st.lists(st.sampled_from(["<think>", "</think>", "<", "</", "think>", "a", "世", "\n", " "]), max_size=12).map(
    "".join
)


@given(TEXT, st.lists(st.integers(1, 9), max_size=20))
def test_the_cuts_change_nothing(text: str, sizes: list[int]) -> None:
    pieces: list[str] = []
    rest = text
    for size in sizes:
        pieces.append(rest[:size])
        rest = rest[size:]
    assert split([*pieces, rest]) == split([text])


@given(TEXT)
def test_text_without_a_tag_at_its_start_is_untouched(text: str) -> None:
    if not text.lstrip().startswith("<think>"):
        assert split([text]) == ("", text)


@pytest.mark.parametrize(
    ("text", "reasoning", "answer"),
    [
        ("<think>hm</think>\n\nFour.", "hm", "Four."),
        ("\n<think>\nhm\n</think>Four.", "\nhm\n", "Four."),
        ("<think></think>\n\nFour.", "", "Four."),
        ("Write <think> in the middle.", "", "Write <think> in the middle."),
        ("<think>never closed", "never closed", ""),
        ("<thin", "", "<thin"),
        ("<think>a</thin", "a</thin", ""),
        ("<think>a</think>b<think>c</think>", "a", "b<think>c</think>"),
    ],
)
def test_examples(text: str, reasoning: str, answer: str) -> None:
    assert split([text]) == (reasoning, answer)
    assert split(list(text)) == (reasoning, answer)
