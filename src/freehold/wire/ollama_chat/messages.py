"""Messages of Ollama's chat -> canonical messages; calls and results are matched, for older clients name no ids."""

from typing import Any

from freehold.wire.fields import invalid, list_of, object_of, optional_text, strings, text_of
from freehold.wire.json_text import dumps
from freehold.wire.media import decode, image_type
from freehold.wire.request import Image, Message, Part, Reasoning, Role, Text, ToolCall, ToolResult

_ROLES: dict[str, Role] = {"system": "system", "user": "user", "assistant": "assistant", "tool": "tool"}


def messages_of(value: Any) -> tuple[Message, ...]:
    """Raises InvalidRequest."""
    open_calls: list[ToolCall] = []  # called, and without a result so far
    found: list[Message] = []
    for place, item in enumerate(list_of(value, "messages")):
        path = f"messages[{place}]"
        message = object_of(item, path)
        role = _ROLES.get(text_of(message.get("role"), f"{path}.role"))
        if role is None:
            raise invalid(f"{path}.role", "must be system, user, assistant or tool")
        text = optional_text(message, "content", f"{path}.") or ""
        images = images_of(message.get("images"), f"{path}.images")
        if role == "tool":
            content = (Text(text), *images) if images else text
            found.append(Message("tool", (ToolResult(_answered(message, path, open_calls), content),)))
            continue
        thinking = optional_text(message, "thinking", f"{path}.")
        calls = _calls(message.get("tool_calls"), path, place)
        open_calls += calls
        parts: list[Part] = [Reasoning(thinking)] if thinking else []
        if text:
            parts.append(Text(text))
        found.append(Message(role, (*parts, *images, *calls)))
    return tuple(found)


def images_of(value: Any, field: str) -> tuple[Image, ...]:
    """Images as bare base64; their type is read from their first bytes."""
    found: list[Image] = []
    for place, text in enumerate(strings(value, field)):
        data = decode(text, f"{field}[{place}]")
        found.append(Image(data, image_type(data, f"{field}[{place}]")))
    return tuple(found)


def _calls(value: Any, path: str, place: int) -> list[ToolCall]:
    calls: list[ToolCall] = []
    for number, item in enumerate(list_of(value or [], f"{path}.tool_calls")):
        where = f"{path}.tool_calls[{number}]"
        call = object_of(item, where)
        function = object_of(call.get("function"), f"{where}.function")
        arguments = object_of(function.get("arguments") or {}, f"{where}.function.arguments")
        call_id = optional_text(call, "id", f"{where}.") or f"call_{place}_{number}"
        name = text_of(function.get("name"), f"{where}.function.name")
        calls.append(ToolCall(call_id, name, dumps(arguments).decode()))
    return calls


def _answered(message: dict[str, Any], path: str, open_calls: list[ToolCall]) -> str:
    """The id of the call that a result belongs to: the named one, else the first open one of the named tool, else
    the first open one.
    """
    call_id = optional_text(message, "tool_call_id", f"{path}.")
    name = optional_text(message, "tool_name", f"{path}.") or optional_text(message, "name", f"{path}.")
    for call in open_calls:
        if call.id == call_id if call_id else name in (None, call.name):
            open_calls.remove(call)
            return call.id
    raise invalid(path, "is the result of a tool that no message before it has called")
