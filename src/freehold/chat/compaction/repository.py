"""Rows of folds; every statement names the owner through the thread."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.chat import tree
from freehold.chat.compaction.models import Compaction
from freehold.chat.models import Message, Thread
from freehold.chat.repository import messages
from freehold.errors import NotFound
from freehold.identity.models import User


async def of_thread(session: AsyncSession, owner_id: str, thread_id: str) -> Sequence[Compaction]:
    """The folds of all branches of a thread, the oldest first."""
    query = (
        select(Compaction)
        .join(Thread, Thread.id == Compaction.thread_id)
        .where(Compaction.thread_id == thread_id, Thread.owner_id == owner_id, Thread.state != "deleted")
        .order_by(Compaction.id)
    )
    return (await session.scalars(query)).all()


async def find(session: AsyncSession, owner_id: str, thread_id: str, fold_id: str) -> Compaction:
    """One fold. Raises NotFound."""
    for fold in await of_thread(session, owner_id, thread_id):
        if fold.id == fold_id:
            return fold
    raise NotFound


async def remove(session: AsyncSession, thread_id: str, fold_ids: Sequence[str]) -> None:
    """Remove folds of a thread that the caller found to be the subject's."""
    await session.execute(delete(Compaction).where(Compaction.thread_id == thread_id, Compaction.id.in_(fold_ids)))


async def drop_with(session: AsyncSession, owner_id: str, message: Message) -> bool:
    """Remove the folds that tell of a message, because it was changed; whether there were any."""
    folds = await of_thread(session, owner_id, message.thread_id)
    if not folds:
        return False
    nodes = await messages(session, owner_id, message.thread_id)
    told = [fold.id for fold in folds if _tells_of(fold, message.id, tree.path_to(nodes, fold.to_id))]
    if told:
        await remove(session, message.thread_id, told)
    return bool(told)


def _tells_of(fold: Compaction, message_id: str, path: Sequence[Message]) -> bool:
    return fold.from_id <= message_id and message_id not in fold.kept and any(one.id == message_id for one in path)


async def folds_by_itself(session: AsyncSession, owner_id: str, thread: Thread) -> bool:
    """Whether a chat may be folded without being asked for: neither its own setting nor the person's says no."""
    if thread.folding == "never":
        return False
    preferences = await session.scalar(select(User.preferences).where(User.id == owner_id))
    return (preferences or {}).get("fold_chats") is not False
