"""Share links over HTTP: one's own, and what whoever has one may read."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import FileResponse

from freehold.access.dependencies import Member, Public, visitor_of
from freehold.chat.endpoints.paths import RowId
from freehold.deps import ServicesDep
from freehold.errors import NotFound
from freehold.files.endpoints import HEADERS
from freehold.sharing import schemas

router = APIRouter(prefix="/api", tags=["sharing"])

Token = Annotated[str, Path(min_length=1, max_length=100)]
UNSEEN = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}


@router.get("/shares")
async def list_shares(
    subject: Member,
    services: ServicesDep,
    thread_id: Annotated[str | None, Query(max_length=36)] = None,
) -> schemas.ShareList:
    """One's own links, newest first."""
    return await services.sharing.mine(subject, thread_id)


@router.post("/shares", status_code=201)
async def share_thread(
    subject: Member, services: ServicesDep, new: schemas.ShareNew, response: Response
) -> schemas.ShareMade:
    """Make a link to a chat as it is now. Its token is told once and kept nowhere."""
    response.headers["Cache-Control"] = "no-store"
    return await services.sharing.share(subject, new)


@router.post("/shares/{share_id}/update")
async def update_share(subject: Member, services: ServicesDep, share_id: RowId) -> schemas.ShareInfo:
    """Let the link show the chat as it is now."""
    return await services.sharing.update(subject, share_id)


@router.delete("/shares/{share_id}", status_code=204)
async def revoke_share(subject: Member, services: ServicesDep, share_id: RowId) -> None:
    """End a link at once."""
    await services.sharing.revoke(subject, share_id)


@router.post("/shared/{token}")
async def open_shared(
    subject: Public,
    services: ServicesDep,
    token: Token,
    body: schemas.SharedOpen,
    *,
    request: Request,
    response: Response,
) -> schemas.SharedChat:
    """The chat behind a link, as it was shared. Anybody may ask; a link that has ended is as good as none."""
    del subject
    response.headers.update(UNSEEN)
    password = body.password.get_secret_value() if body.password else None
    return await services.sharing.open(token, password, visitor_of(request).ip_address)


@router.get("/shared/{token}/files/{file_id}", response_class=FileResponse)
async def get_shared_file(
    subject: Public,
    services: ServicesDep,
    token: Token,
    file_id: Annotated[str, Path(max_length=36)],
    *,
    ticket: Annotated[str | None, Query(max_length=100)] = None,
    size: Literal["full", "thumb"] = "full",
) -> FileResponse:
    """An image or a text of a shared chat; of one with a password with the `ticket` that came with it."""
    del subject
    stored = await services.sharing.file(token, file_id, ticket, size)
    if not await stored.exists():
        raise NotFound
    return FileResponse(stored.path, media_type=stored.media_type, headers={**HEADERS, **UNSEEN})
