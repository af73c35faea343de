"""The sweeps of a running server: what each slice clears away, one after the other."""

import logging
from collections.abc import Awaitable, Callable, Mapping

import anyio

from freehold.errors import StorageError

HOUR = 3600.0
DAY = 24 * HOUR

_log = logging.getLogger(__name__)

Sweep = Callable[[], Awaitable[None]]


async def sweep_for_ever(sweeps: Mapping[str, Sweep], every_seconds: float = DAY) -> None:
    """Run every sweep now and again and again; ends by cancellation."""
    while True:
        await sweep_once(sweeps)
        await anyio.sleep(every_seconds)


async def sweep_once(sweeps: Mapping[str, Sweep]) -> None:
    """Run every sweep; one that the disk or the database refuses is logged and keeps no other from its work."""
    for name, sweep in sweeps.items():
        try:
            await sweep()
        except (StorageError, OSError) as error:
            _log.warning("sweep failed", extra={"sweep": name, "error": str(error)})
