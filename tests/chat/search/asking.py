"""Asks the search as the web app does, and names what came back."""

from typing import Any

from freehold.chat.search.schemas import Marked, SearchGroup, SearchPage
from freehold.chat.search.service import Question
from tests.chat.reading import Person


async def ask(person: Person, q: str, *, cursor: str | None = None, limit: int = 20, **filters: Any) -> SearchPage:
    return await person.services.search.search(person.subject, Question(q=q, **filters), cursor, limit)


async def found(person: Person, q: str, **filters: Any) -> list[str]:
    """The ids of the messages that were found, and of the threads that were found by their titles alone."""
    page = await ask(person, q, **filters)
    return [found for group in page.items for found in ids(group)]


def ids(group: SearchGroup) -> list[str]:
    return [hit.message_id for hit in group.hits] or [group.thread_id]


def marked(text: Marked) -> list[str]:
    """The marked pieces, cut as JavaScript cuts."""
    units = text.text.encode("utf-16-le")
    return [units[2 * start : 2 * end].decode("utf-16-le") for start, end in text.ranges]
