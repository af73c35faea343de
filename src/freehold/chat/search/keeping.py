"""Keeps the documents of the search in the transaction that changes a title or a message.

It listens to the sessions, so whatever writes threads and messages as objects is indexed, and nobody can forget to.
A statement that writes such rows past the session calls `index_titles` or `index_messages` itself. Rows that are
removed take their documents with them: foreign keys do that.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, delete, event, insert, inspect, select, update
from sqlalchemy.orm import Session

from freehold.chat.models import Message, Thread
from freehold.chat.search import documents
from freehold.chat.search.models import SearchDoc

Json = dict[str, Any]
AT_A_TIME = 500

T = TypeVar("T")


def index_titles(connection: Connection, threads: Sequence[Thread]) -> None:
    """Bring the documents of these threads' titles up to date."""
    for some in _chunks(threads):
        query = select(SearchDoc.thread_id, SearchDoc.id).where(
            SearchDoc.thread_id.in_([row.id for row in some]), SearchDoc.message_id.is_(None)
        )
        known: dict[str, int] = {thread_id: doc_id for thread_id, doc_id in connection.execute(query)}
        docs = [
            {
                **documents.title_values(row.title, row.model),
                "owner_id": row.owner_id,
                "thread_id": row.id,
                "message_id": None,
                "scope": documents.scope(row.owner_id, "title"),
                "hidden": False,
            }
            for row in some
        ]
        _store(connection, docs, [known.get(row.id) for row in some], [(row.id, row.created_at) for row in some])


def index_messages(connection: Connection, messages: Sequence[Message]) -> None:
    """Bring the documents of these messages up to date; one that is being written keeps what it had."""
    for some in _chunks([row for row in messages if row.status != "streaming"]):
        owners = _owners(connection, {row.thread_id for row in some})
        ids = [row.id for row in some]
        query = select(SearchDoc.message_id, SearchDoc.id).where(SearchDoc.message_id.in_(ids))
        known = {message_id: doc_id for message_id, doc_id in connection.execute(query)}
        docs = [
            {
                **documents.message_values(row.role, row.parts, row.run),
                "owner_id": owners[row.thread_id],
                "thread_id": row.thread_id,
                "message_id": row.id,
                "scope": documents.scope(owners[row.thread_id], "message"),
                "hidden": row.deleted_at is not None,
            }
            for row in some
        ]
        _store(connection, docs, [known.get(row.id) for row in some], [(row.id, row.created_at) for row in some])


def show_and_hide(connection: Connection, thread_id: str) -> None:
    """Hide what is deleted or below something deleted, and show the rest."""
    nodes = select(Message.id, Message.parent_id, Message.deleted_at).where(Message.thread_id == thread_id)
    shown: set[str] = set()
    for node_id, parent_id, deleted_at in connection.execute(nodes.order_by(Message.id)):  # parents come first
        if deleted_at is None and (parent_id is None or parent_id in shown):
            shown.add(node_id)
    docs = connection.execute(
        select(SearchDoc.id, SearchDoc.message_id, SearchDoc.hidden).where(
            SearchDoc.thread_id == thread_id, SearchDoc.message_id.is_not(None)
        )
    ).all()
    changed = [{"row": doc_id, "hides": not hidden} for doc_id, of, hidden in docs if hidden == (of in shown)]
    if changed:
        connection.execute(
            update(SearchDoc).where(SearchDoc.id == bindparam("row")).values(hidden=bindparam("hides")), changed
        )


def _with_something_deleted(connection: Connection, thread_ids: set[str]) -> set[str]:
    query = select(Message.thread_id).where(Message.thread_id.in_(thread_ids), Message.deleted_at.is_not(None))
    return set(connection.scalars(query.distinct()).all())


def _owners(connection: Connection, thread_ids: set[str]) -> dict[str, str]:
    query = select(Thread.id, Thread.owner_id).where(Thread.id.in_(thread_ids))
    return {thread_id: owner_id for thread_id, owner_id in connection.execute(query)}


def _store(
    connection: Connection, docs: list[Json], known: list[int | None], written: list[tuple[str, datetime]]
) -> None:
    """Insert the new, change the known, and remove those without a word."""
    empty = [doc_id for doc, doc_id in zip(docs, known, strict=True) if doc_id is not None and not doc["tokens"]]
    if empty:
        connection.execute(delete(SearchDoc).where(SearchDoc.id.in_(empty)))
    for doc, doc_id in zip(docs, known, strict=True):
        if doc_id is not None and doc["tokens"]:
            values = {name: doc[name] for name in ("role", "model", "has_file", "tokens")}
            connection.execute(update(SearchDoc).where(SearchDoc.id == doc_id).values(values))
    new = [(doc, at) for doc, doc_id, at in zip(docs, known, written, strict=True) if doc_id is None and doc["tokens"]]
    if not new:
        return
    wanted = [documents.moment_bits(*at) for _, at in new]
    # two rows may like the same id; whoever comes second takes the next
    near = select(SearchDoc.id).where(SearchDoc.id.in_([number + step for number in wanted for step in range(4)]))
    ids = documents.free_ids(wanted, connection.scalars(near).all())
    connection.execute(insert(SearchDoc), [{**doc, "id": doc_id} for (doc, _), doc_id in zip(new, ids, strict=True)])


def _chunks(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), AT_A_TIME):
        yield rows[start : start + AT_A_TIME]


def _changed(row: object, *names: str) -> bool:
    attributes = inspect(row).attrs
    return any(attributes[name].history.has_changes() for name in names)


def _after_flush(session: Session, _context: object) -> None:
    rows = [*session.new, *session.dirty]
    titles = [row for row in rows if isinstance(row, Thread) and _changed(row, "title", "model")]
    messages = [row for row in rows if isinstance(row, Message)]
    written = [row for row in messages if _changed(row, "parts", "status", "run")]
    gone_or_back = {row.thread_id for row in messages if row not in session.new and _changed(row, "deleted_at")}
    if titles:
        index_titles(session.connection(), titles)
    if written:
        index_messages(session.connection(), written)
    # what ends below something that was deleted meanwhile is as deleted
    below = _with_something_deleted(session.connection(), {row.thread_id for row in written}) if written else set()
    for thread_id in gone_or_back | below:
        show_and_hide(session.connection(), thread_id)


event.listen(Session, "after_flush", _after_flush)
