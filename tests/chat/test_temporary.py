"""Temporary chats: in no list, no search and no archive, gone in time, and kept when one says so."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from freehold.chat import jobs, models, schemas
from freehold.chat.search.service import Question
from freehold.errors import NotFound
from freehold.kit.clock import now
from freehold.kit.ids import new_id
from freehold.moving.schemas import ExportNew
from tests.chat.reading import Person
from tests.chat.spoken_model import SpokenModel
from tests.chat.test_threads import change, page

DAY = timedelta(hours=24)


async def begun(ann: Person, words: str = "a passing thought") -> schemas.Thread:
    """A temporary chat with an answer, as the page of a new chat makes it."""
    thread_id = new_id()
    turn = schemas.SendTurn.model_validate(
        {
            "kind": "send",
            "parent_id": None,
            "first": {"temporary": True},
            "parts": [{"type": "text", "text": words}],
            "model": "house/small",
        }
    )
    chunks = await ann.services.chat.take_turn(ann.subject, thread_id, turn)
    _ = [chunk async for chunk in chunks]
    return (await ann.services.chat.thread(ann.subject, thread_id)).thread


async def age(ann: Person, thread_id: str) -> None:
    """As if its time were over."""
    async with ann.services.database.begin() as session:
        over = now() - timedelta(seconds=1)
        await session.execute(update(models.Thread).where(models.Thread.id == thread_id).values(expires_at=over))


async def found(ann: Person, words: str) -> list[str]:
    result = await ann.services.search.search(ann.subject, Question(q=words), None, 20)
    return [group.thread_id for group in result.items]


async def test_it_is_nowhere_but_at_its_address(ann: Person, model: SpokenModel) -> None:
    model.script = ["an answer"] * 3
    project = await ann.services.chat.create_project(ann.subject, schemas.ProjectNew(name="Garden"))
    thread = await begun(ann)
    await change(ann, thread.id, project_id=project.id)
    assert thread.state == "temp"
    assert thread.expires_at is not None
    assert abs(thread.expires_at - now() - DAY) < timedelta(minutes=5)
    for filters in ({}, {"state": "archived"}, {"project_id": project.id}, {"pinned": False}):
        assert (await page(ann, **filters)).items == []
    assert await found(ann, "passing") == []
    assert (await ann.services.bulk.counts(ann.subject)).active == 0
    assert [row.threads for row in await ann.services.chat.projects(ann.subject)] == [0]
    assert (await ann.services.exports.begin(ann.subject, ExportNew())).total == 0


async def test_its_time_begins_anew_with_each_turn_and_ends_for_good(ann: Person, model: SpokenModel) -> None:
    model.script = ["an answer"] * 3
    thread = await begun(ann)
    async with ann.services.database.begin() as session:
        soon = now() + timedelta(minutes=1)
        await session.execute(update(models.Thread).where(models.Thread.id == thread.id).values(expires_at=soon))
    await (await ann.send(thread.id, "more")).to_end()
    after = (await ann.services.chat.thread(ann.subject, thread.id)).thread
    assert after.expires_at is not None
    assert after.expires_at > soon + timedelta(hours=23)
    generation = (await ann.services.chat.thread(ann.subject, thread.id)).messages[-1]
    await age(ann, thread.id)
    with pytest.raises(NotFound):
        await ann.services.chat.thread(ann.subject, thread.id)
    with pytest.raises(NotFound):
        await ann.services.chat.edit_message(
            ann.subject,
            generation.id,
            schemas.MessagePatch.model_validate({"parts": [{"type": "text", "text": "x"}]}),
        )
    with pytest.raises(NotFound):
        await ann.send(thread.id, "too late")
    await jobs.sweep_temporary(ann.services.database)
    async with ann.services.database.read() as session:
        for table in (models.Thread, models.Message, models.Generation):
            assert list(await session.scalars(select(table.id))) == []


async def test_one_that_is_kept_stays(ann: Person, model: SpokenModel) -> None:
    model.script = ["an answer"] * 3
    thread = await begun(ann)
    kept = await change(ann, thread.id, state="active")
    assert (kept.state, kept.expires_at) == ("active", None)
    assert [item.id for item in (await page(ann)).items] == [thread.id]
    assert await found(ann, "passing") == [thread.id]
    await jobs.sweep_temporary(ann.services.database)
    assert await found(ann, "passing") == [thread.id]


async def test_the_bin_makes_it_live_no_longer(ann: Person, model: SpokenModel) -> None:
    model.script = ["an answer"] * 3
    thread, other = await begun(ann), await begun(ann)
    for one in (thread, other):
        await ann.services.chat.delete_thread(ann.subject, one.id)
    back = await ann.services.chat.restore_thread(ann.subject, thread.id)
    assert (back.state, back.expires_at) == ("temp", thread.expires_at)
    await age(ann, other.id)
    with pytest.raises(NotFound):
        await ann.services.chat.restore_thread(ann.subject, other.id)
    await jobs.sweep_temporary(ann.services.database)
    async with ann.services.database.read() as session:
        assert list(await session.scalars(select(models.Thread.id))) == [thread.id]


async def test_a_fork_of_it_is_temporary_too(ann: Person, model: SpokenModel) -> None:
    model.script = ["an answer"] * 3
    thread = await begun(ann)
    message = (await ann.services.chat.thread(ann.subject, thread.id)).messages[-1]
    fork = await ann.services.chat.fork_thread(ann.subject, thread.id, schemas.ForkNew(message_id=message.id))
    assert fork.state == "temp"
    assert fork.expires_at is not None
