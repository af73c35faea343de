"""Labels as they come in, and how far each kind of them is to be trusted."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.gateway.learning.models import RouteLabel
from freehold.gateway.learning.packing import pack_features
from freehold.gateway.routing.rules.language import language_of
from freehold.gateway.routing.scorer.features import features_of
from freehold.kit import clock
from freehold.kit.ids import new_id

Source = Literal["pair", "vote", "regenerate", "thumb", "copy", "continue"]

TRUST: Mapping[Source, float] = {
    "pair": 1.0,
    "vote": 0.8,
    "regenerate": 0.5,
    "thumb": 0.4,
    "copy": 0.2,
    "continue": 0.1,
}
"""What a label weighs in a training: a blind comparison in both orders, a person's blind vote, another try
with a better model, a thumb, an answer that was taken along, one after which the person went on.
"""
SIDELONG: tuple[Source, ...] = ("copy", "continue")
"""What nobody meant to say of an answer: it gives way to whatever is trusted more, and never takes its place."""

_AT_A_TIME = 500  # ids in one statement


def quality_of(good: bool) -> tuple[float, float]:
    """What a thumb says of the local answer and of the premium one that nobody saw, taken to be good."""
    return (1.0 if good else 0.0), 1.0


async def put(
    session: AsyncSession,
    source: Source,
    *,
    user_id: str,
    model: str,
    asked: str,
    quality: tuple[float, float],
    rival: str | None = None,
    thread_id: str | None = None,
    message_id: str | None = None,
    label_id: str | None = None,
) -> None:
    """Keep a label of a local model's answer; one of the same source gives way to it, and so do sidelong ones.

    `asked`: the last message, of which only features are kept. `quality`: of the local and the premium answer.
    `label_id`: by which `drop` finds it again, where there is no message.
    """
    if message_id is not None:
        if source in SIDELONG and await _said_better(session, source, message_id):
            return
        await forget(session, source, message_id)
        for one in SIDELONG:
            if TRUST[one] < TRUST[source]:
                await forget(session, one, message_id)
    session.add(
        RouteLabel(
            id=label_id or new_id(),
            user_id=user_id,
            thread_id=thread_id,
            message_id=message_id,
            source=source,
            model=model[:500],
            language=language_of(asked) or "",
            rival=rival[:500] if rival else None,
            local=quality[0],
            premium=quality[1],
            features=pack_features(features_of(asked)),
            created_at=clock.now(),
        )
    )
    await session.flush()


async def _said_better(session: AsyncSession, source: Source, message_id: str) -> bool:
    trusted = [one for one in TRUST if TRUST[one] > TRUST[source]]
    query = select(RouteLabel.id).where(RouteLabel.message_id == message_id, RouteLabel.source.in_(trusted))
    return await session.scalar(query.limit(1)) is not None


async def forget(session: AsyncSession, source: Source, message_id: str) -> None:
    """Take back what was said of an answer."""
    await session.execute(delete(RouteLabel).where(RouteLabel.message_id == message_id, RouteLabel.source == source))


async def drop(session: AsyncSession, label_ids: Sequence[str]) -> None:
    """Forget these labels; those that are not there are none."""
    for at in range(0, len(label_ids), _AT_A_TIME):
        await session.execute(delete(RouteLabel).where(RouteLabel.id.in_(label_ids[at : at + _AT_A_TIME])))


def local_model(run: Mapping[str, Any] | None) -> str | None:
    """The model in the house that gave an answer, by its stored account; None for any other."""
    return str(run["model"]) if run and run.get("self_hosted") else None
