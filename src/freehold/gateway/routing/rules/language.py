"""Which language a text is in, as far as its script tells; pure and always the same."""

import re

from freehold.settings.routing import Language

LOOKED_AT = 2_000
"""Characters from the beginning; a language shows sooner."""

_SCRIPTS: tuple[tuple[Language, int, re.Pattern[str]], ...] = (
    # a Han or Hangul character is about a syllable or a word, a Latin letter a part of one
    ("zh", 3, re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")),
    ("ja", 3, re.compile("[\u3040-\u30ff]+")),
    ("ko", 3, re.compile("[\u1100-\u11ff\uac00-\ud7af]+")),
    ("ru", 1, re.compile("[\u0400-\u04ff]+")),
    ("el", 1, re.compile("[\u0370-\u03ff]+")),
    ("he", 1, re.compile("[\u0590-\u05ff]+")),
    ("ar", 1, re.compile("[\u0600-\u06ff]+")),
    ("hi", 1, re.compile("[\u0900-\u097f]+")),
    ("th", 1, re.compile("[\u0e00-\u0e7f]+")),
    ("en", 1, re.compile("[A-Za-z\u00c0-\u024f\uff21-\uff5a]+")),
)
_LATIN = _SCRIPTS[-1][2]
_HEAVIEST = max(weight for _, weight, _ in _SCRIPTS)
_KANA_SHARE = 10
"""A text with one kana for so many Han characters is Japanese: Chinese has none."""


def language_of(text: str) -> Language | None:
    """The language of most of the letters; None where there are none."""
    head = text[:LOOKED_AT]
    if head.isascii():
        return "en" if any(map(str.isalpha, head)) else None
    counts: dict[Language, int] = {}
    for name, weight, script in _SCRIPTS:
        counts[name] = weight * sum(map(len, script.findall(head)))
        if name == "ja":
            if max(counts["zh"], counts["ja"]) > _HEAVIEST * len(head) / 2:
                break  # of the rest there cannot be as much
            latin = sum(map(len, _LATIN.findall(head)))
            if latin > _HEAVIEST * (len(head) - latin):
                return "en"  # nor then; an accent or a curly quote makes no English text dear
    if counts["ja"] * _KANA_SHARE >= counts["zh"] > 0:
        counts["ja"] += counts["zh"]
    best: Language = max(counts, key=lambda name: counts[name])
    return best if counts[best] else None
