"""HTTP of the answer cache: forget what is in it."""

from fastapi import APIRouter, status
from sqlalchemy import select

from freehold.access.dependencies import Admin, Member
from freehold.deps import ServicesDep
from freehold.gateway.cache.service import of_key, of_person
from freehold.identity.keys.models import ApiKey

router = APIRouter(prefix="/api/cache", tags=["models"])


@router.delete("", status_code=status.HTTP_204_NO_CONTENT)
async def clear_cache(subject: Admin, services: ServicesDep) -> None:
    """Forget every cached answer of everybody."""
    await services.answer_cache.forget_all()


@router.delete("/mine", status_code=status.HTTP_204_NO_CONTENT)
async def clear_own_cache(subject: Member, services: ServicesDep) -> None:
    """Forget every cached answer to what oneself asked; where all of the server share answers, there is none."""
    async with services.database.read() as session:
        keys = await session.scalars(select(ApiKey.id).where(ApiKey.user_id == subject.user_id))
        tenants = [of_person(subject.user_id), *map(of_key, keys)]
    await services.answer_cache.forget_all(tenants)
