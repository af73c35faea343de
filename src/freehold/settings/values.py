"""Checks of single values: lists in one variable, host patterns, networks, public addresses."""

import ipaddress
import json
import re
from typing import Any
from urllib.parse import urlsplit

_HOST_PATTERN = re.compile(r"^(\*|(\*\.)?[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?)$")


def as_list(value: Any) -> Any:
    """A comma- or space-separated string as a list; anything else as it is."""
    return [item for item in re.split(r"[,\s]+", value) if item] if isinstance(value, str) else value


def as_json(value: Any) -> Any:
    """What a variable holds as JSON text, such as `{"concurrency": 4}`; anything else as it is."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise ValueError('must be JSON, for example {"concurrency": 4}') from None


def check_host_pattern(value: str) -> str:
    """A host name, `*.name` or `*`, without scheme and port, in lower case."""
    if not _HOST_PATTERN.match(value):
        raise ValueError("must be a host name such as chat.example.com or *.example.com, without scheme and port")
    return value.lower()


def check_networks(values: tuple[str, ...]) -> tuple[str, ...]:
    """IP addresses or networks in CIDR form."""
    for value in values:
        try:
            ipaddress.ip_network(value, strict=False)
        except ValueError:
            raise ValueError(f"{value!r} is neither an IP address nor a network such as 10.0.0.0/8") from None
    return values


def check_public_url(value: str) -> str:
    """An http(s) origin; returned without a trailing slash."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address such as https://chat.example.com")
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise ValueError("must be scheme, host and port only: Freehold lives at the root of its host")
    return value.rstrip("/")
