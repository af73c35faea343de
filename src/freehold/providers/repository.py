"""Reads and writes of the providers' two tables; callers bring the session and hold the transaction."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.providers import cards
from freehold.providers.cards import Offer
from freehold.providers.models import ModelRow, ProviderRow


async def provider_rows(session: AsyncSession) -> list[ProviderRow]:
    """Every provider made in the web app, in the order shown."""
    return list(await session.scalars(select(ProviderRow).order_by(ProviderRow.position, ProviderRow.id)))


async def written(session: AsyncSession) -> object:
    """What is another one as soon as a provider or a model was added, changed or removed."""
    rows = await session.execute(select(ProviderRow.id, ProviderRow.updated_at))
    models = await session.execute(select(ModelRow.provider_id, ModelRow.model_id, ModelRow.seen_at))
    return frozenset(map(tuple, rows)), frozenset(map(tuple, models))


async def next_position(session: AsyncSession) -> int:
    """The place behind the last provider."""
    last = await session.scalar(select(func.max(ProviderRow.position)))
    return (last or 0) + 1


async def update_provider(session: AsyncSession, provider_id: str, values: Mapping[str, Any]) -> bool:
    """Change the named columns. False: there is no such row."""
    result = await session.execute(update(ProviderRow).where(ProviderRow.id == provider_id).values(**values))
    return bool(result.rowcount)  # type: ignore[attr-defined]


async def delete_provider(session: AsyncSession, provider_id: str) -> bool:
    """Forget a provider and all its models. False: there is no such row."""
    await session.execute(delete(ModelRow).where(ModelRow.provider_id == provider_id))
    result = await session.execute(delete(ProviderRow).where(ProviderRow.id == provider_id))
    return bool(result.rowcount)  # type: ignore[attr-defined]


async def offers(session: AsyncSession) -> dict[str, dict[str, Offer]]:
    """The models of every provider: provider id -> model id -> offer, each in the order of the ids."""
    found: dict[str, dict[str, Offer]] = {}
    for row in await session.scalars(select(ModelRow).order_by(ModelRow.provider_id, ModelRow.model_id)):
        offer = Offer(
            card=cards.from_json(row.card),
            enabled=row.enabled,
            source="manual" if row.source == "manual" else "listed",
            overrides=row.overrides,
        )
        found.setdefault(row.provider_id, {})[row.model_id] = offer
    return found


async def replace_offers(
    session: AsyncSession, provider_id: str, kept: Mapping[str, Offer], gone: Iterable[str], seen_at: datetime
) -> None:
    """Write the offers in `kept` over what is stored, by whoever it was, and forget the ids in `gone`."""
    for ids in batched([*gone]):
        await session.execute(delete(ModelRow).where(ModelRow.provider_id == provider_id, ModelRow.model_id.in_(ids)))
    rows = [
        {
            "provider_id": provider_id,
            "model_id": model_id,
            "enabled": offer.enabled,
            "source": offer.source,
            "card": cards.to_json(offer.card),
            "overrides": dict(offer.overrides),
            "seen_at": seen_at,
        }
        for model_id, offer in sorted(kept.items())  # always in the same order: no two servers wait for each other
    ]
    if rows:
        statement = (sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgres_insert)(ModelRow)
        keys = ["provider_id", "model_id"]
        changes = {name: statement.excluded[name] for name in rows[0] if name not in keys}
        await session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changes), rows)


def batched(ids: list[str], size: int = 500) -> Iterator[list[str]]:
    """`ids` in pieces that fit the parameters of one statement."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
