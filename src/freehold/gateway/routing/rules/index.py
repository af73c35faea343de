"""Where many rules are looked up, so that few are judged: each is filed under what it cannot hold without.

A request has few of the words, groups and amounts that rules ask for. What a source finds may hold and is judged in
full; what it does not find cannot hold.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, Protocol

from freehold.gateway.routing.rules.conditions import WILD, Compiler, Holds, names_of, spent_of
from freehold.gateway.routing.rules.facts import Facts
from freehold.settings.routing import Bounds, TimeOfDay, When

_FIRST = math.inf  # no rule is filed yet


class Source(Protocol):
    """Rules that need the same kind of thing. `first`: the place of the first of them; they are filed in order."""

    first: float

    def file(self, at: int, key: Any) -> None:
        """The rule at this place cannot hold without `key`, or another one that it is filed under."""
        ...

    def may_hold(self, facts: Facts) -> Sequence[int]:
        """The places of those that the request has something for, in order."""
        ...


class Words:
    """Rules that need one of some words, or numbers of words. `of`: those that a request has."""

    __slots__ = ("_of", "_places", "first")

    def __init__(self, of: Callable[[Facts], Iterable[Hashable]]) -> None:
        self.first = _FIRST
        self._of = of
        self._places: dict[Hashable, list[int]] = {}

    def file(self, at: int, key: Hashable) -> None:
        self.first = min(self.first, at)
        self._places.setdefault(key, []).append(at)

    def may_hold(self, facts: Facts) -> Sequence[int]:
        places = self._places
        found = [places[word] for word in self._of(facts) if word in places]
        if len(found) > 1:
            return sorted({at for some in found for at in some})
        return found[0] if found else ()


class Amounts:
    """Rules that need an amount not to be smaller than something. `of`: the amounts of a request, by name."""

    __slots__ = ("_bounds", "_of", "first")

    def __init__(self, of: Callable[[Facts], Iterable[tuple[Hashable, float]]]) -> None:
        self.first = _FIRST
        self._of = of
        self._bounds: dict[Hashable, list[tuple[float, int]]] = {}  # by name, the smallest first

    def file(self, at: int, key: tuple[Hashable, float]) -> None:
        self.first = min(self.first, at)
        name, bound = key
        bounds = self._bounds.setdefault(name, [])
        bounds.append((bound, at))
        bounds.sort()

    def may_hold(self, facts: Facts) -> Sequence[int]:
        found: list[int] = []
        for name, amount in self._of(facts):
            bounds = self._bounds.get(name)
            if bounds is not None and amount >= bounds[0][0]:
                found += [at for _, at in bounds[: bisect_right(bounds, (amount, math.inf))]]
        found.sort()
        return found


class Times:
    """Rules that need it to be some time of day; each time is judged once for all of its rules."""

    __slots__ = ("_compiler", "_places", "first")

    def __init__(self, compiler: Compiler) -> None:
        self.first = _FIRST
        self._compiler = compiler
        self._places: dict[TimeOfDay, tuple[Holds, list[int]]] = {}

    def file(self, at: int, key: TimeOfDay) -> None:
        self.first = min(self.first, at)
        if key not in self._places:
            self._places[key] = self._compiler.time(key), []
        self._places[key][1].append(at)

    def may_hold(self, facts: Facts) -> Sequence[int]:
        found = [at for holds, places in self._places.values() if holds(facts) for at in places]
        found.sort()
        return found


class Rest:
    """Rules of which nothing is known but their condition."""

    __slots__ = ("_places", "first")

    def __init__(self) -> None:
        self.first = _FIRST
        self._places: list[int] = []

    def file(self, at: int, key: None = None) -> None:
        del key
        self.first = min(self.first, at)
        self._places.append(at)

    def may_hold(self, facts: Facts) -> Sequence[int]:
        del facts
        return self._places


class Index:
    """The rules of one set, whose keywords and patterns the compiler has."""

    __slots__ = ("_by_kind", "_compiler", "sources")

    def __init__(self, compiler: Compiler, conditions: Sequence[When]) -> None:
        self._compiler = compiler
        keywords, patterns = compiler.keywords, compiler.patterns
        # what is known of the caller comes before what is found in the text, and detectors come last
        self._by_kind: dict[str, Source] = {
            "name": Words(lambda facts: facts.caller.roles),
            "user": Words(lambda facts: facts.caller.users),
            "key": Words(lambda facts: facts.caller.keys),
            "tokens": Amounts(lambda facts: (("tokens", facts.tokens),)),
            "spend": Amounts(lambda facts: facts.shares().items()),
            "cost": Amounts(lambda facts: () if (cost := facts.cost()) is None else (("cost", cost),)),
            "time": Times(compiler),
            "attachment": Words(lambda facts: facts.content.attachments),
            "language": Words(lambda facts: (facts.language,)),
            "keyword": Words(lambda facts: facts.keywords(keywords)),
            "pattern": Words(lambda facts: facts.patterns(patterns)),
            "rest": Rest(),
            "class": Words(lambda facts: facts.classes),
        }
        for at, when in enumerate(conditions):
            for kind, key in self._needed(when) or (("rest", None),):
                self._by_kind[kind].file(at, key)
        self.sources = tuple(source for source in self._by_kind.values() if source.first < _FIRST)

    def _needed(self, when: When) -> Sequence[tuple[str, Any]]:
        """One of these it cannot hold without; empty: nothing is known. What few requests have is preferred."""
        for kind, keys in self._options(when):
            if keys:
                return [(kind, key) for key in keys]
        for part in when.all:
            if needed := self._needed(part):
                return needed
        either = [self._needed(part) for part in when.any]
        return [need for needed in either for need in needed] if all(either) else ()

    def _options(self, when: When) -> Iterable[tuple[str, Iterable[Any]]]:
        yield "keyword", self._compiler.keywords.add(when.keyword)
        yield "pattern", self._compiler.patterns.add(when.regex)
        yield "name", names_of(when.role)
        yield "name", () if "*" in (groups := names_of(when.group)) else groups
        yield "user", names_of(when.user)
        yield "key", () if any(WILD.search(key) for key in when.key) else names_of(when.key)
        yield "attachment", when.attachments
        yield "tokens", [("tokens", bound) for bound in _least(when.context_tokens)]
        if when.spend is not None and when.spend.gt_pct is not None:
            yield "spend", [(spent_of(when.spend), when.spend.gt_pct)]
        yield "cost", [("cost", bound) for bound in _least(when.cost)]
        yield "language", when.language
        yield "time", () if when.time is None else (when.time,)
        yield "class", when.data_class


def _least(bounds: Bounds | None) -> Sequence[float]:
    """The bound that a number cannot be smaller than, if there is one."""
    if bounds is None:
        return ()
    known = [one for one in (bounds.gt, bounds.gte) if one is not None and not math.isnan(one)]
    return [max(known)] if known else ()
