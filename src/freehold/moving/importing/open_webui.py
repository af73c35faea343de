"""Open WebUI's export: a list of chats, each with its tree in `chat.history.messages` and its images as addresses."""

import html
import re
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

PRODUCT = "open_webui"
_FOLDED = re.compile(r"<details\b([^>]*)>\s*(?:<summary>.*?</summary>)?(.*?)</details>", re.DOTALL)
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


def conversations(items: Iterable[Any], archive: Archive) -> Iterator[Conversation]:
    """One of each item of the list."""
    for item in items:
        yield _conversation(mapping(item), archive)


def _conversation(item: Json, archive: Archive) -> Conversation:
    chat = mapping(item.get("chat")) or item
    found = Conversation(
        source_id=string(item.get("id")) or string(chat.get("id")),
        title=string(item.get("title")) or string(chat.get("title")),
        created_at=seconds(item.get("created_at")) or seconds(chat.get("timestamp")),
        updated_at=seconds(item.get("updated_at")),
        archived=item.get("archived") is True,
        pinned=item.get("pinned") is True,
    )
    if string(mapping(chat.get("params")).get("system")).strip() or string(chat.get("system")).strip():
        found.lose("instructions")
    history = mapping(chat.get("history"))
    nodes = {key: mapping(node) for key, node in mapping(history.get("messages")).items()}
    leaf = string(history.get("currentId"))
    if not nodes:
        nodes, leaf = _flat(listing(chat.get("messages")))
    if not nodes and "messages" not in history and "messages" not in chat:
        found.lose("conversation_unreadable")
    found.found = len(nodes)
    order = _parents_first(nodes)
    children: dict[str | None, int] = {}
    for key in order:
        parent = string(nodes[key].get("parentId")) or None
        children[parent] = children.get(parent, 0) + 1
    tree = Tree(found, archive, children)
    for key in order:
        _message(tree, key, nodes[key])
    found.leaf = tree.stand_in(leaf)
    return found


def _flat(messages: list[Any]) -> tuple[dict[str, Json], str]:
    """Chats from before there were branches: a list in which each follows the one before."""
    nodes: dict[str, Json] = {}
    before = ""
    for at, message in enumerate(map(mapping, messages)):
        key = string(message.get("id")) or f"#{at}"
        nodes[key] = {**message, "parentId": before or None}
        before = key
    return nodes, before


def _parents_first(nodes: dict[str, Json]) -> list[str]:
    below: dict[str, list[str]] = {}
    order: list[str] = []
    for key, node in nodes.items():
        parent = string(node.get("parentId"))
        (below.setdefault(parent, []) if parent in nodes and parent != key else order).append(key)
    for key in order:  # grows while it is walked
        wanted = {child: at for at, child in enumerate(map(str, listing(nodes[key].get("childrenIds"))))}
        order.extend(sorted(below.pop(key, []), key=lambda child: wanted.get(child, len(wanted))))
    return [*order, *(key for left in below.values() for key in left)]


def _message(tree: Tree, key: str, node: Json) -> None:
    parent, name = string(node.get("parentId")) or None, string(node.get("role"))
    if name == "system":
        tree.skip(key, parent, "system_message")
        return
    if name not in ("user", "assistant"):
        tree.skip(key, parent, "unreadable_message")
        return
    role: Role = "user" if name == "user" else "assistant"
    output = listing(node.get("output"))
    parts = _output(output) if output else []
    if not any(part["type"] == "text" for part in parts):
        content = string(node.get("content"))
        parts = _folded(content) if role == "assistant" else [text_part(content)] if content.strip() else []
    for file in listing(node.get("files")):
        parts += _file(tree.conversation, mapping(file), tree.archive)
    if not parts:
        tree.skip(key, parent, "empty_message")
        return
    at, model = seconds(node.get("timestamp")), string(node.get("model")) or None
    tree.add(key, parent, role, parts, created_at=at, model=model if role == "assistant" else None)


def _output(items: list[Any]) -> list[Json]:
    """The answer in the form of OpenAI's responses, which newer versions keep beside the text."""
    parts: list[Json] = []
    for item in map(mapping, items):
        kind = string(item.get("type"))
        words = "".join(string(mapping(piece).get("text")) for piece in listing(item.get("content")))
        if kind == "reasoning" and words.strip():
            took = item.get("duration")
            parts.append(reasoning_part(words, float(took) if isinstance(took, int | float) else None))
        elif kind == "message" and words.strip():
            parts.append(text_part(words))
        elif kind == "function_call":
            call = string(item.get("call_id"))
            parts.append(tool_call(call, string(item.get("name")) or "tool", string(item.get("arguments"))))
        elif kind == "function_call_output":
            output = item.get("output")
            pieces = [string(mapping(piece).get("text")) for piece in listing(output)]
            parts.append(tool_result(string(item.get("call_id")), "tool", string(output) or "\n".join(pieces)))
    return parts


def _folded(content: str) -> list[Json]:
    """An answer's text, in which thoughts and tools stand as folded blocks of HTML."""
    parts: list[Json] = []
    at = 0
    for block in _FOLDED.finditer(content):
        attributes = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(block[1])}
        kind = attributes.get("type")
        if kind not in ("reasoning", "tool_calls"):
            continue
        if content[at : block.start()].strip():
            parts.append(text_part(content[at : block.start()].strip("\n")))
        at = block.end()
        inside = html.unescape(block[2]).strip()
        if kind == "reasoning":
            words = "\n".join(line.removeprefix(">").removeprefix(" ") for line in inside.splitlines())
            parts.append(reasoning_part(words, _number(attributes.get("duration"))))
        else:
            call = tool_call(
                attributes.get("id", ""), attributes.get("name") or "tool", attributes.get("arguments", "")
            )
            parts.append({**call, "result": attributes.get("result") or inside})
    if content[at:].strip():
        parts.append(text_part(content[at:].strip("\n")))
    return parts


def _file(conversation: Conversation, file: Json, archive: Archive) -> list[Json]:
    name = string(file.get("name")) or string(mapping(file.get("file")).get("filename")) or string(file.get("id"))
    address = string(file.get("url"))
    path = archive.keep_address(address)
    if path is None and not address.startswith("data:"):
        entry = archive.find(string(file.get("id")), address.rsplit("/", 1)[-1], name)
        path = archive.take(entry) if entry else None
    if path is not None:
        return [{"type": "file", "path": path.name, "name": name or "image"}]
    content = string(mapping(mapping(file.get("file")).get("data")).get("content"))
    if content:
        return [attached_text(name or "attachment", content)]
    conversation.lose("file_kind" if address.startswith("data:") else "file_missing", name)
    return []


def _number(text: str | None) -> float | None:
    try:
        return float(text or "") if text and len(text) < 20 and float(text) < 1e9 else None
    except ValueError:
        return None
