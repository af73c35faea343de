"""The whole product in this process, with two people; chats are planted as rows, no model is asked."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from freehold.access.subject import Subject
from freehold.assembly import running_services
from freehold.chat import models
from freehold.deps import Services
from freehold.identity.service import new_user
from freehold.kit.ids import new_id
from freehold.settings import Settings

AT = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
RUN = {
    "model": "acme/large",
    "model_id": "large",
    "provider_id": "acme",
    "provider_name": "Acme",
    "self_hosted": False,
    "output_tokens": 12,
}


@pytest.fixture
def make_settings(database_url: str, tmp_path: Path) -> Callable[..., Settings]:
    def make(**more: Any) -> Settings:
        known = {"data_dir": tmp_path / "data", "database": {"url": database_url}, "embedded": {"enabled": False}}
        return Settings.model_validate(known | more)

    return make


@pytest.fixture
async def services(make_settings: Callable[..., Settings]) -> AsyncIterator[Services]:
    async with running_services(make_settings()) as services:
        yield services


async def add_person(services: Services, name: str) -> Subject:
    user = new_user(new_id(), f"{name}@example.com", name, "member", None)
    async with services.database.begin() as session:
        session.add(user)
    return Subject(user.id, "member", None)


@pytest.fixture
async def ann(services: Services) -> Subject:
    return await add_person(services, "ann")


@pytest.fixture
async def bob(services: Services) -> Subject:
    return await add_person(services, "bob")


def text(words: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": words}]


async def plant(
    services: Services,
    owner: Subject,
    messages: list[tuple[str, str | None, str, list[dict[str, Any]]]],
    *,
    title: str = "A chat",
    leaf: str | None = None,
    **thread: Any,
) -> tuple[str, dict[str, str]]:
    """A thread with these (name, parent's name, role, parts), in this order; its id and theirs by name."""
    ids = {name: new_id() for name, *_ in messages}
    row = models.Thread(
        id=new_id(),
        owner_id=owner.user_id,
        title=title,
        title_source="user",
        state="active",
        pinned=False,
        leaf_id=ids[leaf] if leaf else None,
        last_activity_at=AT,
        read_at=AT,
        created_at=AT,
        updated_at=AT,
    )
    for name, value in thread.items():
        setattr(row, name, value)
    async with services.database.begin() as session:
        session.add(row)
        await session.flush()
        for name, parent, role, parts in messages:
            session.add(
                models.Message(
                    id=ids[name],
                    thread_id=row.id,
                    parent_id=ids[parent] if parent else None,
                    role=role,
                    status="complete",
                    parts=parts,
                    run=RUN if role == "assistant" else None,
                    created_at=AT,
                )
            )
    return row.id, ids
