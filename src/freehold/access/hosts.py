"""Which host names requests may carry: a page of another site that points its own name here gets nothing."""

import ipaddress
import socket
from urllib.parse import urlsplit

from freehold.settings import Settings

_REMEMBERED = 256


class AllowedHosts:
    """Which Host headers are answered: those configured, the public URL's, this machine's names, and IP addresses.

    A DNS rebinding attack needs a name of its own, so plain addresses are harmless.
    """

    def __init__(self, settings: Settings) -> None:
        names = {"localhost", socket.gethostname().lower(), settings.server.host.lower()}
        if settings.server.public_url:
            names.add((urlsplit(settings.server.public_url).hostname or "").lower())
        patterns = set(settings.server.allowed_hosts)
        self._any = "*" in patterns
        self._names = frozenset(names | {item for item in patterns if not item.startswith("*.")})
        self._suffixes = tuple(item[1:] for item in patterns if item.startswith("*."))
        self._judged: dict[bytes, bool] = {}

    def allow(self, header: bytes | None) -> bool:
        """Whether a request with this Host header is answered."""
        if header is None:
            return False
        known = self._judged.get(header)
        if known is None:
            if len(self._judged) >= _REMEMBERED:
                self._judged.clear()
            known = self._judged[header] = self._judge(header)
        return known

    def _judge(self, header: bytes) -> bool:
        host = host_name(header.decode("latin-1"))
        if self._any or host in self._names or host.endswith((".localhost", *self._suffixes)):
            return True
        return is_address(host)


def host_name(header: str) -> str:
    """The name or address in a Host header, without the port."""
    if header.startswith("["):
        return header[1:].partition("]")[0].lower()
    return header.partition(":")[0].lower().rstrip(".")


def is_address(host: str) -> bool:
    """Whether `host` is an IP address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
