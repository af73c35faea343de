"""Where the pictures of one owner are; every statement names the owner."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.chat import tree
from freehold.chat.models import PICTURED, Message, Thread

LISTED = ("active", "archived")
"""Threads that are in some list; temporary ones and those in the bin are in none."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A picture in a message, `at` its parts; their order is that of time, as ids of messages are."""

    message_id: str
    at: int
    file_id: str
    thread_id: str
    drawn: bool


def _pictured(session: AsyncSession) -> str:
    """As the index says it, word for word, or SQLite does not use it; `parts` is a column of messages alone."""
    return PICTURED[session.get_bind().dialect.name]


async def places(session: AsyncSession, owner_id: str) -> list[Place]:
    """Every picture that can be seen in a listed thread, once, where it came from: drawn, else attached first."""
    query = (
        select(Message.id, Message.thread_id, Message.role, Message.parts)
        .join(Thread, Thread.id == Message.thread_id)
        .where(Thread.owner_id == owner_id, Thread.state.in_(LISTED), Message.deleted_at.is_(None))
        .where(text(_pictured(session)))
    )
    found = [
        Place(row.id, at, part["file_id"], row.thread_id, row.role == "assistant")
        for row in await session.execute(query)
        for at, part in enumerate(row.parts)
        if part["type"] == "image"
    ]
    hidden = await _hidden(session, {place.thread_id for place in found})
    first: dict[str, Place] = {}
    for place in sorted(found):
        known = first.get(place.file_id)
        if place.message_id not in hidden and (known is None or (place.drawn and not known.drawn)):
            first[place.file_id] = place
    return sorted(first.values(), reverse=True)


async def _hidden(session: AsyncSession, thread_ids: set[str]) -> set[str]:
    """The messages of these threads that are below a deleted one."""
    hidden: set[str] = set()
    ids = sorted(thread_ids)
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        cut = select(Message.thread_id).where(Message.thread_id.in_(some), Message.deleted_at.is_not(None))
        nodes = select(Message.id, Message.parent_id, Message.deleted_at).where(Message.thread_id.in_(cut))
        rows = (await session.execute(nodes.order_by(Message.id))).all()
        shown = {node.id for node in tree.visible(rows)}  # type: ignore[arg-type]
        hidden.update(row.id for row in rows if row.id not in shown)
    return hidden


async def messages_by_id(session: AsyncSession, owner_id: str, ids: Sequence[str]) -> dict[str, tuple[Message, str]]:
    """Those of the messages that are the owner's, each with the title of its thread; at most a page of them."""
    query = (
        select(Message, Thread.title)
        .join(Thread, Thread.id == Message.thread_id)
        .where(Thread.owner_id == owner_id, Message.id.in_(ids))
    )
    return {message.id: (message, title) for message, title in await session.execute(query)}
