"""Exports of many chats, or of all there is of a person: written to a file in the background, fetched at leisure."""

import errno
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import structlog
from anyio.abc import TaskGroup

from freehold.access.subject import Subject
from freehold.chat.announce import user_topic
from freehold.chat.bulk import repository as thread_rows
from freehold.chat.service import Chat
from freehold.db import Database
from freehold.errors import Conflict, NotFound, StorageError, TooManyAttempts
from freehold.files.service import Files
from freehold.kit.bus import MemoryBus
from freehold.kit.clock import monotonic, now
from freehold.kit.ids import new_id
from freehold.moving import export_rows, schemas
from freehold.moving.archive_writer import ArchiveWriter
from freehold.moving.document import file_ids, file_path
from freehold.moving.models import Export
from freehold.moving.words import Language

KEPT = timedelta(days=1)
SHOWN = 20
AT_A_TIME = 2  # archives that one process writes
MAX_RUNNING = 2  # of one person
BEAT_SECONDS = 1.0
DEAD = timedelta(minutes=10)  # without a heartbeat: the worker is gone

About = Mapping[str, Callable[[Subject], Awaitable[Any]]]
"""What else there is of a person, by the name it has in the archive."""

_log = structlog.get_logger(__name__)


class Exports:
    """`data_dir`/exports holds the archives for a day."""

    def __init__(
        self,
        database: Database,
        bus: MemoryBus,
        chat: Chat,
        files: Files,
        *,
        data_dir: Path,
        tasks: TaskGroup,
        about: About,
    ) -> None:
        self._database = database
        self._bus = bus
        self._chat = chat
        self._files = files
        self._root = data_dir / "exports"
        self._tasks = tasks
        self._about = about
        self._room = anyio.Semaphore(AT_A_TIME)

    async def start(self) -> None:
        """Tell of what a dead process left unfinished. Of a file only this process may write to, that is all of it."""
        silent = timedelta() if self._database.dialect == "sqlite" else DEAD
        async with self._database.begin() as session:
            await export_rows.end_dead(session, now() - silent, now())

    # --- what the endpoints call ------------------------------------------------------------------------------------

    async def begin(self, subject: Subject, new: schemas.ExportNew) -> schemas.ExportInfo:
        """Begin an archive; threads that are gone are passed over. Raises TooManyAttempts."""
        at = now()
        async with self._database.begin() as session:
            if await export_rows.running(session, subject.user_id) >= MAX_RUNNING:
                raise TooManyAttempts(
                    f"{MAX_RUNNING} archives are being made for you.", next_step="Wait for one of them, or remove it."
                )
            wanted = await thread_rows.ids(session, subject.user_id, new.thread_ids)
            row = Export(
                id=new_id(),
                owner_id=subject.user_id,
                everything=new.thread_ids is None,
                state="running",
                done=0,
                total=len(wanted),
                heartbeat_at=at,
                created_at=at,
            )
            session.add(row)
        self._tasks.start_soon(self._make, subject, row, wanted, new.language)
        return info(row)

    async def shown(self, subject: Subject) -> list[schemas.ExportInfo]:
        """The newest of the subject's."""
        async with self._database.read() as session:
            return [info(row) for row in await export_rows.newest(session, subject.user_id, now() - KEPT, SHOWN)]

    async def one(self, subject: Subject, export_id: str) -> schemas.ExportInfo:
        """Raises NotFound."""
        return info(await self._find(subject, export_id))

    async def content(self, subject: Subject, export_id: str) -> tuple[Path, str]:
        """Where the archive lies, and its name. Raises NotFound, Conflict before it is complete."""
        row = await self._find(subject, export_id)
        if row.state == "running":
            raise Conflict("The archive is still being made.", next_step="Wait until its state is done.")
        path = self._path(row.id)
        if row.state != "done" or not await anyio.Path(path).exists():
            raise NotFound
        return path, f"Freehold {row.created_at.date().isoformat()}.zip"

    async def remove(self, subject: Subject, export_id: str) -> None:
        """Forget an archive; whoever still writes it finds out and gives up. Raises NotFound."""
        row = await self._find(subject, export_id)
        async with self._database.begin() as session:
            await export_rows.remove(session, subject.user_id, row.id)
        await anyio.Path(self._path(row.id)).unlink(missing_ok=True)

    async def _find(self, subject: Subject, export_id: str) -> Export:
        async with self._database.read() as session:
            return await export_rows.find(session, subject.user_id, export_id, now() - KEPT)

    # --- the work ---------------------------------------------------------------------------------------------------

    async def _make(self, subject: Subject, row: Export, wanted: list[str], language: Language) -> None:
        """Write the archive to the end and say how it ended; whatever goes wrong ends this archive alone."""
        part = self._path(row.id).with_suffix(".part")
        try:
            async with self._room:
                size = await self._write(subject, row, wanted, language, part)
                await anyio.Path(part).rename(self._path(row.id))
            end: dict[str, Any] = {"state": "done", "done": len(wanted), "size_bytes": size}
        except _TakenAway:
            return
        except (StorageError, OSError) as error:
            _log.warning("export_failed", export_id=row.id, error=str(error))
            full = isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}
            end = {"state": "failed", "refusal": "disk_full" if full else "storage_error"}
        except Exception:  # noqa: BLE001 - it would end the server, and the row would say `running` for ever
            _log.exception("export_broke", export_id=row.id)
            end = {"state": "failed", "refusal": "storage_error"}
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.Path(part).unlink(missing_ok=True)
        try:
            await self._change(row, **end, finished_at=now())
        except _TakenAway:
            pass
        except StorageError as error:  # the sweep finds it
            _log.warning("export_not_saved", export_id=row.id, code=error.code)

    async def _write(self, subject: Subject, row: Export, wanted: list[str], language: Language, part: Path) -> int:
        """The archive's size in bytes. Raises _TakenAway, StorageError, OSError."""
        archive = await anyio.to_thread.run_sync(ArchiveWriter, part, language)
        size = 0
        try:
            projects = {project.id: project.name for project in await self._chat.projects(subject)}
            beat = monotonic()
            for done, thread_id in enumerate(wanted, 1):
                await self._put_chat(subject, archive, thread_id, projects)
                if monotonic() - beat >= BEAT_SECONDS:
                    beat = monotonic()
                    await self._change(row, done=done, heartbeat_at=now())
            if row.everything:
                about = {name: await of(subject) for name, of in self._about.items()}
                await anyio.to_thread.run_sync(archive.put_account, about)
        finally:
            with anyio.CancelScope(shield=True):
                size = await anyio.to_thread.run_sync(archive.close)
        return size

    async def _put_chat(
        self, subject: Subject, archive: ArchiveWriter, thread_id: str, projects: Mapping[str, str]
    ) -> None:
        try:
            detail = await self._chat.thread(subject, thread_id)
        except NotFound:
            return  # deleted since
        files = await self._files.described(subject.user_id, file_ids(detail.messages))
        for file in files:
            name = file_path(file.id, file.media_type)
            if name not in archive.names:
                stored = await self._files.open(subject.user_id, file.id)
                await anyio.to_thread.run_sync(archive.put_file, name, stored.path)
        project = projects.get(detail.thread.project_id or "")
        await anyio.to_thread.run_sync(archive.put_chat, detail, files, project)

    async def _change(self, row: Export, **values: Any) -> None:
        """Raises _TakenAway when the export was removed meanwhile."""
        async with self._database.begin() as session:
            if not await export_rows.change(session, row.id, **values):
                await anyio.Path(self._path(row.id)).unlink(missing_ok=True)
                raise _TakenAway
        self._bus.publish(user_topic(row.owner_id), {"type": "export", "id": row.id})

    # --- clearing away ----------------------------------------------------------------------------------------------

    async def sweep(self) -> None:
        """Drop archives after a day, and what dead processes left."""
        at = now()
        async with self._database.begin() as session:
            await export_rows.end_dead(session, at - DEAD, at)
            kept = await export_rows.drop_old(session, at - KEPT)
        await anyio.to_thread.run_sync(_sweep, self._root, kept)

    def _path(self, export_id: str) -> Path:
        return self._root / f"{export_id}.zip"


class _TakenAway(Exception):
    """Nobody wants the archive any more."""


def info(row: Export) -> schemas.ExportInfo:
    """The row as clients get it."""
    return schemas.ExportInfo.model_validate({name: getattr(row, name) for name in schemas.ExportInfo.model_fields})


def _sweep(root: Path, kept: set[str]) -> None:
    if root.is_dir():
        for path in root.iterdir():
            if path.stem not in kept:
                path.unlink(missing_ok=True)
