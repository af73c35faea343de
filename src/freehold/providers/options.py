"""The options of a configured provider: checked before they are used, and shown without what may be secret in them."""

import re
from collections.abc import Mapping
from typing import Any

from freehold.errors import InvalidRequest

HIDDEN = "[hidden]"
"""Stands for the value of an extra header, which often is a credential; sent back unchanged it keeps the old value."""

_POSITIVE_NUMBERS = ("first_token_timeout_s", "first_byte_timeout", "chunk_timeout", "num_ctx", "context_tokens")
_COUNTS = {"slots": 1, "queue": 0}
"""Whole numbers, and the smallest each may be."""

# RFC 9110 section 5.1
_HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_OURS = frozenset({"connection", "content-length", "content-type", "host", "te", "transfer-encoding", "upgrade"})
"""What frames a request; another value could make one request look like two."""


def check(options: Mapping[str, Any]) -> None:
    """Raises InvalidRequest that names the option which cannot be what it is."""
    for name in _POSITIVE_NUMBERS:
        value = options.get(name)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if value is not None and not (number and 0 < value < 1e9):
            raise InvalidRequest(f"The option {name} must be a positive number.", field=f"options.{name}")
    for name, least in _COUNTS.items():
        value = options.get(name)
        if value is not None and not (type(value) is int and least <= value <= 100_000):
            raise InvalidRequest(f"The option {name} must be a whole number from {least} on.", field=f"options.{name}")
    if options.get("queue") is not None and options.get("slots") is None:
        raise InvalidRequest("The option queue needs slots: what would it wait for?", field="options.queue")
    headers = options.get("headers")
    if headers is not None and not (
        isinstance(headers, dict) and all(isinstance(value, str) for value in headers.values())
    ):
        raise InvalidRequest("The option headers must be a table of texts.", field="options.headers")
    for name in headers or {}:
        if not _HEADER_NAME.fullmatch(name) or name.lower() in _OURS:
            raise InvalidRequest(f"{name!r} cannot be sent as an extra header.", field="options.headers")


def shown(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options as an administrator sees them."""
    if not options.get("headers"):
        return dict(options)
    return {**options, "headers": dict.fromkeys(options["headers"], HIDDEN)}


def merged(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What an administrator sent, with the values that were hidden put back."""
    known = before.get("headers") or {}
    headers = after.get("headers")
    if not isinstance(headers, dict):
        return dict(after)
    kept = {name: known.get(name, "") if value == HIDDEN else value for name, value in headers.items()}
    return {**after, "headers": kept}


def keeps_hidden(options: Mapping[str, Any]) -> bool:
    """Whether a value that was hidden is meant to stay."""
    return HIDDEN in (options.get("headers") or {}).values()


def secrets(options: Mapping[str, Any]) -> list[str]:
    """What must not appear in a log."""
    return [str(value) for value in (options.get("headers") or {}).values()]
