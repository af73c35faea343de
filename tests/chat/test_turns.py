"""A turn from the first word to the last: what is saved before, during and after."""

import asyncio

import pytest

from freehold.chat import schemas
from freehold.errors import Conflict, ModelNotFound, NotFound
from tests.chat.reading import Person
from tests.chat.spoken_model import SpokenModel


async def test_an_answer_is_streamed_saved_and_there_after_a_reload(ann: Person, model: SpokenModel) -> None:
    model.script = ["Good ", "morning", "."]
    thread = await ann.new_thread()
    follower = await ann.send(thread.id, "Say good morning.")
    message = await follower.to_end()

    assert message["status"] == "complete"
    assert message["parts"] == [{"type": "text", "text": "Good morning."}] == follower.parts
    assert message["run"]["self_hosted"] is True
    assert message["run"]["cost_usd"] == 0
    assert (message["run"]["input_tokens"], message["run"]["output_tokens"]) == (7, 3)
    assert message["run"]["finish_reason"] == "stop"

    detail = await ann.thread(thread.id)
    asked, answered = detail.messages
    assert asked.parts == [schemas.TextPart(text="Say good morning.")]
    assert answered.model_dump(mode="json") == message
    assert detail.thread.leaf_id == answered.id
    assert not detail.thread.generating


async def test_the_model_sees_the_branch_that_is_continued(ann: Person, model: SpokenModel) -> None:
    model.script = ["answer"]
    thread = await ann.new_thread()
    first = await (await ann.send(thread.id, "one")).to_end()
    await (await ann.send(thread.id, "two", parent_id=first["id"])).to_end()
    branch = await ann.send(thread.id, "another two", parent_id=first["id"])
    message = await branch.to_end()
    said = [(m["role"], m["content"]) for m in model.asked[-1]["messages"]]
    assert said == [("user", "one"), ("assistant", "answer"), ("user", "another two")]
    detail = await ann.thread(thread.id)
    assert detail.thread.leaf_id == message["id"]
    children = [m for m in detail.messages if m.parent_id == first["id"]]
    assert [m.parts[0].text for m in children] == ["two", "another two"]  # type: ignore[union-attr]


async def test_regenerate_makes_a_sibling_and_keeps_the_first_answer(ann: Person, model: SpokenModel) -> None:
    model.script = ["first"]
    thread = await ann.new_thread()
    first = await (await ann.send(thread.id)).to_end()
    model.script = ["second"]
    second = await (await ann.regenerate(thread.id, first["id"], model="house/tiny")).to_end()
    assert second["parent_id"] == first["parent_id"]
    assert second["run"]["model"] == "house/tiny"
    # of a question: its next answer
    third = await (await ann.regenerate(thread.id, first["parent_id"])).to_end()
    assert third["run"]["model"] == "house/tiny", "the model chosen last"
    detail = await ann.thread(thread.id)
    assert [m.id for m in detail.messages][1:] == [first["id"], second["id"], third["id"]]
    assert detail.thread.leaf_id == third["id"]


async def test_continue_goes_on_in_the_same_message(ann: Person, model: SpokenModel) -> None:
    thread = await ann.new_thread()
    follower = await ann.send(thread.id, "Count.")
    call = await model.next_call()
    call.say("one, two, ")
    await follower.until("two, ")
    stopped = await ann.stop(follower.generation_id)

    going_on = await ann.go_on(thread.id, stopped.id)
    assert going_on.start["message"]["parts"] == [part.model_dump(mode="json") for part in stopped.parts]
    call = await model.next_call()
    assert [m["role"] for m in call.request["messages"]] == ["user", "assistant", "user"]
    assert call.request["messages"][1]["content"] == "one, two, "
    call.say("three")
    call.finish()
    message = await going_on.to_end()
    assert message["id"] == stopped.id
    assert message["status"] == "complete"
    assert going_on.text == "one, two, three"
    assert message["parts"] == going_on.parts == [{"type": "text", "text": "one, two, three"}]
    # whoever attaches when it is over still gets what the message was, and what came
    late = await ann.follow(going_on.generation_id)
    await late.to_end()
    assert late.start["message"]["parts"] == going_on.start["message"]["parts"]
    assert late.raw == going_on.raw
    with pytest.raises(Conflict):
        await ann.go_on(thread.id, stopped.id)


async def test_an_answer_cut_off_by_its_length_can_be_continued(ann: Person, model: SpokenModel) -> None:
    thread = await ann.new_thread()
    follower = await ann.send(thread.id)
    call = await model.next_call()
    call.say("so long")
    call.finish("length", (10, 5))
    cut = await follower.to_end()
    assert (cut["status"], cut["run"]["finish_reason"]) == ("complete", "length")
    more = await ann.go_on(thread.id, cut["id"])
    call = await model.next_call()
    call.say(" and thanks")
    call.finish("stop", (17, 2))
    message = await more.to_end()
    assert message["run"]["output_tokens"] == 7, "both calls"
    assert message["run"]["input_tokens"] == 12, "with the output it is what the context holds: 17 + 2"
    assert message["run"]["finish_reason"] == "stop"


async def test_the_same_key_joins_the_same_answer(ann: Person, model: SpokenModel) -> None:
    thread = await ann.new_thread()
    first = await ann.send(thread.id, "once", key="key-00000001")
    call = await model.next_call()
    again = await ann.send(thread.id, "once", key="key-00000001")
    assert again.generation_id == first.generation_id
    call.say("only one")
    call.finish()
    await first.to_end()
    await again.to_end()
    assert first.raw == again.raw
    later = await ann.send(thread.id, "once", key="key-00000001")
    await later.to_end()
    assert later.raw == first.raw
    assert len((await ann.thread(thread.id)).messages) == 2
    with pytest.raises(Conflict):
        await ann.send(thread.id, "something else", key="key-00000001")


async def test_the_same_request_twice_at_once_is_one_turn(ann: Person, model: SpokenModel) -> None:
    model.script = ["one"]
    thread = await ann.new_thread()
    followers = await asyncio.gather(*(ann.send(thread.id, "twice", key="key-00000002") for _ in range(5)))
    assert len({follower.generation_id for follower in followers}) == 1
    for follower in followers:
        await follower.to_end()
    assert len((await ann.thread(thread.id)).messages) == 2


async def test_another_persons_key_means_nothing(ann: Person, bob: Person, model: SpokenModel) -> None:
    model.script = ["hello"]
    hers, his = await ann.new_thread(), await bob.new_thread()
    await (await ann.send(hers.id, key="key-00000003")).to_end()
    await (await bob.send(his.id, key="key-00000003")).to_end()
    assert len((await bob.thread(his.id)).messages) == 2


async def test_what_is_being_written_cannot_be_answered_edited_or_regenerated(ann: Person, model: SpokenModel) -> None:
    thread = await ann.new_thread()
    follower = await ann.send(thread.id)
    message_id = follower.start["message"]["id"]
    patch = schemas.MessagePatch.model_validate({"parts": [{"type": "text", "text": "x"}]})
    for attempt in (
        lambda: ann.send(thread.id, parent_id=message_id),
        lambda: ann.regenerate(thread.id, message_id),
        lambda: ann.go_on(thread.id, message_id),
        lambda: ann.services.chat.edit_message(ann.subject, message_id, patch),
    ):
        with pytest.raises(Conflict) as caught:
            await attempt()
        assert "stop it first" in caught.value.next_step
    # another branch is another matter
    other = await ann.send(thread.id, "in the meantime")
    calls = [await model.next_call(), await model.next_call()]
    for call in calls:
        call.say("done")
        call.finish()
    await follower.to_end()
    await other.to_end()


async def test_a_failing_provider_leaves_a_card_and_the_text(ann: Person, model: SpokenModel) -> None:
    thread = await ann.new_thread()
    follower = await ann.send(thread.id)
    call = await model.next_call()
    call.say("half of ")
    await follower.until("half of ")
    call.break_off()
    message = await follower.to_end()
    assert message["status"] == "failed"
    assert message["parts"] == [{"type": "text", "text": "half of "}]
    assert message["error"]["code"].startswith("provider_")
    assert message["error"]["next_step"]
    assert (await ann.go_on(thread.id, message["id"])).start["message"]["error"] is None


async def test_an_unknown_model_is_refused_before_anything_is_written(ann: Person) -> None:
    thread = await ann.new_thread()
    with pytest.raises(ModelNotFound):
        await ann.send(thread.id, "precious words", model="house/nonesuch")
    assert (await ann.thread(thread.id)).messages == []


async def test_a_message_larger_than_the_model_is_told_so(ann: Person, model: SpokenModel) -> None:
    thread = await ann.new_thread()
    message = await (await ann.send(thread.id, "word " * 2000, model="house/tiny")).to_end()
    assert message["error"]["code"] == "context_too_long"
    assert model.asked == []


async def test_old_turns_make_room(ann: Person, model: SpokenModel) -> None:
    model.script = ["short"]
    thread = await ann.new_thread()
    parent = None
    for number in range(12):
        follower = await ann.send(thread.id, f"{number} " + "word " * 100, parent_id=parent, model="house/tiny")
        parent = (await follower.to_end())["id"]
    sent = model.asked[-1]["messages"]
    assert sent[-1]["content"].startswith("11 ")
    assert sent[0]["role"] == "user"
    assert 2 < len(sent) < 20


async def test_sending_clears_the_draft(ann: Person, model: SpokenModel) -> None:
    model.script = ["ok"]
    thread = await ann.new_thread()
    chat = ann.services.chat
    await chat.put_draft(ann.subject, thread.id, schemas.DraftPut(text="half a thought"))
    await chat.put_draft(ann.subject, "new", schemas.DraftPut(text="another"))
    await (await ann.send(thread.id)).to_end()
    assert (await chat.draft(ann.subject, thread.id)).text == ""
    assert (await chat.draft(ann.subject, "new")).text == "another"
    await chat.put_draft(ann.subject, "new", schemas.DraftPut())
    assert (await chat.draft(ann.subject, "new")).updated_at is None


async def test_nobody_can_write_into_anothers_thread(ann: Person, bob: Person, model: SpokenModel) -> None:
    model.script = ["secret"]
    thread = await ann.new_thread()
    message = await (await ann.send(thread.id)).to_end()
    own = await bob.new_thread()
    for attempt in (
        lambda: bob.send(thread.id),
        lambda: bob.regenerate(thread.id, message["id"]),
        lambda: bob.go_on(thread.id, message["id"]),
        # her message under his own thread
        lambda: bob.send(own.id, parent_id=message["id"]),
        lambda: bob.regenerate(own.id, message["id"]),
        lambda: bob.go_on(own.id, message["id"]),
    ):
        with pytest.raises(NotFound):
            await attempt()
    assert (await bob.thread(own.id)).messages == []


async def test_a_model_for_one_message_is_not_the_chats(ann: Person, model: SpokenModel) -> None:
    model.script = ["answer"]
    thread = await ann.new_thread()
    first = await (await ann.send(thread.id)).to_end()
    turn = schemas.SendTurn(
        kind="send",
        parent_id=first["id"],
        parts=[schemas.TextInput(type="text", text="You, once")],
        model="house/tiny",
        onward="house/small",
    )
    once = await (await ann.turn(thread.id, turn)).to_end()
    assert once["run"]["model"] == "house/tiny"
    assert (await ann.thread(thread.id)).thread.model == "house/small"
    # who answered once answers again, and is not chosen by that
    again = await (await ann.regenerate(thread.id, once["id"])).to_end()
    assert again["run"]["model"] == "house/tiny"
    assert (await ann.thread(thread.id)).thread.model == "house/small"
    await (await ann.regenerate(thread.id, once["id"], model="house/tiny")).to_end()
    assert (await ann.thread(thread.id)).thread.model == "house/tiny"
    gone = turn.model_copy(update={"onward": "house/gone"})
    with pytest.raises(ModelNotFound):
        await ann.turn(thread.id, gone)
