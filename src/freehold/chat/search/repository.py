"""Finds documents: first among the newest, without the index; then through the index of either database.

A common word is found many times among the newest, so that nobody ever reads half a million of its postings to show
twenty. What is not there often enough is rare, and its postings are few. Every statement names the owner.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import BigInteger, ColumnElement, Select, column, select, table, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, defer

from freehold.chat.models import Message, Thread
from freehold.chat.search import documents
from freehold.chat.search.documents import Kind
from freehold.chat.search.models import SearchDoc
from freehold.chat.search.words import Term

NEWEST = 1000  # documents that are looked through before the index is asked

INDEXED = (
    "array_to_tsvector(string_to_array(ltrim(replace(search_docs.tokens, ' ', ' ' || search_docs.scope::text)), ' '))"
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
    found = list((await session.scalars(_among_the_newest(wanted, before, edge, limit))).all())
    if edge is None or len(found) >= limit:
        return found
    ask = _through_fts5 if session.get_bind().dialect.name == "sqlite" else _through_gin
    return found + await ask(session, wanted, edge, limit - len(found))


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


def _passes(wanted: Wanted, doc: type[SearchDoc]) -> list[ColumnElement[bool]]:
    """What the row of a document and that of its thread must say."""
    found = [doc.owner_id == wanted.owner_id, doc.hidden.is_(False)]
    found += [Thread.id == doc.thread_id, Thread.owner_id == wanted.owner_id, Thread.state.in_(("active", "archived"))]
    found += [doc.model == wanted.model] if wanted.model else []
    found += [doc.role == wanted.role] if wanted.role else []
    found += [doc.has_file.is_(wanted.has_file)] if wanted.has_file is not None else []
    return found + ([Thread.project_id == wanted.project_id] if wanted.project_id else [])


def _among_the_newest(wanted: Wanted, before: int, edge: int | None, limit: int) -> Select[int]:
    within = _within(wanted, before) + ([SearchDoc.id >= edge] if edge is not None else [])
    holds = [SearchDoc.tokens.contains(f" {prefix}", autoescape=True) for prefix in wanted.prefixes]
    query = select(SearchDoc.id).where(*within, *_passes(wanted, SearchDoc), *holds)
    return query.order_by(SearchDoc.id.desc()).limit(limit)


async def _through_fts5(session: AsyncSession, wanted: Wanted, before: int, limit: int) -> list[int]:
    tokens = [f'"{wanted.scope}{prefix}" *' for prefix in wanted.prefixes]
    tokens += [f'"{wanted.scope}{facet}"' for facet in wanted.facets]
    found = [text("search_index MATCH :question"), before > _ROWID]
    found += [documents.rank_at(wanted.since) <= _ROWID] if wanted.since else []
    # FTS5 walks its postings from the newest, and only as far as it is asked for more
    query = select(_ROWID).where(*found, SearchDoc.id == _ROWID, *_passes(wanted, SearchDoc))
    query = query.order_by(_ROWID.desc()).limit(limit)
    return list((await session.scalars(query, {"question": " AND ".join(tokens)})).all())


async def _through_gin(session: AsyncSession, wanted: Wanted, before: int, limit: int) -> list[int]:
    tokens = [f"'{wanted.scope}{prefix}':*" for prefix in wanted.prefixes]
    tokens += [f"'{wanted.scope}{facet}'" for facet in wanted.facets]
    # left to itself the planner computes the tokens of every row when it takes a word for common
    await session.execute(text("SET LOCAL enable_seqscan = off"))
    await session.execute(text("SET LOCAL work_mem = '32MB'"))
    matching = (
        select(SearchDoc).options(defer(SearchDoc.tokens)).where(text(f"{INDEXED} @@ CAST(:question AS tsquery)"))
    )
    doc = aliased(SearchDoc, matching.cte("matching").prefix_with("MATERIALIZED"))
    found = [doc.id < before] + ([doc.id >= documents.rank_at(wanted.since)] if wanted.since else [])
    query = select(doc.id).where(*found, *_passes(wanted, doc)).order_by(doc.id.desc()).limit(limit)
    return list((await session.scalars(query, {"question": " & ".join(tokens)})).all())
