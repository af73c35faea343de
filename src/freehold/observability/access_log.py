"""The lines of the data plane's requests, formatted and written in batches: a line by itself costs more than a call.

Only what the server itself knows goes in here (routes, ids, counts), so nothing needs to be searched for secrets.
"""

import asyncio
import functools
import logging
from datetime import UTC, datetime
from typing import Any

import orjson

from freehold.observability import logs

FLUSH_S = 0.2
LOGGER = "freehold.access"
_SHAPE = b'{"time":"%%b.%%03dZ","level":"info","logger":"%b",%%b' % LOGGER.encode()


class AccessLog:
    """Collects lines and writes them at most `FLUSH_S` later; `flush()` at the end of the server writes the rest."""

    def __init__(self, enabled: bool) -> None:
        self._enabled = enabled
        self._lines: list[tuple[float, dict[str, Any]]] = []
        self._timer: asyncio.TimerHandle | None = None

    def add(self, now: float, fields: dict[str, Any]) -> None:
        """Note a request that ended at `now` (Unix seconds); `fields` begins with `event`, the line's own words."""
        if not self._enabled:
            return
        self._lines.append((now, fields))
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(FLUSH_S, self.flush)

    def flush(self) -> None:
        """Write what was collected; a log that cannot be written disturbs nobody."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        lines, self._lines = self._lines, []
        logger = logging.getLogger(LOGGER)
        if not lines or not logger.isEnabledFor(logging.INFO):
            return
        if not logs.writes_json():
            for _, fields in lines:
                logger.info(fields["event"], extra={name: value for name, value in fields.items() if name != "event"})
            return
        logs.write(b"".join([_line(ended, fields) for ended, fields in lines]).decode())


def _line(ended: float, fields: dict[str, Any]) -> bytes:
    second = int(ended)
    rest = orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)
    return _SHAPE % (_second(second), (ended - second) * 1000, rest[1:])


@functools.lru_cache(maxsize=2)
def _second(second: int) -> bytes:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S").encode()
