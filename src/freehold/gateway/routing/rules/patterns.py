"""Which of many patterns a text holds, all of them in one pass and in linear time, by RE2."""

from collections.abc import Iterable
from typing import Any


class Patterns:
    """Made of all patterns of all rules; each has the number that `add` gave it."""

    __slots__ = ("_numbers", "_set")

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._set: Any = None

    def add(self, patterns: Iterable[str]) -> frozenset[int]:
        """Take these in and tell their numbers; they were checked when the rules were read."""
        return frozenset(self._numbers.setdefault(pattern, len(self._numbers)) for pattern in patterns)

    def __bool__(self) -> bool:
        return bool(self._numbers)

    def within(self, text: str) -> frozenset[int]:
        """The numbers of those that are found in the text."""
        if not self._numbers:
            return frozenset()
        if self._set is None:
            self._set = self._compiled()
        return frozenset(self._set.Match(text.encode("utf-8", "replace")) or ())

    def _compiled(self) -> Any:
        import re2

        options = re2.Options()
        options.log_errors = False
        options.max_mem = 64 << 20
        compiled = re2.Set.SearchSet(options)
        for pattern in self._numbers:
            compiled.Add(pattern)
        compiled.Compile()
        return compiled
