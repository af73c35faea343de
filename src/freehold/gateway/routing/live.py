"""How deployments and keys are doing right now: requests under way, speeds, circuits, keys that rest."""

import math
from dataclasses import dataclass

from freehold.gateway.routing.circuit import LONGEST_TOLD_S, Circuit

_NEW_COUNTS = 0.3  # weight of the latest measurement in a remembered one
_HALF_LIFE_S = 120.0
"""A remembered time to the first token counts half after this: who was slow once is measured again some day."""

FIRST_LIMIT_S, LONGEST_LIMIT_S = 2.0, 60.0
"""How long a rate-limited key rests when the provider names no time; doubled each time."""

FIRST_REJECTED_S, LONGEST_REJECTED_S = 60.0, 1800.0
"""The same for a key that is not accepted or has no credit."""


class Live:
    """One deployment. Times in seconds, `now` monotonic."""

    __slots__ = ("_measured_at", "calls", "circuit", "first_token_s", "in_flight", "tokens_per_s")

    def __init__(self) -> None:
        self.circuit = Circuit()
        self.in_flight = 0
        self.calls = 0
        self.first_token_s: float | None = None
        self.tokens_per_s: float | None = None
        self._measured_at = 0.0

    def began(self, now: float) -> bool:
        """A request goes out; True when it is the one that probes."""
        self.in_flight += 1
        self.calls += 1
        return self.circuit.began(now)

    def first_token(self, now: float, after_s: float) -> None:
        """The first token came `after_s` seconds after the request went out."""
        self.first_token_s = _mean(self.first_token_s, after_s)
        self._measured_at = now

    def ended(self) -> None:
        """A request is over, in whatever way."""
        self.in_flight -= 1

    def spoke(self, tokens_per_s: float) -> None:
        """An answer came at that speed."""
        self.tokens_per_s = _mean(self.tokens_per_s, tokens_per_s)

    def expected_first_token_s(self, now: float) -> float:
        """What is remembered, less the older it is, and 0 when nothing is."""
        if self.first_token_s is None:
            return 0.0
        return self.first_token_s * 0.5 ** ((now - self._measured_at) / _HALF_LIFE_S)


def _mean(before: float | None, latest: float) -> float:
    return latest if before is None else before + _NEW_COUNTS * (latest - before)


@dataclass(slots=True)
class _Rest:
    until: float
    times: int


class Keys:
    """The keys of one provider, which take turns. A rate limit rests a key for one model, a refusal for all."""

    __slots__ = ("_next", "_rests", "count")

    def __init__(self, count: int) -> None:
        self.count = count  # how many there are
        self._next = 0
        self._rests: dict[tuple[int, str | None], _Rest] = {}

    def pick(self, model_id: str, now: float, tried: frozenset[int] | set[int] = frozenset()) -> int | None:
        """The next key that rests not and was not tried; None when there is none."""
        if not self._rests and not tried:
            chosen = self._next % self.count
            self._next = chosen + 1
            return chosen
        for offset in range(self.count):
            key = (self._next + offset) % self.count
            if key not in tried and self.rests_until(key, model_id) <= now:
                self._next = key + 1
                return key
        return None

    def rests_until(self, key: int, model_id: str) -> float:
        """When the key may be used for the model again."""
        found = [self._rests[at].until for at in ((key, None), (key, model_id)) if at in self._rests]
        return max(found, default=-math.inf)

    def free_at(self, model_id: str) -> float:
        """When the first of them may be used for the model again; minus infinity: now."""
        if not self._rests:
            return -math.inf
        return min(self.rests_until(key, model_id) for key in range(self.count))

    def soonest(self, model_id: str) -> int:
        """The key that may be used first."""
        return min(range(self.count), key=lambda key: self.rests_until(key, model_id))

    def limited(self, key: int, model_id: str, now: float, told_s: float | None) -> None:
        """The provider answered 429; it is left alone exactly as long as it said."""
        self._rest((key, model_id), now, told_s, FIRST_LIMIT_S, LONGEST_LIMIT_S)

    def rejected(self, key: int, now: float) -> None:
        """The provider does not accept the key, or it has no credit left."""
        self._rest((key, None), now, None, FIRST_REJECTED_S, LONGEST_REJECTED_S)

    def accepted(self, key: int) -> None:
        """The provider got past the key, whatever it said then."""
        self._rests.pop((key, None), None)

    def worked(self, key: int, model_id: str) -> None:
        """The key was accepted for the model."""
        if self._rests:
            self._rests.pop((key, None), None)
            self._rests.pop((key, model_id), None)

    def forget(self, model_id: str) -> None:
        """No key rests for the model any more."""
        self._rests = {at: rest for at, rest in self._rests.items() if at[1] not in (None, model_id)}

    def _rest(self, at: tuple[int, str | None], now: float, told_s: float | None, first: float, longest: float) -> None:
        before = self._rests.get(at)
        times = before.times + 1 if before is not None else 0
        seconds = min(first * 2 ** min(times, 16), longest) if told_s is None else min(told_s, LONGEST_TOLD_S)
        self._rests[at] = _Rest(now + seconds, times)
