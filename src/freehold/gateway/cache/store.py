"""Where answers are kept: the newest in memory, all of them in the database or in Redis."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from freehold.db import Database
from freehold.gateway.cache.models import CachedAnswer
from freehold.kit import clock


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer as it was sent. `made_at` and `expires_at` in Unix seconds."""

    body: bytes
    media_type: str
    model: str  # provider_id/model_id that wrote it
    made_at: float
    expires_at: float


class Store(Protocol):
    """Keeps entries under 32-byte keys; an expired one is never handed out."""

    async def get(self, key: bytes) -> Entry | None:
        """The entry, or None."""
        ...

    async def put(self, key: bytes, entry: Entry) -> None:
        """Keep an entry; the newest wins."""
        ...

    async def drop(self, key: bytes) -> None:
        """Forget one."""
        ...

    async def sweep(self) -> None:
        """Forget what has expired; run daily."""
        ...

    async def aclose(self) -> None:
        """Close connections of the store's own."""
        ...


class Recent:
    """The entries used last, in memory, up to a number of bytes."""

    def __init__(self, max_bytes: int) -> None:
        self._max = max_bytes
        self._size = 0
        self._entries: OrderedDict[bytes, Entry] = OrderedDict()

    def get(self, key: bytes, now: float) -> Entry | None:
        """The entry if it is here and still good."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.expires_at <= now:
            self.drop(key)
            return None
        self._entries.move_to_end(key)
        return entry

    def put(self, key: bytes, entry: Entry) -> None:
        """Keep it, and forget the ones not used for longest."""
        self.drop(key)
        if len(entry.body) > self._max:
            return
        self._entries[key] = entry
        self._size += len(entry.body)
        while self._size > self._max:
            _, oldest = self._entries.popitem(last=False)
            self._size -= len(oldest.body)

    def drop(self, key: bytes) -> None:
        """Forget one."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._size -= len(entry.body)


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
        return Entry(row.body, row.media_type, row.model, row.made_at.timestamp(), row.expires_at.timestamp())

    async def put(self, key: bytes, entry: Entry) -> None:
        """Keep an entry; the newest wins."""
        insert = sqlite_insert if self._database.dialect == "sqlite" else postgresql_insert
        now = clock.now()
        values = {
            "body": entry.body,
            "media_type": entry.media_type,
            "model": entry.model,
            "made_at": now,
            "expires_at": now + timedelta(seconds=entry.expires_at - entry.made_at),
        }
        statement = insert(CachedAnswer).values(key=key, **values)
        async with self._database.begin() as session:
            await session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))

    async def drop(self, key: bytes) -> None:
        """Forget one."""
        async with self._database.begin() as session:
            await session.execute(delete(CachedAnswer).where(CachedAnswer.key == key))

    async def sweep(self) -> None:
        """Forget what has expired; run daily."""
        async with self._database.begin() as session:
            await session.execute(delete(CachedAnswer).where(CachedAnswer.expires_at <= clock.now()))

    async def aclose(self) -> None:
        """The database is not the store's own."""
