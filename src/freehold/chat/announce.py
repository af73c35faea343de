"""Tells every open tab and device of a user what changed; what is told is the JSON form of `schemas.LiveEvent`."""

from typing import Any

from freehold.chat import schemas
from freehold.kit.bus import MemoryBus


def user_topic(user_id: str) -> str:
    """Where a user's open tabs listen."""
    return f"user:{user_id}"


class Announcer:
    """Publishes after the commit, never before it."""

    def __init__(self, bus: MemoryBus) -> None:
        self._bus = bus

    def thread(self, owner_id: str, thread: schemas.Thread) -> None:
        self._tell(owner_id, "thread", thread.id, thread=thread.model_dump(mode="json"))

    def threads(self, owner_id: str) -> None:
        """Many at once."""
        self._bus.publish(user_topic(owner_id), {"type": "threads"})

    def thread_deleted(self, owner_id: str, thread_id: str) -> None:
        self._tell(owner_id, "thread_deleted", thread_id)

    def generation(self, owner_id: str, generation: schemas.Generation) -> None:
        self._tell(owner_id, "generation", generation.id, generation=generation.model_dump(mode="json"))

    def message(self, owner_id: str, message: schemas.Message) -> None:
        self._tell(owner_id, "message", message.id, message=message.model_dump(mode="json"))

    def message_deleted(self, owner_id: str, message_id: str) -> None:
        self._tell(owner_id, "message_deleted", message_id)

    def fold(self, owner_id: str, thread_id: str) -> None:
        """A fold of the thread was made or undone."""
        self._tell(owner_id, "fold", thread_id)

    def project(self, owner_id: str, project_id: str) -> None:
        self._tell(owner_id, "project", project_id)

    def memory(self, owner_id: str) -> None:
        """What is remembered or proposed."""
        self._bus.publish(user_topic(owner_id), {"type": "memory"})

    def draft(self, owner_id: str, scope: str) -> None:
        self._tell(owner_id, "draft", scope)

    def _tell(self, owner_id: str, kind: str, row_id: str, **fields: Any) -> None:
        self._bus.publish(user_topic(owner_id), {"type": kind, "id": row_id, **fields})
