"""What the watchers of passed-through streams share: whole lines out of torn pieces, and the estimate of tokens."""

import re

MAX_FRAME_BYTES = 32_000_000
"""A picture may come as one data URL on one line."""


class FrameTooLong(ValueError):
    """A line of the upstream's went over the bound; the sender is broken or hostile."""


class Lines:
    """Cuts a byte stream behind its last line end, and keeps the rest for the next piece."""

    __slots__ = ("_parts", "_size")

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> bytes:
        """The whole lines that are complete with `chunk`, joined. Raises FrameTooLong."""
        if chunk.endswith(b"\n") and not self._parts:
            return chunk
        cut = chunk.rfind(b"\n") + 1
        whole = chunk[:cut]
        if cut and self._parts:
            whole = b"".join([*self._parts, whole])
            self._parts, self._size = [], 0
        rest = chunk[cut:]
        if rest:
            self._size += len(rest)
            if self._size > MAX_FRAME_BYTES:
                raise FrameTooLong(f"a line is longer than {MAX_FRAME_BYTES} bytes")
            self._parts.append(rest)
        return whole

    @property
    def pending(self) -> bool:
        """Whether a line is torn."""
        return bool(self._parts)

    def rest(self) -> bytes:
        """What came after the last line end."""
        return b"".join(self._parts)


def strings_of(*names: str) -> re.Pattern[bytes]:
    """Finds the JSON string values of these keys, still escaped. A key inside a string has escaped quotes: no match."""
    return re.compile(rb'"(?:%b)"\s*:\s*"([^"\\]*(?:\\.[^"\\]*)*)' % b"|".join(name.encode() for name in names))


def estimated_tokens(escaped: bytes) -> float:
    """About how many tokens a piece of escaped JSON text has: one for four bytes of UTF-8, in any script."""
    return (len(escaped) - 3 * escaped.count(b"\\u")) / 4 if b"\\" in escaped else len(escaped) / 4
