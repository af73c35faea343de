"""A thread and its first message are one request: both are kept or neither, however often and late it is sent."""

import asyncio

import pytest

from freehold.chat import schemas
from freehold.errors import Conflict, InvalidRequest, ModelNotFound, NotFound
from freehold.kit.ids import new_id
from tests.chat.reading import Follower, Person
from tests.chat.spoken_model import SpokenModel

KEY = "key-of-the-first-turn"


async def begin(
    person: Person,
    thread_id: str,
    text: str = "Hello",
    *,
    key: str | None = KEY,
    model: str = "house/small",
    project_id: str | None = None,
) -> Follower:
    turn = schemas.SendTurn(
        kind="send",
        parent_id=None,
        parts=[schemas.TextInput(type="text", text=text)],
        model=model,
        first=schemas.FirstTurn(project_id=project_id),
    )
    return await person.turn(thread_id, turn, key)


async def threads(person: Person) -> list[schemas.Thread]:
    page = await person.services.chat.threads(
        person.subject, state="active", pinned=None, project_id=None, cursor=None, limit=50
    )
    return page.items


async def test_the_thread_comes_with_its_message(ann: Person, model: SpokenModel) -> None:
    model.script = ["Good morning."]
    project = await ann.services.chat.create_project(ann.subject, schemas.ProjectNew(name="Plans"))
    thread_id = new_id()
    follower = await begin(ann, thread_id, "Say it.", project_id=project.id)
    assert follower.start["thread"]["id"] == thread_id
    await follower.to_end()
    detail = await ann.thread(thread_id)
    assert [message.role for message in detail.messages] == ["user", "assistant"]
    assert (detail.thread.project_id, detail.thread.model) == (project.id, "house/small")


@pytest.mark.parametrize("key", [KEY, None])
async def test_sent_many_times_at_once_it_is_one_thread(ann: Person, model: SpokenModel, key: str | None) -> None:
    model.script = ["one"]
    thread_id = new_id()
    followers = await asyncio.gather(*(begin(ann, thread_id, key=key) for _ in range(5)))
    for follower in followers:
        await follower.to_end()
    assert [thread.id for thread in await threads(ann)] == [thread_id]
    questions = [message for message in (await ann.thread(thread_id)).messages if message.role == "user"]
    assert len(questions) == (1 if key else 5), "without a key a repeat cannot be told from another message"


async def test_a_repeat_after_the_answer_joins_it(ann: Person, model: SpokenModel) -> None:
    model.script = ["once"]
    thread_id = new_id()
    first = await begin(ann, thread_id)
    await first.to_end()
    again = await begin(ann, thread_id)
    await again.to_end()
    assert again.raw == first.raw
    assert len((await ann.thread(thread_id)).messages) == 2


async def test_what_is_refused_leaves_no_thread(ann: Person, bob: Person, model: SpokenModel) -> None:
    model.script = ["taken"]
    with pytest.raises(ModelNotFound):
        await begin(ann, new_id(), model="house/nonesuch")
    with pytest.raises(NotFound):
        await begin(ann, new_id(), project_id=new_id())
    with pytest.raises(InvalidRequest):
        await begin(ann, "00000000-0000-4000-8000-000000000000")
    assert await threads(ann) == []
    taken = new_id()
    await (await begin(ann, taken)).to_end()
    with pytest.raises(Conflict):
        await begin(ann, new_id(), "another question with a key that was used")
    with pytest.raises(Conflict):
        await begin(bob, taken)
    assert [thread.id for thread in await threads(ann)] == [taken]
    assert await threads(bob) == []


async def test_a_draft_is_gone_with_its_turn_also_when_it_is_saved_late(ann: Person, model: SpokenModel) -> None:
    model.script = ["ok"]
    chat = ann.services.chat
    await chat.put_draft(ann.subject, "new", schemas.DraftPut(text="What is", key=KEY))
    assert (await chat.draft(ann.subject, "new")).key == KEY
    thread_id = new_id()
    await (await begin(ann, thread_id, "What is it?")).to_end()
    assert (await chat.draft(ann.subject, "new")).text == ""
    late = await chat.put_draft(
        ann.subject, "new", schemas.DraftPut(text="What is it?", key=KEY)
    )  # overtaken on its way
    assert (late.key, late.text) == (None, ""), "whoever typed on elsewhere is told that it is not kept"
    assert (await chat.draft(ann.subject, "new")).text == ""
    await chat.put_draft(ann.subject, "new", schemas.DraftPut(text="And why?", key="key-of-the-next"))
    await chat.put_draft(ann.subject, "new", schemas.DraftPut(key=KEY))
    assert (await chat.draft(ann.subject, "new")).text == "And why?"


async def test_what_was_typed_since_stays(ann: Person, model: SpokenModel) -> None:
    model.script = ["ok"]
    chat = ann.services.chat
    await chat.put_draft(ann.subject, "new", schemas.DraftPut(text="the next question", key="key-of-the-next"))
    thread_id = new_id()
    await (await begin(ann, thread_id)).to_end()
    assert (await chat.draft(ann.subject, "new")).text == "the next question"
