"""Answers a search: titles first, then messages, newest first, each checked in its own words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from freehold.access.subject import Subject
from freehold.chat.models import Message, Thread
from freehold.chat.search import documents, repository
from freehold.chat.search.documents import Kind
from freehold.chat.search.marking import holds, mark, snippet
from freehold.chat.search.models import SearchDoc
from freehold.chat.search.repository import Wanted
from freehold.chat.search.schemas import SearchGroup, SearchHit, SearchPage
from freehold.chat.search.words import fold, terms
from freehold.db import Database
from freehold.errors import InvalidRequest
from freehold.kit.pagination import decode_cursor, encode_cursor

TITLES_AMONG_MESSAGES = 5  # of the first page; `kind=title` has the rest
ROUNDS = 8  # of reading rows whose tokens are right and whose words may not be


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A search as it was asked."""

    q: str
    kind: Kind | None = None
    model: str | None = None
    project_id: str | None = None
    role: Literal["user", "assistant"] | None = None
    has_file: bool | None = None
    since: datetime | None = None
    until: datetime | None = None


Found = tuple[SearchDoc, Thread, Message | None]


class Search:
    """Searches the chats of one subject; what is deleted or temporary is not found, what is archived is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def search(self, subject: Subject, question: Question, cursor: str | None, limit: int) -> SearchPage:
        """A page of what was found. Raises InvalidRequest for a query without a word, and for a foreign cursor."""
        wanted = Wanted(
            owner_id=subject.user_id,
            kind="message",
            terms=tuple(terms(question.q)),
            model=question.model,
            project_id=question.project_id,
            role=question.role,
            has_file=question.has_file,
            since=question.since,
            until=question.until,
        )
        if not wanted.terms:
            raise InvalidRequest(
                "There is no word to search for.",
                next_step="Write at least one letter, digit or character.",
                fields=["q"],
            )
        before = _position(cursor) if cursor else None
        titles: list[Found] = []
        messages: list[Found] = []
        rest: int | None = None
        async with self._database.read() as session:
            if question.kind == "title":
                titles, rest = await _titles(session, wanted, before, limit)
            else:
                if before is None and question.kind is None:
                    titles, _ = await _titles(session, wanted, None, TITLES_AMONG_MESSAGES)
                messages, rest = await _page(session, wanted, before, limit)
        return SearchPage(
            items=_groups(wanted, titles, messages), next_cursor=None if rest is None else encode_cursor(str(rest))
        )


def _position(cursor: str) -> int:
    """The place in a cursor; as text, because it is larger than JSON's numbers are read everywhere."""
    place = decode_cursor(cursor, str)[0]
    if not re.fullmatch(r"[0-9]{1,19}", place) or int(place) >= documents.BEYOND:
        raise InvalidRequest("The cursor of this page is not one that this server gave out.", fields=["cursor"])
    return int(place)


async def _titles(
    session: AsyncSession, wanted: Wanted, before: int | None, limit: int
) -> tuple[list[Found], int | None]:
    """A title has neither role nor file."""
    if wanted.role is not None or wanted.has_file:
        return [], None
    return await _page(session, replace(wanted, kind="title", has_file=None), before, limit)


async def _page(
    session: AsyncSession, wanted: Wanted, before: int | None, limit: int
) -> tuple[list[Found], int | None]:
    """Up to `limit` of what is older than `before`, and where the next page begins; None when nothing is left."""
    found: list[Found] = []
    for _ in range(ROUNDS):
        asked = limit - len(found) + 1
        ids = await repository.newest_first(session, wanted, before, asked)
        for row in await repository.loaded(session, wanted.owner_id, ids):
            if not holds(fold(_text(row)), wanted.terms):
                continue
            if len(found) == limit:
                return found, found[-1][0].id
            found.append(row)
        if len(ids) < asked:
            return found, None
        before = ids[-1]
    return found, before


def _text(row: Found) -> str:
    _, thread, message = row
    return thread.title if message is None else documents.text_of(message.parts)


def _groups(wanted: Wanted, titles: Sequence[Found], messages: Sequence[Found]) -> list[SearchGroup]:
    groups: dict[str, SearchGroup] = {}
    for doc, thread, message in (*titles, *messages):
        group = groups.setdefault(thread.id, _group(wanted, thread))
        if message is not None:
            group.hits.append(_hit(wanted, doc, message))
    return list(groups.values())


def _group(wanted: Wanted, thread: Thread) -> SearchGroup:
    return SearchGroup(
        thread_id=thread.id,
        title=mark(thread.title, wanted.terms),
        project_id=thread.project_id,
        model=thread.model,
        archived=thread.state == "archived",
        last_activity_at=thread.last_activity_at,
        hits=[],
    )


def _hit(wanted: Wanted, doc: SearchDoc, message: Message) -> SearchHit:
    text = documents.text_of(message.parts)
    return SearchHit(
        message_id=message.id,
        role=message.role,  # type: ignore[arg-type]
        model=doc.model,
        has_file=doc.has_file,
        created_at=message.created_at,
        snippet=snippet(text, fold(text), wanted.terms),
    )
