"""Finds the terms of a query in a text, and cuts out the piece that shows them."""

import re
from collections.abc import Sequence

from freehold.chat.search.schemas import Marked
from freehold.chat.search.words import Folded, Term, fold

BEFORE = 48  # characters shown before what was found
LONGEST = 200  # characters of a snippet

_BLANKS = re.compile(r"\s+")
_SIGNS = re.compile(
    r"^[#>\s]*[#>]\s+|^\s*[-*+] (?=\S)|^\s*`{3,}.*$|`+|^[\s|:-]*\|[\s|:-]*$"
    r"|(?<![0-9A-Za-z_)\]])\*\*(?=\S)|(?<=\S)\*\*(?![0-9A-Za-z_(])",
    re.MULTILINE,
)
"""What of Markdown says nothing in a line of words: headings, quotes, bullets, fences, code, table rules, bold."""


def holds(folded: Folded, terms: Sequence[Term]) -> bool:
    """Whether every term stands in the text: the index answers for pairs and beginnings, this for the whole."""
    return all(term.pattern.search(folded.text) for term in terms)


def mark(text: str, terms: Sequence[Term]) -> Marked:
    """A short text with everything that was found in it."""
    folded = fold(text)
    found = [
        (folded.original(match.start()), max(folded.original(match.end()), folded.original(match.end() - 1) + 1))
        for term in terms
        for match in term.pattern.finditer(folded.text)
        if match.end() > match.start()
    ]
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return Marked(text=text, ranges=_as_javascript_counts(text, merged))


def snippet(text: str, folded: Folded, terms: Sequence[Term]) -> Marked:
    """The piece of a text around the first thing found, on one line, with an ellipsis where it was cut."""
    places = [match.start() for term in terms if (match := term.pattern.search(folded.text))]
    at = folded.original(min(places)) if places else 0
    start, end = max(0, at - BEFORE), min(len(text), at - BEFORE + LONGEST if at > BEFORE else LONGEST)
    start, end = _at_a_blank(text, start, at), _at_a_blank_before(text, end, at)
    head, tail = "…" if start else "", "…" if end < len(text) else ""
    plain, written = (_BLANKS.sub(" ", piece).strip() for piece in (_SIGNS.sub("", text[start:end]), text[start:end]))
    shown = mark(head + plain + tail, terms)
    if shown.ranges:
        return shown
    return mark(head + written + tail, terms)  # what is looked for has such signs


def _at_a_blank(text: str, start: int, limit: int) -> int:
    """The first place from `start` that begins a word; `start` itself where there is none before `limit`."""
    if start == 0 or text[start - 1].isspace():
        return start
    blank = _BLANKS.search(text, start, limit)
    return blank.end() if blank else start


def _at_a_blank_before(text: str, end: int, at: int) -> int:
    if end == len(text) or text[end].isspace():
        return end
    blank = text.rfind(" ", max(at + 1, end - 24), end)
    return end if blank < 0 else blank


def _as_javascript_counts(text: str, ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    if text.isascii():
        return ranges

    def units(at: int) -> int:
        return len(text[:at].encode("utf-16-le", "surrogatepass")) // 2

    return [(units(start), units(end)) for start, end in ranges]
