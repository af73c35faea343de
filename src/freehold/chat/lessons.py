"""What people do with answers of models in the house, as labels for routing: thumbs, another try outside, copying an
answer, and going on from it.
"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.chat import models
from freehold.chat.titles import text_of
from freehold.gateway.learning import labels


async def rated(session: AsyncSession, owner_id: str, message: models.Message, good: bool | None) -> None:
    """Keep what the owner thinks of an answer; None takes it back."""
    await labels.forget(session, "thumb", message.id)
    if good is not None:
        await _put(session, "thumb", owner_id, message, quality=labels.quality_of(good))


async def regenerated(session: AsyncSession, generation: models.Generation, message: models.Message) -> None:
    """A complete answer of a model outside that was picked by name: the one in the house before it was not enough."""
    run = message.run or {}
    if generation.kind != "regenerate" or not run or run.get("self_hosted") or generation.model == "auto":
        return
    query = (
        select(models.Message)
        .where(models.Message.thread_id == message.thread_id, models.Message.parent_id == message.parent_id)
        .where(models.Message.id < message.id, models.Message.status == "complete")
        .order_by(models.Message.id.desc())
    )
    before = await session.scalar(query.limit(1))
    if before is not None:
        await _put(session, "regenerate", generation.owner_id, before, quality=(0.0, 1.0), rival=run["model"])


async def copied(session: AsyncSession, owner_id: str, message: models.Message) -> None:
    """The owner took a message along: an answer was of use."""
    if message.role == "assistant" and message.status == "complete":
        await _put(session, "copy", owner_id, message, quality=labels.quality_of(True))


async def went_on(session: AsyncSession, generation: models.Generation, message: models.Message) -> None:
    """A message was sent below an answer and answered: the person went on from it, and asked nobody else first."""
    if generation.kind != "send" or message.parent_id is None:
        return
    question = await session.get(models.Message, message.parent_id)
    before = await session.get(models.Message, question.parent_id) if question and question.parent_id else None
    if before is None or before.role != "assistant" or before.status != "complete":
        return
    rivals = select(models.Message.id).where(
        models.Message.thread_id == before.thread_id,
        models.Message.parent_id == before.parent_id,
        models.Message.id != before.id,
    )
    if await session.scalar(rivals.limit(1)) is None:
        await _put(session, "continue", generation.owner_id, before, quality=labels.quality_of(True))


async def _put(
    session: AsyncSession,
    source: labels.Source,
    owner_id: str,
    answer: models.Message,
    *,
    quality: tuple[float, float],
    rival: str | None = None,
) -> None:
    model = labels.local_model(answer.run)
    question = await session.get(models.Message, answer.parent_id) if model and answer.parent_id else None
    asked = text_of(question.parts) if question is not None else ""
    if model and asked:
        await labels.put(
            session,
            source,
            user_id=owner_id,
            model=model,
            asked=asked,
            quality=quality,
            rival=rival,
            thread_id=answer.thread_id,
            message_id=answer.id,
        )
