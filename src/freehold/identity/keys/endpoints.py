"""API keys: members manage their own, administrators see and end all."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from freehold.access.dependencies import Member
from freehold.deps import ServicesDep
from freehold.identity.keys.schemas import KeyInfo, KeyNew, KeyPage, KeyPatch, KeyRotation, KeyShown
from freehold.kit.pagination import CursorText, Limit

router = APIRouter(prefix="/api/keys", tags=["keys"])

KeyId = Annotated[str, Path(min_length=36, max_length=36, description="A UUID.")]


@router.get("")
async def list_keys(
    subject: Member, services: ServicesDep, *, mine: bool = False, cursor: CursorText | None = None, limit: Limit = 100
) -> KeyPage:
    """One's own keys; for administrators everybody's, unless `mine`."""
    return await services.keys.administration.list(subject, mine=mine, cursor=cursor, limit=limit)


@router.post("", status_code=201)
async def create_key(body: KeyNew, subject: Member, response: Response, services: ServicesDep) -> KeyShown:
    """Make a key of one's own. Only this answer has the secret."""
    response.headers["Cache-Control"] = "no-store"
    return await services.keys.administration.create(subject, body)


@router.get("/{key_id}")
async def get_key(key_id: KeyId, subject: Member, services: ServicesDep) -> KeyInfo:
    """One key."""
    return await services.keys.administration.get(subject, key_id)


@router.patch("/{key_id}")
async def change_key(key_id: KeyId, body: KeyPatch, subject: Member, services: ServicesDep) -> KeyInfo:
    """Change the named fields; acts at once."""
    return await services.keys.administration.change(subject, key_id, body)


@router.post("/{key_id}/rotate")
async def rotate_key(
    key_id: KeyId, body: KeyRotation, subject: Member, response: Response, services: ServicesDep
) -> KeyShown:
    """Give one's own key a new secret, which only this answer has; the older one works for `overlap_hours` more."""
    response.headers["Cache-Control"] = "no-store"
    return await services.keys.administration.rotate(subject, key_id, body)


@router.post("/{key_id}/revoke")
async def revoke_key(key_id: KeyId, subject: Member, services: ServicesDep) -> KeyInfo:
    """End a key for good."""
    return await services.keys.administration.revoke(subject, key_id)
