"""Threads and projects: the list, the bin, branches after deletions, and what nobody else sees."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from freehold.chat import jobs, models, schemas
from freehold.chat.announce import user_topic
from freehold.errors import Conflict, InvalidRequest, NotFound
from freehold.kit.clock import now
from freehold.kit.ids import new_id
from tests.chat.reading import Person
from tests.chat.spoken_model import SpokenModel


async def page(person: Person, **filters: Any) -> schemas.ThreadPage:
    wanted: dict[str, Any] = {"state": "active", "pinned": None, "project_id": None, "cursor": None, "limit": 50}
    return await person.services.chat.threads(person.subject, **(wanted | filters))


async def change(person: Person, thread_id: str, **fields: Any) -> schemas.Thread:
    return await person.services.chat.change_thread(person.subject, thread_id, schemas.ThreadPatch(**fields))


async def test_pages_show_every_thread_once_newest_first(ann: Person, bob: Person) -> None:
    at = now()
    rows = [
        {
            "id": new_id(),
            "owner_id": ann.subject.user_id,
            "title": str(number),
            "title_source": "user",
            "state": "active",
            "pinned": number % 5 == 0,
            # many of one moment: the id decides
            "last_activity_at": at - timedelta(seconds=number // 4),
            "read_at": at,
            "created_at": at,
            "updated_at": at,
        }
        for number in range(53)
    ]
    async with ann.services.database.begin() as session:
        await session.execute(insert(models.Thread), rows)
    await bob.new_thread(title="his")
    for pinned in (None, True, False):
        seen: list[schemas.Thread] = []
        cursor = None
        while True:
            part = await page(ann, limit=7, cursor=cursor, pinned=pinned)
            seen += part.items
            cursor = part.next_cursor
            if cursor is None:
                break
        expected = [row for row in rows if pinned in (None, row["pinned"])]
        expected.sort(key=lambda row: (row["last_activity_at"], row["id"]), reverse=True)
        assert [thread.id for thread in seen] == [row["id"] for row in expected]
    with pytest.raises(InvalidRequest):
        await page(ann, cursor="bm90IGEgY3Vyc29y")


async def test_a_thread_says_that_it_is_generating_and_then_unread(ann: Person, model: SpokenModel) -> None:
    quiet, busy = await ann.new_thread(), await ann.new_thread()
    follower = await ann.send(busy.id)
    flags = {thread.id: (thread.generating, thread.unread) for thread in (await page(ann)).items}
    assert flags == {quiet.id: (False, False), busy.id: (True, False)}
    call = await model.next_call()
    call.say("done")
    call.finish()
    await follower.to_end()
    flags = {thread.id: (thread.generating, thread.unread) for thread in (await page(ann)).items}
    assert flags == {quiet.id: (False, False), busy.id: (False, True)}
    assert not (await change(ann, busy.id, read=True)).unread


async def test_a_thread_comes_back_from_the_bin_with_its_messages(ann: Person, model: SpokenModel) -> None:
    model.script = ["kept"]
    thread = await ann.new_thread()
    message = await (await ann.send(thread.id)).to_end()
    chat = ann.services.chat
    await chat.delete_thread(ann.subject, thread.id)
    with pytest.raises(NotFound):
        await ann.thread(thread.id)
    with pytest.raises(NotFound):
        await ann.send(thread.id)
    assert (await page(ann)).items == []
    await chat.restore_thread(ann.subject, thread.id)
    assert (await ann.thread(thread.id)).messages[-1].id == message["id"]
    with pytest.raises(NotFound):
        await chat.restore_thread(ann.subject, thread.id)


async def test_deleting_a_thread_stops_its_answer(ann: Person, model: SpokenModel) -> None:
    thread = await ann.new_thread()
    follower = await ann.send(thread.id)
    call = await model.next_call()
    call.say("half")
    await follower.until("half")
    await ann.services.chat.delete_thread(ann.subject, thread.id)
    assert (await follower.to_end())["status"] == "stopped"
    restored = await ann.services.chat.restore_thread(ann.subject, thread.id)
    assert not restored.generating


async def test_the_bin_is_emptied_after_thirty_days(ann: Person, model: SpokenModel) -> None:
    model.script = ["answer"]
    gone, kept = await ann.new_thread(), await ann.new_thread()
    for thread in (gone, kept):
        await (await ann.send(thread.id)).to_end()
        await ann.services.chat.delete_thread(ann.subject, thread.id)
    database = ann.services.database
    async with database.begin() as session:
        long_ago = now() - timedelta(days=31)
        await session.execute(update(models.Thread).where(models.Thread.id == gone.id).values(deleted_at=long_ago))
    with pytest.raises(NotFound):
        await ann.services.chat.restore_thread(ann.subject, gone.id)
    await jobs.sweep(database, ann.services.files)
    async with database.read() as session:
        assert await session.get(models.Thread, gone.id) is None
        assert await session.get(models.Thread, kept.id) is not None
    await ann.services.chat.restore_thread(ann.subject, kept.id)
    assert len((await ann.thread(kept.id)).messages) == 2


async def test_deleted_messages_leave_with_what_hangs_below_and_come_back(ann: Person, model: SpokenModel) -> None:
    model.script = ["answer"]
    thread = await ann.new_thread()
    chat = ann.services.chat
    first = await (await ann.send(thread.id, "one")).to_end()
    second = await (await ann.send(thread.id, "two", parent_id=first["id"])).to_end()
    sibling = await (await ann.regenerate(thread.id, first["id"])).to_end()
    await change(ann, thread.id, leaf_id=first["id"])
    assert (await ann.thread(thread.id)).thread.leaf_id == second["id"], "the end of that branch"

    await chat.delete_message(ann.subject, first["id"])
    detail = await ann.thread(thread.id)
    assert [m.id for m in detail.messages] == [first["parent_id"], sibling["id"]]
    assert detail.thread.leaf_id == sibling["id"]
    with pytest.raises(NotFound):
        await ann.send(thread.id, parent_id=second["id"])
    with pytest.raises(InvalidRequest):
        await change(ann, thread.id, leaf_id=second["id"])

    await chat.restore_message(ann.subject, first["id"])
    detail = await ann.thread(thread.id)
    assert len(detail.messages) == 5
    assert detail.thread.leaf_id == second["id"]

    root = first["parent_id"]
    await chat.delete_message(ann.subject, root)
    detail = await ann.thread(thread.id)
    assert (detail.messages, detail.thread.leaf_id) == ([], None)

    async with ann.services.database.begin() as session:
        long_ago = now() - timedelta(days=31)
        await session.execute(update(models.Message).where(models.Message.id == root).values(deleted_at=long_ago))
    await jobs.sweep(ann.services.database, ann.services.files)
    async with ann.services.database.read() as session:
        assert await session.get(models.Message, second["id"]) is None


async def test_each_version_is_found_again_as_it_was_left(ann: Person, model: SpokenModel) -> None:
    """Also on another device, and by a turn that somebody takes under another branch than the shown one."""
    model.script = ["answer"]
    thread = await ann.new_thread()
    first = await (await ann.send(thread.id, "one")).to_end()
    question = first["parent_id"]
    await (await ann.regenerate(thread.id, first["id"])).to_end()
    await change(ann, thread.id, leaf_id=first["id"])
    other = await (await ann.send(thread.id, "one, in other words")).to_end()
    assert (await ann.thread(thread.id)).thread.leaf_id == other["id"]
    assert (await change(ann, thread.id, leaf_id=question)).leaf_id == first["id"], "not the newest answer"
    assert (await change(ann, thread.id, leaf_id=other["parent_id"])).leaf_id == other["id"]

    deeper = await (await ann.send(thread.id, "two", parent_id=first["id"])).to_end()
    await change(ann, thread.id, leaf_id=other["id"])
    back = await change(ann, thread.id, leaf_id=question)
    assert back.leaf_id == deeper["id"]
    assert back.choices[question] == first["id"]

    await ann.services.chat.delete_message(ann.subject, first["id"])
    assert (await ann.thread(thread.id)).thread.leaf_id != first["id"]
    await ann.services.chat.restore_message(ann.subject, first["id"])
    assert (await ann.thread(thread.id)).thread.leaf_id == deeper["id"]


async def test_deleting_a_question_stops_its_answer(ann: Person, model: SpokenModel) -> None:
    thread = await ann.new_thread()
    follower = await ann.send(thread.id)
    await model.next_call()
    await ann.services.chat.delete_message(ann.subject, follower.start["user_message"]["id"])
    assert (await follower.to_end())["status"] == "stopped"
    assert (await ann.thread(thread.id)).messages == []


async def test_editing_in_place_keeps_the_reasoning(ann: Person, model: SpokenModel) -> None:
    thread = await ann.new_thread()
    follower = await ann.send(thread.id)
    call = await model.next_call()
    call.think("because")
    call.say("wrong")
    call.finish()
    message = await follower.to_end()
    patch = schemas.MessagePatch.model_validate({"parts": [{"type": "text", "text": "right"}]})
    edited = await ann.services.chat.edit_message(ann.subject, message["id"], patch)
    assert [part.type for part in edited.parts] == ["reasoning", "text"]
    assert edited.parts[1].text == "right"  # type: ignore[union-attr]
    assert edited.edited_at is not None
    assert (await ann.thread(thread.id)).messages[1] == edited


async def test_a_chosen_id_makes_creation_repeatable_and_says_nothing_of_others(ann: Person, bob: Person) -> None:
    chosen = new_id()
    first = await ann.new_thread(id=chosen, title="mine")
    assert await ann.new_thread(id=chosen, title="again") == first
    with pytest.raises(Conflict) as others:
        await bob.new_thread(id=chosen)
    await ann.services.chat.delete_thread(ann.subject, chosen)
    with pytest.raises(Conflict) as own:
        await ann.new_thread(id=chosen)
    assert others.value.body() == own.value.body()
    for bad in ("x", "6BA7B810-9DAD-11D1-80B4-00C04FD430C8", "9b2e4a10-9dad-41d1-80b4-00c04fd430c8"):
        with pytest.raises(InvalidRequest):
            await ann.new_thread(id=bad)


async def test_projects_hold_threads_and_let_them_go(ann: Person, bob: Person) -> None:
    chat = ann.services.chat
    project = await chat.create_project(ann.subject, schemas.ProjectNew(name="Garden"))
    assert await chat.create_project(ann.subject, schemas.ProjectNew(id=project.id, name="Garden")) == project
    inside, outside = await ann.new_thread(project_id=project.id), await ann.new_thread()
    assert [thread.id for thread in (await page(ann, project_id=project.id)).items] == [inside.id]
    await change(ann, outside.id, project_id=project.id)
    assert (await chat.projects(ann.subject))[0].threads == 2
    with pytest.raises(NotFound):
        await bob.new_thread(project_id=project.id)
    with pytest.raises(NotFound):
        await chat.change_project(bob.subject, project.id, schemas.ProjectPatch(name="His"))
    with pytest.raises(Conflict):
        await chat.create_project(bob.subject, schemas.ProjectNew(id=project.id, name="His"))
    await chat.delete_project(ann.subject, project.id)
    assert await chat.projects(ann.subject) == []
    assert {thread.project_id for thread in (await page(ann)).items} == {None}


async def test_pin_archive_and_rename(ann: Person) -> None:
    thread = await ann.new_thread()
    assert (await change(ann, thread.id, pinned=True, title="Mine")).title_source == "user"
    assert [item.id for item in (await page(ann, pinned=True)).items] == [thread.id]
    assert (await page(ann, pinned=False)).items == []
    await change(ann, thread.id, state="archived")
    assert (await page(ann)).items == []
    assert len((await page(ann, state="archived")).items) == 1
    with pytest.raises(InvalidRequest):
        await change(ann, thread.id, title=None)


async def test_every_tab_is_told(ann: Person, bob: Person, model: SpokenModel) -> None:
    model.script = ["hello"]
    bus = ann.services.bus
    with bus.subscribe(user_topic(ann.subject.user_id)) as hers, bus.subscribe(user_topic(bob.subject.user_id)) as his:
        thread = await ann.new_thread(title="t")
        await (await ann.send(thread.id)).to_end()
        await ann.services.chat.delete_thread(ann.subject, thread.id)
        hers.close()
        his.close()
        told = [event async for event in hers]
        assert [event async for event in his] == []
    for event in told:
        schemas.LiveEvent.model_validate(event)
    kinds = [event["type"] for event in told]
    assert kinds == [
        "thread",
        *("message", "message", "thread", "generation"),
        *("generation", "message", "thread"),
        "thread_deleted",
    ]
    assert told[4]["generation"]["status"] == "running"
    assert told[5]["generation"]["status"] == "done"
    assert told[2]["message"]["generation_id"] == told[4]["id"]


async def tree_of(person: Person, model: SpokenModel) -> tuple[str, list[str]]:
    """A question with two answers, and a further question below the first of them; the ids in the order of creation."""
    model.script = ["answer"]
    thread = await person.new_thread(title="Tulips")
    first = await (await person.send(thread.id, "one")).to_end()
    second = await (await person.regenerate(thread.id, first["id"])).to_end()
    deeper = await (await person.send(thread.id, "two", parent_id=first["id"])).to_end()
    return thread.id, [first["parent_id"], first["id"], second["id"], deeper["parent_id"], deeper["id"]]


async def fork(person: Person, thread_id: str, message_id: str, which: str, **more: Any) -> schemas.ThreadDetail:
    new = schemas.ForkNew.model_validate({"message_id": message_id, "which": which, **more})
    made = await person.services.chat.fork_thread(person.subject, thread_id, new)
    return await person.thread(made.id)


def shape(messages: list[schemas.Message]) -> list[int | None]:
    """The place of each message's parent in the list."""
    ids = [message.id for message in messages]
    return [None if message.parent_id is None else ids.index(message.parent_id) for message in messages]


async def test_a_fork_takes_what_was_asked_for(ann: Person, bob: Person, model: SpokenModel) -> None:
    thread_id, ids = await tree_of(ann, model)
    _, first, second, _, deeper = ids
    path = await fork(ann, thread_id, first, "path")
    assert shape(path.messages) == [None, 0]
    assert path.thread.title == "Tulips (2)"
    assert path.thread.leaf_id == path.messages[-1].id
    assert path.messages[1].run is not None

    whole = await fork(ann, thread_id, second, "branches")
    assert shape(whole.messages) == [None, 0, 0, 1, 3]
    assert whole.thread.leaf_id == whole.messages[2].id, "what was forked at is shown"
    assert not {message.id for message in whole.messages} & set(ids)
    way_back = await change(ann, whole.thread.id, leaf_id=whole.messages[0].id)
    assert way_back.leaf_id == whole.messages[4].id, "with the way that was taken before"

    assert shape((await fork(ann, thread_id, first, "onward")).messages) == [None, 0, 1, 2]
    onward = await fork(ann, thread_id, ids[3], "onward")
    assert onward.messages[0].parts[0].text == "two"  # type: ignore[union-attr]
    assert shape(onward.messages) == [None, 0]

    # the source is as it was, and a fork goes on by itself
    assert len((await ann.thread(thread_id)).messages) == 5
    more = await (await ann.send(path.thread.id, "three", parent_id=path.messages[-1].id)).to_end()
    assert more["status"] == "complete"
    assert len((await ann.thread(thread_id)).messages) == 5
    assert deeper in {message.id for message in (await ann.thread(thread_id)).messages}

    for person, message_id in ((bob, first), (ann, new_id()), (ann, path.messages[0].id)):
        with pytest.raises(NotFound):
            await fork(person, thread_id, message_id, "path")


async def test_a_fork_can_be_asked_for_twice_and_leaves_out_what_is_being_written(
    ann: Person, model: SpokenModel
) -> None:
    thread = await ann.new_thread()
    follower = await ann.send(thread.id, "one")
    call = await model.next_call()
    question = follower.start["user_message"]["id"]
    chosen = new_id()
    made = await fork(ann, thread.id, question, "branches", id=chosen)
    assert (made.thread.id, shape(made.messages)) == (chosen, [None])
    assert await fork(ann, thread.id, question, "branches", id=chosen) == made
    call.say("done")
    call.finish()
    await follower.to_end()


async def test_an_answer_that_is_replaced_can_be_had_back(ann: Person, model: SpokenModel) -> None:
    model.script = ["answer"]
    thread = await ann.new_thread()
    first = await (await ann.send(thread.id, "one")).to_end()
    await (await ann.send(thread.id, "two", parent_id=first["id"])).to_end()
    second = await (await ann.regenerate(thread.id, first["id"], replace=True)).to_end()
    detail = await ann.thread(thread.id)
    assert [message.id for message in detail.messages] == [first["parent_id"], second["id"]]
    assert detail.thread.leaf_id == second["id"]
    await ann.services.chat.restore_message(ann.subject, first["id"])
    assert len((await ann.thread(thread.id)).messages) == 5
    with pytest.raises(InvalidRequest):
        await ann.regenerate(thread.id, first["parent_id"], replace=True)
