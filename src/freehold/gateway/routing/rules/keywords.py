"""Which of many keywords a text holds, in one pass; pure.

Where words have blanks between them a keyword is a whole word, or several; in Chinese, Japanese, Korean and Thai text
it is found anywhere. Case and width make no difference.
"""

import re
import unicodedata
from collections.abc import Iterable

_UNSPACED = (
    "\u0e00-\u0e7f"  # Thai
    "\u1100-\u11ff"
    "\u2e80-\u2fdf"
    "\u3005-\u3007"
    "\u3040-\u30ff"  # kana
    "\u3130-\u318f"
    "\u3400-\u4dbf"
    "\u4e00-\u9fff"  # Han
    "\uac00-\ud7af"  # Hangul
    "\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"[^\W{_UNSPACED}]+")
_ASCII_WORDS = {at: chr(at).lower() if chr(at).isalnum() or chr(at) == "_" else " " for at in range(128)}
"""Leaves the words of ASCII text, folded and with blanks between them; several times as fast as a pattern."""

_DEAR = 8
"""Characters of a text that cost as much to tell apart as one costs to look for."""


def folded(text: str) -> str:
    """The text with neither case nor width."""
    return text.casefold() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


class Keywords:
    """Made of all keywords of all rules; each has the number that `add` gave it."""

    __slots__ = ("_by_first", "_by_word", "_numbers")

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._by_word: dict[str, list[tuple[str, int]]] = {}  # by the word that they begin with
        self._by_first: dict[str, list[tuple[str, int]]] = {}  # by their first character, where that is in no word

    def add(self, keywords: Iterable[str]) -> frozenset[int]:
        """Take these in and tell their numbers."""
        found = set()
        for keyword in keywords:
            plain = " ".join(folded(keyword).split())
            if not plain:
                continue
            number = self._numbers.get(plain)
            if number is None:
                number = self._numbers[plain] = len(self._numbers)
                first = _WORD.match(plain)
                if first is not None:
                    self._by_word.setdefault(first[0], []).append((plain, number))
                else:
                    self._by_first.setdefault(plain[0], []).append((plain, number))
            found.add(number)
        return frozenset(found)

    def __bool__(self) -> bool:
        return bool(self._numbers)

    def within(self, text: str) -> frozenset[int]:
        """The numbers of those that the text holds."""
        plain = folded(text)
        found: set[int] = set()
        longer: list[tuple[str, int]] = []  # begin as something in the text does
        if self._by_word:
            words = text.translate(_ASCII_WORDS).split() if text.isascii() else _WORD.findall(plain)
            for word in self._by_word.keys() & set(words):
                for keyword, number in self._by_word[word]:
                    if len(keyword) == len(word):
                        found.add(number)
                    else:
                        longer.append((keyword, number))
        if self._by_first:
            few = len(self._by_first) * _DEAR < len(plain)
            for character in self._by_first if few else self._by_first.keys() & set(plain):
                if character in plain:
                    longer += self._by_first[character]
        if longer:
            plain = " ".join(plain.split())
            found.update(number for keyword, number in longer if _whole(keyword, plain))
        return frozenset(found)


def _whole(keyword: str, text: str) -> bool:
    """Whether the keyword is somewhere in the text and cuts no word there."""
    at = text.find(keyword)
    while at >= 0:
        end = at + len(keyword)
        if not (_joined(text, at) or _joined(text, end)):
            return True
        at = text.find(keyword, at + 1)
    return False


def _joined(text: str, at: int) -> bool:
    """Whether one word goes on over this place."""
    return 0 < at < len(text) and bool(_WORD.match(text[at - 1]) and _WORD.match(text[at]))
