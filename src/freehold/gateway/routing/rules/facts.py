"""What is known of a request when a model is chosen for it. What costs time is found out when a rule asks for it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from freehold.access.subject import Subject
from freehold.gateway.routing.content import Content
from freehold.gateway.routing.rules.keywords import Keywords
from freehold.gateway.routing.rules.language import language_of
from freehold.gateway.routing.rules.patterns import Patterns
from freehold.kit import clock
from freehold.settings.routing import Language

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

Detect = Callable[[Content], frozenset[str]]
"""The classes of data in a request: names such as `confidential`."""

Shares = Mapping[tuple[str, str, str], float]
"""Percent spent, by kind of holder, name or id, and period; in the caller's own budgets `*` is any."""


def nothing_detected(content: Content) -> frozenset[str]:
    """No detectors are there."""
    del content
    return frozenset()


class Caller:
    """Who asks, in the words that rules use; the same for every request of a Subject."""

    __slots__ = ("groups", "keys", "roles", "subject", "users")

    def __init__(self, subject: Subject, email: str | None = None) -> None:
        self.subject = subject
        names = {name.casefold() for group in subject.groups for name in (group.name, group.id)}
        self.groups = frozenset(names)
        self.roles = frozenset({subject.role, *names})
        self.users = frozenset({subject.user_id.casefold(), *([email.casefold()] if email else [])})
        grant = subject.grant
        self.keys = frozenset() if grant is None else frozenset({grant.name.casefold(), grant.key_id.casefold()})


class Facts:
    """One request."""

    __slots__ = (
        "_classes",
        "_clocks",
        "_content",
        "_detect",
        "_keywords",
        "_language",
        "_load",
        "_now",
        "_patterns",
        "caller",
        "cost",
        "given_classes",
        "locked",
        "output_limit",
        "previous",
        "shares",
        "tokens",
    )

    def __init__(
        self,
        caller: Caller,
        load: Callable[[], Content],
        *,
        tokens: int,
        output_limit: int | None = None,
        locked: bool = False,
        previous: str | None = None,
        detect: Detect = nothing_detected,
        given_classes: frozenset[str] = frozenset(),
        shares: Callable[[], Shares] = dict,
        now: datetime | None = None,
    ) -> None:
        self.caller = caller
        self.tokens = tokens
        self.output_limit = output_limit
        self.locked = locked
        self.previous = previous
        self.given_classes = given_classes
        self.shares = shares
        self.cost: Callable[[], float | None] = lambda: None  # of the dearest candidate, in US dollars
        self._load = load
        self._detect = detect
        self._now = now
        self._content: Content | None = None
        self._clocks: dict[str, datetime] = {}
        self._classes: frozenset[str] | None = None
        self._keywords: frozenset[int] | None = None
        self._patterns: frozenset[int] | None = None
        self._language: tuple[Language | None] | None = None

    @property
    def content(self) -> Content:
        """What it says."""
        if self._content is None:
            self._content = self._load()
        return self._content

    @property
    def now(self) -> datetime:
        """When it is."""
        if self._now is None:
            self._now = clock.now()
        return self._now

    def clock(self, zone: "ZoneInfo") -> datetime:
        """When it is there."""
        found = self._clocks.get(zone.key)
        if found is None:
            found = self._clocks[zone.key] = self.now.astimezone(zone)
        return found

    @property
    def language(self) -> Language | None:
        """Of the last message."""
        if self._language is None:
            self._language = (language_of(self.content.asked),)
        return self._language[0]

    @property
    def classes(self) -> frozenset[str]:
        """The classes of data in it."""
        if self._classes is None:
            self._classes = self.given_classes | self._detect(self.content)
        return self._classes

    def keywords(self, known: Keywords) -> frozenset[int]:
        """The numbers of the keywords in it."""
        if self._keywords is None:
            self._keywords = known.within(self.content.said)
        return self._keywords

    def patterns(self, known: Patterns) -> frozenset[int]:
        """The numbers of the patterns in it."""
        if self._patterns is None:
            self._patterns = known.within(self.content.said)
        return self._patterns
