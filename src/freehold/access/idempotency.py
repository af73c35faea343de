"""One effect per Idempotency-Key: a repeated write gets the first answer (draft-ietf-httpapi-idempotency-key-header).

A pure ASGI middleware around /api. Streams are left alone: a turn keeps its key on its generation and re-attaches, a
translation ends with its request.
"""

import hashlib
import re
from datetime import timedelta

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from freehold.access.dependencies import find_subject
from freehold.access.models import IdempotencyRecord
from freehold.access.origin import SAFE_METHODS
from freehold.db import Database
from freehold.deps import services
from freehold.errors import Conflict, InvalidRequest
from freehold.kit import clock
from freehold.problems import problem_body

STREAMS = re.compile(r"^/api/(threads/[^/]+/turns|messages/[^/]+/translation|arena/rounds)$")
KEPT_FOR = timedelta(hours=24)
RUNS_AT_MOST = timedelta(minutes=2)  # a first request that never ended is not waited for longer
LARGEST_ANSWER = 256 * 1024
LARGEST_BODY = 2 * 1024 * 1024
SHOWN_ONCE = Conflict(
    "This was done already. Its answer held a secret, which is shown once and kept nowhere.",
    next_step="Make another one if the first answer was lost.",
)
"""Remembered in place of an answer that says no-store."""


class IdempotencyMiddleware:
    """Remembers the answer of a write under (user, key) for a day."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve from the record where there is one, else run and remember. Raises Conflict, InvalidRequest."""
        if not _concerns(scope):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        key = connection.headers.get("idempotency-key")
        subject = await find_subject(connection) if key else None
        if key is None or subject is None:
            await self._app(scope, receive, send)
            return
        if not 8 <= len(key) <= 100:
            raise InvalidRequest("An Idempotency-Key has 8 to 100 characters.", field="Idempotency-Key")
        body = await _read(receive)
        store = _Store(services(connection).database, subject.user_id, key, _fingerprint(scope, connection, body))
        replay = await store.claim()
        if replay is not None:
            await _answer(send, *replay)
            return
        recorder = _Recorder(send)
        try:
            await self._app(scope, _replayed(body, receive), recorder)
        finally:
            await store.settle(recorder)


def _concerns(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] in SAFE_METHODS:
        return False
    path: str = scope["path"]
    return path.startswith("/api/") and not STREAMS.match(path)


def _fingerprint(scope: Scope, connection: HTTPConnection, body: bytes) -> bytes:
    """What makes two requests the same; a multipart body has a new boundary each time, so its length stands for it."""
    multipart = connection.headers.get("content-type", "").startswith("multipart/")
    content = str(len(body)).encode() if multipart else body
    return hashlib.sha256(
        b"\0".join([scope["method"].encode(), scope["path"].encode(), scope["query_string"], content])
    ).digest()


async def _read(receive: Receive) -> bytes:
    """The whole body; its size was bounded before by the body limit."""
    chunks: list[bytes] = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return b"".join(chunks)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """A receive that hands out the body that was read already, then what really comes (the disconnect)."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


class _Recorder:
    """Passes an answer on and keeps a copy of it, as far as it is small enough to be remembered."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 500
        self.content_type = ""
        self.private = False
        self.body = bytearray()
        self.whole = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = {name.lower(): value for name, value in message.get("headers", [])}
            self.content_type = headers.get(b"content-type", b"").decode("latin-1")
            self.private = self.status < 400 and b"no-store" in headers.get(b"cache-control", b"")
        elif message["type"] == "http.response.body":
            if len(self.body) <= LARGEST_ANSWER and not self.private:
                self.body += message.get("body", b"")
            self.whole = not message.get("more_body", False)
        await self._send(message)

    @property
    def worth_keeping(self) -> bool:
        """A finished answer that the same request would get again: not a failure of the server's."""
        return self.whole and self.status < 500 and len(self.body) <= LARGEST_ANSWER


class _Store:
    """The record of one (user, key)."""

    def __init__(self, database: Database, user_id: str, key: str, fingerprint: bytes) -> None:
        self._database, self._user_id, self._key, self._fingerprint = database, user_id, key, fingerprint
        self._mine = (IdempotencyRecord.user_id == user_id) & (IdempotencyRecord.key == key)

    async def claim(self) -> tuple[int, bytes] | None:
        """None: the request is ours to run. Else the remembered status and body. Raises Conflict."""
        now = clock.now()
        insert = sqlite_insert if self._database.dialect == "sqlite" else postgresql_insert
        fresh = insert(IdempotencyRecord).values(
            user_id=self._user_id, key=self._key, fingerprint=self._fingerprint, status=None, body=None, created_at=now
        )
        async with self._database.begin() as session:
            abandoned = IdempotencyRecord.status.is_(None) & (IdempotencyRecord.created_at < now - RUNS_AT_MOST)
            await session.execute(
                delete(IdempotencyRecord).where(
                    self._mine & (abandoned | (IdempotencyRecord.created_at < now - KEPT_FOR))
                )
            )
            claimed = await session.scalar(fresh.on_conflict_do_nothing().returning(IdempotencyRecord.key))
            if claimed is not None:
                return None
            record = await session.get(IdempotencyRecord, (self._user_id, self._key))
        if record is None or record.fingerprint != self._fingerprint:
            raise Conflict(
                "This Idempotency-Key was used for another request.", next_step="Use a new key for each write."
            )
        if record.status is None:
            raise Conflict(
                "The first request with this Idempotency-Key is still running.", next_step="Wait and ask again."
            )
        return record.status, record.body or b""

    async def settle(self, recorder: _Recorder) -> None:
        """Remember the answer, or make room for another try."""
        if recorder.worth_keeping:
            keep = update(IdempotencyRecord).where(self._mine)
            if recorder.private:
                statement = keep.values(status=SHOWN_ONCE.status, body=problem_body(SHOWN_ONCE.body(), 409))
            else:
                statement = keep.values(status=recorder.status, body=bytes(recorder.body))
        else:
            statement = delete(IdempotencyRecord).where(self._mine)
        async with self._database.begin() as session:
            await session.execute(statement)


async def purge(database: Database) -> None:
    """Drop what is older than a day; run by the daily sweep."""
    async with database.begin() as session:
        await session.execute(delete(IdempotencyRecord).where(IdempotencyRecord.created_at < clock.now() - KEPT_FOR))


async def _answer(send: Send, status: int, body: bytes) -> None:
    kind = b"application/problem+json" if status >= 400 else b"application/json"
    headers = [(b"idempotency-replayed", b"true"), (b"content-length", str(len(body)).encode())]
    if body:
        headers.append((b"content-type", kind))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
