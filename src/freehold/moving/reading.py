"""Runs the reader in a process of its own and gives what it says, line by line."""

import os
import shutil
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import orjson
import structlog

import freehold

LONGEST_LINE = 64_000_000

_ROOT = str(Path(freehold.__file__).parent.parent)
_log = structlog.get_logger(__name__)


@asynccontextmanager
async def read(archive: Path, scratch: Path) -> AsyncGenerator[AsyncGenerator[dict[str, Any]]]:
    """The lines of `importing.reader`; a reader that dies says as its last that it refused.

    The folder `scratch` is made, and gone with the end of the block, as is the process.
    """
    await anyio.to_thread.run_sync(_fresh, scratch)
    # what it reads is a stranger's: it gets none of the server's environment, in which keys may stand
    environment = {"PYTHONPATH": _ROOT} if os.name == "posix" else None
    process = await create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "freehold.moving.importing.reader",
        str(archive),
        str(scratch),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=DEVNULL,
        env=environment,
        limit=LONGEST_LINE,
    )

    async def lines() -> AsyncGenerator[dict[str, Any]]:
        assert process.stdout is not None
        ended = False
        try:
            while line := await process.stdout.readline():
                value = orjson.loads(line)
                ended = value["kind"] in ("end", "refused")
                yield value
        except ValueError:  # a line over the limit, which the reader keeps below it
            _log.warning("import reader said too much")
            yield {"kind": "refused", "reason": "too_much_inside"}
            return
        code = await process.wait()
        if not ended:
            _log.warning("import reader died", code=code)
            yield {"kind": "refused", "reason": "too_much_inside" if code < 0 else "broken_archive"}

    try:
        yield lines()
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        with anyio.CancelScope(shield=True):
            await process.wait()
            await anyio.to_thread.run_sync(_gone, scratch)


def _fresh(folder: Path) -> None:
    _gone(folder)
    folder.mkdir(mode=0o700, parents=True)


def _gone(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
