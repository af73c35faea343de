"""What a text is found by: folded, word by word, and pair by pair where there are no blanks."""

import pytest

from freehold.chat.search.marking import holds, mark, snippet
from freehold.chat.search.words import fold, terms, tokens
from tests.chat.search.asking import marked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Plain words, plain", ["plain", "words"]),
        ("ＦＵＬＬ ｗｉｄｔｈ", ["full", "width"]),
        ("人工智能", ["人工", "工智", "智能", "能"]),
        ("用Python写的", ["用", "python", "写的", "的"]),
        ("snake_case and 3.14", ["snake", "case", "and", "3", "14"]),
        ("Straße cafe\u0301 \ufb01ne", ["strasse", "café", "fine"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("ひらがな、カタカナ", ["ひら", "らが", "がな", "な", "カタ", "タカ", "カナ", "ナ"]),
        ("ﾊﾝｶｸ", ["ハン", "ンカ", "カク", "ク"]),
        ("... !? 😀", []),
        ("a" * 100, ["a" * 32]),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


def test_a_book_stays_within_what_an_index_holds() -> None:
    book = "".join(chr(0x4E00 + hash((number, 7)) % 20_000) for number in range(400_000))
    kept = tokens(book)
    assert sum(len(token.encode()) + 8 for token in kept) <= 900_000
    assert len(kept) > 50_000


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("kube", "Kubernetes and kubectl", ["Kube", "kube"]),
        ("net", "Kubernetes", None),
        ("智能", "人工智能很好", ["智能"]),
        ("工能", "人工智能", None),
        ("人智能", "人工智能和智能人", None),
        ("好", "你好", ["好"]),
        ("full", "ＦＵＬＬ", ["ＦＵＬＬ"]),
        ("strasse", "die Straße", ["Straße"]),
        ("words missing", "words alone", None),
        ('"plain words"', "plain, words", ["plain, words"]),
        ('"words plain"', "plain words", None),
        ("“智能 手机”", "智能手机", ["智能手机"]),
        ("python写", "用Python写的", ["Python写"]),
        ("cafe\u0301", "Café", ["Café"]),
        ("a" * 40, "a" * 39, None),
    ],
)
def test_terms(query: str, text: str, expected: list[str] | None) -> None:
    asked = terms(query)
    assert holds(fold(text), asked) == (expected is not None)
    if expected is not None:
        assert marked(mark(text, asked)) == expected


@pytest.mark.parametrize("query", ["", "  ", '"', "*", "-", "😀", '""', "AND" * 0, "((", "%_"])
def test_queries_without_a_word(query: str) -> None:
    assert terms(query) == []


def test_ranges_count_as_javascript_does() -> None:
    text = mark("😀😀 word", terms("word"))
    assert text.ranges == [(5, 9)]
    assert marked(text) == ["word"]


def test_a_snippet_shows_what_was_found_and_begins_with_a_word() -> None:
    text = "lorem ipsum " * 50 + "the needle\n\nin the hay " + "dolor sit " * 50
    cut = snippet(text, fold(text), terms("needle"))
    assert marked(cut) == ["needle"]
    assert cut.text.startswith("…")
    assert cut.text.endswith("…")
    assert "needle in the hay" in cut.text
    assert cut.text.strip("…").split()[0] in {"lorem", "ipsum"}
    assert len(cut.text) <= 202
    whole = snippet("a needle", fold("a needle"), terms("needle"))
    assert whole.text == "a needle"


@pytest.mark.parametrize(
    ("text", "query", "shown"),
    [
        ("# The plan\n\n- **Pack** the `needle`\n- go", "needle", "The plan Pack the needle go"),
        ("| a | b |\n|---|:-:|\n| needle | 2 |", "needle", "| a | b | | needle | 2 |"),
        ("> said\n\n```python\nneedle = 2 ** 3\n```", "needle", "said needle = 2 ** 3"),
        ("要**打包**的针", "打包", "要打包的针"),
        ("run `x ** 2` now", "**", "run `x ** 2` now"),
        ("a # b - c", "b", "a # b - c"),
        ("x**2 + y**2", "y", "x**2 + y**2"),
    ],
)
def test_a_snippet_is_words_without_markdown(text: str, query: str, shown: str) -> None:
    assert snippet(text, fold(text), terms(query)).text == shown
