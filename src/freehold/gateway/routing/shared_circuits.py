"""What replicas tell each other of failing deployments, by way of Redis: once a second, and never on the way of a call.

A hash has the deployments that rest, each with the time until when. A replica whose circuit opens adds its deployment;
the others open theirs as well. Where a probe is answered the deployment is taken out, and every other circuit closes.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Literal

import anyio
import anyio.to_thread
import structlog

from freehold.gateway.routing.router import Router

if TYPE_CHECKING:
    from redis.asyncio import Redis

KEY = "freehold:circuits"
EVERY_SECONDS = 1.0
TIMEOUT_S = 1.0
ALIKE_SECONDS = 0.5
"""By so much two replicas may disagree on a time that is the same: messages take a while."""

FORGOTTEN_SECONDS = 900.0
"""What nobody closed for so long after its time is taken out: its replica is gone, and nobody asks the deployment."""

_log = structlog.get_logger(__name__)


class SharedCircuits:
    """One per process: `run` as a task."""

    def __init__(self, client: "Redis", router: Router) -> None:
        self._client = client
        self._router = router
        self._known: dict[str, float] = {}  # what all know to rest, and until when it did here at the last exchange
        self._away = False

    @classmethod
    async def at(cls, url: str, router: Router) -> "SharedCircuits":
        """Over a redis:// or rediss:// address; connects on first use."""
        await anyio.to_thread.run_sync(import_module, "redis.asyncio")  # reads files
        from redis.asyncio import Redis

        client = Redis.from_url(url, driver_info=None, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)
        return cls(client, router)

    async def run(self) -> None:
        """Tell and hear for ever; ends by cancellation. While Redis is away each replica finds out for itself."""
        try:
            while True:
                await self._try()
                await anyio.sleep(EVERY_SECONDS)
        finally:
            with anyio.CancelScope(shield=True):
                await self.aclose()

    async def _try(self) -> None:
        from redis.exceptions import RedisError

        try:
            await self.exchange()
        except (RedisError, OSError) as error:
            if not self._away:
                _log.warning("circuits_not_shared", reason=f"{type(error).__name__}: {error}"[:200])
            self._away = True
        else:
            if self._away:
                _log.info("circuits_shared_again")
            self._away = False

    async def exchange(self) -> None:
        """Hear what the others found out, then tell what is new here. Raises RedisError."""
        asked = self._client.pipeline(transaction=True)
        asked.time()
        asked.hgetall(KEY)
        time, told = await asked.execute()
        now = self._router.now()
        ahead = time[0] + time[1] / 1e6 - now  # of Redis's clock before ours
        heard = {ref.decode(): float(until) - ahead for ref, until in told.items()}
        closed = {ref for ref, until in heard.items() if until < now - FORGOTTEN_SECONDS}
        opened: dict[str, float] = {}
        for ref in {*heard, *self._known, *self._router.circuits()} - closed:
            news = self._compare(ref, heard.get(ref), now)
            if news == "closed":
                closed.add(ref)
            elif news is not None:
                opened[ref] = news
        if closed:
            await self._client.hdel(KEY, *closed)
        if opened:
            await self._client.hset(KEY, mapping={ref: until + ahead for ref, until in opened.items()})
        shared = (heard.keys() | opened.keys()) - closed
        states = {ref: circuit.reopens_at for ref, circuit in self._router.circuits().items() if ref in shared}
        self._known = {ref: at for ref, at in states.items() if at is not None}

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _compare(self, ref: str, heard: float | None, now: float) -> float | Literal["closed"] | None:
        """Bring one circuit and what was heard of it together; what the others should know, if anything."""
        circuit = self._router.circuits().get(ref)
        ours = circuit.reopens_at if circuit is not None else None
        known = self._known.get(ref)
        if circuit is None or ours is None:
            if known is not None and heard is not None:
                return "closed"  # a probe of ours was answered, or an administrator asked for it
            if heard is not None and heard > now:
                self._router.circuit(ref).open_until(heard)
            return None
        if heard is None:
            if known == ours:
                circuit.close()  # somebody else closed it, and nothing happened here since
                return None
            return ours if ours > now else None
        circuit.open_until(heard)
        return ours if ours > heard + ALIKE_SECONDS else None
