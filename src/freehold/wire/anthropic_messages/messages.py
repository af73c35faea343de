"""`system` and `messages` of a request for a message -> canonical messages."""

from typing import Any

from freehold.wire.anthropic_messages.signatures import with_prefix
from freehold.wire.fields import invalid, list_of, object_of, optional_text, text_of
from freehold.wire.json_text import dumps
from freehold.wire.media import decode
from freehold.wire.request import (
    CachePoint,
    Document,
    Image,
    Message,
    Part,
    Reasoning,
    Text,
    ToolCall,
    ToolResult,
    Verbatim,
)
from freehold.wire.signatures import ANTHROPIC_REDACTED

_BY_VALUE = 'Send it by value: {"type": "base64", "media_type": ..., "data": ...}.'


def messages_of(system: Any, value: Any, verbatim: list[Verbatim]) -> tuple[Message, ...]:
    """Raises InvalidRequest; adds to `verbatim` what has no canonical form."""
    listed = list_of(value, "messages")
    if not listed:
        raise invalid("messages", "must hold at least one message")
    messages: list[Message] = []
    if system is not None and (parts := _content(system, "system", verbatim)):
        messages.append(Message("system", parts))
    for place, item in enumerate(listed):
        messages += _message(object_of(item, f"messages[{place}]"), f"messages[{place}]", verbatim)
    return tuple(messages)


def _message(message: dict[str, Any], path: str, verbatim: list[Verbatim]) -> list[Message]:
    role = message.get("role")
    if role not in ("user", "assistant"):
        raise invalid(f"{path}.role", "must be user or assistant", next_step="Put system text into `system`.")
    parts = _content(message.get("content"), f"{path}.content", verbatim)
    if role == "assistant":
        return [Message("assistant", parts)]
    results = _with_cache_points(parts, results=True)
    rest = _with_cache_points(parts, results=False)
    messages = [Message("tool", results)] if results else []
    return [*messages, Message("user", rest)] if rest or not results else messages


def _with_cache_points(parts: tuple[Part, ...], *, results: bool) -> tuple[Part, ...]:
    """The tool results, or all but them, each with the cache point that follows it."""
    kept: list[Part] = []
    taken = False
    for part in parts:
        if not isinstance(part, CachePoint):
            taken = isinstance(part, ToolResult) is results
        if taken:
            kept.append(part)
    return tuple(kept)


def _content(content: Any, path: str, verbatim: list[Verbatim]) -> tuple[Part, ...]:
    if isinstance(content, str):
        return (Text(content),) if content else ()
    parts: list[Part] = []
    for place, item in enumerate(list_of(content, path)):
        where = f"{path}[{place}]"
        block = object_of(item, where)
        part = _block(block, where, verbatim)
        if part is not None:
            parts.append(part)
        if (kept := block.get("cache_control")) is not None:
            keep = object_of(kept, f"{where}.cache_control").get("ttl")
            parts.append(CachePoint("1h" if keep == "1h" else "5m"))
    return tuple(parts)


def _block(block: dict[str, Any], where: str, verbatim: list[Verbatim]) -> Part | None:
    if block.get("citations"):
        verbatim.append(Verbatim(f"{where}.citations"))
    match block.get("type"):
        case "text":
            return Text(text_of(block.get("text"), f"{where}.text"))
        case "image":
            found = _source(block.get("source"), f"{where}.source", verbatim)
            return Image(found[0], found[1]) if found else None
        case "document":
            return _document(block, where, verbatim)
        case "thinking":
            text = text_of(block.get("thinking"), f"{where}.thinking")
            return Reasoning(text, with_prefix(optional_text(block, "signature", f"{where}.") or ""))
        case "redacted_thinking":
            return Reasoning("", ANTHROPIC_REDACTED + text_of(block.get("data"), f"{where}.data"))
        case "tool_use":
            arguments = object_of(block.get("input"), f"{where}.input")
            name = text_of(block.get("name"), f"{where}.name")
            return ToolCall(text_of(block.get("id"), f"{where}.id"), name, dumps(arguments).decode())
        case "tool_result":
            return _result(block, where, verbatim)
        case str():
            verbatim.append(Verbatim(where))
            return None
        case _:
            raise invalid(f"{where}.type", "must be a type of content block, such as text or image")


def _result(block: dict[str, Any], where: str, verbatim: list[Verbatim]) -> ToolResult:
    call_id = text_of(block.get("tool_use_id"), f"{where}.tool_use_id")
    content = block.get("content")
    failed = block.get("is_error") is True
    if content is None or isinstance(content, str):
        return ToolResult(call_id, content or "", failed)
    inner = _content(content, f"{where}.content", verbatim)
    parts = tuple(part for part in inner if isinstance(part, Text | Image | Document))
    if len(parts) == 1 and isinstance(parts[0], Text):
        return ToolResult(call_id, parts[0].text, failed)
    return ToolResult(call_id, parts, failed)


def _document(block: dict[str, Any], where: str, verbatim: list[Verbatim]) -> Document | None:
    if block.get("context") is not None:
        verbatim.append(Verbatim(f"{where}.context"))
    found = _source(block.get("source"), f"{where}.source", verbatim)
    return Document(found[0], found[1], optional_text(block, "title", f"{where}.")) if found else None


def _source(value: Any, where: str, verbatim: list[Verbatim]) -> tuple[bytes, str] | None:
    source = object_of(value, where)
    match source.get("type"):
        case "base64":
            data = decode(text_of(source.get("data"), f"{where}.data"), f"{where}.data")
            return data, text_of(source.get("media_type"), f"{where}.media_type")
        case "text":
            return text_of(source.get("data"), f"{where}.data").encode("utf-8", "replace"), "text/plain"
        case str():  # by address, by id, or nested content
            verbatim.append(Verbatim(where, _BY_VALUE))
            return None
        case _:
            raise invalid(f"{where}.type", "must be base64, text, url, file or content")
