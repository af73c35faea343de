"""The API key of a request to the gateway, from its raw headers; cookies and other schemes are not looked at."""

from collections.abc import Mapping, Sequence

from freehold.errors import TwoCredentials

_BEARER = b"bearer "
_CARRIERS = frozenset((b"authorization", b"x-api-key", b"api-key"))


def credential(headers: Sequence[tuple[bytes, bytes]], named: Mapping[bytes, bytes]) -> str | None:
    """The key in `Authorization: Bearer`, `x-api-key` or `api-key`; None when there is none.

    `headers` are ASGI's pairs, whose names are lower case, and `named` is one of each name. The same key in several
    headers counts once. Raises TwoCredentials when they differ.
    """
    carriers = _CARRIERS.intersection(named)
    if len(named) == len(headers):  # none came twice, so nothing but these need be looked at
        headers = [(name, named[name]) for name in carriers]
    found: bytes | None = None
    for name, value in headers:
        if name not in carriers:
            continue
        if name == b"authorization":
            if value[:7].lower() != _BEARER:
                continue
            value = value[7:]  # noqa: PLW2901 - what follows the scheme
        key = value.strip()
        if not key or key == found:
            continue
        if found is not None:
            raise TwoCredentials
        found = key
    return found.decode("latin-1") if found is not None else None
