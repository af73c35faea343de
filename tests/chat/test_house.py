"""What is kept in the house never reaches the provider outside; what is let out, hidden or asked about is as told."""

import contextlib
import os
import random
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from freehold.assembly import running_services
from freehold.chat import schemas
from freehold.chat.memory.schemas import FactNew
from freehold.deps import Services
from freehold.errors import FreeholdError
from freehold.gateway.routing import retry
from freehold.identity.schemas import MePatch, PreferencesPatch
from freehold.settings import Settings
from freehold.settings.cache import CacheSettings
from tests.chat.conftest import new_user
from tests.chat.reading import Person
from tests.chat.spoken_model import SpokenModel, speaking

MAIL, CARD = "anna@example.com", "4111 1111 1111 1111"
CLASSES = [
    {"id": "contact", "detect": ["email"], "action": "mask"},
    {"id": "money", "detect": ["bank_card"], "action": "ask"},
    {"id": "plans", "words": ["绝密"], "action": "in_house"},
]
OUT, HOME = "cloud/large", "house/small"
DOINGS = ["send", "send", "send", "regenerate", "continue", "edit", "delete", "change", "fork", "stop", "compact"]


@pytest.fixture
async def cloud() -> AsyncIterator[SpokenModel]:
    """The provider outside, which remembers everything that it was sent."""
    async with speaking() as cloud:
        cloud.script, cloud.title = ["Hello", " from outside"], "A title"
        yield cloud


@pytest.fixture
def answer_cache(request: pytest.FixtureRequest) -> CacheSettings:
    """Off, where a test says nothing else."""
    return getattr(request, "param", CacheSettings())


@pytest.fixture
async def services(
    make_settings: Callable[..., Settings], cloud: SpokenModel, model: SpokenModel, answer_cache: CacheSettings
) -> AsyncIterator[Services]:
    reply = '{"title": "A title", "summary": "They talked", "facts": []}'
    model.script, model.title = ["Hello", " from home"], reply
    plain = make_settings()
    providers = [*plain.declared.model_dump()["providers"]]
    for declared in providers:
        declared["models"] = declared.pop("declared_models", declared.get("models"))
    outside = {"id": "cloud", "kind": "openai_compatible", "name": "Cloud", "base_url": cloud.url}
    large = {"id": "large", "prices": {"input": 1, "output": 2}}
    providers.append(outside | {"self_hosted": False, "models": [large]})
    targets = [{"provider": "cloud", "model": "large"}, {"provider": "house", "model": "small", "priority": 1}]
    declared = {
        "providers": providers,
        "models": {"both": {"targets": targets}, "ours": {"targets": targets[1:], "fallback": [OUT]}},
        "privacy": {"classes": CLASSES},
        "routing": {"auto": {"shadow": 1.0}},
    }
    settings = plain.model_copy(
        update={"declared": type(plain.declared).model_validate(declared), "cache": answer_cache}
    )
    async with running_services(settings) as services:
        services.gateway.router.chance = lambda: 0.0  # as short a wait before a retry as there is
        yield services


@pytest.fixture
async def ann(services: Services) -> Person:
    return Person(services, await new_user(services, "ann"))


async def lock(person: Person, thread_id: str, on: bool = True) -> schemas.Thread:
    return await person.services.chat.change_thread(person.subject, thread_id, schemas.ThreadPatch(in_house=on))


def sent(model: SpokenModel) -> list[Any]:
    return [*model.asked, *model.named]


async def test_a_locked_thread_is_answered_at_home(ann: Person, cloud: SpokenModel) -> None:
    thread = await ann.new_thread()
    assert (await lock(ann, thread.id)).in_house is True
    message = await (await ann.send(thread.id, model="both")).to_end()
    assert message["run"]["model"] == HOME
    assert [(one["ref"], one["why"]) for one in message["run"]["skipped"]] == [(OUT, "leaves_the_house")]
    refused = await (await ann.send(thread.id, model=OUT)).to_end()
    assert (refused["status"], refused["error"]["code"]) == ("failed", "kept_in_house")
    assert sent(cloud) == []
    await lock(ann, thread.id, on=False)
    assert (await (await ann.send(thread.id, model=OUT)).to_end())["run"]["model"] == OUT


async def test_a_new_chat_can_begin_locked(ann: Person, cloud: SpokenModel) -> None:
    first = schemas.FirstTurn(in_house=True)
    parts: Any = [{"type": "text", "text": "Hello"}]
    thread_id = (await ann.new_thread()).id[:-4] + "beef"
    turn = schemas.SendTurn(kind="send", parent_id=None, first=first, parts=parts, model="both")
    await (await ann.turn(thread_id, turn)).to_end()
    assert (await ann.thread(thread_id)).thread.in_house
    assert sent(cloud) == []


async def test_of_compared_models_only_those_at_home_answer(ann: Person, cloud: SpokenModel) -> None:
    thread = await ann.new_thread()
    await lock(ann, thread.id)
    parts: Any = [{"type": "text", "text": "Hello"}]
    turn = schemas.SendTurn(kind="send", parent_id=None, parts=parts, model=HOME, compare=[OUT])
    home = await ann.turn(thread.id, turn)
    (rival,) = home.start["rivals"]
    # it is refused at once, sometimes before the first frame is made
    refused = await (await ann.follow(rival["generation_id"])).to_end() if rival["generation_id"] else rival
    assert (await home.to_end())["status"] == "complete"
    assert (refused["status"], refused["error"]["code"]) == ("failed", "kept_in_house")
    assert sent(cloud) == []


async def test_no_fallback_leaves_the_house(ann: Person, cloud: SpokenModel, model: SpokenModel) -> None:
    model.refusal = (500, {"error": {"message": "broken"}})
    thread = await ann.new_thread()
    await lock(ann, thread.id)
    message = await (await ann.send(thread.id, model="ours")).to_end()
    assert message["status"] == "failed"
    assert sent(cloud) == []


async def test_what_is_hidden_comes_back(ann: Person, cloud: SpokenModel) -> None:
    cloud.script = ["I wrote to [EMA", "IL_1]."]
    thread = await ann.new_thread()
    message = await (await ann.send(thread.id, f"Write to {MAIL}", model=OUT)).to_end()
    assert message["parts"][0]["text"] == f"I wrote to {MAIL}."
    assert message["run"]["passed"] == {"action": "mask", "classes": ["contact"], "hidden": {"email": 1}}
    assert MAIL not in str(sent(cloud))
    again = await (await ann.send(thread.id, "And again?", parent_id=message["id"], model=OUT)).to_end()
    assert again["status"] == "complete"
    assert MAIL not in str(sent(cloud)), "earlier messages and answers are sent again"


async def test_what_stays_and_what_needs_a_yes(ann: Person, cloud: SpokenModel) -> None:
    thread = await ann.new_thread()
    stays = await (await ann.send(thread.id, "绝密文件", model=OUT)).to_end()
    assert (stays["error"]["code"], stays["error"]["params"]["classes"]) == ("data_stays_in_house", ["plans"])
    asks = await (await ann.send(thread.id, f"Pay with {CARD}", model=OUT)).to_end()
    assert asks["error"]["code"] == "data_needs_consent"
    assert sent(cloud) == []
    turn = schemas.RegenerateTurn(kind="regenerate", message_id=asks["id"], consent=["money"])
    answer = await (await ann.turn(thread.id, turn)).to_end()
    assert answer["run"]["model"] == OUT
    follow_up = await (await ann.send(thread.id, "Thanks", parent_id=answer["id"], model=OUT)).to_end()
    assert follow_up["status"] == "complete", "a yes holds for the thread"
    other = await ann.new_thread()
    asks = await (await ann.send(other.id, f"Pay with {CARD}", model=OUT)).to_end()
    assert asks["error"]["code"] == "data_needs_consent", "and for no other"


# 1,250 in the proof, on both databases together; see CONTRIBUTING.md for the 10,000
SHARDS = int(os.environ.get("FREEHOLD_CHECK_SHARDS", "1"))


@pytest.mark.parametrize("answer_cache", [CacheSettings(mode="always", chat=True)], ids=["cached"], indirect=True)
@pytest.mark.parametrize(
    ("steps", "seed"),
    [
        (100, 0),
        *(pytest.param(625, seed, marks=[pytest.mark.proof, pytest.mark.timeout(1500)]) for seed in range(SHARDS)),
    ],
)
async def test_whatever_is_done_with_locked_threads(
    ann: Person, cloud: SpokenModel, model: SpokenModel, steps: int, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random turns, edits, failures and repairs on threads that are locked: the provider outside hears of none."""
    monkeypatch.setattr(retry, "LONGEST_WAIT_S", 0.0)  # who has just failed is asked again at once, or not at all
    chance = random.Random(steps + seed)
    threads = [(await ann.new_thread()).id for _ in range(4)]
    for thread_id in threads:
        await lock(ann, thread_id)
    for step in range(steps):
        if step % 12 == 11:  # long threads would only make this slow
            gone = threads.pop(0)
            await ann.services.chat.delete_thread(ann.subject, gone)
            threads.append((await ann.new_thread()).id)
            await lock(ann, threads[-1])
        model.refusal = chance.choice([None, None, None, (500, {}), (429, {}), (401, {}), (404, {})])
        thread_id = chance.choice(threads)
        with contextlib.suppress(FreeholdError):  # what cannot be done is refused; what matters is who was asked
            await anything(ann, thread_id, chance)
        assert sent(cloud) == []
    assert len(sent(model)) > steps / 4
    assert any(is_summary(body) for body in model.named), "chats were folded, too"


def is_summary(body: dict[str, Any]) -> bool:
    return body["response_format"]["json_schema"]["name"] == "summary"


async def compact(ann: Person, thread_id: str, some: schemas.Message | None, chance: random.Random) -> None:
    """Make the chat long, pin something, fold it, and perhaps undo that."""
    for _ in range(3):
        leaf_id = (await ann.thread(thread_id)).thread.leaf_id
        await (await ann.send(thread_id, "long " * 1000, parent_id=leaf_id, model=HOME)).to_end()
    if some is not None:
        await ann.services.chat.pin_message(ann.subject, some.id, chance.random() < 0.3)
    await ann.services.chat.change_thread(ann.subject, thread_id, schemas.ThreadPatch(folding="auto"))
    fold = await ann.services.compactions.fold_now(ann.subject, thread_id)
    if chance.random() < 0.3:
        await ann.services.compactions.undo(ann.subject, thread_id, fold.id)


async def anything(ann: Person, thread_id: str, chance: random.Random) -> None:
    """One thing that a person can do with a thread."""
    chat = ann.services.chat
    messages = (await ann.thread(thread_id)).messages
    ref = chance.choice([HOME, OUT, "both", "ours", "auto", "house/tiny"])
    some = chance.choice(messages) if messages else None
    text = chance.choice(["Hello", f"Write to {MAIL}", f"Pay {CARD}", "绝密", "证明根号2是无理数", "long " * 1000])
    match chance.choice(DOINGS):
        case "regenerate" if some:
            turn = schemas.RegenerateTurn(
                kind="regenerate", message_id=some.id, model=chance.choice([None, ref]), consent=["money", "plans"]
            )
            await (await ann.turn(thread_id, turn)).to_end()
        case "continue" if some:
            await (await ann.go_on(thread_id, some.id)).to_end()
        case "edit" if some:
            patch = schemas.MessagePatch.model_validate({"parts": [{"type": "text", "text": text}]})
            await chat.edit_message(ann.subject, some.id, patch)
        case "delete" if some:
            await chat.delete_message(ann.subject, some.id)
            if chance.random() < 0.5:
                await chat.restore_message(ann.subject, some.id)
        case "change":
            patch = chance.choice([{"pinned": True}, {"model": ref}, {"state": "archived"}, {"state": "active"}])
            await chat.change_thread(ann.subject, thread_id, schemas.ThreadPatch.model_validate(patch))
        case "fork" if some:
            fork = schemas.ForkNew(message_id=some.id, which=chance.choice(["path", "branches", "onward"]))
            copy = await chat.fork_thread(ann.subject, thread_id, fork)
            await (await ann.send(copy.id, text, parent_id=copy.leaf_id, model=ref)).to_end()
        case "compact":
            await compact(ann, thread_id, some, chance)
        case "stop":
            reader = await ann.send(thread_id, text, parent_id=some.id if some else None, model=ref)
            await ann.stop(reader.generation_id)
            await reader.to_end()
        case _:
            await (await ann.send(thread_id, text, parent_id=some.id if some else None, model=ref)).to_end()


async def test_what_is_remembered_passes_the_border_like_ones_own_words(
    ann: Person, cloud: SpokenModel, model: SpokenModel
) -> None:
    await ann.services.identity.patch_me(ann.subject.user_id, MePatch(preferences=PreferencesPatch(memory=True)))
    memory = ann.services.memory
    await memory.add(ann.subject, FactNew(text=f"My address is {MAIL}."))
    thread = await ann.new_thread()
    message = await (await ann.send(thread.id, model=OUT)).to_end()
    assert message["run"]["memory"] == 1
    assert message["run"]["passed"]["hidden"] == {"email": 1}
    assert "My address is" in str(sent(cloud))
    assert MAIL not in str(sent(cloud))
    asked = len(sent(cloud))
    await memory.add(ann.subject, FactNew(text="我在做一个绝密项目。"))
    await lock(ann, thread.id)
    for where in (thread.id, (await ann.new_thread()).id):
        at_home = await (await ann.send(where, model="both")).to_end()
        assert (at_home["run"]["model"], at_home["run"]["memory"]) == (HOME, 2)
    assert len(sent(cloud)) == asked
    assert MAIL in str(sent(model))


async def test_a_translation_of_a_locked_thread_stays_in_the_house(
    ann: Person, cloud: SpokenModel, model: SpokenModel
) -> None:
    thread = await ann.new_thread()
    message = await (await ann.send(thread.id, model=OUT)).to_end()
    translate = ann.services.translations.translate
    for locked, where in ((False, OUT), (True, HOME)):
        await lock(ann, thread.id, on=locked)
        before = len(cloud.asked)
        async for _ in await translate(ann.subject, message["id"], "fr"):
            pass
        kept = (await ann.thread(thread.id)).messages[-1].translation
        assert kept is not None
        assert (kept.model, kept.self_hosted) == (where, locked)
        assert len(cloud.asked) == before + (not locked)
    parts = {"parts": [{"type": "text", "text": "我在做一个绝密项目。"}]}
    await ann.services.chat.edit_message(ann.subject, message["id"], schemas.MessagePatch.model_validate(parts))
    await lock(ann, thread.id, on=False)
    before = len(cloud.asked)
    asked = len(model.asked)
    async for _ in await translate(ann.subject, message["id"], "fr"):
        pass
    kept = (await ann.thread(thread.id)).messages[-1].translation
    assert kept is not None, "a class of data that stays in the house is translated there"
    assert kept.model == HOME
    assert (len(cloud.asked), len(model.asked)) == (before, asked + 1)


async def test_a_translation_is_never_compared_with_one_from_outside(
    ann: Person, cloud: SpokenModel, services: Services
) -> None:
    """The comparison waits, and the chat may be locked or gone by then."""
    assert services.gateway.shadows.share() == 1.0
    thread = await ann.new_thread()
    message = await (await ann.send(thread.id, "Hello", model=HOME)).to_end()
    await services.chat.change_thread(ann.subject, thread.id, schemas.ThreadPatch(model="auto"))
    async for _ in await services.translations.translate(ann.subject, message["id"], "fr"):
        pass
    kept = (await ann.thread(thread.id)).messages[-1].translation
    assert kept is not None
    assert kept.model == HOME
    assert services.gateway.shadows.under_way == 0
    assert sent(cloud) == []


async def test_under_auto_who_wrote_a_message_translates_it(ann: Person, cloud: SpokenModel) -> None:
    for where in (OUT, HOME):
        thread = await ann.new_thread()
        message = await (await ann.send(thread.id, "证明根号2是无理数 $\\sqrt{2}$", model=where)).to_end()
        await ann.services.chat.change_thread(ann.subject, thread.id, schemas.ThreadPatch(model="auto"))
        async for _ in await ann.services.translations.translate(ann.subject, message["id"], "fr"):
            pass
        kept = (await ann.thread(thread.id)).messages[-1].translation
        assert kept is not None
        assert kept.model == where
