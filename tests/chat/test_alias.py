"""Asking an alias in a chat: a deployment that is gone is not noticed, a busy server tells one's place in its queue."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from freehold.assembly import running_services
from freehold.deps import Services
from freehold.settings import Settings
from tests.chat.conftest import new_user
from tests.chat.reading import Person
from tests.chat.spoken_model import SpokenModel

GONE = {"id": "gone", "kind": "openai_compatible", "name": "Gone", "base_url": "http://127.0.0.1:9/v1"}


@pytest.fixture
async def services(make_settings: Callable[..., Settings]) -> AsyncIterator[Services]:
    """`smart` asks a server that is not there and then the house, which has one place and one that may wait."""
    plain = make_settings(options={"slots": 1, "queue": 1})
    providers = [*plain.declared.model_dump()["providers"], GONE | {"models": ["large"]}]
    for declared in providers:
        declared["models"] = declared.pop("declared_models", declared.get("models"))
    targets = [{"provider": "gone", "model": "large"}, {"provider": "house", "model": "small", "priority": 1}]
    models = {"smart": {"name": "Smart", "description": "What we use for most.", "targets": targets}}
    settings = plain.model_copy(
        update={"declared": type(plain.declared).model_validate({"providers": providers, "models": models})}
    )
    async with running_services(settings) as services:
        yield services


@pytest.fixture
async def ann(services: Services) -> Person:
    return Person(services, await new_user(services, "ann"))


async def test_an_alias_is_in_the_list_with_what_all_of_it_can(ann: Person, services: Services) -> None:
    found = (await services.gateway.models_for(ann.subject)).items[0]
    assert (found.ref, found.name, found.description) == ("smart", "Smart", "What we use for most.")
    assert found.targets == ["gone/large", "house/small"]
    assert found.self_hosted is False, "one of them is outside"


async def test_the_answer_comes_from_the_deployment_that_works(ann: Person, model: SpokenModel) -> None:
    thread = await ann.new_thread()
    reader = await ann.send(thread.id, model="smart")
    call = await model.next_call()
    call.say("Hello")
    call.finish()
    message = await reader.to_end()
    assert message["status"] == "complete"
    run = message["run"]
    assert (run["model"], run["alias"], run["self_hosted"]) == ("house/small", "smart", True)
    assert [attempt["reason"] for attempt in run["attempts"]] == ["chosen", "fallback: unreachable"]
    runs = [event["run"]["model"] for event in reader.events if event["type"] == "run"]
    assert runs == ["gone/large", "house/small"]


async def test_who_waits_sees_the_place_and_is_answered_in_turn(ann: Person, model: SpokenModel) -> None:
    first_thread, second_thread = await ann.new_thread(), await ann.new_thread()
    first = await ann.send(first_thread.id)
    call = await model.next_call()
    second = await ann.send(second_thread.id)
    while not any(event.get("stage") == "queued" for event in second.events):
        assert await second.read()
    queued: dict[str, Any] = next(event for event in second.events if event.get("stage") == "queued")
    assert queued["position"] == 1
    call.say("one")
    call.finish()
    assert (await first.to_end())["status"] == "complete"
    call = await model.next_call()
    call.say("two")
    call.finish()
    assert (await second.to_end())["status"] == "complete"


async def test_a_stop_in_the_queue_makes_room_at_once(ann: Person, model: SpokenModel, services: Services) -> None:
    threads = [await ann.new_thread() for _ in range(2)]
    await ann.send(threads[0].id)
    await model.next_call()
    waiting = await ann.send(threads[1].id)
    while not any(event.get("stage") == "queued" for event in waiting.events):
        assert await waiting.read()
    assert services.gateway.slots.waiting("house") == 1
    await ann.stop(waiting.generation_id)
    assert services.gateway.slots.waiting("house") == 0
