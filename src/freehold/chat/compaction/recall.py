"""Finds the folded messages that a question is about, by the documents of the search; the ranking is pure."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from freehold.chat.models import Message, Thread
from freehold.chat.search.documents import FACET, text_of
from freehold.chat.search.marking import holds
from freehold.chat.search.models import SearchDoc
from freehold.chat.search.words import Term, fold, terms, tokens
from freehold.gateway.meter import estimate_tokens

MOST = 4  # messages that are recalled
SHARE = 0.08  # of the context, for all of them
LONGEST = 1_200  # characters of one
COMMON = 0.2
"""A word that stands in more of the messages than this says nothing of what is looked for."""

ENOUGH = 2.0
"""What a message must weigh: one rare word of a long chat, or some less rare ones."""

_FEW = 3  # messages in which a word is rare, however few there are
_ASCII_SHORT = 3  # a shorter Latin word says nothing


async def find(
    session: AsyncSession, owner_id: str, among: Sequence[Message], question: str, room: int
) -> list[tuple[Message, str]]:
    """The best few of the messages, in their order, each with the piece that counts; in all about `room` tokens."""
    if not among or not question.strip():
        return []
    query = (
        select(SearchDoc.message_id, SearchDoc.tokens)
        .join(Thread, Thread.id == SearchDoc.thread_id)
        .where(SearchDoc.thread_id == among[0].thread_id, SearchDoc.message_id.is_not(None))
        .where(SearchDoc.owner_id == owner_id, Thread.owner_id == owner_id, SearchDoc.hidden.is_(False))
    )
    ids = {message.id for message in among}
    documents = {row: text for row, text in await session.execute(query) if row in ids}
    best = ranked(documents, question)
    by_id = {message.id: message for message in among}
    found: list[tuple[Message, str]] = []
    for message_id in best[:MOST]:
        piece = excerpt(text_of(by_id[message_id].parts), question)
        room -= round(estimate_tokens(piece)) + 4
        if room < 0:
            break
        found.append((by_id[message_id], piece))
    places = {message.id: at for at, message in enumerate(among)}
    return sorted(found, key=lambda one: places[one[0].id])


def ranked(documents: Mapping[str, str], question: str) -> list[str]:
    """The ids of the documents that are worth it, the best first: rare words of the question that stand in them."""
    asked = [token for token in tokens(question) if not token.isascii() or len(token) >= _ASCII_SHORT]
    words = {key: {one for one in text.split() if not one.startswith(FACET)} for key, text in documents.items()}
    counts = Counter(token for held in words.values() for token in asked if token in held)
    most = max(_FEW, COMMON * len(words))
    weights = {token: math.log(1 + len(words) / count) for token, count in counts.items() if count <= most}
    scores: dict[str, float] = {}
    for key, held in words.items():
        score = sum(weight for token, weight in weights.items() if token in held)
        if score >= min(ENOUGH, math.log(1 + len(words))):
            # of two that hold the same, the shorter one says more of it
            scores[key] = score - 0.1 * math.log(1 + len(held))
    return sorted(scores, key=lambda key: (-scores[key], key))


def excerpt(text: str, question: str) -> str:
    """The text, or of a long one the piece in which most words of the question stand."""
    if len(text) <= LONGEST:
        return text
    wanted = terms(question)
    step = LONGEST // 2
    starts = range(0, len(text) - step, step)
    best = max(starts, key=lambda start: _held(text[start : start + LONGEST], wanted))
    piece = text[best : best + LONGEST].strip()
    return ("…" if best else "") + piece + ("…" if best + LONGEST < len(text) else "")


def _held(piece: str, wanted: Sequence[Term]) -> int:
    folded = fold(piece)
    return sum(holds(folded, [term]) for term in wanted)
