"""Short ways to ask a provider and to look at the processes behind it."""

import asyncio
import os
import time
from pathlib import Path
from typing import Any

from freehold.providers.base import Provider
from freehold.wire.events import Event, TextDelta
from freehold.wire.request import ChatRequest, Message, Text


def asks(text: str = "hello", model: str = "tiny", **fields: Any) -> ChatRequest:
    return ChatRequest(model, (Message("user", (Text(text),)),), **{"temperature": 0.0, "max_tokens": 8, **fields})


async def events_of(provider: Provider, request: ChatRequest) -> list[Event]:
    return [event async for event in provider.stream(request)]


def text_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie that nobody has waited for does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


async def gone_within(pid: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < until:
        await asyncio.sleep(0.02)
    return not alive(pid)
