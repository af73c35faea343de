"""Identifiers: UUIDv7 (RFC 9562, section 5.7), which sort by the time they were made."""

import os
import threading
import time
from datetime import datetime
from uuid import UUID

_BLOCK = 4096  # bytes asked of the system at once: a call for each id costs more than the id

_lock = threading.Lock()
_last_ms = 0
_counter = 0
_random = b""
_random_at = 0


def _bits(size: int) -> int:
    """So many random bytes from the system's generator, as a number; `_lock` must be held."""
    global _random, _random_at  # noqa: PLW0603 - see new_id
    end = _random_at + size
    if end > len(_random):
        _random, _random_at, end = os.urandom(_BLOCK), 0, size
    found = int.from_bytes(_random[_random_at:end])
    _random_at = end
    return found


def _forget() -> None:
    """A process that was forked must not make the ids of its parent."""
    global _random  # noqa: PLW0603 - see new_id
    _random = b""


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def new_id() -> str:
    """A new UUIDv7 as its 36-character text; strictly increasing within one process.

    The 12 bits after the version hold a counter within the millisecond (RFC 9562, section 6.2, method 1), so ids made
    in one loop sort in the order they were made.
    """
    global _last_ms, _counter  # noqa: PLW0603 - the monotonic counter is the one piece of process state here
    with _lock:
        now = time.time_ns() // 1_000_000
        if now > _last_ms:
            _last_ms, _counter = now, _bits(1)
        else:
            _counter += 1
            if _counter > 0xFFF:
                _last_ms, _counter = _last_ms + 1, 0
        return _text((_last_ms << 80) | (_counter << 64) | _bits(8))


def id_at(moment: datetime) -> str:
    """A UUIDv7 of a given moment, which must have a zone; those of one millisecond are in no order."""
    with _lock:
        return _text((int(moment.timestamp() * 1000) << 80) | _bits(10))


def id_of(milliseconds: int, digest: bytes) -> str:
    """The UUIDv7 of a time since 1970 and of 10 bytes or more that stand for a thing: the same for the same thing."""
    return _text((milliseconds << 80) | int.from_bytes(digest[:10]))


_FIXED, _VERSION = ~((0xF << 76) | (0b11 << 62)), (0x7 << 76) | (0b10 << 62)


def _text(number: int) -> str:
    """128 bits as the text of a UUIDv7, whatever stands where version and variant belong."""
    digits = f"{number & _FIXED | _VERSION:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def first_id_at(moment: datetime) -> str:
    """What sorts before every UUIDv7 of this moment's millisecond and later, and after every earlier one."""
    milliseconds = f"{int(moment.timestamp() * 1000):012x}"
    return f"{milliseconds[:8]}-{milliseconds[8:]}-7000-8000-000000000000"


def is_id(text: str) -> bool:
    """Whether `text` is a canonical lower-case UUID."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
