"""Server-sent events and newline-delimited JSON: incremental parsers that are fed bytes as they arrive.

Source: WHATWG HTML, section 9.2.6 "Interpreting an event stream".
"""

MAX_LINE_BYTES = 1_000_000
_BOM = b"\xef\xbb\xbf"


class LineTooLong(ValueError):
    """A single line or event went over the bound; the sender is broken or hostile."""


class LineParser:
    """Splits a byte stream into lines without their ends (LF or CRLF; a lone CR stays, JSON never holds one)."""

    __slots__ = ("_max", "_parts", "_size")

    def __init__(self, max_line_bytes: int = MAX_LINE_BYTES) -> None:
        self._max = max_line_bytes
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """The complete, non-empty lines that `chunk` ends. Raises LineTooLong."""
        head, newline, rest = chunk.partition(b"\n")
        if not newline:
            self._keep(chunk)
            return []
        lines = [b"".join([*self._parts, head]) if self._parts else head]
        self._parts, self._size = [], 0
        if rest:
            more = rest.split(b"\n")
            if more[-1]:
                self._keep(more[-1])
            lines += more[:-1]
        lines = [line.removesuffix(b"\r") for line in lines]
        if any(len(line) > self._max for line in lines):
            raise LineTooLong(f"a line is longer than {self._max} bytes")
        return [line for line in lines if line]

    def finish(self) -> list[bytes]:
        """The last line when the stream ended without a newline."""
        tail = b"".join(self._parts).removesuffix(b"\r")
        self._parts, self._size = [], 0
        return [tail] if tail else []

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._max:
            raise LineTooLong(f"a line is longer than {self._max} bytes")
        self._parts.append(piece)


class SseParser:
    """Yields the `data` of each event; names, ids, retry times and comments are dropped.

    The dialects we read repeat the event's name inside the JSON, so the data alone is enough.
    """

    __slots__ = ("_data", "_data_size", "_max", "_parts", "_size", "_skip_lf", "_start")

    def __init__(self, max_event_bytes: int = MAX_LINE_BYTES) -> None:
        self._max = max_event_bytes
        self._parts: list[bytes] = []  # pieces of a line whose end has not arrived
        self._size = 0
        self._data: list[bytes] = []  # data lines of the event under way
        self._data_size = 0
        self._skip_lf = False  # the last chunk ended in CR: a LF right after belongs to it
        self._start = True

    def feed(self, chunk: bytes) -> list[bytes]:
        """The data of every event that `chunk` completes, in order. Raises LineTooLong."""
        # The usual case, one write of the server is one whole event in LF form: no per-line state needed.
        end = len(chunk) - 2
        if (
            chunk.find(b"\n", 6) == end
            and chunk.startswith(b"data: ")
            and chunk.endswith(b"\n")
            and not self._parts
            and not self._data
            and not self._skip_lf
            and end <= self._max
            and b"\r" not in chunk
        ):
            self._start = False
            return [chunk[6:end]]
        return self._feed_lines(chunk)

    def _feed_lines(self, chunk: bytes) -> list[bytes]:
        if self._skip_lf and chunk:
            self._skip_lf = False
            if chunk.startswith(b"\n"):
                chunk = chunk[1:]
        if b"\r" in chunk:
            self._skip_lf = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = chunk.split(b"\n")
        tail = lines.pop()
        events: list[bytes] = []
        for line in lines:
            if self._parts:
                line = b"".join([*self._parts, line])  # noqa: PLW2901
                self._parts, self._size = [], 0
            self._line(line, events)
        if tail:
            self._size += len(tail)
            if self._size > self._max:
                raise LineTooLong(f"a line is longer than {self._max} bytes")
            self._parts.append(tail)
        return events

    def finish(self) -> list[bytes]:
        """The last event when the stream ended without its blank line; servers in the wild do that."""
        events: list[bytes] = []
        if self._parts:
            line, self._parts, self._size = b"".join(self._parts), [], 0
            self._line(line, events)
        self._line(b"", events)
        return events

    def _line(self, line: bytes, events: list[bytes]) -> None:
        if self._start:
            self._start = False
            line = line.removeprefix(_BOM)
        if not line:
            if self._data:
                events.append(b"\n".join(self._data))
                self._data, self._data_size = [], 0
            return
        if len(line) > self._max:
            raise LineTooLong(f"a line is longer than {self._max} bytes")
        if line.startswith(b"data:"):
            value = line[6:] if line[5:6] == b" " else line[5:]
        elif line == b"data":
            value = b""
        else:
            return
        self._data_size += len(value) + 1
        if self._data_size > self._max:
            raise LineTooLong(f"an event is longer than {self._max} bytes")
        self._data.append(value)
