"""Logs: one line per event with the request id, as JSON or for people, and never with a secret in it."""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, Literal

import orjson

from freehold.kit.imports import without
from freehold.observability.redaction import redact
from freehold.observability.request_id import current_request_id

# rich would come for a console renderer that we do not use: 160 ms and 7 MB at each start
with without("rich"):
    import structlog

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {
    "message",
    "asctime",
    "fields",
    "color_message",
    "taskName",
}
_COLOURS = {"debug": "2", "info": "36", "warning": "33", "error": "31", "critical": "1;31"}
_MAX_LINE = 32_000
_QUIET = ("aiosqlite", "asyncio", "httpcore", "httpx", "httpx2", "alembic", "multipart", "PIL", "websockets")


class LineFormatter(logging.Formatter):
    """Base of both forms: collects what belongs to a record; whatever leaves is redacted."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {name: value for name, value in record.__dict__.items() if name not in _STANDARD}
        more = getattr(record, "fields", None)
        if isinstance(more, dict):
            fields.update(more)
        elif more is not None:
            fields["fields"] = more  # a plain logger's own word for something else; a line must never fail a request
        return redact(self.render(record, fields))[:_MAX_LINE]

    def render(self, record: logging.LogRecord, fields: dict[str, Any]) -> str:
        """One line, or several where a traceback is for people."""
        raise NotImplementedError


class JsonFormatter(LineFormatter):
    """One JSON object per line."""

    def render(self, record: logging.LogRecord, fields: dict[str, Any]) -> str:
        line: dict[str, Any] = {
            "time": _time(record).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        request_id = current_request_id()
        if request_id:
            line["request_id"] = request_id
        line.update(fields)
        if record.exc_info:
            line["traceback"] = _traceback(record)
        return orjson.dumps(line, default=_text, option=orjson.OPT_NON_STR_KEYS).decode()


class ConsoleFormatter(LineFormatter):
    """For people: time, level, event, then name=value."""

    def __init__(self, colour: bool) -> None:
        super().__init__()
        self.colour = colour

    def render(self, record: logging.LogRecord, fields: dict[str, Any]) -> str:
        level = record.levelname.lower()
        painted = f"\x1b[{_COLOURS.get(level, '0')}m{level:<7}\x1b[0m" if self.colour else f"{level:<7}"
        parts = [f"{_time(record).astimezone():%H:%M:%S}", painted, record.getMessage()]
        parts += [f"{name}={_text(value)}" for name, value in fields.items() if value is not None]
        line = " ".join(parts)
        return f"{line}\n{_traceback(record)}" if record.exc_info else line


class _Handler(logging.Handler):
    """Writes to what standard error is at that moment; a log that cannot be written disturbs nobody."""

    def emit(self, record: logging.LogRecord) -> None:
        write(f"{self.format(record)}\n")


def write(text: str) -> None:
    """Put finished lines on standard error."""
    try:
        sys.stderr.write(text)
    except (OSError, ValueError):  # closed or full: there is nowhere left to complain
        return


def writes_json() -> bool:
    """Whether lines go out as JSON objects."""
    return any(isinstance(handler.formatter, JsonFormatter) for handler in logging.getLogger().handlers)


def configure(level: str, style: Literal["auto", "json", "console"]) -> None:
    """Send everything, uvicorn's and the libraries' logs included, through one handler on standard error."""
    console = style == "console" or (style == "auto" and sys.stderr.isatty())
    handler = _Handler()
    handler.setFormatter(ConsoleFormatter(sys.stderr.isatty()) if console else JsonFormatter())
    root = logging.getLogger()
    for old in root.handlers[:]:
        if isinstance(old, _Handler):
            root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name != "uvicorn.access"  # our own access log has the route and the request id
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    structlog.configure(
        processors=[_hand_over],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _hand_over(_logger: Any, method: str, event: MutableMapping[str, Any]) -> tuple[tuple[str, object], dict[str, Any]]:
    """structlog's event as a call of the standard logger, whose handler redacts it."""
    exc_info = event.pop("exc_info", method == "exception" or None)
    message = event.pop("event", "")
    return ("%s", message), {"exc_info": exc_info, "extra": {"fields": dict(event)}}


def _time(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def _traceback(record: logging.LogRecord) -> str:
    assert record.exc_info is not None
    return "".join(traceback.format_exception(*record.exc_info)).rstrip()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)
