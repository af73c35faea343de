"""The typed dependencies that every endpoint names: Member, Admin, Public, and MemberSocket for WebSockets."""

import ipaddress
from typing import Annotated

from fastapi import Depends, Request, WebSocket
from starlette.requests import HTTPConnection

from freehold.access.cookies import session_token
from freehold.access.origin import SAFE_METHODS, own_origins, require_plain_body, require_same_origin, transport_of
from freehold.access.subject import Subject
from freehold.deps import services
from freehold.errors import Forbidden, NotSignedIn
from freehold.identity.service import Visitor

FORWARDING_HEADERS = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


def visitor_of(connection: HTTPConnection) -> Visitor:
    """Address and browser of a request; the address is the trusted proxy's word where one is configured."""
    host = connection.client.host if connection.client else "unknown"
    return Visitor(ip_address=host, user_agent=connection.headers.get("user-agent", ""))


def _is_local(connection: HTTPConnection) -> bool:
    """Whether the request was made on this machine and passed no proxy on the way."""
    if any(name in connection.headers for name in FORWARDING_HEADERS):
        return False
    try:
        local = connection.client is None or ipaddress.ip_address(connection.client.host).is_loopback
    except ValueError:
        local = False
    return local and transport_of(connection.scope["scheme"], connection.headers.get("host", "")) != "plain"


async def find_subject(connection: HTTPConnection) -> Subject | None:
    """Who this request acts for, or None. The answer is kept on the request."""
    state = connection.scope.setdefault("state", {})
    if "subject" in state:
        return state["subject"]
    identity = services(connection).identity
    subject: Subject | None = None
    token = session_token(connection)
    if token is not None and (known := await identity.authenticate(token)) is not None:
        subject = Subject(known.user_id, known.role, known.session_id, groups=known.groups)
    elif _is_local(connection) and (owner := await identity.local_owner()) is not None:
        subject = Subject(owner.user_id, owner.role, None, single_user=True)
    state["subject"] = subject
    return subject


def _origins(connection: HTTPConnection) -> frozenset[str]:
    settings = services(connection).settings
    return own_origins(connection.scope["scheme"], connection.headers.get("host", ""), settings.server.public_url)


async def anyone(request: Request) -> Subject | None:
    """A public endpoint: anybody may call it, but not from another site's page."""
    if request.method not in SAFE_METHODS:
        require_same_origin(request.headers, _origins(request))
        require_plain_body(request.headers)
    return await find_subject(request)


async def member(request: Request) -> Subject:
    """Somebody who is signed in. Raises NotSignedIn, CrossSiteRequest."""
    subject = await anyone(request)
    if subject is None:
        raise NotSignedIn
    return subject


async def admin(request: Request) -> Subject:
    """An administrator. Raises NotSignedIn, Forbidden, CrossSiteRequest."""
    subject = await member(request)
    if not subject.is_admin:
        raise Forbidden("This is for administrators.")
    return subject


async def member_socket(websocket: WebSocket) -> Subject:
    """A signed-in person's WebSocket, from the app's own pages; judged before the handshake is accepted."""
    require_same_origin(websocket.headers, _origins(websocket))
    subject = await find_subject(websocket)
    if subject is None:
        raise NotSignedIn
    return subject


Public = Annotated[Subject | None, Depends(anyone)]
Member = Annotated[Subject, Depends(member)]
Admin = Annotated[Subject, Depends(admin)]
MemberSocket = Annotated[Subject, Depends(member_socket)]
