"""Prompts are one's own until an administrator shares them; each save is a version that can be had back."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import delete

from freehold.access.subject import Subject
from freehold.deps import Services
from freehold.errors import Conflict, Forbidden, InvalidRequest, NotFound
from freehold.identity.people.membership import Membership
from freehold.identity.people.models import Group
from freehold.kit.clock import now
from freehold.kit.ids import new_id
from freehold.prompts import schemas, service


def put(title: str = "Minutes", text: str = "Write minutes of {{meeting}}.", **more: Any) -> schemas.PromptPut:
    return schemas.PromptPut(title=title, text=text, **more)


async def titles(services: Services, who: Subject, text: str | None = None, tag: str | None = None) -> list[str]:
    return [one.title for one in (await services.prompts.usable(who, text, tag)).items]


def admin_of(who: Subject) -> Subject:
    return replace(who, role="admin")


async def test_each_save_is_a_version_and_an_old_one_comes_back(services: Services, ann: Subject) -> None:
    made = await services.prompts.make(ann, put(tags=["Work", "work", "会议"]))
    assert (made.version, made.tags, made.mine) == (1, ["Work", "会议"], True)
    changed = await services.prompts.change(ann, made.id, put(text="Minutes, in short.", seen=1))
    assert (changed.version, changed.text) == (2, "Minutes, in short.")
    # tags alone are no new text
    tagged = await services.prompts.change(ann, made.id, put(text="Minutes, in short.", tags=["x"]))
    assert (tagged.version, tagged.tags) == (2, ["x"])
    with pytest.raises(Conflict):
        await services.prompts.change(ann, made.id, put(text="lost update", seen=1))
    restored = await services.prompts.restore(ann, made.id, 1)
    assert (restored.version, restored.text) == (3, "Write minutes of {{meeting}}.")
    assert [one.number for one in await services.prompts.versions(ann, made.id)] == [3, 2, 1]
    with pytest.raises(NotFound):
        await services.prompts.restore(ann, made.id, 9)


async def test_only_the_newest_versions_are_kept(
    services: Services, ann: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "KEPT_VERSIONS", 3)
    made = await services.prompts.make(ann, put(text="0"))
    for number in range(1, 6):
        await services.prompts.change(ann, made.id, put(text=str(number)))
    assert [one.text for one in await services.prompts.versions(ann, made.id)] == ["5", "4", "3"]


async def test_prompts_of_others_are_not_there(services: Services, ann: Subject, bob: Subject) -> None:
    made = await services.prompts.make(bob, put())
    for call in (
        services.prompts.prompt(ann, made.id),
        services.prompts.change(ann, made.id, put()),
        services.prompts.delete(ann, made.id),
        services.prompts.versions(ann, made.id),
        services.prompts.restore(ann, made.id, 1),
        # an administrator has no eye on what is not shared
        services.prompts.prompt(admin_of(ann), made.id),
    ):
        with pytest.raises(NotFound):
            await call
    assert await titles(services, ann) == []
    assert await titles(services, bob) == ["Minutes"]


async def test_an_administrator_shares_with_everybody(services: Services, ann: Subject, bob: Subject) -> None:
    with pytest.raises(Forbidden):
        await services.prompts.make(ann, put(audience="all"))
    boss = admin_of(bob)
    made = await services.prompts.make(boss, put(audience="all"))
    (seen,) = (await services.prompts.usable(ann, None, None)).items
    assert (seen.mine, seen.editable, seen.owner_name) == (False, False, "bob")
    with pytest.raises(Forbidden):
        await services.prompts.change(ann, made.id, put(text="mine now"))
    with pytest.raises(Forbidden):
        await services.prompts.delete(ann, made.id)
    changed = await services.prompts.change(admin_of(ann), made.id, put(text="better", audience="all"))
    assert changed.text == "better"
    # who is no administrator any more may take it back, and not change what others get
    with pytest.raises(Forbidden):
        await services.prompts.change(bob, made.id, put(text="slipped in", audience="all"))
    with pytest.raises(Forbidden):
        await services.prompts.restore(bob, made.id, 1)
    await services.prompts.change(bob, made.id, put(text="better"))
    assert await titles(services, ann) == []


async def test_a_group_has_what_is_shared_with_it(services: Services, ann: Subject, bob: Subject) -> None:
    group = Group(id=new_id(), name="legal", description="", created_at=now(), updated_at=now())
    async with services.database.begin() as session:
        session.add(group)
    boss = admin_of(bob)
    made = await services.prompts.make(boss, put(audience="group", group_id=group.id))
    assert made.group_name == "legal"
    assert await titles(services, ann) == []
    assert await titles(services, replace(ann, groups=(Membership(group.id, "legal"),))) == ["Minutes"]
    with pytest.raises(InvalidRequest):
        await services.prompts.make(boss, put(audience="group", group_id=new_id()))
    async with services.database.begin() as session:
        await session.execute(delete(Group).where(Group.id == group.id))
    # a group that is gone does not make it everybody's
    assert await titles(services, replace(ann, groups=(Membership(group.id, "legal"),))) == []
    assert await titles(services, bob) == ["Minutes"]


async def test_search_reads_title_text_and_tags_in_any_case(services: Services, ann: Subject) -> None:
    await services.prompts.make(ann, put("Ödön's letter", "Dear {{name}}", tags=["Briefe"]))
    await services.prompts.make(ann, put("周报", "本周做了 100% 的事", tags=["工作"]))
    assert await titles(services, ann, "öDÖN dear") == ["Ödön's letter"]
    assert await titles(services, ann, "100%") == ["周报"]
    assert await titles(services, ann, "%") == ["周报"]
    assert await titles(services, ann, "BRIEFE") == ["Ödön's letter"]
    assert await titles(services, ann, None, "工作") == ["周报"]
    assert await titles(services, ann, "nothing") == []


@pytest.mark.parametrize(
    "body",
    [
        {"title": " ", "text": "x"},
        {"title": "x", "text": ""},
        {"title": "x", "text": "a" * 20_001},
        {"title": "x", "text": "x", "audience": "group"},
        {"title": "x", "text": "x", "group_id": "0" * 36},
        {"title": "x", "text": "nul\0"},
        {"title": "x", "text": "x", "owner_id": "somebody"},
    ],
)
def test_what_is_not_a_prompt_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        schemas.PromptPut.model_validate(body)
