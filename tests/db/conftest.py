"""An open database of both kinds."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from freehold.db import Database, open_database, parse_target


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    database = open_database(parse_target(database_url, tmp_path))
    yield database
    await database.dispose()
