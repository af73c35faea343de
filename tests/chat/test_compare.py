"""The same message to several models at once: each answer is its own, and one is kept."""

import asyncio
from typing import Any

import pytest
from pydantic import ValidationError

from freehold.chat import schemas
from freehold.errors import ModelNotFound, TooManyAttempts
from freehold.kit.ids import new_id
from tests.chat.reading import Follower, Person
from tests.chat.spoken_model import SpokenModel


def turn(**more: Any) -> schemas.SendTurn:
    return schemas.SendTurn.model_validate(
        {
            "kind": "send",
            "parent_id": None,
            "parts": [{"type": "text", "text": "Which is better?"}],
            "model": "house/small",
            "compare": ["house/tiny"],
            **more,
        }
    )


async def compared(ann: Person, thread_id: str, **more: Any) -> tuple[Follower, Follower]:
    first = await ann.turn(thread_id, turn(**more))
    (rival,) = first.start["rivals"]
    return first, await ann.follow(rival["generation_id"])


async def test_all_answers_are_committed_before_a_model_is_asked(ann: Person, model: SpokenModel) -> None:
    thread_id = new_id()
    first, second = await compared(ann, thread_id, first={})
    detail = await ann.thread(thread_id)
    question, left, right = detail.messages
    assert (left.parent_id, right.parent_id) == (question.id, question.id)
    assert (left.status, right.status) == ("streaming", "streaming")
    assert [left.generation_id, right.generation_id] == [first.generation_id, second.generation_id]
    assert detail.thread.choices == {question.id: "all"}
    assert detail.thread.leaf_id == left.id
    # they are written at the same time, and each in its own words
    calls = [await model.next_call(), await model.next_call()]
    for call in calls:
        call.say(call.request["model"])
        call.finish()
    assert [(await one.to_end())["parts"][0]["text"] for one in (first, second)] == ["small", "tiny"]
    detail = await ann.thread(thread_id)
    assert [message.run.model for message in detail.messages[1:] if message.run] == ["house/small", "house/tiny"]
    assert detail.thread.choices == {question.id: "all"}, "until one is kept"


async def test_one_is_stopped_and_the_other_goes_on(ann: Person, model: SpokenModel) -> None:
    thread = await ann.new_thread()
    first, second = await compared(ann, thread.id)
    calls = {call.request["model"]: call for call in [await model.next_call(), await model.next_call()]}
    calls["small"].say("so far")
    await first.until("so far")
    stopped = await ann.stop(first.generation_id)
    assert stopped.status == "stopped"
    calls["tiny"].say("to the end")
    calls["tiny"].finish()
    assert (await second.to_end())["status"] == "complete"
    # one that goes on stays beside the other
    assert (await ann.thread(thread.id)).thread.choices == {stopped.parent_id: "all"}
    going_on = await ann.go_on(thread.id, stopped.id)
    (call := await model.next_call()).finish()
    assert call.request["model"] == "small"
    await going_on.to_end()
    assert (await ann.thread(thread.id)).thread.choices == {stopped.parent_id: "all"}


async def test_one_fails_alone(ann: Person, model: SpokenModel) -> None:
    thread = await ann.new_thread()
    first, second = await compared(ann, thread.id)
    calls = {call.request["model"]: call for call in [await model.next_call(), await model.next_call()]}
    calls["tiny"].say("half")
    await second.until("half")  # after a word it is not tried again
    calls["tiny"].break_off()
    calls["small"].say("fine")
    calls["small"].finish()
    assert (await first.to_end())["status"] == "complete"
    failed = await second.to_end()
    assert failed["status"] != "complete"
    assert failed["parts"][0]["text"] == "half"
    # written again by the model that failed, in its place
    again = await ann.regenerate(thread.id, failed["id"], replace=True)
    (call := await model.next_call()).finish()
    assert call.request["model"] == "tiny"
    await again.to_end()
    detail = await ann.thread(thread.id)
    assert detail.thread.choices == {failed["parent_id"]: "all"}
    assert len(detail.messages) == 3


@pytest.mark.parametrize("by", ["choosing", "going_on"])
async def test_one_is_kept(ann: Person, model: SpokenModel, by: str) -> None:
    model.script = ["said"]
    thread = await ann.new_thread()
    first, second = await compared(ann, thread.id)
    await first.to_end()
    kept = await second.to_end()
    if by == "choosing":
        patch = schemas.ThreadPatch(leaf_id=kept["id"])
        shown = await ann.services.chat.change_thread(ann.subject, thread.id, patch)
        assert shown.leaf_id == kept["id"]
    else:
        await (await ann.send(thread.id, "and then", parent_id=kept["id"])).to_end()
    detail = await ann.thread(thread.id)
    assert detail.thread.choices[kept["parent_id"]] == kept["id"]
    assert len([m for m in detail.messages if m.parent_id == kept["parent_id"]]) == 2, "the other stays as a branch"


async def test_coming_back_to_a_comparison_keeps_none(ann: Person, model: SpokenModel) -> None:
    model.script = ["said"]
    thread = await ann.new_thread()
    first, second = await compared(ann, thread.id)
    question = (await first.to_end())["parent_id"]
    await second.to_end()
    await (await ann.send(thread.id, "asked otherwise")).to_end()
    shown = await ann.services.chat.change_thread(ann.subject, thread.id, schemas.ThreadPatch(leaf_id=question))
    assert shown.choices[question] == "all"
    assert shown.choices["root"] == question


async def test_a_repeat_joins_and_names_the_others(ann: Person, model: SpokenModel) -> None:
    model.script = ["said"]
    thread = await ann.new_thread()
    first = await ann.turn(thread.id, turn(), "key-00000001")
    again = await ann.turn(thread.id, turn(), "key-00000001")
    assert again.generation_id == first.generation_id
    assert [m["id"] for m in again.start["rivals"]] == [m["id"] for m in first.start["rivals"]]
    await asyncio.gather(first.to_end(), again.to_end())
    assert len((await ann.thread(thread.id)).messages) == 3


async def test_what_is_refused_leaves_nothing(ann: Person, model: SpokenModel, monkeypatch: pytest.MonkeyPatch) -> None:
    thread = await ann.new_thread()
    with pytest.raises(ModelNotFound):
        await ann.turn(thread.id, turn(compare=["house/nobody"]))
    monkeypatch.setattr("freehold.chat.turns.MAX_RUNNING", 1)
    with pytest.raises(TooManyAttempts):
        await ann.turn(thread.id, turn())
    assert (await ann.thread(thread.id)).messages == []
    for compare in (["house/small"], ["house/tiny", "house/tiny"], ["a/1", "a/2", "a/3", "a/4"]):
        with pytest.raises(ValidationError):
            turn(compare=compare)
