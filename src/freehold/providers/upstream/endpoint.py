"""Where a provider lives, and what of its address a connection needs."""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from freehold.kit import addresses

FIRST_BYTE_S = 120.0
BETWEEN_CHUNKS_S = 120.0

# RFC 3986: what a path and a query may hold as it is, and % of what is encoded already
_PLAIN = re.compile(r"[A-Za-z0-9\-._~:/?@!$&'()*+,;=%]*")
_KEPT = "-._~:/?@!$&'()*+,;=%"
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one provider lives and how long to wait for it (seconds).

    Requests built on an endpoint can only go to the host and port of `base_url`, so an administrator who configures
    a private address opens that one door and no other.
    """

    provider_id: str
    provider: str  # display name, for the sentences of errors
    base_url: str
    first_byte_s: float = FIRST_BYTE_S
    between_chunks_s: float = BETWEEN_CHUNKS_S

    @property
    def where(self) -> str:
        """host:port, as an error sentence names it."""
        parts = urlsplit(self.base_url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        host = parts.hostname or "?"
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def url(self, path: str) -> str:
        """`base_url` with `path` appended."""
        return f"{self.base_url.rstrip('/')}/{path.lstrip('/')}" if path else self.base_url

    def params(self, **more: Any) -> dict[str, Any]:
        """What every ProviderError's `params` must hold, and more."""
        return {"provider": self.provider, "provider_id": self.provider_id, **more}


class Door(NamedTuple):
    """What a connection leads to: requests to the same door may share one."""

    tls: bool
    host: str  # ASCII, lower case
    port: int


class Target(NamedTuple):
    """An address that was looked at: its door, the Host header, and whether nothing may ever connect to it."""

    door: Door
    authority: bytes
    forbidden: bool


@functools.lru_cache(maxsize=512)
def target_of(base_url: str) -> Target | None:
    """Take an address apart; None when it is not usable: another scheme, credentials in it, no host, a bad port.

    A literal address is judged here; the answers for a name are judged when it is resolved.
    """
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname, parts.port
        if parts.scheme not in ("http", "https") or not host or parts.username is not None:
            return None
        host = host.encode("idna").decode() if not host.isascii() else host
    except ValueError:  # UnicodeError is one
        return None
    tls = parts.scheme == "https"
    bracketed = f"[{host}]" if ":" in host else host
    authority = (bracketed if port is None else f"{bracketed}:{port}").encode()
    door = Door(tls, host, port or (443 if tls else 80))
    try:
        return Target(door, authority, addresses.judge(host) == "forbidden")
    except ValueError:
        pass
    last = host.rstrip(".").rpartition(".")[2]
    if _NUMBER.fullmatch(last) or not _PLAIN.fullmatch(host):
        return None  # 2130706433, 127.1, 0x7f.1: spellings that the C library takes for addresses
    return Target(door, authority, False)


def request_target(url: str, params: Mapping[str, str] | None) -> bytes:
    """Path and query of a URL as the request line has them; what may not stand there is percent-encoded."""
    scheme_end = url.index("://") + 3
    slash = url.find("/", scheme_end)
    question = url.find("?", scheme_end)
    if slash < 0 or 0 <= question < slash:
        path = "/" + url[question:] if question >= 0 else "/"
    else:
        path = url[slash:]
    if not _PLAIN.fullmatch(path):
        path = quote(path, safe=_KEPT)
    if params:
        path += ("&" if "?" in path else "?") + urlencode(params)
    return path.encode("ascii")
