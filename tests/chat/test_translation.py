"""A message in another language: streamed, kept with the message, ended by leaving, refused with a reason."""

import asyncio
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from freehold.chat import schemas
from freehold.errors import Conflict, InvalidRequest, NotFound
from freehold.usage.models import UsageRow
from tests.chat.reading import Person
from tests.chat.spoken_model import Call, SpokenModel


async def asked_for(person: Person, message_id: str, language: Any = "zh-Hans") -> list[dict[str, Any]]:
    """All events of a translation."""
    frames = await person.services.translations.translate(person.subject, message_id, language)
    return [orjson.loads(frame.removeprefix(b"data: ")) async for frame in frames]


async def an_answer(person: Person, model: SpokenModel, **turn: Any) -> dict[str, Any]:
    model.script = ["Good ", "morning"]
    thread = await person.new_thread()
    return await (await person.send(thread.id, **turn)).to_end()


async def shown(person: Person, message: dict[str, Any]) -> schemas.Message:
    detail = await person.thread(message["thread_id"])
    return next(one for one in detail.messages if one.id == message["id"])


async def said_by(model: SpokenModel, text: str) -> Call:
    """The next call, which says so much and goes on."""
    call = await model.next_call()
    call.say(text)
    return call


async def test_it_streams_and_is_kept_with_the_message(ann: Person, model: SpokenModel) -> None:
    answer = await an_answer(ann, model)
    model.script = ["早上", "好"]
    events = await asked_for(ann, answer["id"])
    assert [event["type"] for event in events] == ["model", "text", "text", "finish"]
    assert events[0] == {"type": "model", "model_id": "small", "provider_name": "House", "self_hosted": True}
    assert [event["delta"] for event in events[1:3]] == ["早上", "好"]
    kept = (await shown(ann, answer)).translation
    assert kept is not None
    assert (kept.text, kept.language, kept.model, kept.self_hosted) == ("早上好", "zh-Hans", "house/small", True)
    assert events[-1]["message"]["translation"] == kept.model_dump(mode="json")
    system, text = model.asked[-1]["messages"]
    assert "Simplified Chinese" in system["content"]
    assert text == {"role": "user", "content": "Good morning"}  # the words alone, and nothing of the chat
    model.script = ["Bonjour"]
    await asked_for(ann, answer["id"], "fr")
    assert (await shown(ann, answer)).translation == kept.model_copy(
        update={"text": "Bonjour", "language": "fr", "at": (await shown(ann, answer)).translation.at}  # type: ignore[union-attr]
    )
    removed = await ann.services.translations.remove(ann.subject, answer["id"])
    assert removed.translation is (await shown(ann, answer)).translation is None


async def test_it_is_metered_like_an_answer(ann: Person, model: SpokenModel) -> None:
    answer = await an_answer(ann, model)
    await asked_for(ann, answer["id"])
    await ann.services.usage.ledger.flush()
    async with ann.services.database.read() as session:
        rows = list(await session.scalars(select(UsageRow).where(UsageRow.user_id == ann.subject.user_id)))
    assert [row.model for row in rows if row.source == "chat"] == ["house/small", "house/small"]


async def test_whoever_leaves_ends_it_and_keeps_what_was_there(ann: Person, model: SpokenModel) -> None:
    answer = await an_answer(ann, model)
    await asked_for(ann, answer["id"])
    before = (await shown(ann, answer)).translation
    model.script = None
    frames = await ann.services.translations.translate(ann.subject, answer["id"], "de")
    speaking = asyncio.create_task(said_by(model, "Guten"))
    async for frame in frames:
        if b"Guten" in frame:
            break
    await frames.aclose()
    call = await speaking
    async with asyncio.timeout(60):
        await call.left.wait()
    assert before is not None
    assert (await shown(ann, answer)).translation == before


async def test_new_words_have_no_old_translation(ann: Person, model: SpokenModel) -> None:
    answer = await an_answer(ann, model)
    await asked_for(ann, answer["id"])
    fork = schemas.ForkNew(message_id=answer["id"])
    copied = await ann.services.chat.fork_thread(ann.subject, answer["thread_id"], fork)
    assert (await ann.thread(copied.id)).messages[-1].translation is not None
    patch = schemas.MessagePatch.model_validate({"parts": [{"type": "text", "text": "Good evening"}]})
    await ann.services.chat.edit_message(ann.subject, answer["id"], patch)
    assert (await shown(ann, answer)).translation is None


async def test_an_answer_that_goes_on_has_no_old_translation(ann: Person, model: SpokenModel) -> None:
    model.script = None
    thread = await ann.new_thread()
    follower = await ann.send(thread.id)
    call = await model.next_call()
    call.say("Good ")
    call.finish("length")
    answer = await follower.to_end()
    model.script = ["Gut"]
    await asked_for(ann, answer["id"], "de")
    assert (await shown(ann, answer)).translation is not None
    await (await ann.go_on(thread.id, answer["id"])).to_end()
    assert (await shown(ann, answer)).translation is None


async def test_a_message_that_changed_meanwhile_keeps_no_translation(ann: Person, model: SpokenModel) -> None:
    answer = await an_answer(ann, model)
    model.script = None
    reading = asyncio.create_task(asked_for(ann, answer["id"]))
    call = await model.next_call()
    patch = schemas.MessagePatch.model_validate({"parts": [{"type": "text", "text": "Good evening"}]})
    await ann.services.chat.edit_message(ann.subject, answer["id"], patch)
    call.say("早上好")
    call.finish()
    assert (await reading)[-1]["error"]["code"] == "conflict"
    assert (await shown(ann, answer)).translation is None


async def test_what_fails_says_why(ann: Person, model: SpokenModel) -> None:
    answer = await an_answer(ann, model)
    model.refusal = (401, {"error": {"message": "no"}})
    (event,) = [event for event in await asked_for(ann, answer["id"]) if event["type"] != "model"]
    assert (event["type"], event["error"]["code"]) == ("error", "provider_key_rejected")
    assert event["error"]["next_step"]
    model.refusal = None
    long = await an_answer(ann, model, text="word " * 2000)
    question = (await ann.thread(long["thread_id"])).messages[0]
    patch = schemas.ThreadPatch(model="house/tiny")
    await ann.services.chat.change_thread(ann.subject, long["thread_id"], patch)
    (event,) = await asked_for(ann, question.id)
    assert event["error"]["code"] == "context_too_long"
    model.script = [" "]
    assert (await asked_for(ann, answer["id"]))[-1]["error"]["code"] == "provider_protocol_error"


async def test_what_cannot_be_translated(ann: Person, bob: Person, model: SpokenModel) -> None:
    thread = await ann.new_thread()
    follower = await ann.send(thread.id)
    call = await model.next_call()
    answer = follower.start["message"]["id"]
    with pytest.raises(Conflict):
        await asked_for(ann, answer)
    call.finish()
    await follower.to_end()
    with pytest.raises(InvalidRequest):
        await asked_for(ann, answer)
    with pytest.raises(NotFound):
        await asked_for(bob, follower.start["user_message"]["id"])
    with pytest.raises(NotFound):
        await bob.services.translations.remove(bob.subject, answer)
