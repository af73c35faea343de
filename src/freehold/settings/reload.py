"""freehold.yaml is read again on SIGHUP and when the file changes; a bad one changes nothing and says why."""

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
import anyio.to_thread

from freehold.errors import FreeholdError
from freehold.settings.areas import Settings
from freehold.settings.load import Loaded

POLL_SECONDS = 2.0
LIVE = frozenset({"declared", "log", "budgets"})
"""Areas that a reload changes; the others take a restart."""

LIVE_LIMITS = ("user", "groups", "models")
"""The settings in `limits` that a reload changes."""

_log = logging.getLogger(__name__)


class Reloader:
    """Watches the file of the running settings."""

    def __init__(
        self, loaded: Loaded, load: Callable[[], Loaded], apply: Callable[[Settings], Awaitable[None]]
    ) -> None:
        """`load` reads every source again; `apply` puts new settings to work and may raise ConfigurationError."""
        self.loaded = loaded
        self.error: str | None = None  # what the last reload said; None when it went well
        self._load = load
        self._apply = apply
        self._lock = anyio.Lock()

    async def watch(self) -> None:
        """Look at the file every two seconds until cancelled."""
        path = self.loaded.settings.config
        if path is None:
            return
        seen = await anyio.to_thread.run_sync(_stamp, path)
        while True:
            await anyio.sleep(POLL_SECONDS)
            now = await anyio.to_thread.run_sync(_stamp, path)
            if now != seen:
                seen = now
                await self.reload()

    async def reload(self) -> bool:
        """Read and apply; False, with the reason in the log and in ReloadState, when the new settings are refused."""
        async with self._lock:
            try:
                fresh = await anyio.to_thread.run_sync(self._load)
                await self._apply(merge_live(self.loaded.settings, fresh.settings))
            except FreeholdError as error:  # the database may be away, too
                self.error = error.message
                _log.error("the new configuration is refused; the running one stays", extra={"reason": error.message})
                return False
            waiting = needs_restart(self.loaded.settings, fresh.settings)
            self.loaded = Loaded(merge_live(self.loaded.settings, fresh.settings), fresh.origins, fresh.warnings)
            self.error = None
            _log.info("configuration read again", extra={"waits_for_restart": waiting or None})
            return True


def merge_live(running: Settings, fresh: Settings) -> Settings:
    """The running settings with the areas of `fresh` that may change while the server runs."""
    limits = running.limits.model_copy(update={name: getattr(fresh.limits, name) for name in LIVE_LIMITS})
    return running.model_copy(update={name: getattr(fresh, name) for name in LIVE} | {"limits": limits})


def needs_restart(running: Settings, fresh: Settings) -> list[str]:
    """The areas that differ and wait for a restart."""
    merged = merge_live(running, fresh)
    return [name for name in Settings.model_fields if getattr(merged, name) != getattr(fresh, name)]


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
