"""Cached answers in Redis, shared by all replicas; Redis itself forgets what has expired."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

import anyio.to_thread
import orjson

from freehold.errors import CacheUnreachable
from freehold.gateway.cache.models import KEY_BYTES
from freehold.gateway.cache.store import MOST_NEAR, Entry
from freehold.kit import clock

if TYPE_CHECKING:
    from redis.asyncio import Redis

PREFIX = b"freehold:answer:"
QUESTIONS = b"freehold:question:"
_TIMEOUT_S = 0.25  # an answer from the model is a better wait than one for a cache


class RedisStore:
    """Entries as one string each: a line of JSON, then the body as it is."""

    def __init__(self, client: "Redis") -> None:
        self._client = client

    @classmethod
    async def at(cls, url: str) -> "RedisStore":
        """A store at a redis:// or rediss:// address; connects on first use."""
        await anyio.to_thread.run_sync(import_module, "redis.asyncio")  # reads files
        from redis.asyncio import Redis

        # without driver_info=None every new connection looks its own version up on the disk
        return cls(Redis.from_url(url, driver_info=None, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S))

    async def get(self, key: bytes) -> Entry | None:
        """The entry, or None. Raises CacheUnreachable."""
        from redis.exceptions import RedisError

        try:
            raw = await self._client.get(PREFIX + key.hex().encode())
        except (RedisError, OSError) as error:
            raise CacheUnreachable from error
        if not isinstance(raw, bytes):
            return None
        head, _, body = raw.partition(b"\n")
        told = orjson.loads(head)
        return Entry(body, **told)

    async def put(self, key: bytes, entry: Entry) -> None:
        """Keep an entry until it expires; the newest wins. Raises CacheUnreachable."""
        from redis.exceptions import RedisError

        head = orjson.dumps(
            {
                "media_type": entry.media_type,
                "model": entry.model,
                "made_at": entry.made_at,
                "expires_at": entry.expires_at,
                "input_tokens": entry.input_tokens,
                "output_tokens": entry.output_tokens,
            }
        )
        seconds = max(1, round(entry.expires_at - clock.time()))
        try:
            await self._client.set(PREFIX + key.hex().encode(), head + b"\n" + entry.body, ex=seconds)
        except (RedisError, OSError) as error:
            raise CacheUnreachable from error

    async def drop(self, beginning: bytes) -> None:
        """Forget every entry whose key begins so. Raises CacheUnreachable."""
        from redis.exceptions import RedisError

        try:
            if len(beginning) == KEY_BYTES:
                await self._client.delete(PREFIX + beginning.hex().encode())
                return
            for kind in (PREFIX, QUESTIONS):
                async for name in self._client.scan_iter(match=kind + beginning.hex().encode() + b"*", count=1000):
                    await self._client.delete(name)
        except (RedisError, OSError) as error:
            raise CacheUnreachable from error

    async def near(self, bucket: bytes) -> list[tuple[bytes, bytes]]:
        """Keys and vectors. Raises CacheUnreachable."""
        from redis.exceptions import RedisError

        client: Any = self._client  # typed as if it could be one that blocks
        try:
            found = await client.hgetall(QUESTIONS + bucket.hex().encode())
        except (RedisError, OSError) as error:
            raise CacheUnreachable from error
        return list(found.items())[-MOST_NEAR:]

    async def put_near(self, bucket: bytes, key: bytes, vector: bytes, expires_at: float) -> None:
        """Keep a vector; the bucket goes once nothing new came into it for so long. Raises CacheUnreachable."""
        from redis.exceptions import RedisError

        name, client = QUESTIONS + bucket.hex().encode(), self._client
        try:
            async with client.pipeline(transaction=True) as steps:
                steps.hset(name, key, vector)  # pyright: ignore[reportArgumentType] - bytes are as good as text
                steps.expire(name, max(1, round(expires_at - clock.time())))
                await steps.execute()
        except (RedisError, OSError) as error:
            raise CacheUnreachable from error

    async def sweep(self) -> None:
        """Redis forgets by itself."""

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()
