"""The master key: taken from the settings, read from its file, or generated once; never exchanged silently."""

import os
from pathlib import Path

import anyio.to_thread

from freehold.db import Database
from freehold.errors import ConfigurationError
from freehold.kit import clock
from freehold.kit.crypto import SecretBox, new_key, parse_keys
from freehold.settings.areas import Settings
from freehold.settings.models import SettingRow

CHECK_ROW = "master_key_check"
RESTORE = (
    "Give the server the key it had: restore DATA_DIR/secrets/master.key from your backup, or set FREEHOLD_MASTER_KEY."
)


def key_file(settings: Settings) -> Path:
    """Where the generated key lies."""
    return settings.data_dir / "secrets" / "master.key"


async def open_secret_box(settings: Settings, database: Database) -> SecretBox:
    """The box for stored secrets; makes a key on the first start.

    The database remembers a check value of the key. Raises ConfigurationError when the key is missing or is not the one
    that this data was sealed with.
    """
    box, proven = await _opened(settings, database)
    now = {str(box.version): box.check_value()}
    if str(box.version) not in proven:
        async with database.begin() as session:
            await session.merge(SettingRow(key=CHECK_ROW, value=proven | now, updated_at=clock.now()))
    return box


async def verify_master_key(settings: Settings, database: Database) -> None:
    """Raise ConfigurationError as `open_secret_box` does; nothing is written."""
    async with database.read() as session:
        row = await session.get(SettingRow, CHECK_ROW)
    if row is not None:
        await _opened(settings, database)


async def _opened(settings: Settings, database: Database) -> tuple[SecretBox, dict[str, str]]:
    """The box, and the check values that its keys match."""
    async with database.read() as session:
        row = await session.get(SettingRow, CHECK_ROW)
    expected: dict[str, str] = dict(row.value) if row else {}
    box = SecretBox(await anyio.to_thread.run_sync(_keys, settings, bool(expected)))
    proven = {version: value for version, value in expected.items() if box.check_value(int(version)) == value}
    if expected and not proven:
        raise ConfigurationError("The master key is not the one that this data was sealed with.", next_step=RESTORE)
    return box, proven


def _keys(settings: Settings, sealed_data: bool) -> dict[int, bytes]:
    file = key_file(settings)
    if settings.security.master_key is not None:
        text, origin = settings.security.master_key.get_secret_value(), "FREEHOLD_MASTER_KEY"
    elif file.exists():
        text, origin = file.read_text(encoding="ascii", errors="replace"), str(file)
    elif sealed_data:
        raise ConfigurationError(f"The master key is missing: there is no {file}.", next_step=RESTORE)
    else:
        text, origin = _generate(file), str(file)
    try:
        return parse_keys(text)
    except ValueError as error:
        raise ConfigurationError(f"{origin}: {error}.", next_step=RESTORE if sealed_data else None) from None


def _generate(file: Path) -> str:
    """Write a new key that only this user can read; returns what the file holds.

    A half-written file never takes the name, and of two processes that start together the second takes the first's.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = file.with_suffix(f".{os.getpid()}.partial")
    partial.unlink(missing_ok=True)
    handle = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(f"1:{new_key()}\n")
        stream.flush()
        os.fsync(stream.fileno())
    try:
        os.link(partial, file)
    except FileExistsError:
        pass  # another process was quicker
    except OSError:
        partial.replace(file)  # a file system without hard links
    finally:
        partial.unlink(missing_ok=True)
    return file.read_text(encoding="ascii")
