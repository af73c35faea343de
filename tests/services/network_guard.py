"""Keeps the test process on loopback: a connection or look-up that would leave the machine raises at once.

Python's audit events see every socket of the socket module; uvloop opens its own, so its two doors are wrapped as well.
Child processes (pip, npm, a browser) are not watched.
"""

import ipaddress
import socket
import sys
from contextlib import suppress
from typing import Any

_LOCAL_NAMES = frozenset({"", "localhost", "ip6-localhost", "0.0.0.0", "::", socket.gethostname().lower()})
_PROBED_NAMES = frozenset({"host.docker.internal"})
"""Looked for by the product itself wherever it runs; answered as on a machine that does not have them."""


class OutsideConnectionError(AssertionError):
    """A test tried to leave the machine. Not an OSError, so that no code under test takes it for a network fault."""


class _Guard:
    installed = False
    allowed = False


def is_local(host: object) -> bool:
    """True for a host that stays on this machine: loopback, `localhost`, none at all, or a name that cannot exist."""
    if host is None:
        return True
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    name = name.lower().rstrip(".")
    # RFC 6761: .localhost is loopback; .invalid never resolves, and the resolver may say so itself
    if name in _LOCAL_NAMES or name.endswith((".localhost", ".invalid")):
        return True
    with suppress(ValueError):
        address = ipaddress.ip_address(name.split("%")[0])
        mapped = getattr(address, "ipv4_mapped", None)
        return (mapped or address).is_loopback
    return False


def _refuse(action: str, host: object) -> None:
    if host in _PROBED_NAMES:
        raise socket.gaierror(socket.EAI_NONAME, f"{host} is not known here")
    if not _Guard.allowed and not is_local(host):
        raise OutsideConnectionError(f"a test tried to {action} {host!r}; tests talk to loopback only")


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if not event.startswith("socket."):
        return
    if event == "socket.connect":
        address = arguments[1]
        if isinstance(address, tuple):
            _refuse("connect to", address[0])
    elif event == "socket.getaddrinfo":
        host = arguments[0]
        # a literal address is only parsed, nothing is asked
        with suppress(ValueError, TypeError):
            ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host)
            return
        _refuse("look up", host)


def install() -> None:
    """Start refusing. Audit hooks cannot be removed, so this holds for the rest of the process."""
    if _Guard.installed:
        return
    _Guard.installed = True
    sys.addaudithook(_audit)
    with suppress(ImportError):
        import uvloop

        def guarded(name: str) -> None:
            original = getattr(uvloop.Loop, name)

            async def call(self: Any, *args: Any, **kwargs: Any) -> Any:
                # create_connection(protocol_factory, host, port, ...), getaddrinfo(host, port, ...)
                position = 1 if name == "create_connection" else 0
                host = kwargs.get("host", args[position] if len(args) > position else None)
                literal = False
                if name == "getaddrinfo":
                    with suppress(ValueError):
                        ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host))
                        literal = True
                if not literal:
                    _refuse("reach", host)
                return await original(self, *args, **kwargs)

            setattr(uvloop.Loop, name, call)

        for name in ("create_connection", "getaddrinfo"):
            guarded(name)


def allow(value: bool) -> None:
    """Open (True) or close (False) the way out, for a test that fetches from a package registry on purpose."""
    _Guard.allowed = value
