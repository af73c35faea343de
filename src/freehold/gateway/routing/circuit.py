"""The circuit breaker of one deployment: after failures it is left alone for a while, then tried with one request."""

from collections import deque
from typing import Literal

State = Literal["closed", "open", "half_open"]

CONSECUTIVE = 3
"""So many failures one after the other open the circuit."""

SHARE, LEAST_CALLS, WINDOW_S = 0.5, 10, 60.0
"""So does this share of failures, once so many calls ended within the window."""

FIRST_COOLDOWN_S, LONGEST_COOLDOWN_S = 5.0, 300.0
"""How long it stays open, doubled each time the probe fails, too."""

LONGEST_TOLD_S = 86_400.0
"""A provider that names a time is believed up to a day."""

PROBE_S = 900.0
"""A probe of which nothing is heard for so long is given up, and another one is let through."""


class Circuit:
    """closed: asked like any other. open: not until `reopens_at`. half-open: one request may find out.

    `now` is in monotonic seconds. See Nygard, Release It!, chapter "Stability patterns".
    """

    __slots__ = ("_ends", "_openings", "_probe_at", "failures", "reopens_at")

    def __init__(self) -> None:
        self.failures = 0  # one after the other
        self.reopens_at: float | None = None  # None: closed
        self._openings = 0
        self._probe_at: float | None = None
        self._ends: deque[tuple[float, bool]] = deque(maxlen=64)

    def state(self, now: float) -> State:
        """What it is at `now`."""
        if self.reopens_at is None:
            return "closed"
        return "open" if now < self.reopens_at else "half_open"

    def lets_through(self, now: float) -> bool:
        """Whether a request may go out now."""
        if self.reopens_at is None:
            return True
        return now >= self.reopens_at and (self._probe_at is None or now - self._probe_at > PROBE_S)

    def free_at(self, now: float) -> float:
        """When it lets a request through; while a probe is under way nobody knows, so in a second."""
        if self.lets_through(now):
            return now
        assert self.reopens_at is not None
        return self.reopens_at if self.reopens_at > now else now + 1.0

    def began(self, now: float) -> bool:
        """A request goes out. True: it is the probe, and must be reported by `succeeded`, `failed` or `let_go`."""
        if self.reopens_at is None or self.state(now) != "half_open" or not self.lets_through(now):
            return False
        self._probe_at = now
        return True

    def let_go(self) -> None:
        """The probe ended without a word about the deployment: the next request is one."""
        self._probe_at = None

    def succeeded(self, now: float) -> None:
        """A request was answered."""
        self._ends.append((now, True))
        self.failures = 0
        if self.reopens_at is not None:
            self.reopens_at = self._probe_at = None
            self._openings = 0
            self._ends.clear()

    def failed(self, now: float, told_s: float | None = None, *, probe: bool = False) -> None:
        """A request failed by the deployment's own fault. `told_s`: how long it asked to be left alone."""
        self._ends.append((now, False))
        self.failures += 1
        if probe:
            self._probe_at = None
        if told_s is not None:
            self.open_until(now + min(told_s, LONGEST_TOLD_S))
        elif probe or (self.reopens_at is None and (self.failures >= CONSECUTIVE or self._too_many(now))):
            cooldown = min(FIRST_COOLDOWN_S * 2**self._openings, LONGEST_COOLDOWN_S)
            self._openings = min(self._openings + 1, 16)
            self.open_until(now + cooldown)

    def close(self) -> None:
        """Forget every failure."""
        self.reopens_at = self._probe_at = None
        self._openings = self.failures = 0
        self._ends.clear()

    def open_until(self, at: float) -> None:
        """Leave the deployment alone until then, or longer where that is known already."""
        self.reopens_at = at if self.reopens_at is None else max(at, self.reopens_at)

    def _too_many(self, now: float) -> bool:
        recent = [ok for at, ok in self._ends if now - at <= WINDOW_S]
        return len(recent) >= LEAST_CALLS and recent.count(False) >= SHARE * len(recent)
