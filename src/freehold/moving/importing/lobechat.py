"""LobeChat's exports: of the browser's database (`exportType`, `state`), of the server's (`schemaHash`, `data`) and of
one topic (`version` 2.0, `messages`). Messages lie in one list for all chats, so they are sorted on disk first.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from freehold.moving.importing.archive import Archive
from freehold.moving.importing.canonical import (
    Conversation,
    Json,
    Tree,
    listing,
    mapping,
    reasoning_part,
    seconds,
    string,
    text_part,
    tool_call,
    tool_result,
)

PRODUCT = "lobechat"
NO_TOPIC = "LobeChat"


def one_topic(document: Json, archive: Archive) -> Iterator[Conversation]:
    """The export of one topic; it says nothing that could name it but its first message."""
    messages = [mapping(message) for message in listing(document.get("messages"))]
    first = string(mapping(messages[0] if messages else None).get("id"))
    found = Conversation(source_id=first or string(document.get("title")), title=string(document.get("title")))
    yield _filled(found, messages, {}, {}, archive)


class Store:
    """The rows of one export by conversation, in a file of the scratch folder: a list may be larger than memory."""

    def __init__(self, scratch: Path) -> None:
        self._db = sqlite3.connect(scratch / "lobechat.sqlite")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("CREATE TABLE messages (chat TEXT, at REAL, seq INTEGER PRIMARY KEY, row TEXT)")
        self.sessions: dict[str, Json] = {}
        self.topics: dict[str, Json] = {}
        self.plugins: dict[str, Json] = {}
        self.files: dict[str, Json] = {}
        self.of_message: dict[str, list[str]] = {}
        self.left: dict[str, int] = {}

    def add(self, table: str, row: Json) -> None:
        """A row of one of the export's tables; what no chat is made of is counted in `left`."""
        key = string(row.get("id"))
        if table == "messages":
            chat = f"{string(row.get('sessionId'))}/{string(row.get('topicId'))}"
            line = (chat, seconds(row.get("createdAt")) or 0.0, json.dumps(row))
            self._db.execute("INSERT INTO messages (chat, at, row) VALUES (?, ?, ?)", line)
        elif table == "messagesFiles":
            self.of_message.setdefault(string(row.get("messageId")), []).append(string(row.get("fileId")))
        elif table in ("sessions", "topics", "messagePlugins", "files"):
            kept = {"sessions": self.sessions, "topics": self.topics, "messagePlugins": self.plugins}
            kept.get(table, self.files)[key] = row
        else:
            self.left[table] = self.left.get(table, 0) + 1

    def conversations(self, archive: Archive) -> Iterator[Conversation]:
        """One for each topic, and one for the messages of a session that are in none."""
        self._db.execute("CREATE INDEX by_chat ON messages (chat, at, seq)")
        with closing(self._db):
            chats = self._db.execute("SELECT chat, min(at) FROM messages GROUP BY chat ORDER BY 2, 1").fetchall()
            for chat, _ in chats:
                rows = self._db.execute("SELECT row FROM messages WHERE chat = ? ORDER BY at, seq", (chat,))
                yield self._conversation(chat, [json.loads(row) for (row,) in rows], archive)

    def _conversation(self, chat: str, rows: list[Json], archive: Archive) -> Conversation:
        session_id, _, topic_id = chat.partition("/")
        session, topic = self.sessions.get(session_id, {}), self.topics.get(topic_id, {})
        name = string(mapping(session.get("meta")).get("title")) or string(session.get("title"))
        found = Conversation(
            source_id=chat,
            title=string(topic.get("title")) or name or NO_TOPIC,
            created_at=seconds(topic.get("createdAt")),
            updated_at=seconds(topic.get("updatedAt")),
            project=name or None,
            pinned=topic.get("favorite") is True,
        )
        if string(mapping(session.get("config")).get("systemRole")).strip():
            found.lose("instructions")
        for row in rows:
            extra = [file_id for file_id in self.of_message.get(string(row.get("id")), []) if file_id]
            if extra:
                row["files"] = [*listing(row.get("files")), *extra]
        return _filled(found, rows, self.files, self.plugins, archive)


def _filled(
    found: Conversation, rows: list[Json], files: dict[str, Json], plugins: dict[str, Json], archive: Archive
) -> Conversation:
    """The messages in the order of time; one that names no parent follows the one before."""
    found.found = len(rows)
    keys = {string(row.get("id")) for row in rows}
    placed: set[str | None] = {None}
    parents: list[tuple[str, str | None]] = []
    before: str | None = None
    children: dict[str | None, int] = {}
    for at, row in enumerate(rows):
        key = string(row.get("id")) or f"#{at}"
        named = string(row.get("parentId"))
        parent = named if named in keys and named in placed else before
        parents.append((key, parent))
        children[parent] = children.get(parent, 0) + 1
        placed.add(key)
        before = key
    tree = Tree(found, archive, children)
    for (key, parent), row in zip(parents, rows, strict=True):
        plugin = {**mapping(row.get("plugin")), **plugins.get(key, {})}
        _message(tree, key, parent, row, files=files, plugin=plugin)
    return found


def _message(tree: Tree, key: str, parent: str | None, row: Json, *, files: dict[str, Json], plugin: Json) -> None:
    role, content = string(row.get("role")), row.get("content")
    words = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False) if content else ""
    at = seconds(row.get("createdAt"))
    if role == "system":
        tree.skip(key, parent, "system_message")
        return
    if role == "tool":
        call = string(row.get("tool_call_id")) or string(plugin.get("toolCallId"))
        name = string(plugin.get("apiName")) or string(plugin.get("identifier")) or "tool"
        tree.add(key, parent, "assistant", [tool_result(call, name, words)], created_at=at)
        return
    if role not in ("user", "assistant"):
        tree.skip(key, parent, "unreadable_message")
        return
    parts = _answer_parts(row) if role == "assistant" else []
    thoughts = [part for part in parts if part["type"] == "reasoning"]
    calls = [part for part in parts if part["type"] == "tool_call"]
    shown = [text_part(words)] if words.strip() else []
    pictures = [part for file in _files_of(row) for part in _file(tree.conversation, file, files, tree.archive)]
    parts = [*thoughts, *shown, *pictures, *calls]
    if not parts:
        tree.skip(key, parent, "empty_message")
    elif role == "user":
        tree.add(key, parent, "user", parts, created_at=at)
    else:
        model = string(row.get("model")) or string(mapping(row.get("extra")).get("model")) or None
        tree.add(key, parent, "assistant", parts, created_at=at, model=model)


def _answer_parts(row: Json) -> list[Json]:
    reasoning = mapping(row.get("reasoning"))
    parts: list[Json] = []
    if string(reasoning.get("content")).strip():
        took = reasoning.get("duration")
        parts.append(reasoning_part(reasoning["content"], took / 1000 if isinstance(took, int | float) else None))
    for tool in map(mapping, listing(row.get("tools"))):
        name = string(tool.get("apiName")) or string(tool.get("identifier")) or "tool"
        parts.append(tool_call(string(tool.get("id")), name, string(tool.get("arguments"))))
    return parts


def _files_of(row: Json) -> list[Any]:
    return [*listing(row.get("files")), *listing(row.get("imageList")), *listing(row.get("fileList"))]


def _file(conversation: Conversation, value: Any, files: dict[str, Json], archive: Archive) -> list[Json]:
    """A file by its id, or as the object that newer versions write."""
    file = files.get(value, {"id": value}) if isinstance(value, str) else mapping(value)
    name = string(file.get("name")) or string(file.get("alt")) or string(file.get("id"))
    address = string(file.get("url")) or string(mapping(file.get("data")).get("url"))
    path = archive.keep_address(address)
    if path is None:
        entry = archive.find(string(file.get("id")), address.rsplit("/", 1)[-1], name)
        path = archive.take(entry) if entry else None
    if path is None:
        conversation.lose("file_missing", name)
        return []
    return [{"type": "file", "path": path.name, "name": name}]
