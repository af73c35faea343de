"""Rate limits of one process: requests and tokens in any 60 seconds, calls at the same time; in memory, no waiting.

A window slides by whole seconds, so a limit is never exceeded in any 60 seconds, and room comes back at most a second
late. Tokens are counted by the estimate when a call begins and corrected when it ends. Several processes count each for
itself, unless Redis counts for all of them (`shared_limits`).
"""

from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from freehold.errors import RateLimited
from freehold.kit import clock
from freehold.usage.holders import Holder, Limit

WINDOW = 60
RETRY_SOON_S = 1.0
"""When to try again for a free place among the calls at the same time; nobody knows when one ends."""

EVICT = 2  # idle holders looked at per call

HEADERS = (("requests_per_minute", "requests"), ("tokens_per_minute", "tokens"))
"""The limits that headers tell of, and how they call them."""

_WORDS = {"requests_per_minute": "requests a minute", "tokens_per_minute": "tokens a minute"}


class Sliding:
    """An amount over the last 60 seconds, in slots of one second."""

    __slots__ = ("_slots", "used")

    def __init__(self) -> None:
        self.used = 0
        self._slots: deque[list[int]] = deque()  # [second, amount], oldest first

    def expire(self, second: int) -> None:
        """Forget what lies 60 seconds back; `second` is the monotonic time in whole seconds."""
        slots = self._slots
        while slots and slots[0][0] < second - WINDOW:
            self.used -= slots.popleft()[1]

    def add(self, second: int, amount: int) -> None:
        self.used += amount
        if self._slots and self._slots[-1][0] == second:
            self._slots[-1][1] += amount
        else:
            self._slots.append([second, amount])

    def correct(self, second: int, amount: int) -> None:
        """Change what was added at `second`; nothing when that is forgotten already."""
        for slot in reversed(self._slots):
            if slot[0] == second:
                slot[1] += amount
                self.used += amount
                return

    def seconds_until(self, amount: int, now: float) -> float:
        """How long until at most `amount` of what is counted now is left; at least a millisecond."""
        left, until = self.used, now
        for second, counted in self._slots:
            if left <= amount:
                break
            left -= counted
            until = second + WINDOW + 1
        return max(0.001, until - now)


@dataclass(slots=True, eq=False)
class Use:
    """What one holder uses now."""

    requests: Sliding = field(default_factory=Sliding)
    tokens: Sliding = field(default_factory=Sliding)
    running: int = 0


@dataclass(frozen=True, slots=True)
class Used:
    """What counts of one holder now; `free_in_s`: until all of it is forgotten."""

    requests: int = 0
    tokens: int = 0
    running: int = 0
    free_in_s: float = 0.0


class Claim:
    """The place that one call takes; release it exactly once."""

    __slots__ = ("_second", "_tokens", "_uses", "limits")

    def __init__(self, limits: Sequence[Limit], uses: Sequence[Use], tokens: int, second: int) -> None:
        self.limits = limits
        self._uses, self._tokens, self._second = uses, tokens, second

    def release(self, tokens: int | None) -> None:
        """The call ended and took so many tokens; None: nobody knows, the estimate stands."""
        uses, self._uses = self._uses, ()
        wrong = 0 if tokens is None else tokens - self._tokens
        for use in uses:
            use.running -= 1
            if wrong:
                use.tokens.correct(self._second, wrong)


_UNLIMITED = Claim((), (), 0, 0)
_NO_HEADERS: Mapping[str, str] = {}


class Limits:
    """Every holder's use; one per process."""

    def __init__(self) -> None:
        self._uses: OrderedDict[Holder, Use] = OrderedDict()

    def __len__(self) -> int:
        """Holders remembered: those who asked in the last minute or so."""
        return len(self._uses)

    def claim(self, limits: Sequence[Limit], tokens: int, requests: int = 1, *, checked: bool = True) -> Claim:
        """Take a place under every limit, or under none. Raises RateLimited: which one, and when there is room.

        `requests`: 0 for a call that was counted already. `checked` False counts a call that was let in elsewhere.
        """
        if not limits:
            return _UNLIMITED
        now = clock.monotonic()
        second = int(now)
        uses = [self._use(limit.holder, second) for limit in limits]
        if checked:
            for limit, use in zip(limits, uses, strict=True):
                _check(limit, use, tokens, requests, now)
        for use in uses:
            use.requests.add(second, requests)
            use.tokens.add(second, tokens)
            use.running += 1
        self._evict(second)
        return Claim(limits, uses, tokens, second)

    def headers(self, limits: Sequence[Limit]) -> Mapping[str, str]:
        """`x-ratelimit-*` as OpenAI names them, of the limit with the least room; empty without limits."""
        if not limits:
            return _NO_HEADERS
        now = clock.monotonic()
        found: dict[str, str] = {}
        for name, of in HEADERS:
            tightest: tuple[int, int, Sliding] | None = None
            for limit in limits:
                allowed: int | None = getattr(limit, name)
                if allowed is None:
                    continue
                sliding: Sliding = getattr(self._use(limit.holder, int(now)), of)
                room = max(0, allowed - sliding.used)
                if tightest is None or room < tightest[0]:
                    tightest = (room, allowed, sliding)
            if tightest is not None:
                room, allowed, sliding = tightest
                found |= room_headers(of, allowed, room, sliding.seconds_until(0, now) if sliding.used else 0.0)
        return found

    def used(self, holder: Holder) -> Used:
        """What counts of a holder now; nothing is remembered for asking."""
        use = self._uses.get(holder)
        if use is None:
            return Used()
        now = clock.monotonic()
        use.requests.expire(int(now))
        use.tokens.expire(int(now))
        left = [sliding.seconds_until(0, now) for sliding in (use.requests, use.tokens) if sliding.used]
        return Used(use.requests.used, use.tokens.used, use.running, round(max(left, default=0.0), 1))

    def _use(self, holder: Holder, second: int) -> Use:
        use = self._uses.get(holder)
        if use is None:
            use = self._uses[holder] = Use()
        else:
            self._uses.move_to_end(holder)
            use.requests.expire(second)
            use.tokens.expire(second)
        return use

    def _evict(self, second: int) -> None:
        """Forget the holders who asked least recently once they use nothing."""
        for _ in range(EVICT):
            holder, use = next(iter(self._uses.items()))
            use.requests.expire(second)
            if use.running or use.requests.used:
                return
            del self._uses[holder]


def room_headers(of: str, allowed: int, room: int, reset_s: float) -> dict[str, str]:
    """`x-ratelimit-*` of one limit; `reset_s`: until all of it is free."""
    return {
        f"x-ratelimit-limit-{of}": str(allowed),
        f"x-ratelimit-remaining-{of}": str(room),
        f"x-ratelimit-reset-{of}": duration(reset_s),
    }


def _check(limit: Limit, use: Use, tokens: int, requests: int, now: float) -> None:
    allowed = limit.requests_per_minute
    if allowed is not None and use.requests.used + requests > allowed:
        raise refusal(limit, "requests_per_minute", allowed, use.requests.seconds_until(allowed - requests, now))
    allowed = limit.tokens_per_minute
    if allowed is not None and use.tokens.used + tokens > allowed:
        if tokens > allowed:
            raise too_large(limit, allowed, tokens)
        raise refusal(limit, "tokens_per_minute", allowed, use.tokens.seconds_until(allowed - tokens, now))
    allowed = limit.concurrency
    if allowed is not None and use.running >= allowed:
        raise refusal(limit, "concurrency", allowed, RETRY_SOON_S)


def refusal(limit: Limit, name: str, allowed: int, wait_s: float) -> RateLimited:
    if name == "concurrency":
        sentence = f"{allowed} calls run already for {limit.holder}, and that is the limit."
        step = "Wait until one of them ends."
    else:
        sentence = f"{allowed} {_WORDS[name]} is the limit of {limit.holder}, and it is reached."
        step = f"Wait {ceil(wait_s)} seconds and send again, or ask an administrator to raise the limit."
    return _refused(limit, name, sentence, step, wait_s)


def too_large(limit: Limit, allowed: int, tokens: int) -> RateLimited:
    sentence = f"This request has about {tokens} tokens, and {allowed} a minute is the limit of {limit.holder}."
    step = "Shorten it, ask for a shorter answer, or ask an administrator to raise the limit."
    return _refused(limit, "tokens_per_minute", sentence, step, float(WINDOW))


def _refused(limit: Limit, name: str, sentence: str, step: str, wait_s: float) -> RateLimited:
    holder = limit.holder
    return RateLimited(
        sentence,
        next_step=step,
        limit=name,
        allowed=getattr(limit, name),
        holder=holder.kind,
        holder_name=holder.name or holder.id,
        retry_after_s=ceil(wait_s * 1000 + 1) / 1000,  # up, so that it is never too early,
    )


def duration(seconds: float) -> str:
    """As OpenAI writes it: `0s`, `120ms`, `6.5s`, `1m0s`."""
    if seconds <= 0:
        return "0s"
    if seconds < 1:
        return f"{max(1, round(seconds * 1000))}ms"
    minutes, rest = divmod(round(seconds, 1), 60)
    return f"{int(minutes)}m{rest:g}s" if minutes else f"{rest:g}s"
