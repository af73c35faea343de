"""An archive of everything gives back what is no chat: projects, facts and prompts; once, and nothing in silence."""

import io
import json
import re
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from freehold.access.subject import Subject
from freehold.chat import models
from freehold.chat.memory.models import Fact
from freehold.chat.memory.schemas import FactNew
from freehold.chat.memory.service import MAX_FACTS, wanted
from freehold.chat.schemas import ProjectNew
from freehold.deps import Services
from freehold.identity.schemas import MePatch, PreferencesPatch
from freehold.kit.clock import now
from freehold.kit.ids import new_id
from freehold.moving import schemas
from freehold.prompts.schemas import PromptPut
from tests.moving.conftest import plant, text
from tests.moving.exports import zipped
from tests.moving.test_exports import fetched, made
from tests.moving.test_import import adds_up, bring, chats, notes

TRANSLATION = {
    "language": "zh-Hans",
    "text": "在挪威。",
    "model": "acme/large",
    "model_id": "large",
    "provider_name": "Acme",
    "self_hosted": False,
    "cut": False,
    "at": "2026-05-04T12:31:00Z",
}
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


async def everything(services: Services, who: Subject) -> dict[str, Any]:
    """An archive of everything, by its files."""
    data = await archive(services, who)
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return {name: json.loads(opened.read(name)) for name in opened.namelist() if name.endswith(".json")}


async def archive(services: Services, who: Subject) -> bytes:
    info = await made(services, who)
    return await fetched(services, who, info.id)


def alike(documents: dict[str, Any]) -> dict[str, Any]:
    """With ids by the order in which they come, and without what is of the day and of the person."""
    account = documents["account.json"]
    account.pop("account")
    for prompt in account["prompts"]:
        prompt.pop("owner_name")
    for project in account["projects"]:
        project.pop("created_at")  # of a project its name comes along
    account["memory"].sort(key=lambda fact: fact["text"])  # two of one millisecond have no order
    for document in documents.values():
        document.pop("exported_at")
    known: dict[str, str] = {}
    told = json.dumps(documents, ensure_ascii=False, sort_keys=True)
    return json.loads(UUID.sub(lambda found: known.setdefault(found.group(), f"id {len(known)}"), told))


async def furnish(services: Services, who: Subject) -> str:
    """A chat with everything that a chat keeps, facts, and prompts in several versions; gives the chat's id."""
    project = await services.chat.create_project(who, ProjectNew(name="Fjords / 峡湾"))
    await services.chat.create_project(who, ProjectNew(name="Empty"))
    thread_id, ids = await plant(
        services,
        who,
        [
            ("q", None, "user", text("Where is it?")),
            ("a", "q", "assistant", text("In Norway.")),
            ("b", "q", "assistant", text("In the north.")),
        ],
        leaf="a",
        project_id=project.id,
        folding="never",
        title_source="auto",
    )
    async with services.database.begin() as session:
        await session.execute(
            update(models.Message).where(models.Message.id == ids["a"]).values(translation=TRANSLATION, pinned=True)
        )
        choices = {"root": ids["q"], ids["q"]: ids["a"]}
        await session.execute(update(models.Thread).where(models.Thread.id == thread_id).values(choices=choices))
    await services.memory.add(who, FactNew(text="I sail.", thread_id=thread_id))
    await services.memory.add(who, FactNew(text="喜欢短句。", project_id=project.id))
    async with services.database.begin() as session:
        at = now()
        session.add(
            Fact(
                id=new_id(),
                owner_id=who.user_id,
                project_id=None,
                text="Lives in Bergen",
                state="proposed",
                thread_id=None,
                created_at=at - timedelta(hours=1),
                updated_at=at,
            )
        )
    prompt = await services.prompts.make(
        who, PromptPut(title="Minutes", text="Who: {{who=all}}", tags=["work", "会议"])
    )
    await services.prompts.change(who, prompt.id, PromptPut(title="Minutes", text="Who, what: {{who=all}}", tags=["a"]))
    await services.prompts.change(who, prompt.id, PromptPut(title="Minutes 2", text="{{tone:short|long}}", tags=["a"]))
    await services.prompts.make(who, PromptPut(title="Plain", text="No variable"))
    return thread_id


async def test_an_archive_comes_back_whole(services: Services, ann: Subject, bob: Subject) -> None:
    await furnish(services, ann)
    before = await everything(services, ann)
    done = await bring(services, bob, await archive(services, ann))
    adds_up(done.report)
    assert (done.state, done.report.losses) == ("done", {})
    assert done.report.projects == schemas.Counts(found=2, imported=1, already=1)  # one came with its chat
    assert done.report.memory == schemas.Counts(found=3, imported=3)
    assert done.report.prompts == schemas.Counts(found=2, imported=2)
    after = await everything(services, bob)
    (chat,) = (document for name, document in after.items() if name.startswith("chats/"))
    assert chat["messages"][1]["translation"] == TRANSLATION
    assert alike(after) == alike(before)


async def test_a_second_import_doubles_nothing(services: Services, ann: Subject, bob: Subject) -> None:
    await furnish(services, ann)
    data = await archive(services, ann)
    for who, fresh in ((bob, True), (bob, False), (ann, False)):
        before = await everything(services, who)
        done = await bring(services, who, data)
        for counts, found in ((done.report.memory, 3), (done.report.prompts, 2)):
            expected = {"imported": found} if fresh else {"already": found}
            assert counts == schemas.Counts(found=found, **expected)
        if not fresh:
            assert alike(await everything(services, who)) == alike(before)
            assert done.report.losses == {}


async def test_what_was_deleted_comes_back_under_its_own_id(services: Services, ann: Subject) -> None:
    await furnish(services, ann)
    data = await archive(services, ann)
    before = await everything(services, ann)
    await services.memory.clear(ann, None)
    for prompt in await services.prompts.mine(ann):
        await services.prompts.delete(ann, prompt.id)
    done = await bring(services, ann, data)
    assert (done.report.memory.imported, done.report.prompts.imported) == (3, 2)
    after = await everything(services, ann)
    for part in ("memory", "prompts"):
        assert after["account.json"][part] == before["account.json"][part]


async def test_memory_stays_off_until_it_is_turned_on(services: Services, ann: Subject, bob: Subject) -> None:
    await furnish(services, ann)
    await services.identity.patch_me(ann.user_id, MePatch(preferences=PreferencesPatch(memory=True)))
    done = await bring(services, bob, await archive(services, ann))
    async with services.database.read() as session:
        assert (await wanted(session, ann.user_id, "memory"), await wanted(session, bob.user_id, "memory")) == (
            True,
            False,
        )
    # that it was on is one of the preferences, which stay behind
    assert done.report.losses == {"archive_part": 1}
    page = await services.imports.notes(bob, done.id, None, 10)
    assert [item.names for note in page.items for item in note.items] == [["preferences"]]


async def test_what_cannot_be_taken_is_told(services: Services, ann: Subject, bob: Subject) -> None:
    thread_id = await furnish(services, ann)
    parts = await everything(services, ann)
    (name,) = (name for name in parts if name.startswith("chats/"))
    account, chat = parts["account.json"], parts[name]
    chat["messages"][1]["translation"]["language"] = "tlh"
    chat["messages"][2]["feedback"] = {"good": True}
    account["projects"].append({"id": new_id(), "name": "  "})
    fact = account["memory"][0]
    account["memory"] += [
        {**fact, "id": new_id(), "text": "x" * 501},
        {**fact, "id": new_id(), "text": "Of a project that is not told", "project_id": new_id()},
        {**fact, "id": None, "text": "Without an id"},
        "no fact",
    ]
    account["prompts"][0]["audience"] = "all"
    account["prompts"][1]["versions"] = []
    account["arena"] = [{"id": new_id()}, {"id": new_id()}]
    account["later"] = [{"of": "another version"}]
    done = await bring(services, bob, zipped({n: json.dumps(document) for n, document in parts.items()}))
    adds_up(done.report)
    assert done.report.memory == schemas.Counts(found=7, imported=3, not_taken=4)
    assert done.report.prompts == schemas.Counts(found=2, imported=1, not_taken=1)
    told = await notes(services, bob, done.id)
    assert told["A chat"] == {"translation": 1, "feedback": 1}
    assert done.report.losses == {
        "translation": 1,
        "feedback": 1,
        "project_unreadable": 1,
        "fact_unreadable": 4,
        "prompt_unreadable": 1,
        "prompt_shared": 1,
        "archive_part": 2,
    }
    assert [prompt.audience for prompt in await services.prompts.mine(bob)] == ["nobody"]
    assert "Of a project that is not told" not in [fact.text for fact in await services.memory.shown(bob)]
    assert thread_id not in [fact.thread_id for fact in await services.memory.shown(bob)]


async def test_there_is_an_end_to_what_is_remembered(services: Services, ann: Subject, bob: Subject) -> None:
    await services.memory.add(bob, FactNew(text="His own"))
    facts = [
        {"id": new_id(), "text": f"Fact {number}", "state": "kept", "project_id": None} for number in range(MAX_FACTS)
    ]
    account = {"format": "freehold.account", "version": 1, "memory": facts}
    done = await bring(services, bob, json.dumps(account).encode())
    assert (done.state, done.product) == ("done", "freehold")
    assert done.report.memory == schemas.Counts(found=MAX_FACTS, imported=MAX_FACTS - 1, not_taken=1)
    assert done.report.losses == {"no_room": 1}
    assert await services.memory.shown(ann) == []


async def test_archives_from_before_versions_came_along(services: Services, ann: Subject, bob: Subject) -> None:
    await furnish(services, ann)
    parts = await everything(services, ann)
    for prompt in parts["account.json"]["prompts"]:
        del prompt["versions"]
    data = zipped({name: json.dumps(document) for name, document in parts.items()})
    done = await bring(services, bob, data)
    assert done.report.prompts == schemas.Counts(found=2, imported=2)
    here = {prompt.title: prompt for prompt in await services.prompts.mine(bob)}
    assert (here["Minutes 2"].text, here["Minutes 2"].version) == ("{{tone:short|long}}", 3)
    assert [version.number for version in await services.prompts.versions(bob, here["Minutes 2"].id)] == [3]


@pytest.mark.parametrize("version", [2, None])
async def test_an_account_of_another_version_is_left(services: Services, bob: Subject, version: int | None) -> None:
    fact = {"id": new_id(), "text": "From the future", "state": "kept"}
    account = {"format": "freehold.account", "version": version, "memory": [fact]}
    done = await bring(services, bob, json.dumps(account).encode())
    assert (done.report.losses, await services.memory.shown(bob)) == ({"archive_part": 1}, [])


async def test_another_persons_ids_stay_theirs(services: Services, ann: Subject, bob: Subject) -> None:
    await furnish(services, ann)
    await bring(services, bob, await archive(services, ann))
    hers, his = await services.memory.shown(ann), await services.memory.shown(bob)
    assert {fact.id for fact in hers}.isdisjoint(fact.id for fact in his)
    assert {fact.text for fact in his} == {fact.text for fact in hers}
    (thread,) = (await chats(services, bob)).values()
    assert [fact.thread_id for fact in his if fact.text == "I sail."] == [thread.thread.id]
