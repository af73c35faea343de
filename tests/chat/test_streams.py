"""An answer belongs to the server: reloads, other tabs, cut connections and stops lose and repeat nothing."""

import asyncio

import pytest

from freehold.chat.generation import MAX_TAILS
from freehold.chat.tailing import poll_log
from freehold.deps import Services
from freehold.errors import NotFound, TooManyAttempts
from tests.chat.reading import Follower, Person
from tests.chat.spoken_model import SpokenModel


async def test_reload_at_half(ann: Person, model: SpokenModel) -> None:
    thread = await ann.new_thread()
    before = await ann.send(thread.id)
    call = await model.next_call()
    call.say("first half, ")
    await before.until("first half, ")
    await before.leave()

    detail = await ann.thread(thread.id)
    assert detail.thread.generating
    painted = detail.messages[-1]
    assert painted.status == "streaming"
    assert painted.parts[0].text == "first half, "  # type: ignore[union-attr]
    assert painted.generation_id is not None
    assert painted.run is not None
    assert painted.run.model == "house/small"

    after = await ann.follow(painted.generation_id)
    call.say("second half")
    call.finish()
    message = await after.to_end()
    assert message["status"] == "complete"
    assert after.text == "first half, second half"
    assert (
        after.parts == message["parts"] == (await ann.thread(thread.id)).messages[-1].model_dump(mode="json")["parts"]
    )


async def test_a_second_tab_sees_the_same_bytes(ann: Person, model: SpokenModel) -> None:
    thread = await ann.new_thread()
    first = await ann.send(thread.id)
    call = await model.next_call()
    call.say("one ")
    await first.until("one ")
    second = await ann.follow(first.generation_id)
    call.say("two ")
    await first.until("two ")
    call.think("hm")
    call.say("three")
    call.finish()
    await asyncio.gather(first.to_end(), second.to_end())
    assert first.raw == second.raw
    assert first.parts == second.parts == first.finish["message"]["parts"]  # type: ignore[index]


async def test_resuming_at_every_event_gives_identical_bytes(ann: Person, model: SpokenModel) -> None:
    model.script = ["a ", "b ", "\u4f60\u597d ", "\U0001f600 ", "d "] * 8
    model.pause_s = 0.012
    thread = await ann.new_thread()
    whole = await ann.send(thread.id)
    during: list[Follower] = []
    while await whole.read():
        follower = await ann.follow(whole.generation_id, whole.cursor)
        during.append(follower)
    assert whole.finish is not None
    frames = [bytes(frame) + b"\n\n" for frame in bytes(whole.raw).split(b"\n\n") if frame]
    assert len(frames) == whole.cursor > 10, "the commits were not all one"
    for follower in during:
        from_cursor = follower.cursor
        await follower.to_end()
        assert bytes(follower.raw) == b"".join(frames[from_cursor:])
    for cursor in range(whole.cursor + 1):
        late = await ann.follow(whole.generation_id, cursor)
        await late.to_end()
        assert bytes(late.raw) == b"".join(frames[cursor:]), cursor


async def test_a_tail_of_another_process_reads_the_same_from_the_database(
    ann: Person, services: Services, model: SpokenModel
) -> None:
    thread = await ann.new_thread()
    here = await ann.send(thread.id)
    call = await model.next_call()
    call.say("seen ")
    await here.until("seen ")
    elsewhere = Follower(poll_log(services.database, ann.subject.user_id, here.generation_id, 0))
    await elsewhere.read()
    call.say("everywhere")
    call.finish()
    await asyncio.gather(here.to_end(), elsewhere.to_end())
    assert here.raw == elsewhere.raw


async def test_leaving_does_not_stop_the_answer(ann: Person, model: SpokenModel) -> None:
    thread = await ann.new_thread()
    follower = await ann.send(thread.id)
    call = await model.next_call()
    await follower.leave()
    call.say("nobody looks")
    call.finish()
    later = await ann.follow(follower.generation_id)
    assert (await later.to_end())["status"] == "complete"
    assert later.text == "nobody looks"


async def test_stop_keeps_the_partial_text_and_ends_the_upstream_call(ann: Person, model: SpokenModel) -> None:
    thread = await ann.new_thread()
    follower = await ann.send(thread.id)
    call = await model.next_call()
    call.say("as far as here")
    await follower.until("as far as here")
    stopped = await ann.stop(follower.generation_id)
    assert stopped.status == "stopped"
    assert stopped.parts[0].text == "as far as here"  # type: ignore[union-attr]
    assert (await follower.to_end())["status"] == "stopped"
    async with asyncio.timeout(30):
        await call.left.wait()
    detail = await ann.thread(thread.id)
    assert detail.messages[-1] == stopped
    assert not detail.thread.generating
    assert not detail.thread.unread, "who stopped it has seen it"
    # again is not an error, and changes nothing
    assert await ann.stop(follower.generation_id) == stopped


async def test_stop_before_the_first_token(ann: Person, model: SpokenModel) -> None:
    thread = await ann.new_thread()
    follower = await ann.send(thread.id)
    call = await model.next_call()
    stopped = await ann.stop(follower.generation_id)
    assert (stopped.status, stopped.parts) == ("stopped", [])
    async with asyncio.timeout(30):
        await call.left.wait()


async def test_a_reader_that_does_not_read_holds_nobody_up(ann: Person, model: SpokenModel) -> None:
    model.script = ["word "] * 300
    thread = await ann.new_thread()
    reading = await ann.send(thread.id)
    asleep = await ann.follow(reading.generation_id)
    await reading.to_end()
    await asleep.to_end()
    assert asleep.raw == reading.raw


async def test_reasoning_has_its_seconds(ann: Person, model: SpokenModel) -> None:
    thread = await ann.new_thread()
    follower = await ann.send(thread.id)
    call = await model.next_call()
    call.think("I think ")
    call.think("so")
    call.say("Yes")
    call.finish()
    message = await follower.to_end()
    reasoning, text = message["parts"]
    assert reasoning["type"] == "reasoning"
    assert reasoning["text"] == "I think so"
    assert reasoning["seconds"] is not None
    assert text == {"type": "text", "text": "Yes"}
    stages = [event["stage"] for event in follower.events if event["type"] == "stage"]
    assert stages == ["choosing_model", "thinking", "writing"]


async def test_a_person_follows_a_bounded_number_of_streams(ann: Person, bob: Person, model: SpokenModel) -> None:
    thread = await ann.new_thread()
    first = await ann.send(thread.id)
    others = [await ann.follow(first.generation_id) for _ in range(MAX_TAILS - 1)]
    with pytest.raises(TooManyAttempts):
        await ann.follow(first.generation_id)
    await others.pop().leave()
    await ann.follow(first.generation_id)
    with pytest.raises(NotFound):
        await bob.follow(first.generation_id)


async def test_a_hundred_answers_at_once(ann: Person, model: SpokenModel) -> None:
    model.script = [f"{number} " for number in range(30)]
    model.pause_s = 0.01

    async def one() -> Follower:
        thread = await ann.new_thread()
        follower = await ann.send(thread.id)
        await follower.to_end()
        return follower

    async with asyncio.TaskGroup() as group:  # none goes on when one has failed
        tasks = [group.create_task(one()) for _ in range(100)]
    followers = [task.result() for task in tasks]
    expected = "".join(model.script)
    assert {follower.text for follower in followers} == {expected}
    assert {follower.finish["message"]["status"] for follower in followers if follower.finish} == {"complete"}


async def test_an_answer_that_begins_while_the_server_ends_is_saved_as_interrupted(
    ann: Person, services: Services
) -> None:
    thread = await ann.new_thread()
    await services.generations.stop()
    follower = await ann.send(thread.id)
    message = await follower.to_end()
    assert message["status"] == "interrupted"
    saved = (await ann.thread(thread.id)).messages[-1]
    assert (saved.id, saved.status) == (message["id"], "interrupted")
