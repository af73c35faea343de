"""A chat in Freehold's own portable form, and the order in which its messages are read. Pure.

The form is JSON: `{"format": "freehold.chat", "version": 1, "exported_at", "thread", "messages", "files"}`.
`messages` is the whole tree in the order of creation, each as the API gives it; `files` says what the messages refer
to. In an archive of everything the bytes are at `files/<id>.<ending>`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from freehold.chat import schemas
from freehold.files.schemas import FileInfo
from freehold.kit.clock import now

FORMAT = "freehold.chat"
VERSION = 1
ACCOUNT = "account.json"  # in an archive of everything: the person, the projects and what else is kept
ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif", "text/plain": "txt"}

# what belongs to one server alone: who is looking at it, what runs
_LEFT_OUT_OF_THREAD = {"generating", "unread"}
_LEFT_OUT_OF_MESSAGE = {"thread_id", "generation_id"}


@dataclass(frozen=True, slots=True)
class Line:
    """A message where it is read: `number` of `count` versions that stand at this place."""

    message: schemas.Message
    number: int
    count: int


def file_path(file_id: str, media_type: str) -> str:
    """Where a file's bytes are in an archive."""
    return f"files/{file_id}.{ENDINGS.get(media_type, 'bin')}"


def file_ids(messages: Iterable[schemas.Message]) -> list[str]:
    """The files that the messages show, each once."""
    shown = (
        part.file_id
        for message in messages
        for part in message.parts
        if isinstance(part, schemas.ImagePart | schemas.FilePart)
    )
    return list(dict.fromkeys(shown))


def as_json(detail: schemas.ThreadDetail, files: Sequence[FileInfo], project: str | None = None) -> Iterator[bytes]:
    """The chat with all its branches, in pieces of a message; with the name of its project, where that is told."""
    thread = detail.thread.model_dump(mode="json", exclude=_LEFT_OUT_OF_THREAD)
    head: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "exported_at": now().isoformat(),
        "thread": {**thread, "project": project} if project else thread,
        "files": [{**file.model_dump(mode="json"), "path": file_path(file.id, file.media_type)} for file in files],
    }
    yield orjson.dumps(head)[:-1] + b',"messages":['
    for at, message in enumerate(detail.messages):
        body = orjson.dumps(message.model_dump(mode="json", exclude=_LEFT_OUT_OF_MESSAGE))
        yield (b",\n" if at else b"\n") + body
    yield b"\n]}\n"


def shown_path(detail: schemas.ThreadDetail) -> list[Line]:
    """The branch that is looked at, from the first message to its leaf."""
    ids = {message.id for message in detail.messages}
    leaf = detail.thread.leaf_id if detail.thread.leaf_id in ids else None
    last = detail.messages[-1].id if detail.messages else ""
    return branch_to(detail, leaf or last)


def branch_to(detail: schemas.ThreadDetail, message_id: str) -> list[Line]:
    """The branch from the first message to this one."""
    by_id = {message.id: message for message in detail.messages}
    siblings = _siblings(detail.messages)
    at = by_id.get(message_id)
    path: list[schemas.Message] = []
    while at is not None:
        path.append(at)
        at = by_id.get(at.parent_id or "")
    return [_line(message, siblings) for message in reversed(path)]


def whole_tree(detail: schemas.ThreadDetail) -> list[Line]:
    """Every message, each branch to its end before the next begins."""
    siblings = _siblings(detail.messages)
    result: list[Line] = []
    waiting = [*reversed(siblings.get(None, []))]
    while waiting:
        message = waiting.pop()
        result.append(_line(message, siblings))
        waiting.extend(reversed(siblings.get(message.id, [])))
    return result


def _siblings(messages: Sequence[schemas.Message]) -> dict[str | None, list[schemas.Message]]:
    found: dict[str | None, list[schemas.Message]] = {}
    for message in messages:
        found.setdefault(message.parent_id, []).append(message)
    return found


def _line(message: schemas.Message, siblings: dict[str | None, list[schemas.Message]]) -> Line:
    versions = siblings[message.parent_id]
    return Line(message, versions.index(message) + 1, len(versions))
