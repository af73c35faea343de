"""People and groups as administrators manage them, and how soon a change acts on sessions and keys; on both kinds."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import anyio.to_thread
import pytest
from pydantic import ValidationError
from sqlalchemy import func, select

from freehold.access.subject import Subject
from freehold.db import Base, Database, open_database, parse_target
from freehold.errors import Conflict, InvalidRequest, KeyRevoked, NotFound
from freehold.identity.keys.schemas import KeyNew
from freehold.identity.keys.service import Keys
from freehold.identity.people.models import GroupMember
from freehold.identity.people.schemas import GroupNew, GroupPatch, PersonNew, PersonPatch
from freehold.identity.people.service import People
from freehold.identity.policy import IdentityPolicy
from freehold.identity.service import Identity, Visitor
from freehold.kit import clock
from freehold.kit.crypto import SecretBox
from freehold.kit.ids import new_id
from freehold.usage.budget_store import spent_by_keys
from freehold.usage.models import BudgetRow
from freehold.usage.repository import drop_group

GOOD = "four unrelated words walk"
HERE = Visitor(ip_address="127.0.0.1", user_agent="a browser")


class World:
    """A server's people, with an administrator who acts and a member they act on."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.identity = Identity(database, IdentityPolicy(loopback_bind=False))
        self.keys = Keys(database, SecretBox({1: secrets.token_bytes(32)}), spent=spent_by_keys)
        self.people = People(database, self.identity, changed=self.changed, drop_rules=drop_group)
        self.admin = self.member = ""

    def changed(self) -> None:
        self.identity.forget()
        self.keys.forget()

    async def settle(self) -> None:
        self.admin = await self.identity.add_user("ada@example.org", "Ada", GOOD, "admin")
        self.member = await self.identity.add_user("bo@example.org", "Bo", GOOD, "member")

    async def group(self, name: str) -> str:
        return (await self.people.add_group(self.admin, GroupNew(name=name))).id

    async def change(self, user_id: str, **fields: object) -> list[str]:
        """Change somebody; the names of their groups then."""
        changed = await self.people.change(self.admin, user_id, PersonPatch.model_validate(fields))
        return [group.name for group in changed.groups]


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    database = await anyio.to_thread.run_sync(open_database, parse_target(database_url, tmp_path))
    async with database.writer.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    world = World(database)
    await world.settle()
    yield world
    await database.dispose()


def names(groups: object) -> list[str]:
    return [group.name for group in groups]  # pyright: ignore


async def test_a_group_acts_on_sessions_and_keys_with_the_next_request(world: World) -> None:
    token = await world.identity.sign_in("bo@example.org", GOOD, HERE)
    member = Subject(world.member, "member", None)
    secret = (await world.keys.administration.create(member, KeyNew(name="ci"))).secret
    legal = await world.group("legal")

    async def seen() -> tuple[list[str], list[str]]:
        known, grant = await world.identity.authenticate(token), await world.keys.authenticate(secret)
        assert known is not None
        assert Subject.of_key(grant).groups == grant.groups
        return names(known.groups), names(grant.groups)

    assert await seen() == ([], [])
    await world.people.join(world.admin, legal, world.member)
    await world.people.join(world.admin, legal, world.member)
    assert await seen() == (["legal"], ["legal"])
    assert await world.change(world.member, groups=[legal, await world.group("interns")]) == ["legal", "interns"]
    assert await seen() == (["legal", "interns"], ["legal", "interns"])
    await world.people.change_group(world.admin, legal, GroupPatch(name="counsel"))
    assert await seen() == (["counsel", "interns"], ["counsel", "interns"])
    await world.people.leave(world.admin, legal, world.member)
    assert await seen() == (["interns"], ["interns"])
    with pytest.raises(NotFound):
        await world.people.leave(world.admin, legal, world.member)


async def test_another_process_learns_of_it_within_five_seconds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    token = await world.identity.sign_in("bo@example.org", GOOD, HERE)
    elsewhere = Identity(world.database, world.identity.policy)
    assert await elsewhere.authenticate(token)
    await world.people.join(world.admin, await world.group("legal"), world.member)
    later = clock.monotonic() + 5.001
    monkeypatch.setattr(clock, "monotonic", lambda: later)
    known = await elsewhere.authenticate(token)
    assert known is not None
    assert names(known.groups) == ["legal"]


async def test_who_is_disabled_is_out_at_once_and_has_to_sign_in_again_later(world: World) -> None:
    token = await world.identity.sign_in("bo@example.org", GOOD, HERE)
    member = Subject(world.member, "member", None)
    secret = (await world.keys.administration.create(member, KeyNew(name="ci"))).secret
    await world.keys.authenticate(secret)
    await world.change(world.member, status="disabled")
    assert await world.identity.authenticate(token) is None
    with pytest.raises(KeyRevoked):
        await world.keys.authenticate(secret)
    await world.change(world.member, status="active")
    assert await world.identity.authenticate(token) is None
    assert (await world.keys.authenticate(secret)).user_id == world.member


async def test_nobody_is_locked_out_of_the_administration(world: World) -> None:
    for fields in ({"role": "member"}, {"status": "disabled"}):
        with pytest.raises(Conflict, match="their own role"):
            await world.change(world.admin, **fields)
        with pytest.raises(Conflict, match="last active administrator"):
            await world.people.change("command line", world.admin, PersonPatch.model_validate(fields))
    await world.change(world.member, role="admin")
    assert await world.people.change("command line", world.admin, PersonPatch(role="member"))


async def test_groups_are_told_apart_by_name_whatever_the_case(world: World) -> None:
    legal, interns = await world.group("Legal"), await world.group("  实习  生 ")
    assert [(one.name, one.members) for one in await world.people.groups()] == [("Legal", 0), ("实习 生", 0)]
    with pytest.raises(Conflict, match="named Legal"):
        await world.group("LEGAL")
    with pytest.raises(Conflict):
        await world.people.change_group(world.admin, interns, GroupPatch(name="legal"))
    renamed = await world.people.change_group(world.admin, legal, GroupPatch(name="legal", description="contracts"))
    assert (renamed.name, renamed.description) == ("legal", "contracts")
    with pytest.raises(ValidationError):
        GroupNew(name=" ")


async def test_a_removed_group_takes_its_budgets_along_but_not_its_people(world: World) -> None:
    legal = await world.group("legal")
    await world.people.join(world.admin, legal, world.member)
    now = clock.now()
    async with world.database.begin() as session:
        holder = {"holder_kind": "group", "holder_id": legal, "period": "month", "limit_nanodollars": 1}
        session.add(BudgetRow(id=new_id(), **holder, created_at=now, updated_at=now))
    await world.people.remove_group(world.admin, legal)
    async with world.database.read() as session:
        left = [await session.scalar(select(func.count()).select_from(table)) for table in (GroupMember, BudgetRow)]
    assert left == [0, 0]
    page = await world.people.page(world.admin, text=None, group_id=None, cursor=None, limit=10)
    assert [person.name for person in page.items] == ["Ada", "Bo"]
    with pytest.raises(NotFound):
        await world.people.remove_group(world.admin, legal)


async def test_people_are_found_page_by_page_by_text_and_by_group(world: World) -> None:
    legal = await world.group("legal")
    for number in range(5):
        new = PersonNew(email=f"p{number}@legal_x.org", name="Pat", password=GOOD, groups=[legal])  # pyright: ignore
        assert names((await world.people.add(world.admin, new)).groups) == ["legal"]
    seen: list[str] = []
    cursor = None
    while True:
        page = await world.people.page(world.admin, text=None, group_id=None, cursor=cursor, limit=2)
        seen += [person.email or "" for person in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(seen) == sorted(set(seen))
    assert seen[:2] == ["ada@example.org", "bo@example.org"]
    assert len(seen) == 7
    for text, group_id, count in (("LEGAL_X", None, 5), ("legalyx", None, 0), ("%", None, 0), (None, legal, 5)):
        page = await world.people.page(world.admin, text=text, group_id=group_id, cursor=None, limit=50)
        assert len(page.items) == count, text


async def test_an_account_in_an_unknown_group_is_not_made(world: World) -> None:
    new = PersonNew(email="new@example.org", name="New", password=GOOD, groups=[new_id()])  # pyright: ignore
    with pytest.raises(InvalidRequest):
        await world.people.add(world.admin, new)
    page = await world.people.page(world.admin, text="new@", group_id=None, cursor=None, limit=5)
    assert page.items == []
    with pytest.raises(InvalidRequest):
        await world.change(world.member, groups=[new_id()])


async def test_without_accounts_nobody_is_locked_out_by_a_second_person(database_url: str, tmp_path: Path) -> None:
    database = await anyio.to_thread.run_sync(open_database, parse_target(database_url, tmp_path))
    async with database.writer.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    alone = World(database)
    alone.identity.policy = IdentityPolicy()
    await alone.identity.start()
    new = PersonNew(email="new@example.org", name="New", password=GOOD)  # pyright: ignore
    with pytest.raises(Conflict, match="no accounts yet"):
        await alone.people.add("", new)
    assert await alone.identity.local_owner() is not None
    await database.dispose()


async def test_when_somebody_was_last_seen_outlives_the_session(world: World) -> None:
    token = await world.identity.sign_in("bo@example.org", GOOD, HERE)
    page = await world.people.page(world.admin, text="bo@", group_id=None, cursor=None, limit=5)
    assert page.items[0].last_seen_at is None
    known = await world.identity.authenticate(token)
    assert known is not None
    assert known.session_id
    await world.identity.end_session(world.member, known.session_id)
    page = await world.people.page(world.admin, text="bo@", group_id=None, cursor=None, limit=5)
    assert page.items[0].last_seen_at is not None
