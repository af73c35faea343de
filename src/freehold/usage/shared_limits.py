"""Rate limits that all replicas count together in Redis: one round trip a call; each for itself while Redis is away.

Counting is that of `limits`, by Redis's own clock: a limit is never exceeded in any 60 seconds. One script looks at
every limit of a call and takes a place under all of them or under none. A place among the calls at the same time is a
lease, which its process keeps alive; places of a process that died are free LEASE_SECONDS later.

What passes is counted in memory, too, so that a replica that loses Redis goes on with what it let through itself.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import structlog

from freehold.errors import RateLimited
from freehold.kit import clock
from freehold.kit.ids import new_id
from freehold.usage.holders import Holder, Limit
from freehold.usage.limits import (
    HEADERS,
    RETRY_SOON_S,
    WINDOW,
    Claim,
    Limits,
    Used,
    refusal,
    room_headers,
    too_large,
)

if TYPE_CHECKING:
    from redis.asyncio import Redis

PREFIX = "freehold:{limits}:"  # the braces keep the keys of one call on one node of a cluster
TIMEOUT_S = 1.0
CONNECTIONS = 16
"""Calls beyond wait their turn, which is no sign that Redis is away."""

LEASE_SECONDS = 30
RENEW_SECONDS = 10.0
AWAY_SECONDS, LONGEST_AWAY_SECONDS = 2.0, 30.0
"""How long after a failure Redis is not asked again; doubled with each failure that follows."""

REMEMBERED = 10_000

_NAMES = ("requests_per_minute", "tokens_per_minute", "concurrency")
_log = structlog.get_logger(__name__)

# KEYS: for each limit a hash of seconds (`r` requests, `t` tokens) and a sorted set of calls under way.
# ARGV: the call, its tokens, the lease in seconds, how many requests it is, then three numbers for each limit, -1 where
# it limits nothing.
# Answers {0, limit, which of the three, milliseconds to wait}, or {1, second, requests and tokens of each limit}.
_CLAIM = """
local time = redis.call('TIME')
local second, now = tonumber(time[1]), tonumber(time[1]) + tonumber(time[2]) / 1e6
local call, tokens, lease, requests = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local limits = #KEYS / 2
local answer = {1, second}
local function wait(counted, used, allowed)
  table.sort(counted, function(a, b) return a[1] < b[1] end)
  local till = now
  for _, slot in ipairs(counted) do
    if used <= allowed then break end
    used = used - slot[2]
    till = slot[1] + 61
  end
  return math.max(1, math.ceil((till - now) * 1000))
end
for i = 1, limits do
  local most = {tonumber(ARGV[i * 3 + 2]), tonumber(ARGV[i * 3 + 3]), tonumber(ARGV[i * 3 + 4])}
  local used, counted = {r = 0, t = 0}, {r = {}, t = {}}
  if most[1] >= 0 or most[2] >= 0 then
    local slots = redis.call('HGETALL', KEYS[i * 2 - 1])
    for j = 1, #slots, 2 do
      local kind, at, amount = string.sub(slots[j], 1, 1), tonumber(string.sub(slots[j], 2)), tonumber(slots[j + 1])
      if at < second - 60 then
        redis.call('HDEL', KEYS[i * 2 - 1], slots[j])
      else
        used[kind] = used[kind] + amount
        table.insert(counted[kind], {at, amount})
      end
    end
  end
  if most[1] >= 0 and used.r + requests > most[1] then
    return {0, i, 1, wait(counted.r, used.r, most[1] - requests)}
  end
  if most[2] >= 0 and used.t + tokens > most[2] then return {0, i, 2, wait(counted.t, used.t, most[2] - tokens)} end
  if most[3] >= 0 then
    redis.call('ZREMRANGEBYSCORE', KEYS[i * 2], '-inf', now)
    if redis.call('ZCARD', KEYS[i * 2]) >= most[3] then return {0, i, 3, 0} end
  end
  answer[i * 2 + 1], answer[i * 2 + 2] = used.r + requests, used.t + tokens
end
for i = 1, limits do
  if tonumber(ARGV[i * 3 + 2]) >= 0 or tonumber(ARGV[i * 3 + 3]) >= 0 then
    redis.call('HINCRBY', KEYS[i * 2 - 1], 'r' .. second, requests)
    redis.call('HINCRBY', KEYS[i * 2 - 1], 't' .. second, tokens)
    redis.call('EXPIRE', KEYS[i * 2 - 1], 62)
  end
  if tonumber(ARGV[i * 3 + 4]) >= 0 then
    redis.call('ZADD', KEYS[i * 2], now + lease, call)
    redis.call('EXPIRE', KEYS[i * 2], lease)
  end
end
return answer
"""

# KEYS as above. ARGV: the call, the second it was counted in, by how many tokens the estimate was wrong.
_RELEASE = """
for i = 1, #KEYS, 2 do
  redis.call('ZREM', KEYS[i + 1], ARGV[1])
  if ARGV[3] ~= '0' and redis.call('HEXISTS', KEYS[i], 't' .. ARGV[2]) == 1 then
    redis.call('HINCRBY', KEYS[i], 't' .. ARGV[2], ARGV[3])
  end
end
"""

# KEYS: sorted sets. ARGV: the lease, then the call whose place in each set lives on.
_RENEW = """
local time = redis.call('TIME')
local till = tonumber(time[1]) + tonumber(time[2]) / 1e6 + tonumber(ARGV[1])
for i = 1, #KEYS do
  if redis.call('ZADD', KEYS[i], 'XX', 'CH', till, ARGV[i + 1]) == 1 then
    redis.call('EXPIRE', KEYS[i], ARGV[1])
  end
end
"""

# KEYS: a hash and a sorted set. Answers requests, tokens, calls under way, milliseconds until all of it is forgotten.
_USED = """
local time = redis.call('TIME')
local second, now = tonumber(time[1]), tonumber(time[1]) + tonumber(time[2]) / 1e6
local used, last = {r = 0, t = 0}, 0
local slots = redis.call('HGETALL', KEYS[1])
for j = 1, #slots, 2 do
  local kind, at = string.sub(slots[j], 1, 1), tonumber(string.sub(slots[j], 2))
  if at >= second - 60 then
    used[kind] = used[kind] + tonumber(slots[j + 1])
    last = math.max(last, at)
  end
end
local free = 0
if last > 0 then free = math.ceil((last + 61 - now) * 1000) end
return {used.r, used.t, redis.call('ZCOUNT', KEYS[2], now, '+inf'), free}
"""


@dataclass(slots=True, eq=False)
class SharedClaim:
    """The place of one call in Redis and in memory; release it exactly once."""

    shared: "SharedLimits"
    call: str
    keys: list[str]
    second: int
    tokens: int
    local: Claim

    def release(self, tokens: int | None) -> None:
        """The call ended and took so many tokens; None: nobody knows, the estimate stands. Never waits."""
        self.local.release(tokens)
        self.shared.release(self, 0 if tokens is None else tokens - self.tokens)


@dataclass(slots=True)
class SharedLimits:
    """One per process, over its own Limits: `run` as a task, `aclose` after the last call."""

    client: "Redis"
    local: Limits
    _scripts: dict[str, Any] = field(default_factory=dict)
    _running: dict[str, SharedClaim] = field(default_factory=dict)
    _seen: dict[Holder, tuple[int, int]] = field(default_factory=dict)  # requests and tokens, as last told
    _releasing: set[asyncio.Task[None]] = field(default_factory=set)
    _away_until: float = 0.0
    _failures: int = 0  # one after the other
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CONNECTIONS))

    @classmethod
    async def at(cls, url: str, local: Limits) -> "SharedLimits":
        """Over a redis:// or rediss:// address; connects on first use."""
        await anyio.to_thread.run_sync(import_module, "redis.asyncio")  # reads files
        from redis.asyncio import Redis

        # without driver_info=None every new connection looks its own version up on the disk
        client = Redis.from_url(url, driver_info=None, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)
        return cls(client, local)

    async def claim(self, limits: Sequence[Limit], tokens: int, requests: int = 1) -> Claim | SharedClaim:
        """Take a place under every limit of all replicas together, or under none. Raises RateLimited.

        While Redis is away the limits of this process alone hold. `requests` as Limits.claim has it.
        """
        if not limits or clock.monotonic() < self._away_until:
            return self.local.claim(limits, tokens, requests)
        call, keys = new_id(), _keys(limits)
        numbers = [-1 if (most := getattr(limit, name)) is None else most for limit in limits for name in _NAMES]
        told = await self._run(_CLAIM, keys, [call, tokens, LEASE_SECONDS, requests, *numbers])
        if told is None:
            return self.local.claim(limits, tokens, requests)
        if not told[0]:
            raise _refused(limits[told[1] - 1], _NAMES[told[2] - 1], tokens, told[3] / 1000)
        if len(self._seen) >= REMEMBERED:
            self._seen.clear()
        for place, limit in enumerate(limits):
            self._seen[limit.holder] = (told[2 + 2 * place], told[3 + 2 * place])
        local = self.local.claim(limits, tokens, requests, checked=False)
        claim = SharedClaim(self, call, keys, told[1], tokens, local)
        self._running[call] = claim
        return claim

    def release(self, claim: SharedClaim, wrong: int) -> None:
        """Give a place back, in the background; what is lost on the way is free with the end of its lease."""
        self._running.pop(claim.call, None)
        if clock.monotonic() < self._away_until:
            return
        telling = self._run(_RELEASE, claim.keys, [claim.call, claim.second, wrong])
        task = asyncio.get_running_loop().create_task(_forgotten(telling), name="release a place")
        self._releasing.add(task)
        task.add_done_callback(self._releasing.discard)

    def headers(self, limits: Sequence[Limit]) -> Mapping[str, str]:
        """`x-ratelimit-*` of the limit with the least room, as it was when this process last took a place under it."""
        if clock.monotonic() < self._away_until:
            return self.local.headers(limits)
        found: dict[str, str] = {}
        for place, (name, of) in enumerate(HEADERS):
            rooms = [
                (max(0, allowed - self._seen.get(limit.holder, (0, 0))[place]), allowed)
                for limit in limits
                if (allowed := getattr(limit, name)) is not None
            ]
            if rooms:
                room, allowed = min(rooms)
                found |= room_headers(of, allowed, room, float(WINDOW) if room < allowed else 0.0)
        return found

    async def used(self, holder: Holder) -> Used:
        """What counts of a holder now, by all replicas together."""
        keys = _keys([Limit(holder)])
        told = None if clock.monotonic() < self._away_until else await self._run(_USED, keys, [])
        return self.local.used(holder) if told is None else Used(told[0], told[1], told[2], round(told[3] / 1000, 1))

    async def run(self) -> None:
        """Keep the places of calls under way alive; ends by cancellation."""
        while True:
            await anyio.sleep(RENEW_SECONDS)
            held = [(key, claim.call) for claim in self._running.values() for key in claim.keys[1::2]]
            for start in range(0, len(held), 200):
                batch = held[start : start + 200]
                await self._run(_RENEW, [key for key, _ in batch], [LEASE_SECONDS, *(call for _, call in batch)])

    async def aclose(self) -> None:
        """Give back what was released, and close the connections."""
        await asyncio.gather(*self._releasing, return_exceptions=True)
        await self.client.aclose()

    async def _run(self, script: str, keys: Sequence[str], arguments: Sequence[str | int]) -> Any:
        """What a script answers; None when Redis is away, which is told once."""
        from redis.exceptions import RedisError

        prepared = self._scripts.get(script)
        if prepared is None:
            prepared = self._scripts[script] = self.client.register_script(script)
        async with self._turns:
            if clock.monotonic() < self._away_until:
                return None  # somebody else has just found out
            try:
                told = await prepared(keys=keys, args=arguments)
            except (RedisError, OSError) as error:
                self._lost(error)
                return None
        if self._failures:
            self._failures = 0
            _log.info("limits_shared_again")
        return told if told is not None else ()

    def _lost(self, error: Exception) -> None:
        if clock.monotonic() < self._away_until:
            return
        if not self._failures:
            _log.warning("limits_counted_alone", reason=f"{type(error).__name__}: {error}"[:200])
        self._away_until = clock.monotonic() + min(AWAY_SECONDS * 2 ** min(self._failures, 8), LONGEST_AWAY_SECONDS)
        self._failures += 1


def _keys(limits: Sequence[Limit]) -> list[str]:
    return [
        f"{PREFIX}{limit.holder.kind}:{limit.holder.id}:{what}" for limit in limits for what in ("seconds", "running")
    ]


def _refused(limit: Limit, name: str, tokens: int, wait_s: float) -> RateLimited:
    allowed: int = getattr(limit, name)
    if name == "tokens_per_minute" and tokens > allowed:
        return too_large(limit, allowed, tokens)
    return refusal(limit, name, allowed, RETRY_SOON_S if name == "concurrency" else wait_s)


async def _forgotten(telling: Any) -> None:
    await telling
