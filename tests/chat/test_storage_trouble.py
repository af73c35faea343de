"""A database that refuses while answers are written: clear words, nothing lost that was shown, and life afterwards."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import text, update

from freehold.assembly import running_services
from freehold.chat import models
from freehold.chat.announce import Announcer
from freehold.chat.endings import end_orphans
from freehold.deps import Services
from freehold.kit.clock import now
from freehold.settings import Settings
from tests.chat.conftest import new_user
from tests.chat.reading import Person
from tests.chat.spoken_model import SpokenModel


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_a_full_disk_keeps_the_text_and_says_so(ann: Person, services: Services, model: SpokenModel) -> None:
    thread = await ann.new_thread()
    follower = await ann.send(thread.id)
    call = await model.next_call()
    call.say("kept ")
    await follower.until("kept ")
    async with services.database.begin() as session:
        pages = await session.scalar(text("PRAGMA page_count"))
        await session.execute(text(f"PRAGMA max_page_count = {pages}"))
    for _ in range(40):
        call.say("x" * 5_000)
        await asyncio.sleep(0.03)
    message = await follower.to_end()
    assert message["status"] == "failed"
    assert message["error"]["code"] == "disk_full"
    assert "Free space" in message["error"]["next_step"]
    assert follower.text.startswith("kept ")
    assert message["parts"][0]["text"].startswith(follower.text)
    async with asyncio.timeout(30):
        await call.left.wait()  # nobody pays for words that cannot be kept

    async with services.database.begin() as session:
        await session.execute(text("PRAGMA max_page_count = 1073741823"))
    async with asyncio.timeout(60):
        while (await ann.thread(thread.id)).messages[-1].status == "streaming":
            await asyncio.sleep(0.1)
    saved = (await ann.thread(thread.id)).messages[-1]
    assert saved.status == "failed"
    assert saved.error is not None
    assert saved.error.code == "disk_full"
    assert [part.model_dump(mode="json") for part in saved.parts] == message["parts"]
    model.script = ["works again"]
    assert (await (await ann.send(thread.id)).to_end())["status"] == "complete"


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_a_locked_database_keeps_the_text_and_says_so(
    ann: Person, services: Services, model: SpokenModel
) -> None:
    path = services.database.target.path
    assert path is not None
    thread = await ann.new_thread()
    follower = await ann.send(thread.id)
    call = await model.next_call()
    call.say("kept ")
    await follower.until("kept ")

    def hold() -> sqlite3.Connection:
        other = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        return other

    with closing(await asyncio.to_thread(hold)) as other:
        call.say("not yet saved")
        # reading goes on meanwhile
        assert (await ann.thread(thread.id)).messages[-1].parts[0].text == "kept "  # type: ignore[union-attr]
        message = await follower.to_end()
        assert message["status"] == "failed"
        assert message["error"]["code"] == "database_locked"
        assert message["parts"] == [{"type": "text", "text": "kept not yet saved"}]
        await asyncio.to_thread(other.execute, "ROLLBACK")
    async with asyncio.timeout(60):
        while (await ann.thread(thread.id)).messages[-1].status == "streaming":
            await asyncio.sleep(0.1)
    saved = (await ann.thread(thread.id)).messages[-1]
    assert saved.parts[0].text == "kept not yet saved"  # type: ignore[union-attr]
    assert (await ann.follow(follower.generation_id)).start["generation"]["status"] == "failed"


async def test_orphans_are_interrupted_with_what_was_shown(
    make_settings: Callable[..., Settings], model: SpokenModel, database_kind: str
) -> None:
    settings = make_settings()
    async with running_services(settings) as services:
        ann = Person(services, await new_user(services, "ann"))
        thread = await ann.new_thread()
        follower = await ann.send(thread.id)
        call = await model.next_call()
        call.say("shown ")
        await follower.until("shown ")
        # as if the process had died: the row says running, by somebody who does not answer
        async with services.database.begin() as session:
            await session.execute(
                update(models.Generation).values(worker="a dead process", heartbeat_at=now() - timedelta(seconds=31))
            )
        if database_kind == "postgres":
            assert await end_orphans(services.database, Announcer(services.bus), services.generations.worker) == 1
            # whoever still reads from this process is told the truth
            call.say("never seen")
            message = await follower.to_end()
            assert message["status"] == "interrupted"
            assert message["parts"] == [{"type": "text", "text": "shown "}]
    async with running_services(settings) as services:
        ann = Person(services, ann.subject)
        message = (await ann.thread(thread.id)).messages[-1]
        assert message.status == "interrupted"
        assert message.parts[0].text == "shown "  # type: ignore[union-attr]
        going_on = await ann.go_on(thread.id, message.id)
        call = await model.next_call()
        call.say("and more")
        call.finish()
        assert (await going_on.to_end())["parts"] == [{"type": "text", "text": "shown and more"}]


@pytest.mark.parametrize("database_kind", [pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_an_answer_is_stopped_from_another_process(
    make_settings: Callable[..., Settings], model: SpokenModel
) -> None:
    settings = make_settings()
    async with running_services(settings) as here, running_services(settings) as there:
        ann = Person(here, await new_user(here, "ann"))
        ann_there = Person(there, ann.subject)
        thread = await ann.new_thread()
        follower = await ann.send(thread.id)
        call = await model.next_call()
        call.say("as far as this ")
        await follower.until("this ")
        # the other process does not take the living for dead
        assert await end_orphans(there.database, Announcer(there.bus), there.generations.worker) == 0
        elsewhere = await ann_there.follow(follower.generation_id)
        await elsewhere.until("this ")
        stopped = await ann_there.stop(follower.generation_id)
        assert stopped.status == "stopped"
        call.say("too late")
        for reader in (follower, elsewhere):
            message = await reader.to_end()
            assert message["status"] == "stopped"
            assert message["parts"] == [{"type": "text", "text": "as far as this "}]
        async with asyncio.timeout(30):
            await call.left.wait()


async def test_a_character_that_no_database_keeps_does_not_cost_the_answer(ann: Person, model: SpokenModel) -> None:
    """PostgreSQL refuses NUL, and would refuse with it every other answer of the same transaction."""
    thread = await ann.new_thread()
    model.script = ["be\0fore"]
    message = await (await ann.send(thread.id)).to_end()
    assert message["status"] == "complete"
    saved = (await ann.thread(thread.id)).messages[-1]
    assert saved.status == "complete"
    assert saved.parts[0].text == "before"  # type: ignore[union-attr]
