"""What a text is found by: folded words, and pairs of characters where a script puts no blanks between words.

Text and query go through the same functions, so the two always agree. A Chinese word of two characters is one pair; an
index of words or of three characters would miss it.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_WORD = 32  # characters by which a word is found; the rest is checked in the text itself
MOST_BYTES = 900_000  # of the tokens of one text: PostgreSQL's tsvector holds 1 MB
MOST_TERMS = 16  # of one query

# Thai, Lao, Burmese, Hangul, Khmer, Han, kana and what belongs to them
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035"
    "\u3038-\u303c\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
# vowel signs and accents that Python counts as no letters
_MARKS = "\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0dff"
_LETTER = rf"(?:[^\W_{_UNSPACED}]|[{_MARKS}])"
_RUN = re.compile(rf"(?P<unspaced>[{_UNSPACED}]+)|{_LETTER}+")
_NOT_INSIDE_A_WORD = rf"(?<![^\W_{_UNSPACED}])(?<![{_MARKS}])"
_BETWEEN = rf"(?:[\W_](?<![{_MARKS}]))*"
_QUOTED = re.compile(r'["“”„«»「」『』]')


@dataclass(frozen=True, slots=True)
class Folded:
    """A text without case and width (NFKC, case folding); `starts[i]` is where its character i stood, None: at i."""

    text: str
    starts: list[int] | None
    length: int  # of the text as it was

    def original(self, at: int) -> int:
        """Where the folded character at `at` stood in the text."""
        if self.starts is None:
            return at
        return self.starts[at] if at < len(self.starts) else self.length


def fold(text: str) -> Folded:
    """Fold a text, keeping track of where everything was."""
    if text.isascii():
        return Folded(text.lower(), None, len(text))
    if unicodedata.is_normalized("NFKC", text):
        folded = text.casefold()
        if len(folded) == len(text):
            return Folded(folded, None, len(text))
    pieces: list[str] = []
    starts: list[int] = []
    for start, end in _clusters(text):
        piece = unicodedata.normalize("NFKC", text[start:end]).casefold()
        pieces.append(piece)
        starts.extend([start] * len(piece))
    return Folded("".join(pieces), starts, len(text))


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Characters with the accents that follow them, which fold together."""
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not unicodedata.combining(text[at]):
            yield start, at
            start = at


def tokens(text: str) -> list[str]:
    """What a text is indexed by, each once: words cut at 32 characters, pairs of unspaced characters.

    The last character of an unspaced run stands alone too, so that every single character begins some token.
    """
    found: dict[str, None] = {}
    size = 0
    for token in _tokens(fold(text).text):
        if token not in found:
            size += len(token.encode()) + 8
            if size > MOST_BYTES:
                break
            found[token] = None
    return list(found)


def _tokens(folded: str) -> Iterator[str]:
    for run in _RUN.finditer(folded):
        if run["unspaced"]:
            yield from _pairs(run[0])
            yield run[0][-1]
        else:
            yield run[0][:LONGEST_WORD]


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


@dataclass(frozen=True, slots=True)
class Term:
    """One word, run of characters or quoted phrase of a query."""

    prefixes: tuple[str, ...]  # a text with the term has a token that begins with each of these
    pattern: re.Pattern[str]  # where the term stands in a folded text


def terms(query: str) -> list[Term]:
    """What must all be in a text for the query to find it; empty when nothing in the query can be searched.

    Words are found by their beginnings, unspaced runs anywhere; what stands in quotes only in this order.
    """
    found: list[Term] = []
    for number, piece in enumerate(_QUOTED.split(query)):
        runs = list(_RUN.finditer(fold(piece).text))
        found += [_term(runs)] if number % 2 and runs else [_term([run]) for run in runs]
    return found[:MOST_TERMS]


def _term(runs: list[re.Match[str]]) -> Term:
    prefixes: list[str] = []
    patterns: list[str] = []
    for run in runs:
        if run["unspaced"]:
            prefixes += _pairs(run[0]) or [run[0]]
            patterns.append(re.escape(run[0]))
        else:
            prefixes.append(run[0][:LONGEST_WORD])
            patterns.append(_NOT_INSIDE_A_WORD + re.escape(run[0]))
    return Term(tuple(dict.fromkeys(prefixes)), re.compile(_BETWEEN.join(patterns)))
