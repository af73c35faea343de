"""Whether a browser's request comes from the app's own pages: cross-site writes and WebSockets are refused.

SECURITY.md 5 and 6: `Sec-Fetch-Site` where the browser sends it, else `Origin` against the public origin, else no.
"""

from collections.abc import Mapping
from typing import Literal

from freehold.errors import CrossSiteRequest, UnsupportedMedia

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
ACCEPTED_BODIES = ("application/json", "multipart/form-data")


def own_origins(scheme: str, host: str, public_url: str | None) -> frozenset[str]:
    """The origins that are ours: the configured public one, and the one this request was sent to.

    `host` was checked against the allowed hosts before, so it is not an attacker's choice.
    """
    scheme = {"ws": "http", "wss": "https"}.get(scheme, scheme)
    origins = {f"{scheme}://{host}"}
    if public_url:
        origins.add(public_url.rstrip("/"))
    return frozenset(origins)


def require_same_origin(headers: Mapping[str, str], origins: frozenset[str]) -> None:
    """Raise CrossSiteRequest unless the request comes from the app's own pages or from no page at all.

    `none` means that a person typed the address. A client that is no browser sends neither header and is refused as
    well: programs use keys on /v1, or send `Origin`.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        if site in ("same-origin", "none"):
            return
        raise CrossSiteRequest("This request came from another web page.")
    origin = headers.get("origin")
    if origin is None:
        raise CrossSiteRequest(
            "This request says neither Sec-Fetch-Site nor Origin.",
            next_step="From a program, send the header `Origin` with this server's own address.",
        )
    if origin not in origins:
        raise CrossSiteRequest(f"This request came from {origin}, which is not this server's address.", origin=origin)


def require_plain_body(headers: Mapping[str, str]) -> None:
    """Raise UnsupportedMedia for a body that an HTML form could send across sites; JSON and uploads pass."""
    if headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
        return
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ACCEPTED_BODIES:
        raise UnsupportedMedia(
            f"A body of type {kind or 'unknown'} is not accepted here.",
            next_step="Send application/json.",
            accepted=list(ACCEPTED_BODIES),
        )


Transport = Literal["https", "loopback", "plain"]


def transport_of(scheme: str, host: str) -> Transport:
    """How safe the way to the browser is: TLS, this machine alone, or open to whoever listens."""
    if scheme in ("https", "wss"):
        return "https"
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    return "loopback" if name in ("localhost", "127.0.0.1", "[::1]") or name.endswith(".localhost") else "plain"
