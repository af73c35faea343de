"""What can go wrong between us and a provider, and the error with its sentence that it becomes."""

import socket
import ssl

from freehold import errors
from freehold.providers.upstream.endpoint import Endpoint

CONNECT_S = 10.0


class Broken(Exception):
    """An exchange ended before its answer did."""


class Closed(Broken):
    """The provider closed the connection; the message is how."""


class Stale(Closed):
    """A kept connection was closed while idle, so the provider has not seen the request: it can be sent again."""


class NotHttp(Broken):
    """What came is not HTTP, or more of it than belongs around a body."""


class Silent(Broken):
    """Nothing came for as long as the endpoint allows."""


class ConnectTimeout(Exception):
    """Name, socket and TLS together took longer than CONNECT_S."""


class AddressForbidden(Exception):
    """A host name leads to an address that nothing may connect to; the message is the address."""


def unusable(endpoint: Endpoint) -> errors.ProviderUnreachable:
    """The address is none that could be connected to."""
    return errors.ProviderUnreachable(
        f"The address of {endpoint.provider} is not a usable http or https address.",
        next_step="Correct the address in the provider's settings, for example http://127.0.0.1:11434.",
        **endpoint.params(reason="unusable_address"),
    )


def forbidden(endpoint: Endpoint) -> errors.ProviderUnreachable:
    """The address is one that no setting makes right."""
    return errors.ProviderUnreachable(
        f"{endpoint.where} leads to a link-local or metadata address, which Freehold never connects to.",
        next_step="Enter the address of the model server itself.",
        **endpoint.params(address=endpoint.where, reason="forbidden_address"),
    )


def web_page(endpoint: Endpoint) -> errors.ProviderProtocolError:
    """HTML where an API should be."""
    return errors.ProviderProtocolError(
        f"{endpoint.provider} ({endpoint.where}) answered with a web page instead of an API reply.",
        next_step="Check the address; for most servers it ends in /v1.",
        **endpoint.params(),
    )


def redirect(endpoint: Endpoint, location: str) -> errors.ProviderProtocolError:
    """Status 3xx."""
    return errors.ProviderProtocolError(
        f"{endpoint.provider} ({endpoint.where}) answers with a redirect, which is not followed.",
        next_step="Enter the final address, often https:// instead of http://, in the provider's settings.",
        **endpoint.params(location=location[:500]),
    )


def bad_header(endpoint: Endpoint, name: bytes) -> errors.InvalidRequest:
    """A header that would be more than one line, or whose name is none."""
    first_line = (name.decode("utf-8", "replace").splitlines() or [""])[0]
    return errors.InvalidRequest(
        f"The header {first_line!r} for {endpoint.provider} holds a line break or another character it cannot hold.",
        next_step="Enter the key or header again on a single line.",
        **endpoint.params(),
    )


def reading_failure(endpoint: Endpoint, exc: Broken, started: bool) -> errors.ProviderError:
    """The error for a reply whose body did not come to its end."""
    if isinstance(exc, Silent):
        seconds = endpoint.between_chunks_s if started else endpoint.first_byte_s
        return _timeout(endpoint, seconds, "in the middle of the answer" if started else "before it began")
    return errors.ProviderProtocolError(
        f"{endpoint.provider} ({endpoint.where}) broke the connection off before the answer was complete.",
        **endpoint.params(cause=type(exc).__name__),
    )


def opening_failure(endpoint: Endpoint, exc: Exception) -> errors.ProviderError:
    """The error class and sentence for a request that got no reply; `params` name the address and a reason.

    `reason` is one word, for clients that write their own sentence.
    """
    where = endpoint.where
    if isinstance(exc, AddressForbidden):
        return forbidden(endpoint)
    if isinstance(exc, Silent):
        return _timeout(endpoint, endpoint.first_byte_s, "before it began")
    for kinds, reason, sentence, next_step in (
        (ConnectTimeout, "timeout", f"Connecting to {where} took longer than {CONNECT_S:g} seconds.", None),
        (NotHttp, "not_http", f"{where} answered with something that is not HTTP.", None),
        (Broken, "closed", f"{where} closed the connection without an answer.", None),
        (socket.gaierror, "name_unknown", f"The name of {where} is not known to this machine's DNS.", None),
        (
            ssl.SSLCertVerificationError,
            "certificate",
            f"The TLS certificate of {where} is not valid for it.",
            "Check the address; for a server with its own authority, add that to the system's certificates.",
        ),
        (
            ssl.SSLError,
            "tls",
            f"{where} does not speak TLS as expected.",
            "Check whether the address should start with http:// instead of https://.",
        ),
        (ConnectionRefusedError, "refused", f"{where} refused the connection.", None),
        (OSError, "unreachable", f"{where} cannot be reached.", None),
    ):
        if isinstance(exc, kinds):
            kind = errors.ProviderTimeout if reason == "timeout" else errors.ProviderUnreachable
            kind = errors.ProviderProtocolError if reason == "not_http" else kind
            params = endpoint.params(cause=type(exc).__name__, address=where, reason=reason)
            return kind(sentence, **({"next_step": next_step} if next_step else {}), **params)
    return unusable(endpoint)  # ValueError: a name that is none


def _timeout(endpoint: Endpoint, seconds: float, when: str) -> errors.ProviderTimeout:
    return errors.ProviderTimeout(
        f"{endpoint.provider} ({endpoint.where}) was silent for {seconds:g} seconds {when}.",
        **endpoint.params(address=endpoint.where, reason="timeout", seconds=seconds),
    )
