"""The classes of data of a site, made ready: which of them a text belongs to, and what is to be hidden of it; pure."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, get_args

from freehold.gateway.privacy.detectors import WIDE, Finding, find, holds, without_overlaps
from freehold.gateway.routing.rules.keywords import Keywords, folded
from freehold.gateway.routing.rules.patterns import Patterns
from freehold.settings.privacy import Action, DataClass, Kind

STRICTEST: tuple[Action, ...] = get_args(Action)[::-1]


class DataClasses:
    """One state of the configuration; made again when that changes."""

    def __init__(self, classes: Sequence[DataClass]) -> None:
        self._classes = tuple(classes)
        self._keywords, self._patterns = Keywords(), Patterns()
        self._numbers = {
            one.id: (self._keywords.add(one.words), self._patterns.add(one.regex)) for one in self._classes
        }
        self._hidden = tuple(one for one in self._classes if one.action == "mask")
        self._places = [(one.id, pattern) for one in self._hidden for pattern in _patterns_of(one)]

    def __bool__(self) -> bool:
        return bool(self._classes)

    def within(self, text: str) -> frozenset[str]:
        """The names of those that the text belongs to."""
        if not self._classes or not text:
            return frozenset()
        words, patterns = self._keywords.within(text), self._patterns.within(text)
        return frozenset(
            one.id
            for one in self._classes
            if self._numbers[one.id][0] & words or self._numbers[one.id][1] & patterns or holds(text, one.detect)
        )

    def action(self, names: Iterable[str], given: frozenset[str] = frozenset()) -> tuple[Action, list[str]]:
        """The strictest action of these classes, and those that ask for it; `given` are those consented to."""
        wanted = set(names)
        found = [one for one in self._classes if one.id in wanted and not (one.action == "ask" and one.id in given)]
        for action in STRICTEST:
            if strict := [one.id for one in found if one.action == action]:
                return action, strict
        return "none", []

    def hides_all(self, text: str) -> bool:
        """Whether nothing is left in the text of what was to be hidden."""
        return self.within(text).isdisjoint(one.id for one in self._hidden)

    def find(self, text: str) -> list[Finding]:
        """What is to be hidden, in order; what is known by its form goes by that kind, the rest by its class."""
        kinds: dict[Kind, None] = dict.fromkeys(kind for one in self._hidden for kind in one.detect)
        found = find(text, kinds)
        plain = text if text.isascii() else text.translate(WIDE)
        for name, pattern in self._places:
            found += [Finding(name, *match.span()) for match in pattern.finditer(plain) if match.end() > match.start()]
        return without_overlaps(found)


def _patterns_of(one: DataClass) -> list[Any]:
    import re2

    found: list[Any] = [re2.compile(pattern) for pattern in one.regex]
    if one.words:
        alternatives = sorted((_word(word) for word in one.words), key=len, reverse=True)
        found.append(re.compile("|".join(alternatives), re.IGNORECASE))
    return found


def _word(word: str) -> str:
    """A pattern for a keyword: whole where its ends are letters that words are made of, any blanks for its blanks."""
    plain = " ".join(folded(word).split())
    inner = re.escape(plain).replace(r"\ ", r"\s+")
    before = r"(?<![^\W_])" if plain[0].isascii() and plain[0].isalnum() else ""
    after = r"(?![^\W_])" if plain[-1].isascii() and plain[-1].isalnum() else ""
    return before + inner + after
