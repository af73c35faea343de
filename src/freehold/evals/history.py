"""Questions of one's own chats that can be asked again: with what was said before them, and the answer got then."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.chat import tree
from freehold.chat.models import Message, Thread
from freehold.chat.titles import text_of
from freehold.evals.reading import LONGEST
from freehold.evals.schemas import AnswerThen

MOST_BEFORE = 12_000
"""Characters of earlier messages that go with a question; the newest of them."""
AT_A_TIME = 50  # threads


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the answer that its person went on from."""

    message_id: str
    thread_id: str
    at: datetime
    question: str
    answer: str
    in_house: bool
    given: AnswerThen
    before: list[dict[str, str]] = field(default_factory=list)


async def asked_since(
    session: AsyncSession, owner_id: str, since: datetime, most: int, only: Sequence[str] | None = None
) -> list[Asked]:
    """The newest first. What is in temporary chats, in the bin, or has pictures in it is not asked again."""
    wanted = (
        select(Message.id, Message.thread_id)
        .join(Thread, Thread.id == Message.thread_id)
        .where(Thread.owner_id == owner_id, Thread.state.in_(("active", "archived")))
        .where(Message.role == "user", Message.deleted_at.is_(None), Message.created_at >= since)
        .order_by(Message.id.desc())
    )
    if only is not None:
        wanted = wanted.where(Message.id.in_(only))
    threads: dict[str, set[str]] = {}
    for message_id, thread_id in await session.execute(wanted.limit(4 * most)):
        threads.setdefault(thread_id, set()).add(message_id)
    found: list[Asked] = []
    ids = list(threads)
    for at in range(0, len(ids), AT_A_TIME):
        some = ids[at : at + AT_A_TIME]
        nodes: dict[str, list[Message]] = {}
        for message in await session.scalars(select(Message).where(Message.thread_id.in_(some))):
            nodes.setdefault(message.thread_id, []).append(message)
        for thread in await session.scalars(select(Thread).where(Thread.id.in_(some))):
            found += _of_thread(thread, nodes.get(thread.id, []), threads[thread.id])
    found.sort(key=lambda one: one.message_id, reverse=True)
    seen: set[tuple[str, str]] = set()
    unlike = [one for one in found if (key := (one.question, _joined(one.before))) not in seen and not seen.add(key)]
    return unlike[:most]


def _of_thread(thread: Thread, nodes: Sequence[Message], wanted: set[str]) -> list[Asked]:
    shown = tree.visible(nodes)
    found: list[Asked] = []
    for question in shown:
        if question.id not in wanted or any(part["type"] != "text" for part in question.parts):
            continue
        answer = _answer(shown, question, thread)
        asked = text_of(question.parts).strip()
        said = text_of(answer.parts).strip() if answer is not None else ""
        if answer is None or not answer.run or not asked or not said or len(asked) > LONGEST or len(said) > LONGEST:
            continue
        path = tree.path_to(shown, question.parent_id)
        found.append(
            Asked(
                message_id=question.id,
                thread_id=thread.id,
                at=question.created_at,
                question=asked,
                answer=said,
                in_house=thread.in_house,
                given=_given(answer.run),
                before=_before(path),
            )
        )
    return found


def _answer(shown: Sequence[Message], question: Message, thread: Thread) -> Message | None:
    """The answer that was looked at last, else the newest one."""
    taken = set((thread.choices or {}).values())
    answers = [
        one for one in shown if one.parent_id == question.id and one.role == "assistant" and one.status == "complete"
    ]
    return max(answers, key=lambda one: (one.id in taken, one.id), default=None)


def _given(run: dict[str, Any]) -> AnswerThen:
    return AnswerThen(
        model=run["model"],
        self_hosted=bool(run.get("self_hosted")),
        cost_usd=run.get("cost_usd"),
        duration_ms=run.get("duration_ms"),
    )


def _before(path: Sequence[Message]) -> list[dict[str, str]]:
    """The newest messages that have room, beginning with a user's."""
    kept: list[dict[str, str]] = []
    room = MOST_BEFORE
    for message in reversed(path):
        said = text_of(message.parts).strip()
        room -= len(said)
        if room < 0:
            break
        if said:
            kept.append({"role": message.role, "text": said})
    kept.reverse()
    while kept and kept[0]["role"] != "user":
        kept.pop(0)
    return kept


def _joined(before: Sequence[dict[str, str]]) -> str:
    return "\0".join(one["text"] for one in before)
