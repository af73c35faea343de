"""A zip of chats as it grows on disk. Blocks: for a thread of its own.

`chats/00001 <title>.md` is to be read, the `.json` beside it is what Freehold imports, `files/` holds what they show.
"""

import os
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from pydantic_core import to_jsonable_python

from freehold.chat import schemas
from freehold.files.schemas import FileInfo
from freehold.kit.clock import now
from freehold.moving.document import ACCOUNT, as_json, file_path, whole_tree
from freehold.moving.markdown import as_markdown, one_line
from freehold.moving.words import WORDS, Language

TITLE = 60  # characters; some systems bear no long paths
FORBIDDEN = '\\/:*?"<>|'


class ArchiveWriter:
    """Holds one chat in memory, never the archive."""

    def __init__(self, path: Path, language: Language) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = path
        self._language: Language = language
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        self._chats = 0
        self.names: set[str] = set()
        """The files that are in it already."""

    def put_chat(self, detail: schemas.ThreadDetail, files: Sequence[FileInfo], project: str | None) -> None:
        """A chat with all its branches, in both forms."""
        self._chats += 1
        title = one_line(detail.thread.title) or WORDS[self._language].untitled
        name = f"chats/{self._chats:05d} {plain(title)}"
        text = as_markdown(detail.thread, whole_tree(detail), _beside, self._language)
        self._put(f"{name}.md", "".join(text).encode())
        self._put(f"{name}.json", b"".join(as_json(detail, files, project)))

    def put_file(self, name: str, path: Path) -> None:
        """A file as it is; one that a restored disk does not have is left out."""
        if path.exists():
            self._zip.write(path, name, zipfile.ZIP_STORED)
        self.names.add(name)

    def put_account(self, about: Mapping[str, Any]) -> None:
        """What is no chat."""
        head = {"format": "freehold.account", "version": 1, "exported_at": now().isoformat()}
        self._put(ACCOUNT, orjson.dumps({**head, **to_jsonable_python(about)}, option=orjson.OPT_INDENT_2))

    def _put(self, name: str, data: bytes) -> None:
        at = now()
        entry = zipfile.ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second))
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o600 << 16
        self._zip.writestr(entry, data)

    def close(self) -> int:
        """End the archive and bring it to the disk; its size in bytes."""
        self._zip.close()
        with self._path.open("rb+") as file:
            os.fsync(file.fileno())
            return file.seek(0, os.SEEK_END)


def plain(title: str) -> str:
    """A title as the name of a file on every system."""
    kept = "".join("_" if sign in FORBIDDEN or not sign.isprintable() else sign for sign in title)
    return kept[:TITLE].strip(" .") or "_"


def _beside(part: schemas.ImagePart | schemas.FilePart) -> str:
    return f"../{file_path(part.file_id, part.media_type)}"
