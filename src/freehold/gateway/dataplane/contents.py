"""What a request says, read from its body whatever its dialect; for rules, which see all that would be sent."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from freehold.gateway.routing.content import Content
from freehold.settings.routing import Attachment

_KINDS: dict[str, Attachment] = {
    "image": "image",
    "image_url": "image",
    "input_image": "image",
    "audio": "audio",
    "input_audio": "audio",
    "document": "file",
    "file": "file",
    "input_file": "file",
}
_BY_VALUE = ("data", "file_data", "input_audio")
_TEXTS = ("text", "thinking", "output", "arguments", "transcript")
_INSTRUCTING = frozenset({"system", "developer"})


def content_of_body(body: Mapping[str, Any]) -> Content:
    """The content; what is none of the known forms is left out, and nothing is refused."""
    attachments: set[Attachment] = set()
    said: list[str] = []
    instructions: list[str] = []
    asked = ""
    for name in ("system", "instructions"):
        instructions += _texts(body.get(name), attachments)
    for role, texts in _messages(body, attachments):
        if role in _INSTRUCTING:
            instructions += texts
            continue
        said += texts
        if role == "user":
            asked = "\n\n".join(texts) or asked
    return Content(
        asked,
        "\n\n".join(said),
        "\n\n".join(instructions),
        frozenset(attachments),
        bool(body.get("tools")),
        _wants_schema(body),
    )


def every_text(value: Any) -> Iterator[str]:
    """Each text in a body, wherever it is; files and pictures by value are none."""
    if isinstance(value, str):
        if not value.startswith("data:"):
            yield value
    elif isinstance(value, list):
        for item in value:
            yield from every_text(item)
    elif isinstance(value, dict):
        by_value = value.get("type") in ("base64", "input_audio") or "format" in value
        for name, item in value.items():
            if not (by_value and name in _BY_VALUE) and name != "images":
                yield from every_text(item)


def _messages(body: Mapping[str, Any], attachments: set[Attachment]) -> Iterator[tuple[str, list[str]]]:
    if body.get("prompt") is not None:
        if body.get("images"):
            attachments.add("image")
        yield "user", list(_texts(body["prompt"], attachments))
    for name in ("messages", "input"):
        items = body.get(name)
        if isinstance(items, str):
            yield "user", [items]
            continue
        for item in items if isinstance(items, list) else ():
            if not isinstance(item, dict):
                yield "user", list(_texts(item, attachments))
                continue
            role = item.get("role")
            if item.get("images"):
                attachments.add("image")
            texts = [*_texts(item.get("content"), attachments), *_own_texts(item)]
            for call in item.get("tool_calls") or ():
                texts += _texts(call.get("function") if isinstance(call, dict) else None, attachments)
            yield role if isinstance(role, str) else "tool", texts


def _texts(value: Any, attachments: set[Attachment]) -> Iterator[str]:
    """Every text in a content: a string, parts, or parts within parts."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, attachments)
    elif isinstance(value, dict):
        kind = _KINDS.get(str(value.get("type")))
        if kind is not None:
            attachments.add(kind)
            source = value.get("source")
            if isinstance(source, dict) and source.get("type") == "text":
                yield str(source.get("data", ""))
            return
        yield from _own_texts(value)
        yield from _texts(value.get("content"), attachments)
        if value.get("type") == "tool_use":
            yield orjson.dumps(value.get("input"), default=str).decode()


def _own_texts(value: Mapping[str, Any]) -> Iterator[str]:
    for name in _TEXTS:
        text = value.get(name)
        if isinstance(text, str):
            yield text


def _wants_schema(body: Mapping[str, Any]) -> bool:
    wished = body.get("response_format")
    if isinstance(wished, dict) and wished.get("type") == "json_schema":
        return True
    if isinstance(body.get("format"), dict):  # Ollama's
        return True
    text = body.get("text")
    shape = text.get("format") if isinstance(text, dict) else None
    return isinstance(shape, dict) and shape.get("type") == "json_schema"
