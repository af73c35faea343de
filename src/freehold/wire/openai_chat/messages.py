"""The `messages` of a chat completion request -> canonical messages."""

from typing import Any

from freehold.wire.fields import invalid, list_of, object_of, optional_text, text_of
from freehold.wire.media import decode, from_data_url
from freehold.wire.request import (
    Audio,
    CachePoint,
    Document,
    Image,
    Message,
    Part,
    Reasoning,
    Role,
    Text,
    ToolCall,
    ToolResult,
    Verbatim,
)

SEND_THE_IMAGE = "Send the image itself, as a URL that begins with data:image/png;base64, or another type."
_ROLES: dict[str, Role] = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
_SOUND = {"wav": "audio/wav", "mp3": "audio/mpeg"}


def messages_of(value: Any, verbatim: list[Verbatim]) -> tuple[Message, ...]:
    """Raises InvalidRequest; adds to `verbatim` what has no canonical form."""
    listed = list_of(value, "messages")
    if not listed:
        raise invalid("messages", "must hold at least one message")
    return tuple(_message(item, f"messages[{place}]", verbatim) for place, item in enumerate(listed))


def _message(item: Any, path: str, verbatim: list[Verbatim]) -> Message:
    message = object_of(item, path)
    role = message.get("role")
    content = message.get("content")
    if role == "tool":
        call_id = text_of(message.get("tool_call_id"), f"{path}.tool_call_id")
        return Message("tool", (ToolResult(call_id, _result(content, f"{path}.content", verbatim)),))
    if role == "function" or message.get("function_call") is not None:
        raise invalid(
            path,
            "uses function_call, which OpenAI has replaced by tools",
            next_step="Send `tools`, `tool_choice`, and messages with `tool_calls` and role `tool`.",
        )
    canonical = _ROLES.get(role) if isinstance(role, str) else None
    if canonical is None:
        raise invalid(f"{path}.role", "must be system, developer, user, assistant or tool")
    if canonical == "assistant":
        return Message("assistant", _assistant(message, path, verbatim), optional_text(message, "name", f"{path}."))
    if content is None:
        raise invalid(f"{path}.content", "must be a string or a list of parts")
    return Message(
        canonical, _content(content, f"{path}.content", verbatim), optional_text(message, "name", f"{path}.")
    )


def _assistant(message: dict[str, Any], path: str, verbatim: list[Verbatim]) -> tuple[Part, ...]:
    parts: list[Part] = list(_reasoning(message, path))
    if message.get("content") is not None:
        parts += _content(message["content"], f"{path}.content", verbatim)
    if refusal := optional_text(message, "refusal", f"{path}."):
        parts.append(Text(refusal))
    if message.get("audio") is not None:
        verbatim.append(Verbatim(f"{path}.audio"))
    for place, item in enumerate(list_of(message.get("tool_calls") or [], f"{path}.tool_calls")):
        where = f"{path}.tool_calls[{place}]"
        call = object_of(item, where)
        if call.get("type", "function") != "function":
            verbatim.append(Verbatim(where))
            continue
        function = object_of(call.get("function"), f"{where}.function")
        name = text_of(function.get("name"), f"{where}.function.name")
        arguments = text_of(function.get("arguments") or "", f"{where}.function.arguments")
        parts.append(ToolCall(text_of(call.get("id"), f"{where}.id"), name, arguments))
    return tuple(parts)


def _reasoning(message: dict[str, Any], path: str) -> list[Reasoning]:
    """Earlier reasoning, as `reasoning_details` with signatures, else as `reasoning_content` or `reasoning`."""
    details = message.get("reasoning_details")
    if details:
        found = []
        for place, item in enumerate(list_of(details, f"{path}.reasoning_details")):
            where = f"{path}.reasoning_details[{place}]."
            detail = object_of(item, where[:-1])
            text, signature = optional_text(detail, "text", where) or "", optional_text(detail, "signature", where)
            if text or signature:
                found.append(Reasoning(text, signature))
        return found
    text = optional_text(message, "reasoning_content", f"{path}.") or optional_text(message, "reasoning", f"{path}.")
    return [Reasoning(text)] if text else []


def _result(content: Any, path: str, verbatim: list[Verbatim]) -> str | tuple[Text | Image | Document, ...]:
    if isinstance(content, str) or content is None:
        return content or ""
    parts = tuple(part for part in _content(content, path, verbatim) if isinstance(part, Text | Image | Document))
    if all(isinstance(part, Text) for part in parts):
        return "".join(part.text for part in parts if isinstance(part, Text))
    return parts


def _content(content: Any, path: str, verbatim: list[Verbatim]) -> tuple[Part, ...]:
    if isinstance(content, str):
        return (Text(content),) if content else ()
    parts: list[Part] = []
    for place, item in enumerate(list_of(content, path)):
        where = f"{path}[{place}]"
        given = object_of(item, where)
        part = _part(given, where, verbatim)
        if part is not None:
            parts.append(part)
        if kept := given.get("cache_control"):  # as OpenRouter has it
            parts.append(CachePoint("1h" if isinstance(kept, dict) and kept.get("ttl") == "1h" else "5m"))
    return tuple(parts)


def _part(given: dict[str, Any], where: str, verbatim: list[Verbatim]) -> Part | None:
    match given.get("type"):
        case "text":
            return Text(text_of(given.get("text"), f"{where}.text"))
        case "refusal":
            return Text(text_of(given.get("refusal"), f"{where}.refusal"))
        case "image_url":
            return _image(given.get("image_url"), f"{where}.image_url", verbatim)
        case "input_audio":
            sound = object_of(given.get("input_audio"), f"{where}.input_audio")
            form = text_of(sound.get("format"), f"{where}.input_audio.format")
            data = text_of(sound.get("data"), f"{where}.input_audio.data")
            return Audio(decode(data, f"{where}.input_audio.data"), _SOUND.get(form, f"audio/{form}"))
        case "file":
            return _file(object_of(given.get("file"), f"{where}.file"), f"{where}.file", verbatim)
        case str():
            verbatim.append(Verbatim(where))
            return None
        case _:
            raise invalid(f"{where}.type", "must be text, image_url, input_audio or file")


def _image(value: Any, where: str, verbatim: list[Verbatim]) -> Image | None:
    url = text_of(value if isinstance(value, str) else object_of(value, where).get("url"), f"{where}.url")
    if not url.startswith("data:"):
        if not url.startswith(("http://", "https://")):
            raise invalid(f"{where}.url", "must be a data: or https: URL")
        verbatim.append(Verbatim(f"{where}.url", SEND_THE_IMAGE))
        return None
    data, media_type = from_data_url(url, f"{where}.url")
    return Image(data, media_type)


def _file(file: dict[str, Any], where: str, verbatim: list[Verbatim]) -> Document | None:
    if file.get("file_data") is None:
        text_of(file.get("file_id"), f"{where}.file_data")
        verbatim.append(Verbatim(f"{where}.file_id", "Send the file itself, as `file_data` with a data: URL."))
        return None
    data, media_type = from_data_url(text_of(file["file_data"], f"{where}.file_data"), f"{where}.file_data")
    return Document(data, media_type, optional_text(file, "filename", f"{where}."))
