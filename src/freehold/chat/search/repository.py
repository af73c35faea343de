"""Finds documents: first among the newest, without the index; then through the index of either database.

A common word is found many times among the newest, so that nobody ever reads half a million of its postings to show
twenty. What is not there often enough is rare, or was common long ago: the index is asked season by season, the newest
first, until enough is found. Every statement names the owner.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import BigInteger, ColumnElement, Select, Text, bindparam, column, func, select, table, text, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, defer

from freehold.chat.models import Message, Thread
from freehold.chat.search import documents
from freehold.chat.search.documents import Kind
from freehold.chat.search.models import SearchDoc
from freehold.chat.search.words import Term

NEWEST = 1000  # documents that are looked through before the index is asked
COMMON = 10  # a token in each so many of these is looked for in the rows that the index finds by the others
SAMPLE = 100  # of the newest documents, that tell what is common
MOST_ASKED = 8  # tokens by which the index is asked; more of them cost more than the rows that they would spare
SEASONS_AT_ONCE = 3  # of FTS5: it reads all postings of a prefix before its first answer

INDEXED = (
    "array_to_tsvector(string_to_array(ltrim(replace(search_docs.tokens, ' ',"
    " ' ' || search_docs.scope::text || lpad(to_hex(search_docs.id >> 53), 3, '0'))), ' '))"
)
"""What PostgreSQL's index holds of a row; the migration and the question must say it in the same words."""


_ROWID = table("search_index", column("rowid", BigInteger)).c.rowid  # of the FTS5 table


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for, and where."""

    owner_id: str
    kind: Kind
    terms: tuple[Term, ...]
    model: str | None = None
    project_id: str | None = None
    role: Literal["user", "assistant"] | None = None
    has_file: bool | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def scope(self) -> str:
        """The key before every token of the documents that may be found."""
        return documents.scope(self.owner_id, self.kind)

    @property
    def prefixes(self) -> list[str]:
        """What the tokens of a document must begin with, each once."""
        return list(dict.fromkeys(prefix for term in self.terms for prefix in term.prefixes))

    @property
    def facets(self) -> list[str]:
        """Tokens that stand for the filters, so that a rare one makes the search of a common word short."""
        found = [f"{documents.FACET}{self.role}"] if self.role else []
        found += [f"{documents.FACET}file"] if self.has_file else []
        return found + ([documents.model_facet(self.model)] if self.model else [])


async def newest_first(session: AsyncSession, wanted: Wanted, before: int | None, limit: int) -> list[int]:
    """The ids of up to `limit` documents older than `before` that hold every token; newest first."""
    upper = documents.rank_at(wanted.until) if wanted.until else None
    before = min(edge for edge in (before, upper, documents.BEYOND - 1) if edge is not None)
    edge = await session.scalar(_edge(wanted, before))
    newest = _within(wanted, before) + ([SearchDoc.id >= edge] if edge is not None else [])
    holds = [_holds(prefix) for prefix in wanted.prefixes]
    query = select(SearchDoc.id).where(*newest, *_passes(wanted, SearchDoc), *holds)
    found = list((await session.scalars(query.order_by(SearchDoc.id.desc()).limit(limit))).all())
    oldest = await session.scalar(_oldest(wanted, edge)) if edge is not None and len(found) < limit else None
    if edge is None or oldest is None:
        return found
    rare, common = await _told_apart(session, wanted, newest)
    asked = _Asked(wanted, edge, limit - len(found), documents.seasons(edge, oldest), rare, common)
    ask = _through_fts5 if session.get_bind().dialect.name == "sqlite" else _through_gin
    return found + await ask(session, asked)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the index is asked for, and what is looked for in the rows that it finds."""

    wanted: Wanted
    before: int
    limit: int
    seasons: range  # from the newest to the oldest
    rare: list[str]  # prefixes and facets
    common: list[str]  # prefixes


async def _told_apart(
    session: AsyncSession, wanted: Wanted, newest: list[ColumnElement[bool]]
) -> tuple[list[str], list[str]]:
    """The prefixes and facets by which the index is asked, and the prefixes that are looked for in the rows."""
    every = wanted.prefixes + wanted.facets
    counted = every[:MOST_ASKED]
    if len(every) > 1:
        sample = aliased(
            SearchDoc, select(SearchDoc).where(*newest).order_by(SearchDoc.id.desc()).limit(SAMPLE).subquery()
        )
        counts = (
            await session.execute(select(*(func.count().filter(_holds(token, sample)) for token in counted)))
        ).one()
        most = min(SAMPLE, NEWEST) / COMMON
        counted = [token for token, count in zip(counted, counts, strict=True) if count < most] or counted
    return counted, [token for token in wanted.prefixes if token not in counted]


async def loaded(
    session: AsyncSession, owner_id: str, ids: Sequence[int]
) -> list[tuple[SearchDoc, Thread, Message | None]]:
    """These documents with their rows, in the order of the ids."""
    query = (
        select(SearchDoc, Thread, Message)
        .join(Thread, Thread.id == SearchDoc.thread_id)
        .outerjoin(Message, Message.id == SearchDoc.message_id)
        .options(defer(SearchDoc.tokens))
        .where(SearchDoc.id.in_(ids), SearchDoc.owner_id == owner_id, Thread.owner_id == owner_id)
        .order_by(SearchDoc.id.desc())
    )
    return [(doc, thread, message) for doc, thread, message in await session.execute(query)]


def _within(wanted: Wanted, before: int) -> list[ColumnElement[bool]]:
    """One range of the index of the newest."""
    found = [SearchDoc.owner_id == wanted.owner_id, SearchDoc.scope == wanted.scope, SearchDoc.id < before]
    return found + ([SearchDoc.id >= documents.rank_at(wanted.since)] if wanted.since else [])


def _edge(wanted: Wanted, before: int) -> Select[int]:
    """The id of the last of the newest documents; nothing when there are no more than those."""
    return (
        select(SearchDoc.id).where(*_within(wanted, before)).order_by(SearchDoc.id.desc()).offset(NEWEST - 1).limit(1)
    )


def _oldest(wanted: Wanted, before: int) -> Select[int]:
    return select(SearchDoc.id).where(*_within(wanted, before)).order_by(SearchDoc.id).limit(1)


def _holds(token: str, doc: type[SearchDoc] = SearchDoc) -> ColumnElement[bool]:
    return doc.tokens.contains(f" {token}", autoescape=True)


def _passes(wanted: Wanted, doc: type[SearchDoc]) -> list[ColumnElement[bool]]:
    """What the row of a document and that of its thread must say."""
    found = [doc.owner_id == wanted.owner_id, doc.hidden.is_(False)]
    found += [Thread.id == doc.thread_id, Thread.owner_id == wanted.owner_id, Thread.state.in_(("active", "archived"))]
    found += [doc.model == wanted.model] if wanted.model else []
    found += [doc.role == wanted.role] if wanted.role else []
    found += [doc.has_file.is_(wanted.has_file)] if wanted.has_file is not None else []
    return found + ([Thread.project_id == wanted.project_id] if wanted.project_id else [])


async def _through_fts5(session: AsyncSession, asked: _Asked) -> list[int]:
    wanted, found = asked.wanted, list[int]()
    where = [text("search_index MATCH :question"), asked.before > _ROWID]
    where += [documents.rank_at(wanted.since) <= _ROWID] if wanted.since else []
    where += [SearchDoc.id == _ROWID, *_passes(wanted, SearchDoc), *(_holds(prefix) for prefix in asked.common)]
    for at in range(0, len(asked.seasons), SEASONS_AT_ONCE):
        some = asked.seasons[at : at + SEASONS_AT_ONCE]
        tokens = [" OR ".join(_quoted(wanted, season, token) for season in some) for token in asked.rare]
        query = select(_ROWID).where(*where).order_by(_ROWID.desc()).limit(asked.limit - len(found))
        found += (await session.scalars(query, {"question": " AND ".join(f"({one})" for one in tokens)})).all()
        if len(found) == asked.limit:
            break
    return found


def _quoted(wanted: Wanted, season: int, token: str) -> str:
    exact = token.startswith(documents.FACET)
    return f'"{wanted.scope}{season:03x}{token}"' if exact else f'"{wanted.scope}{season:03x}{token}" *'


_PLANNED = (
    "SELECT set_config('enable_seqscan', 'off', true),"  # it would compute the tokens of every row
    " set_config('plan_cache_mode', 'force_custom_plan', true),"  # by what this owner has, not the average one
    " set_config('max_parallel_workers_per_gather', '0', true)"  # the seasons stay in their order
)
"""For this transaction: how PostgreSQL's planner, left to itself, would go wrong."""


async def _through_gin(session: AsyncSession, asked: _Asked) -> list[int]:
    wanted = asked.wanted
    questions = [" & ".join(_lexeme(wanted, season, token) for token in asked.rare) for season in asked.seasons]
    await session.execute(text(_PLANNED))
    season = (
        func.unnest(bindparam("questions", questions, ARRAY(Text))).table_valued("question").render_derived("season")
    )
    # behind an offset this alone chooses the plan: the index, not a walk from the newest row on
    matching = select(SearchDoc).where(text(f"{INDEXED} @@ CAST(season.question AS tsquery)")).offset(0)
    doc = aliased(SearchDoc, matching.subquery("matching"))
    found = [doc.id < asked.before] + ([doc.id >= documents.rank_at(wanted.since)] if wanted.since else [])
    found += [*_passes(wanted, doc), *(_holds(prefix, doc) for prefix in asked.common)]
    of_season = select(doc.id).join(Thread, Thread.id == doc.thread_id).where(*found)
    of_season = of_season.order_by(doc.id.desc()).limit(asked.limit).lateral("of_season")
    # the seasons are joined in their order, and only as many as are needed
    query = select(of_season.c.id).select_from(season).join(of_season, true()).limit(asked.limit)
    return list((await session.scalars(query)).all())


def _lexeme(wanted: Wanted, season: int, token: str) -> str:
    exact = token.startswith(documents.FACET)
    return f"'{wanted.scope}{season:03x}{token}'" if exact else f"'{wanted.scope}{season:03x}{token}':*"
