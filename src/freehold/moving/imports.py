"""Imports: the archive comes in pieces, is read by a process apart, and lands conversation by conversation.

Each conversation and the report of it are one transaction, so a server that is killed goes on behind the last one.
"""

import errno
from collections.abc import AsyncIterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import anyio
import anyio.to_thread
import structlog

from freehold.access.subject import Subject
from freehold.chat.announce import Announcer, user_topic
from freehold.db import Database
from freehold.errors import Conflict, DiskFull, PayloadTooLarge, StorageError, TooManyAttempts
from freehold.files.service import Files
from freehold.kit.bus import MemoryBus
from freehold.kit.clock import monotonic, now
from freehold.kit.ids import new_id
from freehold.kit.pagination import decode_cursor, encode_cursor, page_of
from freehold.moving import import_rows, place, reading, schemas
from freehold.moving.belongings import Belongings, Take
from freehold.moving.models import Import, ImportNote

MAX_OPEN = 20  # of one person; some products give a file for each chat
SHOWN = 20
POLL_SECONDS = 15.0
HEARTBEAT_SECONDS = 5.0
DEAD_SECONDS = 60.0  # without a heartbeat: the worker is gone
KEPT_UNFINISHED = timedelta(days=1)

Json = dict[str, Any]
_log = structlog.get_logger(__name__)


class Imports:
    """`data_dir`/imports holds the archives until they are read."""

    def __init__(
        self,
        database: Database,
        bus: MemoryBus,
        files: Files,
        *,
        data_dir: Path,
        largest: int,
        takes: Mapping[str, Take],
    ) -> None:
        self._database = database
        self._bus = bus
        self._announcer = Announcer(bus)
        self._files = files
        self._root = data_dir / "imports"
        self._largest = largest
        self._takes = takes
        self._worker = new_id()
        self._news = anyio.Event()

    # --- what the endpoints call ------------------------------------------------------------------------------------

    async def begin(self, subject: Subject, new: schemas.ImportNew) -> schemas.ImportInfo:
        """Make room for an archive. Raises PayloadTooLarge, TooManyAttempts."""
        if new.size_bytes > self._largest:
            raise PayloadTooLarge(
                f"The archive is larger than {self._largest / 1e9:g} GB.",
                next_step="Split it.",
                limit_bytes=self._largest,
            )
        row = Import(
            id=new_id(),
            owner_id=subject.user_id,
            name=new.name,
            size_bytes=new.size_bytes,
            received_bytes=0,
            state="receiving",
            done=0,
            progress=0.0,
            report=schemas.ImportReport().model_dump(),
            created_at=now(),
        )
        async with self._database.begin() as session:
            if await import_rows.open_ones(session, subject.user_id) >= MAX_OPEN:
                raise TooManyAttempts(
                    f"{MAX_OPEN} imports of yours are under way.", next_step="Wait for one of them, or remove it."
                )
            session.add(row)
        return info(row)

    async def receive(
        self, subject: Subject, import_id: str, offset: int, data: AsyncIterable[bytes]
    ) -> schemas.ImportInfo:
        """The piece of the archive that begins at `offset`; one that was sent already changes nothing.

        With the last one the import begins. Raises NotFound, Conflict (a piece is missing before this one),
        PayloadTooLarge, DiskFull.
        """
        async with self._database.read() as session:
            row = await import_rows.find(session, subject.user_id, import_id)
        if row.state != "receiving":
            return info(row)
        if offset > row.received_bytes:
            raise Conflict(
                "A piece before this one is missing.", next_step="Go on at received_bytes.", received=row.received_bytes
            )
        received = await self._write(row, offset, data)
        async with self._database.begin() as session:
            row = await import_rows.find(session, subject.user_id, import_id, lock=True)
            row.received_bytes = max(row.received_bytes, received)
            if row.received_bytes == row.size_bytes and row.state == "receiving":
                row.state = "waiting"
        if row.state == "waiting":
            self._news.set()
        return info(row)

    async def _write(self, row: Import, offset: int, data: AsyncIterable[bytes]) -> int:
        await anyio.to_thread.run_sync(_prepare, self._root)
        path = self._path(row.id)
        try:
            async with await anyio.open_file(path, "r+b" if await anyio.Path(path).exists() else "w+b") as file:
                await file.seek(offset)
                async for chunk in data:
                    offset += len(chunk)
                    if offset > row.size_bytes:
                        raise PayloadTooLarge(
                            "This is more than the archive was said to have.", next_step="Begin the import again."
                        )
                    await file.write(chunk)
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise DiskFull("The disk is full, so the archive was not stored.") from error
            raise StorageError(f"The archive could not be stored: {error.strerror}.") from error
        return offset

    async def shown(self, subject: Subject) -> list[schemas.ImportInfo]:
        """The newest of the subject's."""
        async with self._database.read() as session:
            return [info(row) for row in await import_rows.newest(session, subject.user_id, SHOWN)]

    async def one(self, subject: Subject, import_id: str) -> schemas.ImportInfo:
        """Raises NotFound."""
        async with self._database.read() as session:
            return info(await import_rows.find(session, subject.user_id, import_id))

    async def notes(self, subject: Subject, import_id: str, cursor: str | None, limit: int) -> schemas.NotePage:
        """What was not taken, by conversation. Raises NotFound, InvalidRequest."""
        (after,) = decode_cursor(cursor, int) if cursor else (-1,)
        async with self._database.read() as session:
            await import_rows.find(session, subject.user_id, import_id)
            rows = await import_rows.notes(session, subject.user_id, import_id, after, limit + 1)
        page, more = page_of(rows, limit)
        return schemas.NotePage(
            items=[
                schemas.NoteInfo.model_validate(
                    {"seq": row.seq, "thread_id": row.thread_id, "title": row.title, "items": row.items}
                )
                for row in page
            ],
            next_cursor=encode_cursor(page[-1].seq) if more and page else None,
        )

    async def remove(self, subject: Subject, import_id: str) -> None:
        """Forget an import and its report; one under way ends, what it brought stays. Raises NotFound."""
        async with self._database.begin() as session:
            await import_rows.remove(session, subject.user_id, import_id)
        await anyio.Path(self._path(import_id)).unlink(missing_ok=True)

    # --- the work ---------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Take one import after the other; ends by cancellation."""
        # of a file only this process may write to, whoever worked on it before is gone
        dead = 0.0 if self._database.dialect == "sqlite" else DEAD_SECONDS
        while True:
            self._news = anyio.Event()
            try:
                row = await self._claim(dead)
                if row is not None:
                    await self._import_alone(row)
            except (StorageError, OSError) as error:
                _log.warning("import interrupted", error=str(error))
                row = None
            dead = DEAD_SECONDS
            if row is None:
                with anyio.move_on_after(POLL_SECONDS):
                    await self._news.wait()

    async def _claim(self, dead_seconds: float) -> Import | None:
        at = now()
        async with self._database.begin() as session:
            return await import_rows.claim(session, self._worker, at, at - timedelta(seconds=dead_seconds))

    async def _import_alone(self, row: Import) -> None:
        """Whatever goes wrong ends this import alone. Raises StorageError, OSError: it is tried again."""
        try:
            await self._import(row)
        except (StorageError, OSError):
            raise
        except Exception:  # noqa: BLE001 - it would end the server, and each start anew
            _log.exception("import_broke", import_id=row.id)
            await self._end(row, {"kind": "refused", "reason": "broken_archive"}, row.product)
            await anyio.Path(self._path(row.id)).unlink(missing_ok=True)

    async def _import(self, row: Import) -> None:
        path = self._path(row.id)
        product = row.product
        seen, beat = 0, monotonic()
        belongings = Belongings(self._takes)
        async with reading.read(path, self._root / f"{row.id}.taken") as lines:
            async for line in lines:
                kind = line["kind"]
                if kind == "product":
                    product = cast("str", line["product"])
                elif kind == "conversation":
                    seen += 1
                    if seen > row.done and not await self._land(row, line, product or "freehold"):
                        return
                elif kind == "account":
                    seen += 1
                    belongings.know(line["part"], line["items"])
                    if seen > row.done and not await self._take(row, belongings, line, product or "freehold"):
                        return
                elif kind == "progress" and monotonic() - beat >= HEARTBEAT_SECONDS / 5:
                    beat = monotonic()
                    if not await self._beat(row, line["read"] / max(1, line["total"])):
                        return
                elif kind in ("end", "refused"):
                    await self._end(row, line, product)
        await anyio.Path(path).unlink(missing_ok=True)

    async def _land(self, row: Import, conversation: Json, product: str) -> bool:
        """One conversation; False when the import was taken away meanwhile."""
        placed = place.Placed()
        async with self._database.read() as session:
            planned = await place.plan(session, row.owner_id, product, conversation)
        scratch = self._root / f"{row.id}.taken"
        if planned.new:
            await place.store_files(self._files, row.owner_id, scratch, planned, placed)
        await anyio.to_thread.run_sync(_clear, scratch, conversation)
        async with self._database.begin() as session:
            held = await import_rows.hold(session, row.id, self._worker)
            if held is None:
                return False
            if planned.new or planned.thread is not None:
                await place.write(session, row.owner_id, conversation, planned, placed, product=product)
            elif not conversation["lost"]:
                placed.lose("conversation_empty", "")
            items = losses(conversation["lost"], placed.lost)
            if items:
                title = conversation["title"][:400]
                session.add(
                    ImportNote(import_id=row.id, seq=held.done, thread_id=placed.thread_id, title=title, items=items)
                )
            held.report = reported(held.report, conversation, placed, items)
            held.product, held.done, held.heartbeat_at = product, held.done + 1, now()
        return True

    async def _take(self, row: Import, belongings: Belongings, line: Json, product: str) -> bool:
        """Some of what is no chat; False when the import was taken away meanwhile."""
        part, items = line["part"], line["items"]
        async with self._database.begin() as session:
            held = await import_rows.hold(session, row.id, self._worker)
            if held is None:
                return False
            landed = await belongings.take(session, row.owner_id, part, items)
            lost = losses(landed.lost)
            if lost:
                session.add(ImportNote(import_id=row.id, seq=held.done, thread_id=None, title="", items=lost))
            held.report = reported_part(held.report, part, len(items), landed)
            held.product, held.done, held.heartbeat_at = product, held.done + 1, now()
        if part == "memory":
            self._announcer.memory(row.owner_id)
        return True

    async def _beat(self, row: Import, progress: float) -> bool:
        async with self._database.begin() as session:
            held = await import_rows.hold(session, row.id, self._worker)
            if held is None:
                return False
            held.progress, held.heartbeat_at = min(1.0, progress), now()
        self._announce(row)
        return True

    async def _end(self, row: Import, line: Json, product: str | None) -> None:
        async with self._database.begin() as session:
            held = await import_rows.hold(session, row.id, self._worker)
            if held is None:
                return
            parts = line.get("parts") or []
            if parts:
                lost = [{"code": "archive_part", "count": len(parts), "messages": 0, "names": parts}]
                session.add(ImportNote(import_id=row.id, seq=held.done, thread_id=None, title="", items=lost))
                report = schemas.ImportReport.model_validate(held.report)
                report.losses = {**report.losses, "archive_part": len(parts)}
                held.report = report.model_dump()
            refused = line["kind"] == "refused"
            held.state = "failed" if refused else "done"
            held.refusal = line["reason"] if refused else None
            held.product = product or held.product
            held.progress, held.finished_at, held.heartbeat_at = (held.progress if refused else 1.0), now(), now()
        self._announce(row)

    def _announce(self, row: Import) -> None:
        self._bus.publish(user_topic(row.owner_id), {"type": "import", "id": row.id})

    # --- clearing away ----------------------------------------------------------------------------------------------

    async def sweep(self) -> None:
        """Drop what was never sent to the end, and archives that no import waits for."""
        before = now() - KEPT_UNFINISHED
        async with self._database.begin() as session:
            left = await import_rows.left_behind(session, before)
            await import_rows.drop(session, left)
            waiting = await import_rows.existing(session)
        await anyio.to_thread.run_sync(_sweep, self._root, waiting, before.timestamp())

    def _path(self, import_id: str) -> Path:
        return self._root / import_id


def info(row: Import) -> schemas.ImportInfo:
    """The row as clients get it."""
    return schemas.ImportInfo.model_validate({name: getattr(row, name) for name in schemas.ImportInfo.model_fields})


def losses(*found: Json) -> list[Json]:
    """The losses of a conversation and of its landing as one list."""
    joined: dict[str, Json] = {}
    for code, entry in ((code, entry) for lost in found for code, entry in lost.items()):
        known = joined.setdefault(code, {"code": code, "count": 0, "messages": 0, "names": []})
        known["count"] += entry["count"]
        known["messages"] += entry["messages"]
        known["names"] += entry["names"]
    return list(joined.values())


def reported(report: Json, conversation: Json, placed: place.Placed, items: list[Json]) -> Json:
    """The report with one more conversation in it."""
    found = schemas.ImportReport.model_validate(report)
    chats, messages = found.chats, found.messages
    chats.found += 1
    if placed.thread_id is None:
        chats.not_taken += 1
    elif placed.fresh:
        chats.imported += 1
    else:
        chats.already += 1
        found.extended += 1 if placed.imported else 0
    messages.found += conversation["found"]
    messages.imported += placed.imported
    messages.already += placed.already
    messages.not_taken += conversation["found"] - placed.imported - placed.already
    found.files += placed.files
    _add(found, items)
    return found.model_dump()


def reported_part(report: Json, part: str, count: int, landed: place.Landed) -> Json:
    """The report with some rows of a part of the account in it."""
    found = schemas.ImportReport.model_validate(report)
    counts: schemas.Counts = getattr(found, part)
    counts.found += count
    counts.imported += landed.imported
    counts.already += landed.already
    counts.not_taken += count - landed.imported - landed.already
    _add(found, losses(landed.lost))
    return found.model_dump()


def _add(found: schemas.ImportReport, items: list[Json]) -> None:
    for item in items:
        found.losses[item["code"]] = found.losses.get(item["code"], 0) + item["count"]


def _prepare(root: Path) -> None:
    root.mkdir(mode=0o700, parents=True, exist_ok=True)


def _clear(scratch: Path, conversation: Json) -> None:
    """What the reader took out for this conversation."""
    for node in conversation["nodes"]:
        for part in node["parts"]:
            if part.get("type") == "file" and part.get("path"):
                (scratch / Path(part["path"]).name).unlink(missing_ok=True)


def _sweep(root: Path, waiting: set[str], before: float) -> None:
    if not root.is_dir():
        return
    for path in root.iterdir():
        if path.is_file() and path.name not in waiting and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
