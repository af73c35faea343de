"""What people think of answers: kept with the model and the generation, seen by nobody else."""

import pytest
from pydantic import ValidationError

from freehold.chat import schemas
from freehold.errors import Conflict, InvalidRequest, NotFound
from tests.chat.reading import Person
from tests.chat.spoken_model import SpokenModel


def put(*, good: bool, **more: object) -> schemas.FeedbackPut:
    return schemas.FeedbackPut.model_validate({"good": good, **more})


async def test_it_is_kept_changed_and_taken_back(ann: Person, model: SpokenModel) -> None:
    model.script = ["answer"]
    thread = await ann.new_thread()
    follower = await ann.send(thread.id)
    answer = await follower.to_end()
    rate = ann.services.chat.rate_message
    rated = await rate(ann.subject, answer["id"], put(good=False, reasons=["wrong", "refused"], comment="No."))
    kept = (await ann.thread(thread.id)).messages[1].feedback
    assert kept is not None
    assert kept == rated.feedback
    assert (kept.good, kept.reasons, kept.comment) == (False, ["wrong", "refused"], "No.")
    assert (kept.model, kept.generation_id) == ("house/small", follower.start["generation"]["id"])
    changed = await rate(ann.subject, answer["id"], put(good=True, reasons=["clear"]))
    assert changed.feedback is not None
    assert (changed.feedback.good, changed.feedback.reasons, changed.feedback.comment) == (True, ["clear"], "")
    await rate(ann.subject, answer["id"], None)
    assert (await ann.thread(thread.id)).messages[1].feedback is None


async def test_what_cannot_be_rated(ann: Person, bob: Person, model: SpokenModel) -> None:
    thread = await ann.new_thread()
    follower = await ann.send(thread.id)
    call = await model.next_call()
    answer, question = follower.start["message"]["id"], follower.start["user_message"]["id"]
    rate = ann.services.chat.rate_message
    with pytest.raises(Conflict):
        await rate(ann.subject, answer, put(good=True))
    call.say("done")
    call.finish()
    await follower.to_end()
    with pytest.raises(InvalidRequest):
        await rate(ann.subject, question, put(good=True))
    with pytest.raises(NotFound):
        await rate(bob.subject, answer, put(good=True))
    with pytest.raises(ValidationError):
        put(good=True, reasons=["wrong"])
