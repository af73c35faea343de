"""JSON as bytes on the wire; a lone surrogate, which UTF-8 cannot hold, goes out as its escape."""

import json
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any

from pydantic_core import PydanticSerializationError, to_json


def dumps(value: Any) -> bytes:
    """Compact JSON of dicts, lists, strings, numbers, booleans and None."""
    try:
        return to_json(value)
    except PydanticSerializationError:
        return json.dumps(value, separators=(",", ":")).encode()


def string(text: str) -> bytes:
    """One JSON string with its quotes; the fast way for the pieces of a streamed text."""
    try:
        return encode_basestring(text).encode()
    except UnicodeEncodeError:
        return encode_basestring_ascii(text).encode()


def event(data: dict[str, Any], name: str | None = None) -> bytes:
    """One server-sent event, with the event's name where the dialect has names."""
    head = b"event: %b\ndata: " % name.encode() if name else b"data: "
    return b"%b%b\n\n" % (head, dumps(data))


def arguments_object(arguments: str) -> dict[str, Any]:
    """The arguments of a tool call as the object that some dialects want; what is none is handed on under a key."""
    try:
        parsed = json.loads(arguments or "{}")
    except ValueError:
        return {"malformed_arguments": arguments}
    return parsed if isinstance(parsed, dict) else {"value": parsed}
