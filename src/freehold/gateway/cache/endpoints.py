"""HTTP of the answer cache: how it is set up, and forget what is in it."""

from fastapi import APIRouter, status
from sqlalchemy import select

from freehold.access.dependencies import Admin, Member
from freehold.deps import ServicesDep
from freehold.gateway.cache.models import CacheCalibration
from freehold.gateway.cache.schemas import CacheInfo, CalibratedLanguage, SemanticState
from freehold.gateway.cache.service import of_key, of_person
from freehold.identity.keys.models import ApiKey

router = APIRouter(prefix="/api/cache", tags=["models"])


@router.get("")
async def get_cache(subject: Admin, services: ServicesDep) -> CacheInfo:
    """How the cache is set up, and for which languages it answers questions in other words."""
    settings, cache = services.settings.cache, services.answer_cache
    encoder = cache.semantic.encoder.name if cache.semantic is not None else settings.encoder
    async with services.database.read() as session:
        query = select(CacheCalibration).where(CacheCalibration.encoder == encoder).order_by(CacheCalibration.language)
        languages = [
            CalibratedLanguage.model_validate(row, from_attributes=True) for row in await session.scalars(query)
        ]
    return CacheInfo(
        mode=cache.settings.mode,
        chat=cache.settings.chat and cache.settings.mode == "always",
        share=cache.settings.share,
        normalise=cache.settings.normalise,
        ttl_seconds=cache.settings.ttl_seconds,
        store="redis" if services.settings.redis.url is not None else "database",
        semantic=SemanticState(enabled=cache.semantic is not None, encoder=encoder, languages=languages),
    )


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
