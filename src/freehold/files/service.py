"""Uploaded files, kept under a random id.

Images are judged and written anew by a process apart and given back in three sizes; texts are kept as UTF-8.
"""

import errno
import hashlib
import os
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import anyio
import anyio.to_thread
import orjson
import structlog

from freehold.db import Database
from freehold.errors import DiskFull, FreeholdError, NotFound, PayloadTooLarge, StorageError, UnsupportedMedia
from freehold.files import repository
from freehold.files.models import File
from freehold.files.schemas import FileInfo
from freehold.files.text import MAX_TEXT_BYTES, TEXT, NotText, decoded, is_text
from freehold.kit.clock import now
from freehold.kit.ids import is_id, new_id
from freehold.wire.request import Image

MAX_FILE_BYTES = 50_000_000
MAX_USER_BYTES = 2_000_000_000
IMAGING_SECONDS = 40.0  # wall time; the process itself is bound to 30 s of processor time
AT_A_TIME = 2
ORPHAN_HOURS = 24.0
LEFT_SECONDS = 3600.0  # no upload takes so long
MODEL_SIDE = 2048  # as in imaging.py
MODELS_TAKE = frozenset({"image/png", "image/jpeg"})
IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")
"""How what may be an image begins; whether it is one is for imaging.py to say."""

Size = Literal["full", "thumb", "model"]
VARIANT_TYPES = {"thumb": "image/webp"}

_IMAGING = str(Path(__file__).with_name("imaging.py"))
_log = structlog.get_logger(__name__)

_REFUSALS: dict[str, FreeholdError] = {
    "type": UnsupportedMedia("This is not an image that Freehold can show."),
    "text": UnsupportedMedia(
        "This is neither an image nor a text that Freehold can read.",
        next_step="Send a PNG, JPEG, WebP or GIF image, or a text (Markdown, CSV, code) as UTF-8, UTF-16 or GB18030.",
    ),
    "long": PayloadTooLarge(
        f"This text is larger than {MAX_TEXT_BYTES // 1_000_000} MB.",
        next_step="Send the part of it that matters, or split it.",
        what="text",
        megabytes=MAX_TEXT_BYTES // 1_000_000,
    ),
    "pixels": PayloadTooLarge(
        "This image has too many pixels.", next_step="Send one with at most 50 million pixels, for example 8000 x 6000."
    ),
    "full": DiskFull("The disk that holds the files is full, so the file was not stored."),
    "broken": UnsupportedMedia(
        "This image is damaged and cannot be read.", next_step="Save it again and send the new copy."
    ),
}


@dataclass(frozen=True, slots=True)
class Stored:
    """A file on disk that may be sent to its owner."""

    path: Path
    name: str
    media_type: str

    async def exists(self) -> bool:
        """Whether the bytes are there; a restored database may know files that the backup did not hold."""
        return await anyio.Path(self.path).exists()


class Files:
    """`data_dir`/files holds the bytes: <last two of id>/<id>, beside it the cached sizes <id>.thumb and <id>.model."""

    def __init__(self, database: Database, data_dir: Path) -> None:
        self._database = database
        self._root = data_dir / "files"
        self._incoming = self._root / "incoming"
        self._room = anyio.Semaphore(AT_A_TIME)

    async def start(self) -> None:
        """Make the folders and drop what a dead process left half-written; another living one may share them."""
        await anyio.to_thread.run_sync(self._prepare)

    def _prepare(self) -> None:
        self._incoming.mkdir(parents=True, exist_ok=True)
        for left in self._incoming.iterdir():
            if left.stat().st_mtime < now().timestamp() - LEFT_SECONDS:
                left.unlink(missing_ok=True)

    # --- in ---------------------------------------------------------------------------------------------------------

    async def store(self, owner_id: str, name: str, data: bytes | AsyncIterable[bytes]) -> FileInfo:
        """Keep an image or a text. Raises UnsupportedMedia, PayloadTooLarge (one or all of the owner), DiskFull."""
        file_id = new_id()
        raw, clean = self._incoming / f"{file_id}.raw", self._incoming / f"{file_id}.clean"
        try:
            await self._receive(raw, data)
            about = await self._cleaned(raw, clean)
            size, digest = await anyio.to_thread.run_sync(_seal, clean)
            if size > MAX_FILE_BYTES:
                raise _too_large()
            row = File(
                id=file_id,
                owner_id=owner_id,
                name=display_name(name),
                media_type=about["media_type"],
                size_bytes=size,
                sha256=digest,
                width=about["width"],
                height=about["height"],
                created_at=now(),
            )
            return await self._place(row, clean)
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise _refusal("full") from error
            raise StorageError(
                f"The file could not be stored: {error.strerror}.",
                next_step="Check the disk and the rights of the data directory.",
            ) from error
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(_unlink, (raw, clean))

    async def _cleaned(self, raw: Path, clean: Path) -> dict[str, Any]:
        """What it is, by its bytes alone; in `clean` nothing is left that came along."""
        async with await anyio.open_file(raw, "rb") as file:
            beginning = await file.read(12)
        if beginning.startswith(IMAGES):
            return await self._image("keep", raw, clean)
        if (await anyio.Path(raw).stat()).st_size > MAX_TEXT_BYTES:
            raise _refusal("text" if b"\0" in beginning else "long")
        try:
            text = decoded(await anyio.Path(raw).read_bytes())
        except NotText:
            raise _refusal("text") from None
        await anyio.Path(clean).write_bytes(text.encode())
        return {"media_type": TEXT, "width": None, "height": None}

    async def _receive(self, raw: Path, data: bytes | AsyncIterable[bytes]) -> None:
        if isinstance(data, bytes):
            if len(data) > MAX_FILE_BYTES:
                raise _too_large()
            await anyio.Path(raw).write_bytes(data)
            return
        received = 0
        async with await anyio.open_file(raw, "wb") as file:
            async for chunk in data:
                received += len(chunk)
                if received > MAX_FILE_BYTES:
                    raise _too_large()
                await file.write(chunk)

    async def _place(self, row: File, clean: Path) -> FileInfo:
        """First the bytes, then the row: a row always has its bytes, bytes without a row are swept away."""
        path = self._path(row.id)
        await anyio.to_thread.run_sync(_move, clean, path)
        try:
            async with self._database.begin() as session:
                if await repository.used_bytes(session, row.owner_id) + row.size_bytes > MAX_USER_BYTES:
                    raise PayloadTooLarge(
                        "Your files take all of their 2 GB.", next_step="Delete chats with files you no longer need."
                    )
                session.add(row)
        except BaseException:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(_unlink, (path,))
            raise
        return info(row)

    # --- out --------------------------------------------------------------------------------------------------------

    async def open(self, owner_id: str, file_id: str, size: Size = "full") -> Stored:
        """Where the bytes lie; a text has one size. Raises NotFound, also for another owner's."""
        if not is_id(file_id):
            raise NotFound
        async with self._database.read() as session:
            row = await repository.find(session, owner_id, file_id)
        path = self._path(row.id)
        if size == "full" or is_text(row.media_type) or (size == "model" and _fits_models(row)):
            return Stored(path, row.name, row.media_type)
        variant = path.with_name(f"{row.id}.{size}")
        if not await anyio.Path(variant).exists():
            await self._make_variant(size, path, variant)
        return Stored(variant, row.name, await _variant_type(size, variant))

    async def _make_variant(self, size: Size, path: Path, variant: Path) -> None:
        if not await anyio.Path(path).exists():
            raise NotFound
        made = self._incoming / f"{new_id()}.{size}"
        try:
            await self._image(size, path, made)
            await anyio.to_thread.run_sync(os.replace, made, variant)
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(_unlink, (made,))

    async def model_image(self, owner_id: str, file_id: str) -> Image:
        """The image as a model gets it: PNG or JPEG, at most 2048 pixels on the longest side. Raises NotFound."""
        stored = await self.open(owner_id, file_id, "model")
        try:
            return Image(await anyio.Path(stored.path).read_bytes(), stored.media_type)
        except FileNotFoundError:
            raise NotFound from None

    async def text(self, owner_id: str, file_id: str) -> str:
        """The characters of a text. Raises NotFound, also for an image."""
        stored = await self.open(owner_id, file_id)
        if not is_text(stored.media_type):
            raise NotFound
        try:
            return (await anyio.Path(stored.path).read_bytes()).decode()
        except FileNotFoundError:
            raise NotFound from None

    async def described(self, owner_id: str, file_ids: Sequence[str]) -> list[FileInfo]:
        """Those of the files that the owner has, in the order asked."""
        async with self._database.read() as session:
            rows = await repository.find_all(session, owner_id, file_ids)
        return [info(rows[file_id]) for file_id in file_ids if file_id in rows]

    async def remove(self, owner_id: str, file_id: str) -> None:
        """Delete a file. Raises NotFound."""
        async with self._database.begin() as session:
            await repository.remove(session, owner_id, file_id)
        await anyio.to_thread.run_sync(_unlink, self._all_paths(file_id))

    async def sweep(self, used: set[str]) -> int:
        """Drop files older than a day that are not among `used`, and bytes without a row; how many."""
        async with self._database.read() as session:
            old = await repository.ids_before(session, now() - timedelta(hours=ORPHAN_HOURS))
        unused = [file_id for file_id in old if file_id not in used]
        for start in range(0, len(unused), 200):
            ids = unused[start : start + 200]
            async with self._database.begin() as session:
                await repository.remove_all(session, ids)
            await anyio.to_thread.run_sync(_unlink, [path for file_id in ids for path in self._all_paths(file_id)])
        return len(unused) + await self._sweep_disk()

    async def _sweep_disk(self) -> int:
        before = now().timestamp() - ORPHAN_HOURS * 3600
        on_disk = await anyio.to_thread.run_sync(_old_files, self._root, before)
        gone = 0
        ids = sorted(on_disk)
        for start in range(0, len(ids), 200):
            chunk = ids[start : start + 200]
            async with self._database.read() as session:
                known = await repository.existing(session, chunk)
            lost = [path for file_id in chunk if file_id not in known for path in on_disk[file_id]]
            await anyio.to_thread.run_sync(_unlink, lost)
            gone += len(lost)
        return gone

    # --- the process apart ------------------------------------------------------------------------------------------

    async def _image(self, action: str, source: Path, target: Path) -> dict[str, Any]:
        """Run imaging.py. Raises UnsupportedMedia or PayloadTooLarge; kills it when it takes too long."""
        async with self._room:
            # -I: neither the environment nor the working folder can change what it imports
            process = await create_subprocess_exec(
                sys.executable,
                "-I",
                _IMAGING,
                action,
                str(source),
                str(target),
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=PIPE,
            )
            try:
                with anyio.fail_after(IMAGING_SECONDS):
                    out, err = await process.communicate()
            except TimeoutError:
                raise _refusal("pixels") from None
            finally:
                if process.returncode is None:
                    with suppress(ProcessLookupError):
                        process.kill()
                    with anyio.CancelScope(shield=True):
                        await process.wait()
        if process.returncode != 0:
            _log.warning(
                "imaging_died", action=action, code=process.returncode, error=err.decode(errors="replace")[-400:]
            )
            raise _refusal("broken" if (process.returncode or 0) > 0 else "pixels")
        about: dict[str, Any] = orjson.loads(out)
        if "error" in about:
            raise _refusal(about["error"])
        return about

    def _path(self, file_id: str) -> Path:
        # the last two: the first of a UUIDv7 are the time, and a day's files would lie in one folder
        return self._root / file_id[-2:] / file_id

    def _all_paths(self, file_id: str) -> list[Path]:
        path = self._path(file_id)
        return [path, path.with_name(f"{file_id}.thumb"), path.with_name(f"{file_id}.model")]


async def chunks_of(read: Callable[[int], Awaitable[bytes]]) -> AsyncGenerator[bytes]:
    """What a reader gives, in pieces of 256 kB."""
    while chunk := await read(262_144):
        yield chunk


def info(row: File) -> FileInfo:
    """The row as clients get it."""
    return FileInfo(
        id=row.id,
        name=row.name,
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        width=row.width,
        height=row.height,
        created_at=row.created_at,
    )


def display_name(name: str) -> str:
    """A client's file name, fit to be shown: no path, no control characters, at most 200 characters."""
    name = name.replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(character for character in name if character.isprintable()).strip(" .")
    if len(name) > 200:
        stem, dot, ending = name.rpartition(".")
        name = f"{stem[:190]}.{ending[:9]}" if dot else name[:200]
    return name or "file"


def _fits_models(row: File) -> bool:
    return row.media_type in MODELS_TAKE and max(row.width or 0, row.height or 0) <= MODEL_SIDE


async def _variant_type(size: Size, variant: Path) -> str:
    if size in VARIANT_TYPES:
        return VARIANT_TYPES[size]
    async with await anyio.open_file(variant, "rb") as file:
        return "image/png" if (await file.read(4)) == b"\x89PNG" else "image/jpeg"


def _refusal(reason: str) -> FreeholdError:
    pattern = _REFUSALS[reason]
    return type(pattern)(pattern.message, next_step=pattern.next_step, **pattern.params)


def _too_large() -> PayloadTooLarge:
    return PayloadTooLarge("This file is larger than 50 MB.", next_step="Send a smaller one.")


def _seal(path: Path) -> tuple[int, bytes]:
    """Size and SHA-256 of a file that is on the disk for good when this returns."""
    with path.open("rb+") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
        os.fsync(file.fileno())
        return file.seek(0, os.SEEK_END), digest


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    source.replace(target)
    if os.name == "posix":
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _unlink(paths: Sequence[Path]) -> None:
    for path in paths:
        with suppress(FileNotFoundError, NotADirectoryError):
            path.unlink()


def _old_files(root: Path, before: float) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for path in root.glob("??/*"):
        if path.stat().st_mtime < before:
            found.setdefault(path.name.partition(".")[0], []).append(path)
    return found
