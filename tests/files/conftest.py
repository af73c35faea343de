"""Files on a real disk and a real database of both kinds."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import anyio.to_thread
import pytest
from PIL import Image

from freehold.db import Base, Database, open_database, parse_target
from freehold.files.service import Files
from freehold.identity.models import User
from freehold.kit.clock import now
from freehold.kit.ids import new_id


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    database = await anyio.to_thread.run_sync(open_database, parse_target(database_url, tmp_path))
    async with database.writer.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield database
    await database.dispose()


@pytest.fixture
async def files(database: Database, tmp_path: Path) -> Files:
    files = Files(database, tmp_path / "data")
    await files.start()
    return files


async def make_user(database: Database, name: str) -> str:
    at = now()
    user = User(
        id=new_id(),
        email=f"{name}@example.com",
        name=name,
        role="member",
        status="active",
        preferences={},
        created_at=at,
        updated_at=at,
    )
    async with database.begin() as session:
        session.add(user)
    return user.id


@pytest.fixture
async def ann(database: Database) -> str:
    return await make_user(database, "ann")


@pytest.fixture
async def bob(database: Database) -> str:
    return await make_user(database, "bob")


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: object) -> bytes:
    """An image with a red left half, so that turning it shows."""
    image = Image.new(mode, size, (0, 0, 255, 255) if mode == "RGBA" else "blue")
    image.paste((255, 0, 0, 128) if mode == "RGBA" else "red", (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()
