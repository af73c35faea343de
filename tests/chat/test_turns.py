"""A turn from the first word to the last: what is saved before, during and after."""

from freehold.chat import schemas
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
