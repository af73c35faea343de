"""What the gateway reads of a person."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.identity.models import User


async def preferred_model(session: AsyncSession, user_id: str) -> str | None:
    """The default model that the person chose, if any."""
    preferences = await session.scalar(select(User.preferences).where(User.id == user_id))
    chosen = (preferences or {}).get("default_model")
    return chosen if isinstance(chosen, str) else None
