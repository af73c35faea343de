"""A file for calls that the database did not take, one JSON object a line; read back when it does again. Blocks."""

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path

import orjson

from freehold.usage.record import UsageRecord


class Spill:
    """Append only, until everything in it is in the database; then it is removed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def exists(self) -> bool:
        return self.path.exists()

    def append(self, records: Sequence[UsageRecord]) -> None:
        """Write records down for good; raises OSError."""
        handle = os.open(self.path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(b"".join(orjson.dumps(record) + b"\n" for record in records))
            file.flush()
            os.fsync(file.fileno())

    def batches(self, size: int) -> Iterator[list[UsageRecord]]:
        """Everything in it, in pieces; a line that was cut off by a full disk or a crash is left out."""
        with self.path.open("rb") as file:
            while lines := list(islice(file, size)):
                yield [record for line in lines if (record := _record(line)) is not None]

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)


def _record(line: bytes) -> UsageRecord | None:
    try:
        fields = orjson.loads(line)
        return UsageRecord(**fields | {"at": datetime.fromisoformat(fields["at"])})
    except (orjson.JSONDecodeError, KeyError, ValueError, TypeError):
        return None
