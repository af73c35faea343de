"""Many threads in one request: what changes, what does not, and the way back to exactly what was."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import insert, select, update

from freehold.chat import jobs, models
from freehold.chat.announce import user_topic
from freehold.chat.bulk.schemas import ThreadsChange, ThreadsChanged, ThreadsPatch
from freehold.chat.schemas import ProjectNew
from freehold.errors import NotFound
from freehold.kit.clock import now
from freehold.kit.ids import new_id
from tests.chat.reading import Person
from tests.chat.spoken_model import SpokenModel


async def change(person: Person, *changes: dict[str, Any]) -> ThreadsChanged:
    return await person.services.bulk.change(person.subject, ThreadsPatch.model_validate({"changes": changes}))


async def take_back(person: Person, done: ThreadsChanged) -> ThreadsChanged:
    """As a client does: with what the answer said, through JSON."""
    sent = done.model_dump(mode="json", exclude_unset=True)["undo"]
    return await change(person, *sent)


async def places(person: Person) -> dict[str, tuple[str, str | None]]:
    """State and project of every thread, the bin included."""
    async with person.services.database.read() as session:
        query = select(models.Thread.id, models.Thread.state, models.Thread.project_id)
        rows = await session.execute(query.where(models.Thread.owner_id == person.subject.user_id))
        return {thread_id: (state, project_id) for thread_id, state, project_id in rows}


async def planted(person: Person, states: list[str], project_id: str | None = None) -> list[str]:
    at = now()
    rows = [
        {
            "id": new_id(),
            "owner_id": person.subject.user_id,
            "project_id": project_id,
            "title": "t",
            "title_source": "user",
            "state": state,
            "pinned": False,
            "last_activity_at": at,
            "created_at": at,
            "updated_at": at,
        }
        for state in states
    ]
    async with person.services.database.begin() as session:
        await session.execute(insert(models.Thread), rows)
    return [row["id"] for row in rows]


async def test_each_change_and_its_way_back(ann: Person, bob: Person) -> None:
    chat = ann.services.chat
    one, two = [(await chat.create_project(ann.subject, ProjectNew(name=name))).id for name in ("one", "two")]
    mixed = await planted(ann, ["active", "archived", "active"], one) + await planted(ann, ["active", "archived"])
    theirs = await planted(bob, ["active"])
    before = await places(ann)
    ids = [*mixed, *theirs, new_id()]
    for wanted, count in (
        ({"state": "deleted"}, 5),
        ({"state": "archived"}, 3),
        ({"project_id": two}, 5),
        ({"project_id": None}, 3),
        ({"state": "archived", "project_id": two}, 5),
    ):
        with ann.services.bus.subscribe(user_topic(ann.subject.user_id)) as heard:
            done = await change(ann, {"ids": ids, **wanted})
            assert await anext(aiter(heard)) == {"type": "threads"}
        assert done.changed == count
        for thread_id, (state, project_id) in (await places(ann)).items():
            assert state == wanted.get("state", before[thread_id][0])
            assert project_id == wanted.get("project_id", before[thread_id][1])
        assert (await change(ann, {"ids": ids, **wanted})).changed == 0
        assert (await take_back(ann, done)).changed == count
        assert await places(ann) == before
    assert (await places(bob))[theirs[0]] == ("active", None)


async def test_all_of_a_state_by_the_thousand(ann: Person, bob: Person) -> None:
    await planted(ann, ["active"] * 1203 + ["archived"] * 7)
    await planted(bob, ["active"])
    before = await places(ann)
    counts = await ann.services.bulk.counts(ann.subject)
    assert (counts.active, counts.archived) == (1203, 7)
    archived = await change(ann, {"every": ["active"], "state": "archived"})
    assert archived.changed == 1203
    deleted = await change(ann, {"every": ["active", "archived"], "state": "deleted"})
    assert deleted.changed == 1210
    assert (await ann.services.bulk.counts(ann.subject)).archived == 0
    await take_back(ann, deleted)
    await take_back(ann, archived)
    assert await places(ann) == before
    assert (await ann.services.bulk.counts(bob.subject)).active == 1


async def test_the_bin_is_reached_only_by_who_asks_for_it_and_in_time(ann: Person) -> None:
    kept, late = await planted(ann, ["active", "active"])
    done = await change(ann, {"ids": [kept, late], "state": "deleted"})
    assert (await change(ann, {"ids": [kept], "state": "archived"})).changed == 0
    async with ann.services.database.begin() as session:
        over = now() - timedelta(days=2 * jobs.BIN_DAYS)
        await session.execute(update(models.Thread).where(models.Thread.id == late).values(deleted_at=over))
    assert (await take_back(ann, done)).changed == 1
    after = await places(ann)
    assert after[kept] == ("active", None)
    assert after.get(late, ("gone", None))[0] in {"deleted", "gone"}  # the sweep may have been there


async def test_a_foreign_project_changes_nothing(ann: Person, bob: Person) -> None:
    (thread_id,) = await planted(ann, ["active"])
    foreign = await bob.services.chat.create_project(bob.subject, ProjectNew(name="his"))
    with pytest.raises(NotFound):
        await change(ann, {"ids": [thread_id], "state": "archived"}, {"ids": [thread_id], "project_id": foreign.id})
    assert await places(ann) == {thread_id: ("active", None)}


async def test_an_answer_under_way_is_stopped_and_kept(ann: Person, model: SpokenModel) -> None:
    thread = await ann.new_thread()
    follower = await ann.send(thread.id)
    call = await model.next_call()
    call.say("half")
    await follower.until("half")
    done = await change(ann, {"every": ["active"], "state": "deleted"})
    await take_back(ann, done)
    messages = (await ann.services.chat.thread(ann.subject, thread.id)).messages
    assert messages[-1].status == "stopped"


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "archived"},
        {"ids": [new_id()]},
        {"ids": [new_id()], "every": ["active"], "state": "archived"},
        {"ids": [], "state": "archived"},
        {"every": ["deleted"], "state": "active"},
        {"every": ["active"], "state": "active", "restore": True},
        {"ids": [new_id()], "state": "deleted", "restore": True},
    ],
)
def test_what_says_too_little_or_too_much_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ThreadsChange.model_validate(wrong)
