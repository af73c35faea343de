"""The pictures of one's chats."""

from typing import Annotated

from fastapi import APIRouter, Query

from freehold.access.dependencies import Member
from freehold.chat.gallery.schemas import GalleryPage, Origin
from freehold.deps import ServicesDep
from freehold.kit.pagination import CursorText, Limit

router = APIRouter(prefix="/pictures", tags=["files"])


@router.get("")
async def list_pictures(
    subject: Member,
    services: ServicesDep,
    origin: Annotated[Origin | None, Query(description="Only those that a model drew, or that were attached.")] = None,
    cursor: Annotated[CursorText | None, Query()] = None,
    limit: Annotated[Limit, Query()] = 48,
) -> GalleryPage:
    """Every picture of the subject's chats, each once, newest first; not those of temporary chats or in the bin.

    The bytes are at /api/files/{id}; DELETE there removes one for good.
    """
    return await services.gallery.page(subject, origin=origin, cursor=cursor, limit=limit)
