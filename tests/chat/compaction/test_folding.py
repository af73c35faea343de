"""A long chat is folded so that it fits, and what stood in the middle is still known."""

import asyncio

import pytest
from sqlalchemy import select

from freehold.chat import models, repository, schemas
from freehold.chat.compaction.models import Compaction
from freehold.errors import CannotFold
from freehold.identity.models import User
from freehold.kit.clock import now
from tests.chat.compaction.conftest import LARGE, MIDDLE, chat_of, filler, folds_of, prompt, texts
from tests.chat.reading import Person
from tests.chat.spoken_model import SpokenModel
from tests.chat.summariser import Summariser

PLANTED = [
    "By the way, my sister Ottilie Brandt pays 4,730 euros for the boat.",
    "We meet on 14 March 2027 at the harbour, the code is QX-8841.",
    "对了，联系人叫林晓梅，预算是八千五百元，三月十四日出发。",
]
KNOWN = ["Ottilie Brandt", "4,730", "14 March 2027", "QX-8841", "林晓梅", "八千五百", "三月十四日"]
FIRST = "I plan a journey to the north."


def long_chat(turns: int = 26, planted: int = 6) -> list[str]:
    said = [FIRST, *(filler(number) for number in range(turns))]
    said[planted:planted] = PLANTED
    return said


async def folded(person: Person, thread_id: str, count: int = 1) -> list[schemas.Fold]:
    """The folds, once there are so many."""
    async with asyncio.timeout(60):
        while len(found := await folds_of(person, thread_id)) < count:
            await asyncio.sleep(0.02)
    return found


async def test_a_chat_that_would_not_fit_is_folded_before_it_is_sent(ann: Person, model: Summariser) -> None:
    thread_id, ids = await chat_of(ann, *long_chat())
    follower = await ann.send(thread_id, "What shall we do next?", parent_id=ids[-1], model=MIDDLE)
    message = await follower.to_end()
    assert [event["stage"] for event in follower.events if event["type"] == "stage"][:2] == [
        "choosing_model",
        "folding",
    ]
    (fold,) = await folds_of(ann, thread_id)
    sent = texts(model.asked[-1])
    assert sent[0] == f"user: {FIRST}", "the first turn stays as it is"
    assert model.summary in sent[2]
    assert sent[-1] == "user: What shall we do next?"
    assert [fact for fact in KNOWN if fact not in prompt(model.asked[-1])] == [], "whatever the model forgot"
    assert filler(12) not in prompt(model.asked[-1])
    assert filler(25) in prompt(model.asked[-1]), "the newest turns stay as they are"
    told = message["run"]["folded"]
    assert (told["messages"], told["cut"]) == (fold.messages, 0)
    assert fold.tokens_after < fold.tokens_before / 4
    assert fold.model == "house/small"
    assert all(piece in "".join(model.folded) for piece in PLANTED)


async def test_an_answer_that_fills_the_context_is_followed_by_a_fold(ann: Person, model: Summariser) -> None:
    """And until the next one whatever was sent is sent again in the same bytes, so that caches of providers hold it."""
    thread_id, ids = await chat_of(ann, *long_chat(18))
    model.script = ["word " * 600]
    first = await (await ann.send(thread_id, "Go on", parent_id=ids[-1], model=MIDDLE)).to_end()
    assert first["run"]["folded"] is None, "it did fit"
    await folded(ann, thread_id)
    model.script = ["Noted."]
    second = await (await ann.send(thread_id, "And the boat?", parent_id=first["id"], model=MIDDLE)).to_end()
    third = await (await ann.send(thread_id, "And then?", parent_id=second["id"], model=MIDDLE)).to_end()
    before, after = texts(model.asked[-2]), texts(model.asked[-1])
    assert len(prompt(model.asked[-2])) < len(prompt(model.asked[-3])) / 2
    assert after[: len(before) - 1] == before[:-1]
    assert third["run"]["folded"]["messages"] > 20
    assert len(model.folded) == 1, "nothing is folded again before it is needed"


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Which aperture did the lens of the lighthouse have?", "The lens of the lighthouse opened to ninety inches"),
        ("灯塔的守门人叫什么？", "那位灯塔守门人自称老郑头"),
    ],
)
async def test_what_is_asked_about_is_recalled(ann: Person, model: Summariser, question: str, answer: str) -> None:
    """Also what no summary says and no form gives away."""
    said = long_chat()
    said[9] = answer
    thread_id, ids = await chat_of(ann, *said)
    message = await (await ann.send(thread_id, question, parent_id=ids[-1], model=MIDDLE)).to_end()
    sent = texts(model.asked[-1])
    assert answer in sent[-1]
    assert sent[-1].endswith(question)
    assert not any(answer in one for one in sent[:-1])
    assert message["run"]["folded"]["recalled"] >= 1
    again = await (await ann.send(thread_id, "Thanks", parent_id=message["id"], model=MIDDLE)).to_end()
    assert again["run"]["folded"]["recalled"] == 0
    assert answer not in prompt(model.asked[-1])


async def test_a_second_fold_goes_on_from_the_first(ann: Person, model: Summariser) -> None:
    model.facts = ["The boat is called Seevogel", "It has 99 sails"]
    thread_id, ids = await chat_of(ann, *long_chat(), "The boat is called Seevogel", *map(filler, range(2)))
    await ann.services.compactions.fold_now(ann.subject, thread_id)
    (first,) = await folds_of(ann, thread_id)
    assert "The boat is called Seevogel" in first.facts
    assert "It has 99 sails" not in first.facts, "a number that nobody wrote is not believed"
    model.summary, model.facts = "They planned a journey and packed.", []
    last = ids[-1]
    for number in range(24):
        message = await (await ann.send(thread_id, filler(number), parent_id=last, model=MIDDLE)).to_end()
        last = message["id"]
    folds = await folded(ann, thread_id, 2)
    assert folds[1].from_id == first.from_id
    assert folds[1].messages > first.messages
    assert [fact for fact in KNOWN if fact not in "\n".join(folds[1].facts)] == []
    assert "They planned a journey." in model.folded[-1], "it is told of what was folded before"
    assert FIRST not in model.folded[-1]
    await ann.services.compactions.undo(ann.subject, thread_id, folds[1].id)
    assert [one.id for one in await folds_of(ann, thread_id)] == [first.id]


async def test_other_branches_do_not_use_it(ann: Person, model: Summariser) -> None:
    thread_id, ids = await chat_of(ann, *long_chat())
    fold = await ann.services.compactions.fold_now(ann.subject, thread_id)
    assert fold.to_id in ids
    await (await ann.regenerate(thread_id, ids[21], MIDDLE)).to_end()
    assert model.summary not in prompt(model.asked[-1]), "it ends before the fold does"
    assert texts(model.asked[-1])[-1] == f"user: {filler(6)}"
    await (await ann.send(thread_id, "A new way", parent_id=ids[19], model=MIDDLE)).to_end()
    assert model.summary not in prompt(model.asked[-1]), "it leaves in the middle"
    await (await ann.send(thread_id, "Beyond", parent_id=ids[-3], model=MIDDLE)).to_end()
    assert model.summary in prompt(model.asked[-1]), "it leaves after the fold"


async def test_a_message_that_is_changed_takes_its_fold_along(ann: Person, model: Summariser) -> None:
    thread_id, ids = await chat_of(ann, *long_chat())
    compactions, chat = ann.services.compactions, ann.services.chat
    await compactions.fold_now(ann.subject, thread_id)
    patch = schemas.MessagePatch.model_validate({"parts": [{"type": "text", "text": "Something else"}]})
    await chat.edit_message(ann.subject, ids[0], patch)
    await chat.edit_message(ann.subject, ids[-2], patch)
    assert len(await folds_of(ann, thread_id)) == 1, "it tells of neither"
    await chat.edit_message(ann.subject, ids[12], patch)
    assert await folds_of(ann, thread_id) == []


async def test_pinned_messages_stay(ann: Person, model: Summariser) -> None:
    thread_id, ids = await chat_of(ann, *long_chat())
    chat, pinned = ann.services.chat, ids[26]
    assert (await chat.pin_message(ann.subject, pinned, True)).pinned
    fold = await ann.services.compactions.fold_now(ann.subject, thread_id)
    assert fold.kept == [pinned]
    assert filler(9) not in "".join(model.folded)
    await (await ann.send(thread_id, "Next", parent_id=ids[-1], model=MIDDLE)).to_end()
    sent = prompt(model.asked[-1])
    assert sent.index(model.summary) < sent.index(filler(9)) < sent.index(filler(25))
    await chat.pin_message(ann.subject, ids[28], True)  # of what is folded already
    await (await ann.send(thread_id, "Next", parent_id=ids[-1], model=MIDDLE)).to_end()
    assert filler(10) in prompt(model.asked[-1])
    assert not (await chat.pin_message(ann.subject, pinned, False)).pinned
    await (await ann.send(thread_id, "Next", parent_id=ids[-1], model=MIDDLE)).to_end()
    assert filler(9) in prompt(model.asked[-1]), "no summary tells of it yet"


async def test_undone_it_is_sent_whole_and_not_folded_by_itself(ann: Person, model: Summariser) -> None:
    thread_id, ids = await chat_of(ann, *long_chat(16))
    fold = await ann.services.compactions.fold_now(ann.subject, thread_id)
    await ann.services.compactions.undo(ann.subject, thread_id, fold.id)
    detail = await ann.thread(thread_id)
    assert (detail.folds, detail.thread.folding) == ([], "never")
    message = await (await ann.send(thread_id, "Next", parent_id=ids[-1], model=MIDDLE)).to_end()
    assert all(filler(number) in prompt(model.asked[-1]) for number in range(16))
    assert message["run"]["folded"] is None


@pytest.mark.parametrize("why", ["never", "the person", "it fails"])
async def test_without_a_summary_the_middle_is_left_out_and_said_so(ann: Person, model: Summariser, why: str) -> None:
    thread_id, ids = await chat_of(ann, *long_chat(), folding="never" if why == "never" else "auto")
    if why == "the person":
        async with ann.services.database.begin() as session:
            (await session.get_one(User, ann.subject.user_id)).preferences = {"fold_chats": False}
    model.broken = why == "it fails"
    message = await (await ann.send(thread_id, "Which boat?", parent_id=ids[-1], model=MIDDLE)).to_end()
    told, sent = message["run"]["folded"], texts(model.asked[-1])
    assert await folds_of(ann, thread_id) == []
    assert sent[0] == f"user: {FIRST}"
    assert told["cut"] > 0
    assert (told["messages"], told["tokens"]) == (0, 0)
    assert f"{told['cut']} earlier messages were left out" in sent[2]
    assert PLANTED[0] in sent[-1], "what is asked about is found all the same"
    again = await (await ann.send(thread_id, "And now?", parent_id=message["id"], model=MIDDLE)).to_end()
    assert again["status"] == "complete"
    assert len(model.folded) == (1 if why == "it fails" else 0), "what failed is not tried at every turn"


async def test_by_hand(ann: Person, model: Summariser) -> None:
    compactions = ann.services.compactions
    thread_id, ids = await chat_of(ann, "Hello", "How are you?")
    with pytest.raises(CannotFold) as caught:
        await compactions.fold_now(ann.subject, thread_id)
    assert caught.value.params == {"why": "too_short"}
    empty = (await ann.new_thread()).id
    with pytest.raises(CannotFold):
        await compactions.fold_now(ann.subject, empty)
    thread_id, ids = await chat_of(ann, *long_chat(), folding="never", ref="cloud/unsized")
    both = await asyncio.gather(*(compactions.fold_now(ann.subject, thread_id) for _ in range(2)))
    assert both[0] == both[1], "asked twice it is folded once"
    model.broken = True
    await (await ann.send(thread_id, filler(1) * 4, parent_id=ids[-1], model=MIDDLE)).to_end()
    with pytest.raises(CannotFold) as caught:
        await compactions.fold_now(ann.subject, thread_id)
    assert caught.value.params["why"] == "failed"
    assert len(await folds_of(ann, thread_id)) == 1


async def test_what_is_unfinished_is_not_folded(ann: Person, model: Summariser) -> None:
    thread_id, ids = await chat_of(ann, *long_chat())
    async with ann.services.database.begin() as session:
        row = await session.get_one(models.Message, ids[15])
        row.parts = [{"type": "tool_call", "id": "c", "name": "book", "arguments": "{}", "result": None}]
    fold = await ann.services.compactions.fold_now(ann.subject, thread_id)
    assert fold.to_id == ids[13]


async def test_it_goes_with_what_it_tells_of(ann: Person, model: Summariser) -> None:
    thread_id, ids = await chat_of(ann, *long_chat())
    fold = await ann.services.compactions.fold_now(ann.subject, thread_id)
    await ann.services.chat.delete_message(ann.subject, ids[10])
    database = ann.services.database
    async with database.begin() as session:
        await repository.purge_messages(session, now(), 50)
    async with database.read() as session:
        assert await session.get(Compaction, fold.id) is None
    thread_id, ids = await chat_of(ann, *long_chat())
    await ann.services.compactions.fold_now(ann.subject, thread_id)
    await ann.services.chat.delete_thread(ann.subject, thread_id)
    async with database.begin() as session:
        await repository.purge_threads(session, now(), 50)
    async with database.read() as session:
        assert (await session.scalars(select(Compaction))).all() == []


async def test_what_stays_in_the_house_stays_there_folded(ann: Person, model: Summariser, cloud: SpokenModel) -> None:
    """No model outside writes summaries, and none is sent one of what it may not be sent."""
    thread_id, ids = await chat_of(ann, *long_chat(), ref=LARGE)
    message = await (await ann.send(thread_id, "Next", parent_id=ids[-1], model=LARGE)).to_end()
    assert message["run"]["model"] == LARGE
    assert model.summary in prompt(cloud.asked[-1])
    assert (len(cloud.asked), cloud.named) == (1, [])
    said = long_chat()
    said[8] = "This is topsecret: the harbour is closed."
    thread_id, ids = await chat_of(ann, *said, ref=LARGE)
    refused = await (await ann.send(thread_id, "Next", parent_id=ids[-1], model=LARGE)).to_end()
    assert len(await folds_of(ann, thread_id)) == 1
    assert refused["error"]["code"] == "data_stays_in_house"
    assert len(cloud.asked) == 1
