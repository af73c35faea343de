"""Titles: by the house's own model, in the language of the question, and never over a person's own."""

import asyncio
from collections.abc import Callable

import pytest

from freehold.assembly import running_services
from freehold.chat import schemas
from freehold.chat.titles import first_words, own_title, read_title
from freehold.settings import Settings
from tests.chat.conftest import new_user
from tests.chat.reading import Person
from tests.chat.spoken_model import SpokenModel


async def titled(person: Person, thread_id: str) -> schemas.Thread:
    async with asyncio.timeout(60):
        while True:
            thread = (await person.thread(thread_id)).thread
            if thread.title_source != "none":
                return thread
            await asyncio.sleep(0.02)


async def test_the_self_hosted_model_names_the_thread(ann: Person, model: SpokenModel) -> None:
    model.script, model.title = ["Use a trowel."], '{"title": "Planting tulips"}'
    thread = await ann.new_thread()
    await (await ann.send(thread.id, "How do I plant tulips?")).to_end()
    named = await titled(ann, thread.id)
    assert (named.title, named.title_source) == ("Planting tulips", "auto")
    assert model.named[0]["response_format"]["json_schema"]["schema"]["required"] == ["title"]
    # once is enough
    await (await ann.send(thread.id, "And roses?")).to_end()
    await asyncio.sleep(0.1)
    assert len(model.named) == 1


async def test_the_question_is_the_title_until_there_is_a_better_one(ann: Person, model: SpokenModel) -> None:
    """Whatever becomes of the first answer: a chat is never without a name."""
    model.title = '{"title": "Planting tulips"}'
    thread = await ann.new_thread()
    follower = await ann.send(thread.id, "How do I plant tulips? I have clay soil.")
    call = await model.next_call()
    waiting = (await ann.thread(thread.id)).thread
    assert (waiting.title, waiting.title_source) == ("How do I plant tulips?", "none")
    call.say("Use a trowel.")
    call.finish()
    await follower.to_end()
    assert (await titled(ann, thread.id)).title == "Planting tulips"


async def test_a_model_that_writes_nonsense_is_not_believed(ann: Person, model: SpokenModel) -> None:
    model.script, model.title = ["Use a trowel."], "Sure! Here is a title for you"
    thread = await ann.new_thread()
    await (await ann.send(thread.id, "How do I plant tulips? I have clay soil.")).to_end()
    assert (await titled(ann, thread.id)).title == "How do I plant tulips?"


async def test_a_failed_first_answer_still_gives_a_title(ann: Person, model: SpokenModel) -> None:
    model.refusal = (404, {"error": {"message": "there is no such model", "code": "model_not_found"}})
    thread = await ann.new_thread()
    await (await ann.send(thread.id, "Plant tulips")).to_end()
    assert (await titled(ann, thread.id)).title == "Plant tulips"
    assert model.named == []


async def test_a_persons_own_title_stays(ann: Person, model: SpokenModel) -> None:
    model.title = '{"title": "Something else"}'
    thread = await ann.new_thread()
    follower = await ann.send(thread.id, "How do I plant tulips?")
    call = await model.next_call()
    await ann.services.chat.change_thread(ann.subject, thread.id, schemas.ThreadPatch(title="My garden"))
    call.say("Like this.")
    call.finish()
    await follower.to_end()
    await asyncio.sleep(0.2)
    thread = (await ann.thread(thread.id)).thread
    assert (thread.title, thread.title_source) == ("My garden", "user")


async def test_nothing_goes_outside_for_a_title(make_settings: Callable[..., Settings], model: SpokenModel) -> None:
    model.script, model.title = ["Like this."], '{"title": "From outside"}'
    async with running_services(make_settings(self_hosted=False)) as services:
        ann = Person(services, await new_user(services, "ann"))
        thread = await ann.new_thread()
        await (await ann.send(thread.id, "How do I plant tulips?")).to_end()
        assert (await titled(ann, thread.id)).title == "How do I plant tulips?"
    assert model.named == []


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("Hello", "Hello"),
        ("## Fix **this**\nplease", "Fix this"),
        ("```py\nprint(1)\n```\nWhat does this do?", "What does this do?"),
        ("Explain. In detail.", "Explain"),
        (
            "please tell me everything there is to know about the history of the trombone",
            "please tell me everything there is to know…",
        ),
        ("帮我写一封辞职信。要客气一点", "帮我写一封辞职信"),
        (
            "请详细说明一下量子纠缠与经典关联之间的根本区别以及它们的实验验证方法",
            "请详细说明一下量子纠缠与经典关联之间的根本区别以…",
        ),
        ("\u202eevil\u202c text", "evil text"),
        ("", ""),
    ],
)
def test_first_words(asked: str, title: str) -> None:
    assert first_words(asked) == title


@pytest.mark.parametrize(
    ("reply", "asked", "title"),
    [
        ('{"title": "Planting tulips."}', "How do I plant tulips?", "Planting tulips"),
        ('Sure: {"title": "“Tulips”"} ok', "How?", "Tulips"),
        ('{"title": "种郁金香"}', "怎么种郁金香？", "种郁金香"),
        ('{"title": "Planting tulips"}', "怎么种郁金香？", None),
        ('{"title": "种郁金香"}', "How do I plant tulips?", None),
        ('{"title": 7}', "How?", None),
        ('{"title": ""}', "How?", None),
        ('{"title": "What is the capital of France?,"}', "What is the capital?", "What is the capital of France?"),
        ('{"title": "“Tulips”, "}', "How?", "Tulips"),
        ('{"title": "Planting tulips"}', "Как посадить тюльпаны?", None),
        ('{"title": "Посадка тюльпанов"}', "Как посадить тюльпаны?", "Посадка тюльпанов"),
        ('{"title": "「チューリップ」の植え方"}', "チューリップの植え方は？", "チューリップ」の植え方"),
        ('{"title": "1234 !"}', "How?", None),
        ("[]", "How?", None),
        ("{", "How?", None),
    ],
)
def test_what_a_model_says_is_judged(reply: str, asked: str, title: str | None) -> None:
    assert read_title(reply, asked) == title


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("What is the capital of France?", "What is the capital of France?"),
        ("  tell me about **tulips**. ", "tell me about tulips"),
        ("法国的首都是哪里？请详细说明", "法国的首都是哪里"),
        ("one line\nand another", None),
        ("w " * 40, None),
    ],
)
def test_a_demonstration_model_is_asked_only_for_long_english(asked: str, title: str | None) -> None:
    assert own_title(asked) == title
