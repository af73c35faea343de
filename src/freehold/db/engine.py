"""Engines and sessions: many readers and, on SQLite, exactly one writer connection."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker


class Database:
    """Hands out sessions. `read()` never writes; `begin()` commits at its end and rolls back on any error.

    On SQLite all `begin()` blocks of the process go through one connection with BEGIN IMMEDIATE, so writers queue here
    and not on the file's lock; keep them short and never await anything but the database inside.
    """

    def __init__(self, reader: AsyncEngine, writer: AsyncEngine) -> None:
        self.reader = reader
        self.writer = writer
        self._read = async_sessionmaker(reader, expire_on_commit=False)
        self._write = async_sessionmaker(writer, expire_on_commit=False)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.writer.dialect.name

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncSession]:
        """A session for reading."""
        async with self._read() as session:
            yield session

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[AsyncSession]:
        """A session in a transaction that commits at the end of the block."""
        async with self._write.begin() as session:
            yield session

    async def dispose(self) -> None:
        """Close every connection."""
        await self.reader.dispose()
        if self.writer is not self.reader:
            await self.writer.dispose()
