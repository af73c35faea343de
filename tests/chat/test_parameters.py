"""What a chat sets of its model goes with every question in it, stays with the chat, and is let go again."""

import json

import pytest
from pydantic import ValidationError

from freehold.chat import schemas
from freehold.chat.turn import build_request
from freehold.errors import ContextTooLong
from freehold.kit.ids import new_id
from freehold.moving.importing import own
from freehold.providers import registry
from freehold.providers.base import ModelCard
from freehold.wire.request import Message, Text
from tests.chat.reading import Person
from tests.chat.spoken_model import SpokenModel
from tests.chat.test_turn import CONFIG, load, said

CHOSEN = schemas.Parameters(system="Be brief.", temperature=0, top_p=0.5, max_tokens=99, reasoning_effort="low")


def sent(model: SpokenModel) -> dict[str, object]:
    asked = model.asked[-1]
    return {name: asked.get(name) for name in ("temperature", "top_p", "max_tokens")} | {"first": asked["messages"][0]}


async def test_they_go_with_every_turn_of_the_chat(ann: Person, model: SpokenModel) -> None:
    model.script = ["answer"]
    thread_id = new_id()
    turn = schemas.SendTurn(
        kind="send",
        parent_id=None,
        first=schemas.FirstTurn(parameters=CHOSEN),
        parts=[schemas.TextInput(type="text", text="Hello")],
        model="house/small",
    )
    first = await (await ann.turn(thread_id, turn)).to_end()
    expected = {
        "temperature": 0,
        "top_p": 0.5,
        "max_tokens": 99,
        "first": {"role": "system", "content": "Be brief."},
    }
    assert sent(model) == expected
    assert (await ann.thread(thread_id)).thread.parameters == CHOSEN
    await (await ann.regenerate(thread_id, first["id"])).to_end()
    assert sent(model) == expected
    await (await ann.send(thread_id, parent_id=first["id"])).to_end()
    assert sent(model) == expected


async def test_they_are_changed_as_a_whole_and_let_go(ann: Person, model: SpokenModel) -> None:
    model.script = ["answer"]
    thread = await ann.new_thread()
    assert thread.parameters == schemas.Parameters()
    chat, subject = ann.services.chat, ann.subject
    await chat.change_thread(subject, thread.id, schemas.ThreadPatch(parameters=CHOSEN))
    changed = await chat.change_thread(subject, thread.id, schemas.ThreadPatch(parameters=schemas.Parameters(top_p=1)))
    assert changed.parameters == schemas.Parameters(top_p=1)
    first = await (await ann.send(thread.id)).to_end()
    assert sent(model)["temperature"] is None
    forked = await chat.fork_thread(subject, thread.id, schemas.ForkNew(message_id=first["id"]))
    assert forked.parameters == schemas.Parameters(top_p=1)
    reset = await chat.change_thread(subject, thread.id, schemas.ThreadPatch(parameters=None))
    assert reset.parameters == schemas.Parameters()


async def test_the_system_prompt_takes_its_place_in_the_context_and_is_never_left_out() -> None:
    card = ModelCard("m", context_tokens=1000)
    branch = [said("user", "old " * 200), said("assistant", "yes"), said("user", "new " * 50)]
    long = schemas.Parameters(system="rule " * 400)
    request = await build_request(branch, card, CONFIG, load, parameters=long)
    assert request.messages[0] == Message("system", (Text(long.system or ""),))
    assert [message.role for message in request.messages] == ["system", "user"], "the oldest turn goes"
    with pytest.raises(ContextTooLong):
        await build_request(branch, card, CONFIG, load, parameters=schemas.Parameters(system="rule " * 900))
    blank = await build_request(branch, card, CONFIG, load, parameters=schemas.Parameters(system=" \n"))
    assert blank.messages[0].role == "user"


@pytest.mark.parametrize(
    "told",
    [
        {"temperature": 2.1},
        {"temperature": -1},
        {"top_p": 0},
        {"max_tokens": 0},
        {"reasoning_effort": "huge"},
        {"x": 1},
    ],
)
def test_what_no_model_takes_is_refused(told: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        schemas.Parameters.model_validate(told)


def test_they_come_back_with_an_import_of_ones_own() -> None:
    (kept,) = own.conversations([{"version": 1, "thread": {"parameters": CHOSEN.model_dump()}, "messages": []}], None)  # type: ignore[arg-type]
    assert kept.parameters == CHOSEN.model_dump(exclude_none=True)
    (odd,) = own.conversations([{"version": 1, "thread": {"parameters": {"top_p": 7}}, "messages": []}], None)  # type: ignore[arg-type]
    assert odd.parameters is None
    assert json.dumps(kept.parameters)


@pytest.mark.parametrize(
    ("kind", "model", "fixed"),
    [
        ("openai", "gpt-5-mini", True),
        ("openai", "gpt-4o", False),
        ("anthropic", "claude-opus-4-7", True),
        ("anthropic", "claude-sonnet-4-5", False),
        ("ollama", "qwen3:8b", False),
        ("openai_compatible", "o3", False),
    ],
)
def test_which_models_take_no_temperature(kind: str, model: str, fixed: bool) -> None:
    assert registry.fixes_sampling(kind, model) is fixed
