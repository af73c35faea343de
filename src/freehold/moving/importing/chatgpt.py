"""ChatGPT's export: a zip with conversations.json (or conversations-000.json, ...), a list of trees by `mapping`."""

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

PRODUCT = "chatgpt"


def conversations(items: Iterable[Any], archive: Archive) -> Iterator[Conversation]:
    """One of each item of the list."""
    for item in items:
        yield _conversation(mapping(item), archive)


def _conversation(item: Json, archive: Archive) -> Conversation:
    found = Conversation(
        source_id=string(item.get("conversation_id")) or string(item.get("id")),
        title=string(item.get("title")),
        created_at=seconds(item.get("create_time")),
        updated_at=seconds(item.get("update_time")),
        archived=item.get("is_archived") is True,
        pinned=item.get("is_starred") is True,
    )
    nodes = {key: mapping(node) for key, node in mapping(item.get("mapping")).items()}
    if not nodes:
        found.lose("conversation_unreadable")
        return found
    order = _parents_first(nodes)
    children: dict[str | None, int] = {}
    for key in order:
        parent = string(nodes[key].get("parent")) or None
        children[parent] = children.get(parent, 0) + 1
    tree = Tree(found, archive, children)
    model = string(item.get("default_model_slug")) or None
    for key in order:
        parent = string(nodes[key].get("parent")) or None
        message = nodes[key].get("message")
        if message is None:
            tree.skip(key, parent)
            continue
        found.found += 1
        _message(tree, key, parent, mapping(message), model)
    found.leaf = tree.stand_in(string(item.get("current_node")))
    return found


def _parents_first(nodes: dict[str, Json]) -> list[str]:
    """Every key once: from each root down, siblings as `children` orders them; what hangs in a circle comes last."""
    below: dict[str, list[str]] = {}
    roots: list[str] = []
    for key, node in nodes.items():
        parent = string(node.get("parent"))
        (below.setdefault(parent, []) if parent in nodes and parent != key else roots).append(key)
    order: list[str] = []
    waiting = [*reversed(roots)]
    while waiting:
        key = waiting.pop()
        order.append(key)
        place = {child: at for at, child in enumerate(map(str, listing(nodes[key].get("children"))))}
        waiting.extend(sorted(below.get(key, []), key=lambda child: place.get(child, len(place)), reverse=True))
    reached = set(order)
    return [*order, *(key for key in nodes if key not in reached)]


def _message(tree: Tree, key: str, parent: str | None, message: Json, model: str | None) -> None:
    metadata = mapping(message.get("metadata"))
    role = string(mapping(message.get("author")).get("role"))
    content = mapping(message.get("content"))
    if metadata.get("is_visually_hidden_from_conversation") is True or string(content.get("content_type")) in _HIDDEN:
        tree.skip(key, parent, "hidden_message")
        return
    if role == "system":
        tree.skip(key, parent, "system_message" if _texts(content) else "empty_message")
        return
    if role not in ("user", "assistant", "tool"):
        tree.skip(key, parent, "unreadable_message")
        return
    parts = _parts(tree.conversation, content, tree.archive)
    parts += _attachments(tree.conversation, metadata, content, tree.archive)
    parts = _with_tools(key, role, message, parts)
    if not parts:
        tree.skip(key, parent, "empty_message")
        return
    kind: Role = "user" if role == "user" else "assistant"
    slug = string(metadata.get("model_slug")) or model
    at = seconds(message.get("create_time"))
    tree.add(key, parent, kind, parts, created_at=at, model=None if kind == "user" else slug)


_HIDDEN = {"user_editable_context", "model_editable_context"}


def _with_tools(key: str, role: str, message: Json, parts: list[Json]) -> list[Json]:
    """A message to a tool becomes its call, a message of a tool the call's result; images stay images."""
    words = "\n\n".join(part["text"] for part in parts if part["type"] == "text")
    others = [part for part in parts if part["type"] not in {"text", "reasoning"}]
    thoughts = [part for part in parts if part["type"] == "reasoning"]
    recipient = string(message.get("recipient")) or "all"
    if role == "assistant" and recipient != "all" and words:
        return [*thoughts, tool_call(key, recipient, words), *others]
    if role == "tool":
        name = string(mapping(message.get("author")).get("name")) or "tool"
        return [*thoughts, *([tool_result("", name, words)] if words else []), *others]
    return parts


def _texts(content: Json) -> str:
    return "\n\n".join(part for part in listing(content.get("parts")) if isinstance(part, str) and part.strip())


def _parts(conversation: Conversation, content: Json, archive: Archive) -> list[Json]:
    kind = string(content.get("content_type"))
    if kind in ("text", "multimodal_text"):
        return [made for part in listing(content.get("parts")) if (made := _piece(conversation, part, archive))]
    if kind == "thoughts":
        thoughts = [mapping(thought) for thought in listing(content.get("thoughts"))]
        words = [string(thought.get("content")) or string(thought.get("summary")) for thought in thoughts]
        return [reasoning_part("\n\n".join(word for word in words if word))] if any(words) else []
    if kind == "reasoning_recap":
        return [reasoning_part(string(content.get("content")))] if content.get("content") else []
    if kind == "tether_quote":
        title = string(content.get("title")) or string(content.get("url"))
        return [attached_text(title, string(content.get("text")))] if content.get("text") else []
    words = string(content.get("text")) or string(content.get("result")) or _texts(content)
    if words.strip():
        return [text_part(words)]
    if kind and len(content) > 1 and kind not in ("code", "execution_output", "tether_browsing_display"):
        conversation.lose("content_kind", kind)
    return []


def _piece(conversation: Conversation, part: Any, archive: Archive) -> Json | None:
    """One part of a text with pictures and sound."""
    if isinstance(part, str):
        return text_part(part) if part.strip() else None
    piece = mapping(part)
    kind = string(piece.get("content_type"))
    if kind == "image_asset_pointer":
        pointer = string(piece.get("asset_pointer"))
        return _image(conversation, pointer.rpartition("//")[2].partition("#")[0], pointer, archive)
    words = string(piece.get("text"))
    if words:  # audio_transcription
        return text_part(words)
    conversation.lose("content_kind", kind)
    return None


def _image(conversation: Conversation, file_id: str, name: str, archive: Archive) -> Json | None:
    entry = archive.find(name, file_id)
    if entry is None:
        conversation.lose("file_missing", name or file_id)
        return None
    path = archive.take(entry)
    if path is None:
        conversation.lose("file_kind", entry)
        return None
    return {"type": "file", "path": path.name, "name": entry.rsplit("/", 1)[-1]}


def _attachments(conversation: Conversation, metadata: Json, content: Json, archive: Archive) -> list[Json]:
    """What was attached and is not shown by a pointer of the same message."""
    shown = "".join(string(mapping(part).get("asset_pointer")) for part in listing(content.get("parts")))
    parts: list[Json] = []
    for attachment in map(mapping, listing(metadata.get("attachments"))):
        file_id, name = string(attachment.get("id")), string(attachment.get("name"))
        if file_id and file_id in shown:
            continue
        part = _image(conversation, file_id, name, archive)
        if part is not None:
            parts.append({**part, "name": name or part["name"]})
    return parts
