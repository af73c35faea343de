"""A house with a model that summarises, one with a small context, and a paid one outside with a price."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from freehold.assembly import running_services
from freehold.chat import models, schemas
from freehold.deps import Services
from freehold.kit.clock import now
from freehold.kit.ids import new_id
from freehold.settings import Settings
from tests.chat.conftest import new_user
from tests.chat.reading import Person
from tests.chat.spoken_model import SpokenModel, speaking
from tests.chat.summariser import Summariser

CONTEXT = 8_000
LARGE, MIDDLE, NOBODY = "cloud/large", "house/middle", "cloud/unsized"


@pytest.fixture
async def model() -> AsyncIterator[Summariser]:
    async with speaking(Summariser()) as model:
        assert isinstance(model, Summariser)
        model.script, model.title = ["Noted."], '{"title": "A journey"}'
        yield model


@pytest.fixture
async def cloud() -> AsyncIterator[SpokenModel]:
    async with speaking() as cloud:
        cloud.script = ["Noted."]
        yield cloud


@pytest.fixture
def declared(make_settings: Callable[..., Settings], cloud: SpokenModel) -> Settings:
    plain = make_settings(models=["small", {"id": "middle", "context_tokens": CONTEXT}])
    providers = [*plain.declared.model_dump()["providers"]]
    for provider in providers:
        provider["models"] = provider.pop("declared_models", provider.get("models"))
    sized = {"id": "large", "context_tokens": CONTEXT, "prices": {"input": 1, "cached_input": 0.1, "output": 2}}
    outside = {"id": "cloud", "kind": "openai_compatible", "name": "Cloud", "base_url": cloud.url}
    providers.append(outside | {"self_hosted": False, "models": [sized, "unsized"]})
    classes = [{"id": "plans", "words": ["topsecret"], "action": "in_house"}]
    told = {"providers": providers, "privacy": {"classes": classes}}
    return plain.model_copy(update={"declared": type(plain.declared).model_validate(told)})


@pytest.fixture
async def services(declared: Settings, model: Summariser) -> AsyncIterator[Services]:
    async with running_services(declared) as services:
        yield services


@pytest.fixture
async def ann(services: Services) -> Person:
    return Person(services, await new_user(services, "ann"))


async def chat_of(
    person: Person, *said: str | tuple[str, str], ref: str = MIDDLE, **fields: Any
) -> tuple[str, list[str]]:
    """A thread with these turns, as it stands in the database after many visits; its id and those of its messages."""
    thread_id, ids, at = (await person.new_thread(title="A journey", model=ref)).id, list[str](), now()
    async with person.services.database.begin() as session:
        for turn in said:
            asked, answered = turn if isinstance(turn, tuple) else (turn, "Noted.")
            for role, text in (("user", asked), ("assistant", answered)):
                parts = [{"type": "text", "text": text}]
                parent = ids[-1] if ids else None
                ids.append(new_id())
                session.add(
                    models.Message(
                        id=ids[-1],
                        thread_id=thread_id,
                        parent_id=parent,
                        role=role,
                        status="complete",
                        parts=parts,
                        created_at=at,
                    )
                )
        thread = await session.get_one(models.Thread, thread_id)
        thread.leaf_id = ids[-1]
        for name, value in fields.items():
            setattr(thread, name, value)
    return thread_id, ids


def filler(number: int, words: int = 330) -> str:
    """A turn of about so many tokens in which nothing stands that is asked for."""
    return f"Tell me more of part {number}. " + "and so on and on " * (words // 5)


async def folds_of(person: Person, thread_id: str) -> list[schemas.Fold]:
    return (await person.thread(thread_id)).folds


def prompt(body: dict[str, Any]) -> str:
    """Everything that a model was sent, as one text."""
    return "\n".join(texts(body))


def texts(body: dict[str, Any]) -> list[str]:
    """Of each message."""
    found: list[str] = []
    for message in body["messages"]:
        content = message["content"]
        if not isinstance(content, str):
            content = "".join(part.get("text", "") for part in content)
        found.append(f"{message['role']}: {content}")
    return found
