"""The `input` of a request for a response -> canonical messages; neighbouring items of the model become one message."""

from typing import Any

from freehold.wire.fields import invalid, list_of, object_of, optional_text, text_of
from freehold.wire.media import decode, from_data_url
from freehold.wire.openai_chat.messages import SEND_THE_IMAGE
from freehold.wire.request import (
    Audio,
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
from freehold.wire.signatures import ANTHROPIC, ANTHROPIC_REDACTED, GEMINI, OPENAI

_ROLES: dict[str, Role] = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
_SEND_THE_FILE = "Send the file itself, as `file_data` with a data: URL."
_SOUND = {"wav": "audio/wav", "mp3": "audio/mpeg"}


def messages_of(value: Any, verbatim: list[Verbatim]) -> tuple[Message, ...]:
    """Raises InvalidRequest; adds to `verbatim` what has no canonical form."""
    if isinstance(value, str):
        return (Message("user", (Text(value),)),)
    messages: list[Message] = []
    listed = list_of(value, "input")
    if not listed:
        raise invalid("input", "must hold at least one item")
    for place, entry in enumerate(listed):
        where = f"input[{place}]"
        message = _item(object_of(entry, where), where, verbatim)
        if message is None:
            continue
        if message.role == "assistant" and messages and messages[-1].role == "assistant":
            messages[-1] = Message("assistant", messages[-1].parts + message.parts)
        else:
            messages.append(message)
    return tuple(messages)


def _item(item: dict[str, Any], where: str, verbatim: list[Verbatim]) -> Message | None:
    kind = item.get("type", "message")
    match kind:
        case "message":
            role = _ROLES.get(text_of(item.get("role"), f"{where}.role"))
            if role is None:
                raise invalid(f"{where}.role", "must be user, assistant, system or developer")
            return Message(role, _content(item.get("content"), f"{where}.content", verbatim))
        case "function_call":
            call_id, name = text_of(item.get("call_id"), f"{where}.call_id"), text_of(item.get("name"), f"{where}.name")
            return Message("assistant", (ToolCall(call_id, name, optional_text(item, "arguments", f"{where}.") or ""),))
        case "function_call_output":
            return Message("tool", (_result(item, where, verbatim),))
        case "reasoning":
            return _reasoning(item, where)
        case str():
            verbatim.append(Verbatim(where))
            return None
        case _:
            raise invalid(f"{where}.type", "must be message, function_call, function_call_output or reasoning")


def _result(item: dict[str, Any], where: str, verbatim: list[Verbatim]) -> ToolResult:
    call_id = text_of(item.get("call_id"), f"{where}.call_id")
    output = item.get("output")
    if isinstance(output, str):
        return ToolResult(call_id, output)
    parts = _content(output, f"{where}.output", verbatim)
    return ToolResult(call_id, tuple(part for part in parts if isinstance(part, Text | Image | Document)))


def _reasoning(item: dict[str, Any], where: str) -> Message | None:
    """Its text is the reasoning itself where that is told, else its summary."""
    pieces: list[str] = []
    for name in ("content", "summary"):
        for place, entry in enumerate(list_of(item.get(name) or [], f"{where}.{name}")):
            path = f"{where}.{name}[{place}]"
            pieces.append(text_of(object_of(entry, path).get("text"), f"{path}.text"))
        if pieces:
            break
    signature = optional_text(item, "encrypted_content", f"{where}.")
    if signature and not signature.startswith((ANTHROPIC, ANTHROPIC_REDACTED, GEMINI)):
        signature = OPENAI + signature
    text = "\n\n".join(pieces)
    return Message("assistant", (Reasoning(text, signature or None),)) if text or signature else None


def _content(content: Any, path: str, verbatim: list[Verbatim]) -> tuple[Part, ...]:
    if isinstance(content, str):
        return (Text(content),) if content else ()
    parts: list[Part] = []
    for place, entry in enumerate(list_of(content, path)):
        where = f"{path}[{place}]"
        part = _part(object_of(entry, where), where, verbatim)
        if part is not None:
            parts.append(part)
    return tuple(parts)


def _part(given: dict[str, Any], where: str, verbatim: list[Verbatim]) -> Part | None:
    match given.get("type"):
        case "input_text" | "output_text" | "text":
            return Text(text_of(given.get("text"), f"{where}.text"))
        case "refusal":
            return Text(text_of(given.get("refusal"), f"{where}.refusal"))
        case "input_image":
            return _image(given, where, verbatim)
        case "input_file":
            return _file(given, where, verbatim)
        case "input_audio":
            sound = object_of(given.get("input_audio"), f"{where}.input_audio")
            form = text_of(sound.get("format"), f"{where}.input_audio.format")
            data = text_of(sound.get("data"), f"{where}.input_audio.data")
            return Audio(decode(data, f"{where}.input_audio.data"), _SOUND.get(form, f"audio/{form}"))
        case str():
            verbatim.append(Verbatim(where))
            return None
        case _:
            raise invalid(f"{where}.type", "must be input_text, input_image, input_file or output_text")


def _image(given: dict[str, Any], where: str, verbatim: list[Verbatim]) -> Image | None:
    url = optional_text(given, "image_url", f"{where}.")
    if url is None or url.startswith(("http://", "https://")):
        verbatim.append(Verbatim(f"{where}.image_url", SEND_THE_IMAGE))
        return None
    data, media_type = from_data_url(url, f"{where}.image_url")
    return Image(data, media_type)


def _file(given: dict[str, Any], where: str, verbatim: list[Verbatim]) -> Document | None:
    file_data = optional_text(given, "file_data", f"{where}.")
    if file_data is None:
        verbatim.append(Verbatim(where, _SEND_THE_FILE))
        return None
    data, media_type = from_data_url(file_data, f"{where}.file_data")
    return Document(data, media_type, optional_text(given, "filename", f"{where}."))
