"""The session cookie: one name per transport, read and written here only."""

from starlette.requests import HTTPConnection
from starlette.responses import Response

from freehold.access.origin import transport_of
from freehold.errors import Forbidden, InvalidRequest

SECURE_NAME = "__Host-session"
PLAIN_NAME = "freehold_session"


def _is_secure(connection: HTTPConnection) -> bool:
    return transport_of(connection.scope["scheme"], connection.headers.get("host", "")) == "https"


def session_token(connection: HTTPConnection) -> str | None:
    """The session cookie's value. Two different ones are refused rather than guessed between. Raises InvalidRequest."""
    name = SECURE_NAME if _is_secure(connection) else PLAIN_NAME
    found = {
        value.strip()
        for header in connection.headers.getlist("cookie")
        for pair in header.split(";")
        for key, _, value in [pair.partition("=")]
        if key.strip() == name
    }
    if len(found) > 1:
        raise InvalidRequest(
            "Two different session cookies were sent.", next_step="Delete this site's cookies and sign in."
        )
    return next(iter(found), None)


def set_session(connection: HTTPConnection, response: Response, token: str, seconds: int, *, plain_http: bool) -> None:
    """Put the cookie on the response; over open plain http only when the operator said so. Raises Forbidden."""
    transport = transport_of(connection.scope["scheme"], connection.headers.get("host", ""))
    if transport == "plain" and not plain_http:
        raise Forbidden(
            "This page came over plain http, where a session could be read on the way.",
            next_step="Put https in front, or set FREEHOLD_SERVER__PLAIN_HTTP=true on a network you trust.",
        )
    secure = transport == "https"
    response.set_cookie(
        SECURE_NAME if secure else PLAIN_NAME,
        token,
        max_age=seconds,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def clear_session(response: Response) -> None:
    """Forget the cookie in the browser, under both names."""
    response.delete_cookie(SECURE_NAME, path="/", secure=True, httponly=True, samesite="lax")
    response.delete_cookie(PLAIN_NAME, path="/", httponly=True, samesite="lax")
