"""The whole product in this process: real database of both kinds, real gateway, a model on a real socket."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from freehold.access.subject import Subject
from freehold.assembly import running_services
from freehold.deps import Services
from freehold.identity.models import User
from freehold.kit.clock import now
from freehold.kit.ids import new_id
from freehold.settings import Settings
from tests.chat.reading import Person
from tests.chat.spoken_model import SpokenModel, speaking

MODEL = "house/small"


@pytest.fixture
async def model() -> AsyncIterator[SpokenModel]:
    async with speaking() as model:
        yield model


@pytest.fixture
def make_settings(database_url: str, tmp_path: Path, model: SpokenModel) -> Callable[..., Settings]:
    def make(**provider: Any) -> Settings:
        declared = {
            "id": "house",
            "kind": "openai_compatible",
            "name": "House",
            "base_url": model.url,
            "api_key": "sk-test-0123456789",
            "self_hosted": True,
            "models": ["small", {"id": "tiny", "context_tokens": 1000}],
            **provider,
        }
        return Settings.model_validate(
            {
                "data_dir": tmp_path / "data",
                "database": {"url": database_url},
                "embedded": {"enabled": False},
                "declared": {"providers": [declared]},
            }
        )

    return make


@pytest.fixture
async def services(make_settings: Callable[..., Settings]) -> AsyncIterator[Services]:
    async with running_services(make_settings()) as services:
        yield services


async def new_user(services: Services, name: str) -> Subject:
    at = now()
    user = User(
        id=new_id(),
        email=f"{name}@example.com",
        name=name,
        role="member",
        status="active",
        preferences={},
        created_at=at,
        updated_at=at,
    )
    async with services.database.begin() as session:
        session.add(user)
    return Subject(user.id, "member", None)


@pytest.fixture
async def ann(services: Services) -> Person:
    return Person(services, await new_user(services, "ann"))


@pytest.fixture
async def bob(services: Services) -> Person:
    return Person(services, await new_user(services, "bob"))
