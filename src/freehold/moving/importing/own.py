"""Freehold's own form, of one chat or of an archive of everything: taken back as it was, branches and ids."""

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import ValidationError

from freehold.chat.schemas import Parameters
from freehold.moving.importing.archive import Archive
from freehold.moving.importing.canonical import (
    Conversation,
    Json,
    Node,
    Role,
    listing,
    mapping,
    seconds,
    string,
)

PRODUCT = "freehold"
FORMAT = "freehold.chat"
PARTS = {"text", "reasoning", "image", "file", "tool_call"}
STATUSES = {"complete", "stopped", "failed", "interrupted"}


def conversations(items: Iterable[Any], archive: Archive) -> Iterator[Conversation]:
    """One of each document."""
    for item in items:
        yield _conversation(mapping(item), archive)


def _parameters(told: Any) -> Json | None:
    """What the thread set of its model; nothing where it is not what this version knows."""
    try:
        return Parameters.model_validate(told or {}).model_dump(exclude_none=True) or None
    except ValidationError:
        return None


def _conversation(item: Json, archive: Archive) -> Conversation:
    thread = mapping(item.get("thread"))
    found = Conversation(
        source_id=string(thread.get("id")),
        title=string(thread.get("title")),
        created_at=seconds(thread.get("created_at")),
        updated_at=seconds(thread.get("last_activity_at")),
        project=string(thread.get("project")) or None,
        archived=thread.get("state") == "archived",
        pinned=thread.get("pinned") is True,
        in_house=thread.get("in_house") is True,
        parameters=_parameters(thread.get("parameters")),
        model=string(thread.get("model")) or None,
        leaf=string(thread.get("leaf_id")) or None,
        title_source=string(thread.get("title_source")) or None,
        folding=string(thread.get("folding")) or None,
        choices=mapping(thread.get("choices")) or None,
    )
    if not isinstance(item.get("messages"), list) or item.get("version") != 1:
        found.lose("conversation_unreadable")
        return found
    paths = {string(file.get("id")): string(file.get("path")) for file in map(mapping, listing(item.get("files")))}
    known: set[str] = set()
    for message in map(mapping, item["messages"]):
        found.found += 1
        node = _node(found, message, paths, archive)
        if node is None or node.key in known:
            found.lose("unreadable_message", messages=1)
            continue
        if node.parent not in known:
            node.parent = None
        known.add(node.key)
        found.nodes.append(node)
    return found


def _node(conversation: Conversation, message: Json, paths: dict[str, str], archive: Archive) -> Node | None:
    name, key = string(message.get("role")), string(message.get("id"))
    if name not in ("user", "assistant") or not key:
        return None
    role: Role = "user" if name == "user" else "assistant"
    parts = [made for part in listing(message.get("parts")) if (made := _part(conversation, part, paths, archive))]
    status = string(message.get("status"))
    return Node(
        key=key,
        parent=string(message.get("parent_id")) or None,
        role=role,
        parts=parts,
        created_at=seconds(message.get("created_at")),
        edited_at=seconds(message.get("edited_at")),
        status=status if status in STATUSES else "interrupted",
        run=message.get("run") if isinstance(message.get("run"), dict) else None,
        error=message.get("error") if isinstance(message.get("error"), dict) else None,
        pinned=message.get("pinned") is True,
        translation=message.get("translation") if isinstance(message.get("translation"), dict) else None,
        rated=message.get("feedback") is not None,
    )


def _part(conversation: Conversation, value: Any, paths: dict[str, str], archive: Archive) -> Json | None:
    part = mapping(value)
    kind = string(part.get("type"))
    if kind not in PARTS:
        conversation.lose("content_kind", kind)
        return None
    if kind not in ("image", "file"):
        return part
    file_id = string(part.get("file_id"))
    entry = archive.find(paths.get(file_id, ""), file_id)
    path = archive.take(entry) if entry else None
    # without bytes it may still be on the server that wrote the export
    return {"type": "file", "path": path.name if path else None, "name": string(part.get("name")), "file_id": file_id}
