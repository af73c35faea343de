"""/api/live: one WebSocket per tab that says what changed, with a heartbeat both ways."""

from collections import Counter
from contextlib import suppress
from typing import Any

import anyio
import orjson
from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect

from freehold.access.dependencies import MemberSocket
from freehold.access.subject import Subject
from freehold.chat.announce import user_topic
from freehold.deps import ServicesDep
from freehold.kit.bus import Subscription, SubscriptionLagged
from freehold.kit.clock import monotonic

PING_SECONDS = 20.0
SILENT_SECONDS = 50.0  # two pings without an answer and a little
MAX_SOCKETS = 20  # of one person, per process
MAX_FRAME = 4_096  # a client has nothing to say but pong

# close codes of the application range, RFC 6455 section 7.4.2
TOO_MANY, LAGGED, SILENT, SESSION_ENDED, MISUSED = 4429, 4409, 4408, 4401, 4400

router = APIRouter(tags=["live"])
_open: Counter[str] = Counter()


@router.websocket("/live")
async def live(websocket: WebSocket, subject: MemberSocket, services: ServicesDep) -> None:
    """Frames are JSON texts, see `schemas.LiveEvent`. A client that is closed with 4409 has missed something: it loads
    what it shows anew and connects again.
    """
    await websocket.accept()
    if _open[subject.user_id] >= MAX_SOCKETS:
        await websocket.close(TOO_MANY, "too many open tabs")
        return
    topics = [user_topic(subject.user_id), "everyone", *(["admins"] if subject.is_admin else [])]
    _open[subject.user_id] += 1
    try:
        with services.bus.subscribe(*topics) as subscription:
            await _Conversation(websocket, subject).run(subscription)
    finally:
        _open[subject.user_id] -= 1
        if not _open[subject.user_id]:
            del _open[subject.user_id]


class _Conversation:
    """One connected socket."""

    def __init__(self, websocket: WebSocket, subject: Subject) -> None:
        self._websocket = websocket
        self._subject = subject
        self._heard_at = monotonic()
        self._sending = anyio.Lock()
        self._code: int | None = None

    async def run(self, subscription: Subscription) -> None:
        """Until either side ends it."""
        async with anyio.create_task_group() as group:
            for part in (self._listen(), self._ping(), self._forward(subscription)):
                group.start_soon(self._until_over, part, group.cancel_scope)
        if self._code is not None:
            with suppress(RuntimeError, WebSocketDisconnect):  # it may have gone meanwhile
                await self._websocket.close(self._code)

    async def _until_over(self, part: Any, scope: anyio.CancelScope) -> None:
        with suppress(WebSocketDisconnect):
            self._code = await part or self._code
        scope.cancel()

    async def _listen(self) -> int | None:
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return None
            if len(message.get("text") or message.get("bytes") or "") > MAX_FRAME:
                return MISUSED
            self._heard_at = monotonic()

    async def _ping(self) -> int:
        await self._send({"type": "hello"})
        while True:
            await anyio.sleep(PING_SECONDS)
            if monotonic() - self._heard_at > SILENT_SECONDS:
                return SILENT
            await self._send({"type": "ping"})

    async def _forward(self, subscription: Subscription) -> int:
        try:
            async for event in subscription:
                if event["type"] != "session_ended":
                    await self._send(event)
                elif event.get("id") in {None, self._subject.session_id}:
                    await self._send({"type": "session_ended"})
                    return SESSION_ENDED
        except SubscriptionLagged:
            pass
        return LAGGED

    async def _send(self, event: dict[str, Any]) -> None:
        async with self._sending:
            with anyio.fail_after(SILENT_SECONDS):
                await self._websocket.send_text(orjson.dumps(event).decode())
