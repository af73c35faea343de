"""One file over HTTP into a `.part` file: resumable, retried while it makes headway, cancelled by closing."""

import errno
import json
import re
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import IO

import anyio
import anyio.to_thread
import httpx2

from freehold import errors
from freehold.kit.http import AddressRefused, OutboundHttp
from freehold.providers.base import Progress

RETRIES = 2
"""Attempts in a row without a single new byte before the source is given up."""

_BUFFER = 1024 * 1024
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


class SourceFailed(Exception):
    """This source cannot give the file; another may. The message completes "NAME: ..." and ends with a full stop."""


class _Interrupted(Exception):
    """The connection broke; trying again may help."""


async def download(
    http: OutboundHttp, url: str, part: Path, size: int, backoff_s: float = 1.0
) -> AsyncGenerator[Progress]:
    """Bring `part` to `size` bytes from `url`, continuing what is there. The caller checks the hash.

    Closing the generator keeps `part`. Raises SourceFailed, DiskFull.
    """
    idle = 0
    while True:
        before = await _size(part)
        if before == size:
            return
        try:
            async for progress in _attempt(http, url, part, size):
                yield progress
        except _Interrupted as exc:
            idle = 0 if await _size(part) > before else idle + 1
            if idle > RETRIES:
                raise SourceFailed(str(exc)) from exc
            await anyio.sleep(backoff_s * 2 ** max(0, idle - 1))


async def _attempt(http: OutboundHttp, url: str, part: Path, size: int) -> AsyncGenerator[Progress]:
    """One request for what is missing. Ends normally or with _Interrupted; both keep what has arrived."""
    here = await _size(part)
    if here > size:
        await anyio.to_thread.run_sync(part.unlink)
        here = 0
    headers = await anyio.to_thread.run_sync(_resume_headers, part, url, here)
    try:
        async with http.stream("GET", url, headers) as reply:
            start = _start(reply, here, size)
            if start is None:
                await anyio.to_thread.run_sync(part.unlink)
                raise _Interrupted("it does not have the rest of the file.")
            await anyio.to_thread.run_sync(_note_source, part, url, reply.headers.get("etag"))
            async for progress in _write(reply, part, start, size):
                yield progress
    except (httpx2.HTTPError, OSError) as exc:
        if isinstance(exc, OSError) and exc.errno in (errno.ENOSPC, errno.EDQUOT):
            raise errors.DiskFull(f"The disk of {part.parent} is full; what has arrived is kept.") from exc
        raise _Interrupted(f"the connection failed ({type(exc).__name__}).") from exc
    except AddressRefused as exc:
        raise SourceFailed(f"it leads to an address that is not allowed ({exc}).") from exc
    if await _size(part) < size:
        raise _Interrupted("the connection ended before the file was complete.")


def _resume_headers(part: Path, url: str, here: int) -> dict[str, str]:
    """Range, and If-Range where the same source gave a strong validator.

    Another source may continue the file of the first: the bytes are pinned by their hash.
    """
    if not here:
        return {}
    headers = {"Range": f"bytes={here}-"}
    try:
        note = json.loads(note_of(part).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        note = {}
    etag = note.get("etag") if isinstance(note, dict) and note.get("url") == url else None
    if isinstance(etag, str) and etag.startswith('"'):
        headers["If-Range"] = etag
    return headers


def _start(reply: httpx2.Response, here: int, size: int) -> int | None:
    """From which byte on the reply goes; None when the part must be thrown away. Raises SourceFailed."""
    if reply.status_code == 206:
        found = _RANGE.fullmatch(reply.headers.get("content-range", ""))
        if found is None or int(found[1]) != here or found[2] not in ("*", str(size)):
            return None
        return here
    if reply.status_code == 200:
        length = reply.headers.get("content-length")
        if length is not None and length != str(size):
            raise SourceFailed(f"it offers {length[:20]} bytes instead of {size}.")
        return 0
    if reply.status_code == 416 and here:
        return None
    if reply.status_code >= 500 or reply.status_code == 429:
        raise _Interrupted(f"it answered {reply.status_code}.")
    raise SourceFailed(f"it answered {reply.status_code}.")


async def _write(reply: httpx2.Response, part: Path, start: int, size: int) -> AsyncGenerator[Progress]:
    """Append the body at `start`; what is in the buffer is written also when the connection breaks."""
    file = await anyio.to_thread.run_sync(part.open, "r+b" if start else "wb")
    buffer = bytearray()
    done = start

    async def flush() -> None:
        nonlocal buffer, done
        data, buffer = bytes(buffer), bytearray()
        await anyio.to_thread.run_sync(_append, file, data)
        done += len(data)

    try:
        await anyio.to_thread.run_sync(file.seek, start)
        async for chunk in reply.aiter_raw():
            buffer += chunk
            if done + len(buffer) > size:
                raise SourceFailed(f"it sends more than the {size} bytes that the file has.")
            if len(buffer) >= _BUFFER:
                await flush()
                yield Progress("downloading", done, size)
        await flush()
        yield Progress("downloading", done, size)
    finally:
        with anyio.CancelScope(shield=True):
            if buffer:
                await flush()
            await anyio.to_thread.run_sync(file.close)


def _append(file: IO[bytes], data: bytes) -> None:
    file.write(data)
    file.flush()


def note_of(part: Path) -> Path:
    return part.with_name(f"{part.name}.source")


def _note_source(part: Path, url: str, etag: str | None) -> None:
    note_of(part).write_text(json.dumps({"url": url, "etag": etag}), encoding="utf-8")


async def _size(part: Path) -> int:
    def read() -> int:
        try:
            return part.stat().st_size
        except FileNotFoundError:
            return 0

    return await anyio.to_thread.run_sync(read)
