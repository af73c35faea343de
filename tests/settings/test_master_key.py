"""The master key is made once, kept to oneself, and never exchanged behind the back of sealed data."""

import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from freehold.db import Database, migrate, open_database, parse_target
from freehold.errors import ConfigurationError
from freehold.kit.crypto import new_key
from freehold.settings import Settings
from freehold.settings.areas import SecuritySettings
from freehold.settings.master_key import key_file, open_secret_box, verify_master_key


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    database = open_database(parse_target(database_url, tmp_path))
    await migrate.upgrade(database)
    yield database
    await database.dispose()


def settings(tmp_path: Path, key: str | None = None) -> Settings:
    secret = SecuritySettings(master_key=SecretStr(key) if key else None)
    return Settings(data_dir=tmp_path / "data", security=secret)


async def test_a_key_is_made_once_and_only_its_owner_may_read_it(database: Database, tmp_path: Path) -> None:
    first = await open_secret_box(settings(tmp_path), database)
    sealed = first.seal("sk-1", "here")
    file = key_file(settings(tmp_path))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    again = await open_secret_box(settings(tmp_path), database)
    assert again.open(sealed, "here") == "sk-1"


async def test_a_lost_key_keeps_the_server_from_starting(database: Database, tmp_path: Path) -> None:
    await open_secret_box(settings(tmp_path), database)
    file = key_file(settings(tmp_path))
    kept = file.read_text()
    file.unlink()
    with pytest.raises(ConfigurationError, match="missing") as caught:
        await open_secret_box(settings(tmp_path), database)
    assert "backup" in caught.value.next_step
    assert not file.exists(), "a second key would make the sealed values unreadable for good"
    file.write_text(kept)
    await open_secret_box(settings(tmp_path), database)


async def test_another_key_keeps_the_server_from_starting(database: Database, tmp_path: Path) -> None:
    await open_secret_box(settings(tmp_path, new_key()), database)
    for other in (settings(tmp_path, new_key()),):
        with pytest.raises(ConfigurationError, match="not the one"):
            await open_secret_box(other, database)
        with pytest.raises(ConfigurationError, match="not the one"):
            await verify_master_key(other, database)


async def test_a_new_key_beside_the_old_one_is_a_rotation(database: Database, tmp_path: Path) -> None:
    old, new = new_key(), new_key()
    sealed = (await open_secret_box(settings(tmp_path, old), database)).seal("sk-1", "here")
    rotated = await open_secret_box(settings(tmp_path, f"2:{new},1:{old}"), database)
    assert rotated.open(sealed, "here") == "sk-1"
    # when everything is sealed anew, the old one may go
    await open_secret_box(settings(tmp_path, f"2:{new}"), database)
    with pytest.raises(ConfigurationError):
        await open_secret_box(settings(tmp_path, f"2:{old}"), database)


@pytest.mark.parametrize("key", ["short", "z" * 64])
async def test_an_unreadable_key_is_told_without_repeating_it(key: str, database: Any, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="FREEHOLD_MASTER_KEY") as caught:
        await open_secret_box(settings(tmp_path, key), database)
    assert key not in caught.value.message


async def test_looking_does_not_make_a_key(database: Database, tmp_path: Path) -> None:
    await verify_master_key(settings(tmp_path), database)
    assert not key_file(settings(tmp_path)).exists()
