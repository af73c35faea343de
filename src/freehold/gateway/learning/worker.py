"""Trains in a process of its own: labels as JSON on standard input, what came of them on standard output.

A process and not a thread, as it is all computing, and the event loop of this one would wait for it.
"""

import contextlib
import os
import sys
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import asdict

import anyio
import anyio.to_thread
import orjson

from freehold.errors import FreeholdError
from freehold.gateway.learning.training import Row, Trained, trained

NICE = 10


async def train_apart(rows: Sequence[Row], acting: bytes | None) -> Trained | None:
    """As `training.trained`. Raises FreeholdError when the process fails; it ends with the caller."""
    content = await anyio.to_thread.run_sync(_packed, rows, acting)
    # -P: the folder that the server was started in is no place to import from
    done = await anyio.run_process([sys.executable, "-P", "-m", __name__], input=content, check=False)
    if done.returncode != 0:
        told = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise FreeholdError(f"The training failed: {told or f'its process ended with {done.returncode}'}.")
    found = orjson.loads(done.stdout)
    return None if found is None else Trained(**{**found, "weights": b64decode(found["weights"])})


def _packed(rows: Sequence[Row], acting: bytes | None) -> bytes:
    told = [[b64encode(row.features).decode(), *row[1:]] for row in rows]
    return orjson.dumps({"rows": told, "acting": None if acting is None else b64encode(acting).decode()})


def _main() -> None:
    with contextlib.suppress(AttributeError, OSError):  # not everywhere
        os.nice(NICE)
    given = orjson.loads(sys.stdin.buffer.read())
    acting = None if given["acting"] is None else b64decode(given["acting"])
    found = trained([Row(b64decode(features), *rest) for features, *rest in given["rows"]], acting)
    told = None if found is None else {**asdict(found), "weights": b64encode(found.weights).decode()}
    sys.stdout.buffer.write(orjson.dumps(told))


if __name__ == "__main__":
    _main()
