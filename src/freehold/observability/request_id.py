"""The id of the request under way: taken from a proxy when it looks like one, else made here."""

import itertools
import re
import secrets
from contextvars import ContextVar

HEADER = b"x-request-id"
_ACCEPTED = re.compile(rb"^[A-Za-z0-9._:-]{8,100}$")
_process = secrets.token_hex(6)
_numbers = itertools.count(1)
_current: ContextVar[str | None] = ContextVar("request_id", default=None)


def current_request_id() -> str | None:
    """The id of the request that this task answers, or None outside of one."""
    return _current.get()


def begin(sent: bytes | None) -> str:
    """Set and return the id: `sent` when it is 8 to 100 harmless characters, else a new one, unique to this process."""
    request_id = sent.decode("ascii") if sent and _ACCEPTED.match(sent) else f"{_process}-{next(_numbers):x}"
    _current.set(request_id)
    return request_id
