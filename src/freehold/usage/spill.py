"""A file for calls that the database did not take, one JSON object a line; read back when it does again. Blocks."""

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path

import orjson

from freehold.usage.rows import Row


class Spill:
    """Append only, until everything in it is in the database; then it is removed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def exists(self) -> bool:
        return self.path.exists()

    def append(self, rows: Sequence[Row]) -> None:
        """Write rows down for good; raises OSError."""
        handle = os.open(self.path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(b"".join(orjson.dumps(row) + b"\n" for row in rows))
            file.flush()
            os.fsync(file.fileno())

    def batches(self, size: int) -> Iterator[list[Row]]:
        """Everything in it, in pieces; a line that was cut off by a full disk or a crash is left out."""
        with self.path.open("rb") as file:
            while lines := list(islice(file, size)):
                yield [row for line in lines if (row := _row(line)) is not None]

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)


def _row(line: bytes) -> Row | None:
    try:
        row: Row = orjson.loads(line)
        return row | {"at": datetime.fromisoformat(row["at"])}
    except (orjson.JSONDecodeError, KeyError, ValueError):
        return None
