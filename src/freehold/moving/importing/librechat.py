"""LibreChat's export of a conversation: `messagesTree` or `messages`, nested by `children` or by `parentMessageId`."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from freehold.moving.importing.archive import Archive
from freehold.moving.importing.canonical import (
    Conversation,
    Json,
    Tree,
    attached_text,
    listing,
    mapping,
    reasoning_part,
    seconds,
    string,
    text_part,
    tool_call,
)

PRODUCT = "librechat"


def conversations(items: Iterable[Any], archive: Archive) -> Iterator[Conversation]:
    """One of each item: a file holds one conversation, a list several."""
    for item in items:
        yield _conversation(mapping(item), archive)


def _conversation(item: Json, archive: Archive) -> Conversation:
    options = mapping(item.get("options"))
    found = Conversation(source_id=string(item.get("conversationId")), title=string(item.get("title")))
    if string(options.get("promptPrefix")).strip() or string(options.get("system")).strip():
        found.lose("instructions")
    listed = item.get("messagesTree") if isinstance(item.get("messagesTree"), list) else item.get("messages")
    if not isinstance(listed, list):
        found.lose("conversation_unreadable")
        return found
    messages = _walk(listed)
    found.found = len(messages)
    children: dict[str | None, int] = {}
    for _, parent, _ in messages:
        children[parent] = children.get(parent, 0) + 1
    tree = Tree(found, archive, children)
    for key, parent, message in messages:
        _message(tree, key, parent, message, string(options.get("model")) or None)
    times = [node.created_at for node in found.nodes if node.created_at]
    found.created_at, found.updated_at = min(times, default=None), max(times, default=None)
    if item.get("branches") is False and found.nodes:
        found.leaf = found.nodes[-1].key
    return found


def _walk(listed: list[Any]) -> list[tuple[str, str | None, Json]]:
    """Every message as (key, parent's key, message), parents first. The nesting may be as deep as the chat is long."""
    flat: list[tuple[str, str | None, Json]] = []
    waiting: list[tuple[Any, str | None]] = [(message, None) for message in reversed(listed)]
    while waiting:
        value, above = waiting.pop()
        message = mapping(value)
        key = string(message.get("messageId")) or f"#{len(flat)}"
        parent = above if above is not None else string(message.get("parentMessageId")) or None
        flat.append((key, parent, message))
        waiting.extend((child, key) for child in reversed(listing(message.get("children"))))
    known = {key for key, _, _ in flat}
    below: dict[str, list[tuple[str, str | None, Json]]] = {}
    order: list[tuple[str, str | None, Json]] = []
    for key, parent, message in flat:
        if parent in known and parent != key:
            below.setdefault(parent, []).append((key, parent, message))
        else:
            order.append((key, None, message))
    for key, _, _ in order:  # grows while it is walked
        order.extend(below.pop(key, []))
    return [*order, *((key, None, message) for left in below.values() for key, _, message in left)]


def _message(tree: Tree, key: str, parent: str | None, message: Json, model: str | None) -> None:
    conversation, archive = tree.conversation, tree.archive
    parts = [
        part for piece in listing(message.get("content")) for part in _piece(conversation, mapping(piece), archive)
    ]
    if not parts and string(message.get("text")).strip():
        parts.append(text_part(message["text"]))
    for file in map(mapping, [*listing(message.get("files")), *listing(message.get("attachments"))]):
        parts += _file(conversation, file, archive)
    if not parts:
        tree.skip(key, parent, "empty_message")
        return
    asked = message.get("isCreatedByUser")
    by_user = asked if isinstance(asked, bool) else string(message.get("sender")).lower() == "user"
    made = seconds(message.get("createdAt"))
    edited = seconds(message.get("updatedAt")) if message.get("isEdited") is True else None
    if by_user:
        tree.add(key, parent, "user", parts, created_at=made, edited_at=edited)
        return
    status = "stopped" if message.get("unfinished") is True else "complete"
    used = string(message.get("model")) or model
    tree.add(key, parent, "assistant", parts, created_at=made, edited_at=edited, model=used, status=status)


def _piece(conversation: Conversation, piece: Json, archive: Archive) -> list[Json]:
    kind = string(piece.get("type"))
    if kind in ("text", "think", "error"):
        value = piece.get(kind)
        words = string(value) or string(mapping(value).get("value"))
        if not words.strip():
            return []
        return [reasoning_part(words) if kind == "think" else text_part(words)]
    if kind == "tool_call":
        call = mapping(piece.get("tool_call"))
        function = mapping(call.get("function"))
        arguments = call.get("args") or function.get("arguments") or ""
        shown = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
        name = string(call.get("name")) or string(function.get("name")) or "tool"
        output = string(call.get("output")) or string(function.get("output"))
        return [{**tool_call(string(call.get("id")), name, shown), "result": output or None}]
    if kind in ("image_file", "image_url"):
        return _file(conversation, mapping(piece.get(kind)), archive)
    conversation.lose("content_kind", kind)
    return []


def _file(conversation: Conversation, file: Json, archive: Archive) -> list[Json]:
    name = string(file.get("filename")) or string(file.get("file_id"))
    address = string(file.get("filepath")) or string(file.get("url"))
    path = archive.keep_address(address)
    if path is None:
        entry = archive.find(string(file.get("file_id")), address.rsplit("/", 1)[-1], name)
        path = archive.take(entry) if entry else None
    if path is not None:
        return [{"type": "file", "path": path.name, "name": name or "image"}]
    if string(file.get("text")):
        return [attached_text(name or "attachment", file["text"])]
    conversation.lose("file_missing", name)
    return []
