"""Conditions compiled to functions of the facts; what is cheap is asked first."""

import re
from collections.abc import Callable, Sequence
from datetime import time, timedelta
from fnmatch import fnmatchcase

from freehold.gateway.routing.rules.facts import Facts
from freehold.gateway.routing.rules.keywords import Keywords
from freehold.gateway.routing.rules.patterns import Patterns
from freehold.settings.routing import Bounds, Spent, TimeOfDay, When

Holds = Callable[[Facts], bool]
WILD = re.compile(r"[*?\[]")
"""What makes the name of a key a pattern."""

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Compiler:
    """Compiles the conditions of one set of rules, whose keywords and patterns it collects."""

    def __init__(self) -> None:
        self.keywords = Keywords()
        self.patterns = Patterns()
        self.spending = False  # whether a condition asks what is spent
        self._times: dict[TimeOfDay, Holds] = {}

    def compile(self, when: When) -> Holds:
        """The condition as a function."""
        return _all([*self._of_caller(when), *self._of_size(when), *self._of_content(when), *self._joined(when)])

    def time(self, when: TimeOfDay) -> Holds:
        """Whether it is that time, as one function for all who ask."""
        if when not in self._times:
            self._times[when] = _time(when)
        return self._times[when]

    def _of_caller(self, when: When) -> list[Holds]:
        found: list[Holds] = []
        if when.role:
            roles = names_of(when.role)
            found.append(lambda facts: not roles.isdisjoint(facts.caller.roles))
        if when.group:
            found.append(_group(when.group))
        if when.key:
            found.append(_key(when.key))
        if when.user:
            users = names_of(when.user)
            found.append(lambda facts: not users.isdisjoint(facts.caller.users))
        if when.locked is not None:
            wanted = when.locked
            found.append(lambda facts: facts.locked is wanted)
        return found

    def _of_size(self, when: When) -> list[Holds]:
        found: list[Holds] = []
        if when.context_tokens is not None:
            in_tokens = _bounds(when.context_tokens)
            found.append(lambda facts: in_tokens(facts.tokens))
        if when.time is not None:
            found.append(self.time(when.time))
        if when.spend is not None:
            self.spending = True
            found.append(_spent(when.spend))
        if when.cost is not None:
            in_dollars = _bounds(when.cost)
            found.append(lambda facts: (cost := facts.cost()) is not None and in_dollars(cost))
        return found

    def _of_content(self, when: When) -> list[Holds]:
        found: list[Holds] = []
        if when.attachments:
            kinds = frozenset(when.attachments)
            found.append(lambda facts: not kinds.isdisjoint(facts.content.attachments))
        if when.language:
            languages = frozenset(when.language)
            found.append(lambda facts: facts.language in languages)
        if when.keyword:
            numbers, known = self.keywords.add(when.keyword), self.keywords
            found.append(lambda facts: not numbers.isdisjoint(facts.keywords(known)))
        if when.regex:
            matching, patterns = self.patterns.add(when.regex), self.patterns
            found.append(lambda facts: not matching.isdisjoint(facts.patterns(patterns)))
        if when.data_class:
            classes = frozenset(when.data_class)
            found.append(lambda facts: not classes.isdisjoint(facts.classes))
        return found

    def _joined(self, when: When) -> list[Holds]:
        found: list[Holds] = []
        if when.all:
            found.append(_all([self.compile(one) for one in when.all]))
        if when.any:
            found.append(_any([self.compile(one) for one in when.any]))
        if when.not_ is not None:
            inner = self.compile(when.not_)
            found.append(lambda facts: not inner(facts))
        return found


def _all(parts: Sequence[Holds]) -> Holds:
    if len(parts) == 1:
        return parts[0]

    def every(facts: Facts) -> bool:
        for part in parts:  # noqa: SIM110 - a generator costs more than most of the parts
            if not part(facts):
                return False
        return True

    return every


def _any(parts: Sequence[Holds]) -> Holds:
    def some(facts: Facts) -> bool:
        for part in parts:  # noqa: SIM110 - see above
            if part(facts):
                return True
        return False

    return some


def names_of(words: Sequence[str]) -> frozenset[str]:
    """Names as facts have them."""
    return frozenset(word.strip().casefold() for word in words)


def _group(words: Sequence[str]) -> Holds:
    names = names_of(words)
    if "*" in names:
        return lambda facts: bool(facts.caller.groups)
    return lambda facts: not names.isdisjoint(facts.caller.groups)


def _key(words: Sequence[str]) -> Holds:
    patterns = names_of(words)
    return lambda facts: any(fnmatchcase(key, pattern) for key in facts.caller.keys for pattern in patterns)


def _bounds(bounds: Bounds) -> Callable[[float], bool]:
    gt, gte, lt, lte = bounds.gt, bounds.gte, bounds.lt, bounds.lte

    def within(value: float) -> bool:
        return (
            (gt is None or value > gt)
            and (gte is None or value >= gte)
            and (lt is None or value < lt)
            and (lte is None or value <= lte)
        )

    return within


def _time(when: TimeOfDay) -> Holds:
    from zoneinfo import ZoneInfo

    zone = ZoneInfo(when.tz)
    days = frozenset(_DAYS.index(day) for day in when.weekdays)
    start, end = (_clock(one) for one in when.between) if when.between else (time(0), time(0))
    over_midnight = start >= end

    def within(facts: Facts) -> bool:
        now = facts.clock(zone)
        clock = now.time()
        if over_midnight:
            inside = clock >= start or clock < end
            if clock < end and start != end:  # the night belongs to the day on which it began
                now -= timedelta(days=1)
        else:
            inside = start <= clock < end
        return inside and (not days or now.weekday() in days)

    return within


def _clock(text: str) -> time:
    hour, minute = text.split(":")
    return time(int(hour), int(minute))


def spent_of(spent: Spent) -> tuple[str, str, str]:
    """Whose budget, as shares name it."""
    kind = "group" if spent.group is not None else "user" if spent.user is not None else "key"
    return kind, (spent.group or spent.user or spent.key or "*").casefold(), spent.period


def _spent(spent: Spent) -> Holds:
    of, more, less = spent_of(spent), spent.gt_pct, spent.lt_pct

    def within(facts: Facts) -> bool:
        share = facts.shares().get(of)
        return share is not None and (more is None or share > more) and (less is None or share < less)

    return within
