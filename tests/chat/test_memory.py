"""Remembered facts: off until one turns them on, sent with what one asks, bounded, and nobody else's."""

import asyncio
from typing import Any

import pytest

from freehold.chat import schemas as chat
from freehold.chat.memory.prompt import HEAD, HEAD_CHINESE, ROOM, as_instructions
from freehold.chat.memory.proposing import read_facts
from freehold.chat.memory.schemas import FactInfo, FactNew, FactPatch
from freehold.errors import Conflict, NotFound
from freehold.identity.schemas import MePatch, PreferencesPatch
from tests.chat.reading import Person
from tests.chat.spoken_model import SpokenModel
from tests.chat.test_temporary import begun


async def turn_on(person: Person, **which: bool) -> None:
    wanted = MePatch(preferences=PreferencesPatch(**(which or {"memory": True})))
    await person.services.identity.patch_me(person.subject.user_id, wanted)


async def remember(person: Person, text: str, **more: Any) -> FactInfo:
    return await person.services.memory.add(person.subject, FactNew(text=text, **more))


async def facts(person: Person, state: str = "kept") -> list[str]:
    return [fact.text for fact in await person.services.memory.shown(person.subject) if fact.state == state]


async def ask(person: Person, thread_id: str, text: str = "Hello", **more: Any) -> dict[str, Any]:
    return await (await person.send(thread_id, text, **more)).to_end()


def system(request: dict[str, Any]) -> str | None:
    first = request["messages"][0]
    return first["content"] if first["role"] == "system" else None


async def test_nothing_is_sent_until_it_is_turned_on(ann: Person, bob: Person, model: SpokenModel) -> None:
    model.script = ["Yes."]
    await remember(ann, "I keep bees.")
    await remember(bob, "I fear bees.")
    thread = await ann.new_thread()
    answer = await ask(ann, thread.id)
    assert system(model.asked[-1]) is None
    assert answer["run"]["memory"] == 0
    await turn_on(ann)
    await remember(ann, "My garden\nis in Bergen.")
    answer = await ask(ann, thread.id, parent_id=answer["id"])
    assert system(model.asked[-1]) == f"{HEAD}\n\n- I keep bees.\n- My garden is in Bergen."
    assert answer["run"]["memory"] == 2
    await ask(ann, thread.id, "蜜蜂冬天吃什么？")
    assert (system(model.asked[-1]) or "").startswith(HEAD_CHINESE)


async def test_facts_of_a_project_stay_in_it(ann: Person, model: SpokenModel) -> None:
    model.script = ["Yes."]
    await turn_on(ann)
    projects = [await ann.services.chat.create_project(ann.subject, chat.ProjectNew(name=name)) for name in "ab"]
    await remember(ann, "Everywhere.")
    for project in projects:
        await remember(ann, f"Only in {project.name}.", project_id=project.id)
    inside = await ann.services.chat.create_thread(ann.subject, chat.ThreadNew(project_id=projects[0].id))
    await ask(ann, inside.id)
    assert (system(model.asked[-1]) or "").splitlines()[2:] == ["- Everywhere.", "- Only in a."]
    await ask(ann, (await ann.new_thread()).id)
    assert (system(model.asked[-1]) or "").splitlines()[2:] == ["- Everywhere."]
    await ann.services.chat.delete_project(ann.subject, projects[0].id)
    assert await facts(ann) == ["Only in b.", "Everywhere."]


async def test_a_temporary_chat_neither_uses_nor_feeds_it(ann: Person, model: SpokenModel) -> None:
    model.script, model.facts = ["Yes."], '{"facts": ["The user keeps bees."]}'
    await turn_on(ann, memory=True, memory_proposals=True)
    await remember(ann, "I keep bees.")
    await begun(ann, "I keep bees in Bergen.")
    assert system(model.asked[-1]) is None
    ordinary = await ann.new_thread()
    await ask(ann, ordinary.id, "I keep bees in Bergen.")
    await proposed(ann, 1)
    assert len(model.read) == 1


async def proposed(ann: Person, count: int) -> None:
    """Wait until so many facts are proposed."""
    async with asyncio.timeout(60):
        while len(await facts(ann, "proposed")) < count:
            await asyncio.sleep(0.02)


async def test_what_is_proposed_is_used_only_after_a_yes(ann: Person, model: SpokenModel) -> None:
    model.script, model.facts = ["Yes."], '{"facts": ["The user keeps bees.", "The user lives in Bergen.", "x"]}'
    await turn_on(ann, memory=True, memory_proposals=True)
    thread = await ann.new_thread()
    await ask(ann, thread.id, "I keep bees in Bergen.")
    await proposed(ann, 2)
    shown = await ann.services.memory.shown(ann.subject)
    assert {fact.thread_id for fact in shown} == {thread.id}
    await ask(ann, thread.id, "What do they eat?")
    assert system(model.asked[-1]) is None
    await ann.services.memory.change(ann.subject, shown[1].id, FactPatch(state="kept"))
    await ann.services.memory.remove(ann.subject, shown[0].id)
    await ask(ann, thread.id, "And in winter?")
    assert (system(model.asked[-1]) or "").splitlines()[2:] == [f"- {shown[1].text}"]


async def test_nothing_is_proposed_while_it_is_off(ann: Person, model: SpokenModel) -> None:
    model.script, model.facts = ["Yes."], '{"facts": ["The user keeps bees."]}'
    model.title = '{"title": "Keeping bees"}'
    await turn_on(ann)
    thread = await ann.new_thread()
    await ask(ann, thread.id, "I keep bees in Bergen, and have for years.")
    async with asyncio.timeout(60):
        while (await ann.thread(thread.id)).thread.title_source == "none":
            await asyncio.sleep(0.02)
    assert model.read == []


async def test_facts_are_ones_own_and_go_for_good(ann: Person, bob: Person) -> None:
    hers = await remember(ann, "  I keep bees.  ")
    assert hers.text == "I keep bees."
    project = await bob.services.chat.create_project(bob.subject, chat.ProjectNew(name="his"))
    for wrong in (
        bob.services.memory.change(bob.subject, hers.id, FactPatch(text="x")),
        bob.services.memory.remove(bob.subject, hers.id),
        remember(ann, "y", project_id=project.id),
        ann.services.memory.change(ann.subject, hers.id, FactPatch(project_id=project.id)),
    ):
        with pytest.raises(NotFound):
            await wrong
    await bob.services.memory.clear(bob.subject, None)
    assert await facts(ann) == ["I keep bees."]
    await ann.services.memory.clear(ann.subject, None)
    assert await facts(ann) == []


async def test_there_is_an_end_to_what_is_remembered(ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("freehold.chat.memory.service.MAX_FACTS", 2)
    for number in range(2):
        await remember(ann, f"Fact {number}.")
    with pytest.raises(Conflict):
        await remember(ann, "One more.")


async def test_where_there_is_no_room_the_question_goes_first(ann: Person, model: SpokenModel) -> None:
    model.script = ["Yes."]
    await turn_on(ann)
    for number in range(12):
        await remember(ann, f"{number} {'bees ' * 90}")
    thread = await ann.new_thread()
    answer = await ask(ann, thread.id, "word " * 300, model="house/tiny")  # a context of 1,000 tokens
    assert system(model.asked[-1]) is None
    assert answer["run"]["memory"] == 0


def test_the_instructions_are_bounded_and_keep_the_newest() -> None:
    text, used = as_instructions([f"{number} {'x' * 480}" for number in range(40)], chinese=False)
    assert used == 12
    assert len(text) < ROOM + len(HEAD) + 10
    assert text.splitlines()[-1].startswith("- 0 ")
    assert as_instructions([], chinese=True) == ("", 0)


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ('Sure: {"facts": ["The user is a nurse.", "The user is a nurse."]}', ["The user is a nurse."]),
        ('{"facts": ["short", 7, "' + "x" * 201 + '"]}', []),
        ('{"facts": "The user is a nurse."}', []),
        ('{"facts": ["用户是一名护士。"]}', []),
        ("no JSON", []),
        ("[]", []),
    ],
)
def test_only_usable_sentences_are_taken_from_a_reply(reply: str, found: list[str]) -> None:
    assert read_facts(reply, "I am a nurse.") == found
