"""Claude's export: a zip with conversations.json, a list whose `chat_messages` name their parents in newer exports."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from freehold.moving.importing.archive import Archive
from freehold.moving.importing.canonical import (
    Conversation,
    Json,
    Role,
    Tree,
    attached_text,
    listing,
    mapping,
    reasoning_part,
    seconds,
    string,
    text_part,
    tool_call,
    tool_result,
)

PRODUCT = "claude"
ROLES: dict[str, Role] = {"human": "user", "user": "user", "assistant": "assistant"}


def conversations(items: Iterable[Any], archive: Archive) -> Iterator[Conversation]:
    """One of each item of the list."""
    for item in items:
        yield _conversation(mapping(item), archive)


def _conversation(item: Json, archive: Archive) -> Conversation:
    found = Conversation(
        source_id=string(item.get("uuid")),
        title=string(item.get("name")),
        created_at=seconds(item.get("created_at")),
        updated_at=seconds(item.get("updated_at")),
        project=string(mapping(item.get("project")).get("name")) or None,
        pinned=item.get("is_starred") is True,
    )
    if not isinstance(item.get("chat_messages"), list):
        found.lose("conversation_unreadable")
        return found
    messages = [mapping(message) for message in item["chat_messages"]]
    found.found = len(messages)
    keys = {string(message.get("uuid")) for message in messages}
    branching = any(string(message.get("parent_message_uuid")) in keys for message in messages)
    tree = Tree(found, archive, _children(messages) if branching else {})
    before: str | None = None
    for at, message in enumerate(_parents_first(messages) if branching else messages):
        key = string(message.get("uuid")) or f"#{at}"
        parent = (string(message.get("parent_message_uuid")) or None) if branching else before
        _message(tree, key, parent, message, string(item.get("model")) or None)
        before = key
    leaf = string(item.get("current_leaf_message_uuid"))
    found.leaf = tree.stand_in(leaf) if leaf else None
    return found


def _children(messages: list[Json]) -> dict[str | None, int]:
    found: dict[str | None, int] = {}
    for message in messages:
        parent = string(message.get("parent_message_uuid"))
        found[parent] = found.get(parent, 0) + 1
    return found


def _parents_first(messages: list[Json]) -> list[Json]:
    """As they come, each after its parent; those in a circle last."""
    known = {string(message.get("uuid")) for message in messages}
    below: dict[str, list[Json]] = {}
    order: list[Json] = []
    for message in messages:
        parent = string(message.get("parent_message_uuid"))
        if parent in known and parent != message.get("uuid"):
            below.setdefault(parent, []).append(message)
        else:
            order.append(message)
    for message in order:  # grows while it is walked
        order.extend(below.pop(string(message.get("uuid")), []))
    return [*order, *(message for left in below.values() for message in left)]


def _message(tree: Tree, key: str, parent: str | None, message: Json, model: str | None) -> None:
    role = ROLES.get(string(message.get("sender")) or string(message.get("role")))
    if role is None:
        tree.skip(key, parent, "unreadable_message")
        return
    conversation = tree.conversation
    parts = [part for block in listing(message.get("content")) for part in _block(conversation, mapping(block))]
    if not any(part["type"] == "text" for part in parts) and string(message.get("text")).strip():
        parts.append(text_part(message["text"]))
    parts += _attachments(conversation, message, tree.archive)
    if not parts:
        tree.skip(key, parent, "empty_message")
        return
    at = seconds(message.get("created_at"))
    tree.add(key, parent, role, parts, created_at=at, model=model if role == "assistant" else None)


def _block(conversation: Conversation, block: Json) -> list[Json]:
    kind = string(block.get("type"))
    if kind == "text":
        return [text_part(block["text"])] if string(block.get("text")).strip() else []
    if kind == "thinking":
        words = string(block.get("thinking"))
        began, ended = seconds(block.get("start_timestamp")), seconds(block.get("stop_timestamp"))
        took = round(ended - began, 1) if began and ended and ended >= began else None
        return [reasoning_part(words, took)] if words.strip() else []
    if kind == "tool_use":
        arguments = json.dumps(block.get("input"), ensure_ascii=False)
        return [tool_call(string(block.get("id")), string(block.get("name")) or "tool", arguments)]
    if kind == "tool_result":
        name, result = string(block.get("name")) or "tool", _result(block.get("content"))
        return [tool_result(string(block.get("tool_use_id")), name, result, is_error=block.get("is_error") is True)]
    if kind not in ("token_budget", "flag"):
        conversation.lose("content_kind", kind)
    return []


def _result(content: Any) -> str:
    if isinstance(content, str):
        return content
    texts = [string(mapping(piece).get("text")) for piece in listing(content)]
    if all(texts):
        return "\n\n".join(texts)
    return json.dumps(content, ensure_ascii=False)


def _attachments(conversation: Conversation, message: Json, archive: Archive) -> list[Json]:
    parts: list[Json] = []
    told: set[str] = set()
    for attachment in map(mapping, listing(message.get("attachments"))):
        name, content = string(attachment.get("file_name")), string(attachment.get("extracted_content"))
        told.add(name)
        if content:
            parts.append(attached_text(name or "attachment", content))
        else:
            conversation.lose("file_missing", name)
    for file in map(mapping, [*listing(message.get("files")), *listing(message.get("files_v2"))]):
        name, file_id = string(file.get("file_name")), string(file.get("file_uuid"))
        if (file_id or name) in told:
            continue
        told |= {file_id or name}
        entry = archive.find(file_id, name)
        path = archive.take(entry) if entry else None
        if path is None:
            conversation.lose("file_kind" if entry else "file_missing", name or file_id)
        else:
            parts.append({"type": "file", "path": path.name, "name": name})
    return parts
