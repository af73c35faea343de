"""Checks of single values: lists in one variable, host patterns, networks, public addresses."""

import ipaddress
import json
import re
from datetime import UTC, date, datetime, timedelta
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


def as_moment(value: Any) -> Any:
    """A day as the moment at which it is over, in UTC; a time without a zone is UTC; `never` as it is."""
    if value == "never":
        return value
    try:
        if isinstance(value, str):
            value = date.fromisoformat(value) if len(value) == len("2027-12-31") else datetime.fromisoformat(value)
        if isinstance(value, datetime):
            return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=UTC) + timedelta(days=1)
    except (ValueError, OverflowError):
        pass  # told below, like everything else that is no day
    raise ValueError("must be a day such as 2027-12-31, or never")


def check_host_pattern(value: str) -> str:
    """A host name, `*.name` or `*`, without scheme and port, in lower case."""
    if not _HOST_PATTERN.match(value):
        raise ValueError("must be a host name such as chat.example.com or *.example.com, without scheme and port")
    return value.lower()


def check_origin(value: str) -> str:
    """`https://host[:port]` in the form in which browsers send it, or `*`."""
    if value == "*":
        return value
    parts = urlsplit(value)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or value.rstrip("/") != f"{parts.scheme}://{parts.netloc}"
    ):
        raise ValueError("must be an origin such as https://app.example.com, without a path, or *")
    return value.rstrip("/").lower()


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
