"""Where answers are kept: the newest in memory, all of them in the database or in Redis."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from freehold.db import Database
from freehold.gateway.cache.models import KEY_BYTES, CachedAnswer, CachedQuestion
from freehold.kit import clock


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer as it was sent. `made_at` and `expires_at` in Unix seconds."""

    body: bytes
    media_type: str
    model: str  # provider_id/model_id that wrote it
    made_at: float
    expires_at: float
    input_tokens: int | None = None  # what it took when it was written; None: nobody knows
    output_tokens: int | None = None


class Store(Protocol):
    """Keeps entries under 32-byte keys; an expired one is never handed out."""

    async def get(self, key: bytes) -> Entry | None:
        """The entry, or None."""
        ...

    async def put(self, key: bytes, entry: Entry) -> None:
        """Keep an entry; the newest wins."""
        ...

    async def drop(self, beginning: bytes) -> None:
        """Forget every entry whose key begins so: one, all of a tenant, or with b"" all there are; questions, too."""
        ...

    async def near(self, bucket: bytes) -> list[tuple[bytes, bytes]]:
        """Keys of answers with the vectors of their questions, at most MOST_NEAR of those kept in the bucket."""
        ...

    async def put_near(self, bucket: bytes, key: bytes, vector: bytes, expires_at: float) -> None:
        """Keep the vector of the question that an answer belongs to, as long as the answer."""
        ...

    async def sweep(self) -> None:
        """Forget what has expired; run daily."""
        ...

    async def aclose(self) -> None:
        """Close connections of the store's own."""
        ...


MOST_NEAR = 64
"""Questions of a bucket that are compared; they have all their words in common, so there are seldom more than a few."""

RECENT_SECONDS = 60.0
"""How long an entry is taken from memory before the store is asked again, which another process may have changed."""


class Recent:
    """The entries used last, in memory, up to a number of bytes."""

    def __init__(self, max_bytes: int) -> None:
        self._max = max_bytes
        self._size = 0
        self._entries: OrderedDict[bytes, tuple[Entry, float]] = OrderedDict()  # with the time until which it is good

    def get(self, key: bytes, now: float) -> Entry | None:
        """The entry if it is here and still good."""
        found = self._entries.get(key)
        if found is None:
            return None
        entry, good_until = found
        if good_until <= now:
            self._forget(key)
            return None
        self._entries.move_to_end(key)
        return entry

    def put(self, key: bytes, entry: Entry, now: float) -> None:
        """Keep it, and forget the ones not used for longest."""
        self._forget(key)
        if len(entry.body) > self._max:
            return
        self._entries[key] = entry, min(entry.expires_at, now + RECENT_SECONDS)
        self._size += len(entry.body)
        while self._size > self._max:
            self._forget(next(iter(self._entries)))

    def drop(self, beginning: bytes) -> None:
        """Forget all whose key begins so."""
        for key in [key for key in self._entries if key.startswith(beginning)]:
            self._forget(key)

    def _forget(self, key: bytes) -> None:
        found = self._entries.pop(key, None)
        if found is not None:
            self._size -= len(found[0].body)


class DatabaseStore:
    """The table of cached answers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, key: bytes) -> Entry | None:
        """The entry, or None."""
        async with self._database.read() as session:
            row = await session.scalar(select(CachedAnswer).where(CachedAnswer.key == key))
        if row is None or row.expires_at <= clock.now():
            return None
        made_at, expires_at = row.made_at.timestamp(), row.expires_at.timestamp()
        tokens = row.input_tokens, row.output_tokens
        return Entry(row.body, row.media_type, row.model, made_at, expires_at, *tokens)

    async def put(self, key: bytes, entry: Entry) -> None:
        """Keep an entry; the newest wins."""
        insert = sqlite_insert if self._database.dialect == "sqlite" else postgresql_insert
        now = clock.now()
        values = {
            "body": entry.body,
            "media_type": entry.media_type,
            "model": entry.model,
            "input_tokens": entry.input_tokens,
            "output_tokens": entry.output_tokens,
            "made_at": now,
            "expires_at": now + timedelta(seconds=entry.expires_at - entry.made_at),
        }
        statement = insert(CachedAnswer).values(key=key, **values)
        async with self._database.begin() as session:
            await session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))

    async def drop(self, beginning: bytes) -> None:
        """Forget every entry whose key begins so."""
        first, last = (beginning.ljust(KEY_BYTES, end) for end in (b"\x00", b"\xff"))
        async with self._database.begin() as session:
            await session.execute(delete(CachedAnswer).where(CachedAnswer.key.between(first, last)))
            await session.execute(delete(CachedQuestion).where(CachedQuestion.bucket.between(first, last)))

    async def near(self, bucket: bytes) -> list[tuple[bytes, bytes]]:
        """Keys and vectors."""
        query = (
            select(CachedQuestion.key, CachedQuestion.vector)
            .where(CachedQuestion.bucket == bucket, CachedQuestion.expires_at > clock.now())
            .order_by(CachedQuestion.expires_at.desc(), CachedQuestion.key)
            .limit(MOST_NEAR)
        )
        async with self._database.read() as session:
            return [(key, vector) for key, vector in (await session.execute(query)).all()]

    async def put_near(self, bucket: bytes, key: bytes, vector: bytes, expires_at: float) -> None:
        """Keep a vector; the newest wins."""
        insert = sqlite_insert if self._database.dialect == "sqlite" else postgresql_insert
        values = {"vector": vector, "expires_at": clock.now() + timedelta(seconds=expires_at - clock.time())}
        statement = insert(CachedQuestion).values(bucket=bucket, key=key, **values)
        async with self._database.begin() as session:
            await session.execute(statement.on_conflict_do_update(index_elements=["bucket", "key"], set_=values))

    async def sweep(self) -> None:
        """Forget what has expired; run daily."""
        async with self._database.begin() as session:
            await session.execute(delete(CachedAnswer).where(CachedAnswer.expires_at <= clock.now()))
            await session.execute(delete(CachedQuestion).where(CachedQuestion.expires_at <= clock.now()))

    async def aclose(self) -> None:
        """The database is not the store's own."""
