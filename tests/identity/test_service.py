"""People and sessions on both databases: the first administrator, sign-in, throttling, single-user mode."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import anyio.to_thread
import pytest
from pydantic import ValidationError
from sqlalchemy import select, update

from freehold.db import Base, Database, open_database, parse_target
from freehold.errors import Conflict, Forbidden, InvalidRequest, NotFound, TooManyAttempts, WrongCredentials
from freehold.identity import throttle
from freehold.identity.models import Session, SetupToken, User
from freehold.identity.policy import IdentityPolicy
from freehold.identity.repository import LOCAL_OWNER_ID
from freehold.identity.schemas import MePatch, PreferencesPatch
from freehold.identity.service import Identity, Visitor
from freehold.kit import clock

GOOD = "four unrelated words walk"
HERE = Visitor(ip_address="127.0.0.1", user_agent="a browser")
REMOTE = IdentityPolicy(loopback_bind=False)


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    database = await anyio.to_thread.run_sync(open_database, parse_target(database_url, tmp_path))
    async with database.writer.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield database
    await database.dispose()


async def identity_of(database: Database, policy: IdentityPolicy) -> Identity:
    identity = Identity(database, policy)
    await identity.start()
    return identity


async def test_loopback_without_users_is_one_local_owner(database: Database) -> None:
    identity = await identity_of(database, IdentityPolicy())
    assert await identity.mode() == "single_user"
    owner = await identity.local_owner()
    assert owner is not None
    assert (owner.user_id, owner.role) == (LOCAL_OWNER_ID, "admin")


async def test_another_address_without_users_waits_for_the_setup_link(database: Database) -> None:
    identity = await identity_of(database, REMOTE)
    assert await identity.mode() == "setup"
    assert await identity.local_owner() is None
    token = await identity.issue_setup_token()
    assert token is not None
    async with database.read() as session:
        stored = (await session.scalars(select(SetupToken.token_hash))).all()
    assert token.encode() not in stored[0]


async def test_the_setup_link_works_once(database: Database) -> None:
    identity = await identity_of(database, REMOTE)
    token = await identity.issue_setup_token()
    assert token is not None
    with pytest.raises(Forbidden):
        await identity.setup("guessed", "a@example.org", "A", GOOD, HERE)
    cookie = await identity.setup(token, "A@Example.org", "A", GOOD, HERE)
    known = await identity.authenticate(cookie)
    assert known is not None
    assert known.role == "admin"
    assert await identity.mode() == "accounts"
    with pytest.raises(Conflict):
        await identity.setup(token, "b@example.org", "B", GOOD, HERE)
    assert await identity.issue_setup_token() is None


async def test_a_newer_link_ends_the_older_one(database: Database) -> None:
    identity = await identity_of(database, REMOTE)
    older = await identity.issue_setup_token()
    await identity.issue_setup_token()
    assert older is not None
    with pytest.raises(Forbidden):
        await identity.setup(older, "a@example.org", "A", GOOD, HERE)


async def test_turning_accounts_on_keeps_what_the_local_owner_has(database: Database) -> None:
    identity = await identity_of(database, IdentityPolicy())
    cookie = await identity.accounts_on("a@example.org", "A", GOOD, HERE)
    known = await identity.authenticate(cookie)
    assert known is not None
    assert known.user_id == LOCAL_OWNER_ID
    assert await identity.local_owner() is None
    assert await identity.sign_in("a@example.org", GOOD, HERE)


async def test_the_first_administrator_of_the_command_line_takes_the_local_owner_over(database: Database) -> None:
    identity = await identity_of(database, IdentityPolicy())
    assert await identity.add_user("a@example.org", "A", GOOD, "admin") == LOCAL_OWNER_ID
    assert await identity.add_user("b@example.org", "B", GOOD, "admin") != LOCAL_OWNER_ID
    with pytest.raises(Conflict):
        await identity.add_user("B@example.org", "B", GOOD, "member")


async def test_sign_in_and_out(database: Database) -> None:
    identity = await identity_of(database, REMOTE)
    await identity.add_user("a@example.org", "A", GOOD, "member")
    cookie = await identity.sign_in(" A@example.org ", GOOD, HERE)
    known = await identity.authenticate(cookie)
    assert known is not None
    assert known.session_id is not None
    listed = await identity.sessions(known.user_id, known.session_id)
    assert [(row.current, row.user_agent) for row in listed] == [(True, "a browser")]
    await identity.end_session(known.user_id, known.session_id)
    assert await identity.authenticate(cookie) is None
    with pytest.raises(NotFound):
        await identity.end_session(known.user_id, known.session_id)


async def test_nobody_ends_another_persons_session(database: Database) -> None:
    identity = await identity_of(database, REMOTE)
    await identity.add_user("a@example.org", "A", GOOD, "member")
    stranger = await identity.add_user("b@example.org", "B", GOOD, "member")
    cookie = await identity.sign_in("a@example.org", GOOD, HERE)
    known = await identity.authenticate(cookie)
    assert known is not None
    assert known.session_id is not None
    with pytest.raises(NotFound):
        await identity.end_session(stranger, known.session_id)
    assert await identity.authenticate(cookie) is not None


async def test_the_cookie_is_not_in_the_database(database: Database) -> None:
    identity = await identity_of(database, REMOTE)
    await identity.add_user("a@example.org", "A", GOOD, "member")
    cookie = await identity.sign_in("a@example.org", GOOD, HERE)
    async with database.read() as session:
        row = (await session.scalars(select(Session))).one()
    assert cookie.encode() not in row.token_hash
    assert len(row.token_hash) == 32


async def test_idle_and_absolute_ends(database: Database) -> None:
    identity = await identity_of(database, replace(REMOTE, idle=timedelta(hours=1)))
    await identity.add_user("a@example.org", "A", GOOD, "member")
    idle = await identity.sign_in("a@example.org", GOOD, HERE)
    async with database.begin() as session:
        await session.execute(update(Session).values(last_seen_at=clock.now() - timedelta(hours=2)))
    assert await identity.authenticate(idle) is None
    old = await identity.sign_in("a@example.org", GOOD, HERE)
    async with database.begin() as session:
        await session.execute(update(Session).values(expires_at=clock.now() - timedelta(seconds=1)))
    assert await identity.authenticate(old) is None


async def test_a_disabled_person_is_out(database: Database) -> None:
    identity = await identity_of(database, REMOTE)
    await identity.add_user("a@example.org", "A", GOOD, "member")
    cookie = await identity.sign_in("a@example.org", GOOD, HERE)
    async with database.begin() as session:
        await session.execute(update(User).values(status="disabled"))
    assert await identity.authenticate(cookie) is None
    with pytest.raises(Forbidden):
        await identity.sign_in("a@example.org", GOOD, HERE)


async def test_wrong_passwords_slow_down_and_survive_a_restart(database: Database) -> None:
    identity = await identity_of(database, REMOTE)
    await identity.add_user("a@example.org", "A", GOOD, "member")
    for _ in range(throttle.FREE_FAILURES["account"]):
        with pytest.raises(WrongCredentials):
            await identity.sign_in("a@example.org", "not the password", HERE)
    again = await identity_of(database, REMOTE)
    with pytest.raises(TooManyAttempts) as refused:
        await again.sign_in("a@example.org", GOOD, HERE)
    assert refused.value.params["retry_after_s"] >= 1
    await again.add_user("b@example.org", "B", GOOD, "member")
    assert await again.sign_in("b@example.org", GOOD, HERE)


async def test_unknown_and_known_accounts_fail_alike(database: Database) -> None:
    identity = await identity_of(database, REMOTE)
    await identity.add_user("a@example.org", "A", GOOD, "member")
    messages = []
    for email in ("a@example.org", "nobody@example.org", ""):
        with pytest.raises(WrongCredentials) as refused:
            await identity.sign_in(email, "not the password", HERE)
        messages.append(refused.value.message)
    assert len(set(messages)) == 1


@pytest.mark.parametrize("password", ["short", "password1234", "qwertyuiop12", "aexampleorg1234"])
async def test_weak_passwords_are_refused(database: Database, password: str) -> None:
    identity = await identity_of(database, REMOTE)
    with pytest.raises(InvalidRequest):
        await identity.add_user("a@example.org", "aexampleorg", password, "member")


async def test_a_new_password_ends_the_other_sessions(database: Database) -> None:
    identity = await identity_of(database, REMOTE)
    user_id = await identity.add_user("a@example.org", "A", GOOD, "member")
    mine = await identity.sign_in("a@example.org", GOOD, HERE)
    other = await identity.sign_in("a@example.org", GOOD, HERE)
    known = await identity.authenticate(mine)
    assert known is not None
    with pytest.raises(WrongCredentials):
        await identity.change_password(user_id, known.session_id, "wrong", GOOD + "!")
    await identity.change_password(user_id, known.session_id, GOOD, GOOD + "!")
    assert await identity.authenticate(mine) is not None
    assert await identity.authenticate(other) is None
    with pytest.raises(WrongCredentials):
        await identity.sign_in("a@example.org", GOOD, HERE)


async def test_an_access_code_opens_the_local_owners_workspace(database: Database) -> None:
    identity = await identity_of(database, replace(REMOTE, access_codes=("code-one", "code-two")))
    assert await identity.mode() == "access_code"
    assert await identity.local_owner() is None
    with pytest.raises(WrongCredentials):
        await identity.sign_in("", "code", HERE)
    known = await identity.authenticate(await identity.sign_in("", "code-two", HERE))
    assert known is not None
    assert known.user_id == LOCAL_OWNER_ID


async def test_preferences_change_one_by_one(database: Database) -> None:
    identity = await identity_of(database, IdentityPolicy())
    await identity.patch_me(LOCAL_OWNER_ID, MePatch(preferences=PreferencesPatch(theme="dark", language="zh-CN")))
    me = await identity.patch_me(LOCAL_OWNER_ID, MePatch(preferences=PreferencesPatch(send_key="mod_enter")))
    assert (me.preferences.theme, me.preferences.language, me.preferences.send_key) == ("dark", "zh-CN", "mod_enter")
    me = await identity.patch_me(LOCAL_OWNER_ID, MePatch(preferences=PreferencesPatch(language=None)))
    assert me.preferences.language is None
    chosen = PreferencesPatch(accent="plum", font_size="large", shortcuts={"palette.open": "mod+p", "chat.new": ""})
    me = await identity.patch_me(LOCAL_OWNER_ID, MePatch(preferences=chosen))
    assert me.preferences.shortcuts == {"palette.open": "mod+p", "chat.new": ""}
    assert (me.preferences.theme, me.preferences.accent, me.preferences.font_size) == ("dark", "plum", "large")
    for wrong in ({"Palette Open": "mod+p"}, {"palette.open": "mod p"}, {"palette.open": "x" * 41}):
        with pytest.raises(ValidationError):
            PreferencesPatch(shortcuts=wrong)


def test_the_pause_grows_and_never_locks_for_good() -> None:
    pauses = [throttle.pause_after("account", failures).total_seconds() for failures in range(1, 40)]
    assert pauses[:4] == [0, 0, 0, 0]
    assert pauses == sorted(pauses)
    assert pauses[-1] == throttle.LONGEST_PAUSE.total_seconds()


def test_an_ipv6_line_counts_as_one_address() -> None:
    assert throttle.keys_of("a", "2001:db8::1")[1] == throttle.keys_of("b", "2001:db8::ffff")[1]
    assert throttle.keys_of("a", "192.0.2.1")[1] != throttle.keys_of("a", "192.0.2.2")[1]
