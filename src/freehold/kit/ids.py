"""Identifiers: UUIDv7 (RFC 9562, section 5.7), which sort by the time they were made."""

import os
import threading
import time
from datetime import datetime
from uuid import UUID

_lock = threading.Lock()
_last_ms = 0
_counter = 0


def new_id() -> str:
    """A new UUIDv7 as its 36-character text; strictly increasing within one process.

    The 12 bits after the version hold a counter within the millisecond (RFC 9562, section 6.2, method 1), so ids made
    in one loop sort in the order they were made.
    """
    global _last_ms, _counter  # noqa: PLW0603 - the monotonic counter is the one piece of process state here
    with _lock:
        now = time.time_ns() // 1_000_000
        if now > _last_ms:
            _last_ms, _counter = now, int.from_bytes(os.urandom(1))
        else:
            _counter += 1
            if _counter > 0xFFF:
                _last_ms, _counter = _last_ms + 1, 0
        ms, counter = _last_ms, _counter
    tail = int.from_bytes(os.urandom(8)) & 0x3FFF_FFFF_FFFF_FFFF
    digits = f"{(ms << 80) | (0x7 << 76) | (counter << 64) | (0b10 << 62) | tail:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def id_at(moment: datetime) -> str:
    """A UUIDv7 of a given moment, which must have a zone; those of one millisecond are in no order."""
    milliseconds = f"{int(moment.timestamp() * 1000):012x}"
    tail = os.urandom(10).hex()
    return f"{milliseconds[:8]}-{milliseconds[8:]}-7{tail[:3]}-{'89ab'[int(tail[3], 16) & 3]}{tail[4:7]}-{tail[7:19]}"


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
