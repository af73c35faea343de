"""Who a presented secret is: from memory, from the database, for how long, and what is told to whom."""

import asyncio
import secrets
import timeit
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from freehold.errors import KeyExpired, KeyInvalid, KeyRevoked
from freehold.identity.keys import service
from freehold.identity.keys.models import ApiKey, ApiKeySecret
from freehold.identity.keys.schemas import KeyPatch, KeyRotation
from freehold.identity.keys.secret import digest, id_in, new_text
from freehold.kit import clock
from freehold.kit.crypto import SecretBox
from freehold.usage.budget_store import spent_by_keys
from tests.identity.keys.conftest import ADMIN, BOB, MEMBER, World

UNKNOWN = "fh_aaaaaaaa_" + "x" * 43


def looks(world: World) -> list[str]:
    """What the database is asked from now on."""
    asked: list[str] = []
    event.listen(world.database.reader.sync_engine, "before_cursor_execute", lambda *parts: asked.append(str(parts[2])))
    return asked


def test_the_text_of_a_key_has_its_form() -> None:
    public_id, text = new_text()
    assert len(text) == len("fh_") + 8 + 1 + 43
    assert id_in(text) == public_id
    for other in ("", text + "x", text[:-1], text.upper(), f" {text}", text.replace("fh_", "sk_"), "fh_\u00e9"):
        assert id_in(other) is None


async def test_a_key_is_known_after_one_look(world: World) -> None:
    key_id, secret = await world.key(scopes=["chat"], models=["openai/*"], budget={"usd": 2.5, "period": "week"})
    assert world.keys.known(secret) is None
    grant = await world.keys.authenticate(secret)
    assert world.keys.known(secret) is grant
    assert (grant.key_id, grant.user_id, grant.role) == (key_id, BOB, "member")
    assert grant.scopes == {"chat"}
    assert grant.models == ("openai/*",)
    assert grant.budget is not None
    assert (str(grant.budget.usd), grant.budget.period) == ("2.5", "week")
    assert grant.expires_at is not None
    assert timedelta(days=89) < grant.expires_at - clock.now() <= timedelta(days=90)


async def test_knowing_costs_microseconds(world: World) -> None:
    _, secret = await world.key()
    await world.keys.authenticate(secret)
    fastest = min(timeit.repeat(lambda: world.keys.known(secret), number=2_000, repeat=5)) / 2_000
    assert fastest < 50e-6  # about 1.5 us on a quiet machine


async def test_only_an_hmac_is_stored(world: World) -> None:
    _, secret = await world.key()
    async with world.database.read() as session:
        row = (await session.scalars(select(ApiKeySecret))).one()
    assert row.id in secret
    assert len(row.hash) == 32
    assert row.hash != digest(secret)
    with pytest.raises(KeyInvalid):
        await service.Keys(world.database, SecretBox({1: secrets.token_bytes(32)}), spent=spent_by_keys).authenticate(
            secret
        )


async def test_unknown_and_wrong_secrets_are_told_the_same_at_the_same_cost(world: World) -> None:
    _, secret = await world.key()
    wrong = secret[:-1] + ("a" if secret[-1] != "a" else "b")
    told, asked = [], looks(world)
    for text in (UNKNOWN, wrong):
        before = len(asked)
        with pytest.raises(KeyInvalid) as refused:
            await world.keys.authenticate(text)
        told.append((refused.value.body(), len(asked) - before))
    assert told[0] == told[1]


async def test_a_refusal_is_remembered_for_a_moment_and_guesses_do_not_fill_memory(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = looks(world)
    for _ in range(3):
        with pytest.raises(KeyInvalid):
            await world.keys.authenticate(UNKNOWN)
    assert sum("api_key_secrets" in statement for statement in asked) == 1
    world.pass_time(seconds=service.REFUSED_SECONDS)
    with pytest.raises(KeyInvalid):
        await world.keys.authenticate(UNKNOWN)
    assert sum("api_key_secrets" in statement for statement in asked) == 2
    monkeypatch.setattr(service, "MOST_REFUSALS", 10)
    for number in range(50):
        with pytest.raises(KeyInvalid):
            await world.keys.authenticate(f"guess {number}")
    assert len(world.keys._refused) <= 10
    assert world.keys._known == {}


async def test_many_requests_with_a_fresh_key_look_once_or_twice(world: World) -> None:
    _, secret = await world.key()
    asked = looks(world)
    grants = await asyncio.gather(*(world.keys.authenticate(secret) for _ in range(50)))
    assert len({grant.key_id for grant in grants}) == 1
    assert sum("api_key_secrets" in statement for statement in asked) <= service.LOOKS_AT_ONCE


async def test_a_revoked_key_stops_at_once_here_and_within_five_seconds_elsewhere(world: World) -> None:
    key_id, secret = await world.key()
    elsewhere = world.another_process()
    await world.keys.authenticate(secret)
    await elsewhere.authenticate(secret)
    await world.keys.administration.revoke(MEMBER, key_id)
    assert world.keys.known(secret) is None
    with pytest.raises(KeyRevoked, match="'ci' was revoked"):
        await world.keys.authenticate(secret)
    world.pass_time(seconds=service.AGE_SECONDS)
    assert elsewhere.known(secret) is None
    with pytest.raises(KeyRevoked):
        await elsewhere.authenticate(secret)


async def test_a_key_in_use_is_kept_fresh_and_one_that_ended_is_dropped(world: World) -> None:
    (_, kept), (ended_id, ended) = await world.key(), await world.key()
    elsewhere = world.another_process()
    for secret in (kept, ended):
        await elsewhere.authenticate(secret)
    for _ in range(4):
        world.pass_time(seconds=2)
        assert elsewhere.known(kept) is not None
        elsewhere.known(ended)
        await elsewhere.refresh()
        await world.keys.administration.revoke(MEMBER, ended_id)
    assert elsewhere.known(kept) is not None
    assert elsewhere.known(ended) is None
    for _ in range(2):
        world.pass_time(seconds=20)
        await elsewhere.refresh()
    assert elsewhere._known == {}


async def test_a_look_that_began_before_a_change_is_not_remembered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_id, secret = await world.key()
    real = service.grant_of

    def meanwhile_forgotten(*parts):
        world.keys.forget()
        return real(*parts)

    monkeypatch.setattr(service, "grant_of", meanwhile_forgotten)
    assert (await world.keys.authenticate(secret)).key_id == key_id
    assert world.keys.known(secret) is None


async def test_an_expired_key_says_so_and_works_again_with_a_later_expiry(world: World) -> None:
    key_id, secret = await world.key(expires_at=clock.now() + timedelta(seconds=3))
    await world.keys.authenticate(secret)
    world.pass_time(seconds=3)
    assert world.keys.known(secret) is None
    with pytest.raises(KeyExpired, match="'ci' expired on"):
        await world.keys.authenticate(secret)
    later = KeyPatch(expires_at=clock.now() + timedelta(days=1))
    await world.keys.administration.change(MEMBER, key_id, later)
    assert (await world.keys.authenticate(secret)).key_id == key_id


async def test_a_key_has_no_more_rights_than_its_owner(world: World) -> None:
    _, secret = await world.key(ADMIN, scopes=["chat", "admin"])
    _, plain = await world.key(ADMIN, scopes=["chat"])
    grant = await world.keys.authenticate(secret)
    assert (grant.role, grant.scopes) == ("admin", {"chat", "admin"})
    assert (await world.keys.authenticate(plain)).role == "member"
    await world.change_user(ADMIN.user_id, role="member")
    world.pass_time(seconds=service.AGE_SECONDS)
    grant = await world.keys.authenticate(secret)
    assert (grant.role, grant.scopes) == ("member", {"chat"})
    await world.change_user(ADMIN.user_id, status="disabled")
    world.pass_time(seconds=service.AGE_SECONDS)
    with pytest.raises(KeyRevoked, match="not active"):
        await world.keys.authenticate(secret)


async def test_both_secrets_work_while_a_rotation_overlaps(world: World) -> None:
    key_id, older = await world.key()
    shown = await world.keys.administration.rotate(MEMBER, key_id, KeyRotation(overlap_hours=2))
    assert shown.secret != older
    assert [secret.start for secret in shown.key.secrets] == [shown.secret[:11], older[:11]]
    grants = [await world.keys.authenticate(secret) for secret in (older, shown.secret)]
    assert {grant.key_id for grant in grants} == {key_id}
    world.pass_time(hours=2)
    with pytest.raises(KeyExpired, match="replaced by a newer one"):
        await world.keys.authenticate(older)
    await world.keys.authenticate(shown.secret)
    assert len((await world.keys.administration.get(MEMBER, key_id)).secrets) == 1
    world.pass_time(days=31)
    await world.keys.sweep()
    async with world.database.read() as session:
        assert (await session.scalars(select(ApiKeySecret.id))).all() == [shown.secret[3:11]]


async def test_a_rotation_without_overlap_ends_the_older_secret_at_once(world: World) -> None:
    key_id, older = await world.key()
    await world.keys.authenticate(older)
    await world.keys.administration.rotate(MEMBER, key_id, KeyRotation(overlap_hours=0))
    with pytest.raises(KeyExpired):
        await world.keys.authenticate(older)


async def test_a_new_master_key_keeps_the_keys_and_hashes_those_in_use_again(world: World) -> None:
    _, secret = await world.key()
    _, unused = await world.key()
    first, second = world.box._keys[1], secrets.token_bytes(32)
    both = service.Keys(world.database, SecretBox({1: first, 2: second}), spent=spent_by_keys)
    await both.authenticate(secret)
    newest = service.Keys(world.database, SecretBox({2: second}), spent=spent_by_keys)
    await newest.authenticate(secret)
    with pytest.raises(KeyInvalid):
        await newest.authenticate(unused)


async def test_the_last_use_is_written_in_batches(world: World) -> None:
    key_id, secret = await world.key()
    grant = await world.keys.authenticate(secret)
    for number in range(3):
        world.keys.note_use(grant, f"192.0.2.{number}")
    here = await world.keys.administration.get(MEMBER, key_id)
    assert here.last_used_address == "192.0.2.2"
    elsewhere = world.another_process().administration
    assert (await elsewhere.get(MEMBER, key_id)).last_used_at is None
    await world.keys.stop()
    written = await elsewhere.get(MEMBER, key_id)
    assert (written.last_used_at, written.last_used_address) == (here.last_used_at, "192.0.2.2")


async def test_a_deleted_account_takes_its_keys_along(world: World) -> None:
    from sqlalchemy import delete

    from freehold.identity.models import User

    _, secret = await world.key()
    async with world.database.begin() as session:
        await session.execute(delete(User).where(User.id == BOB))
    with pytest.raises(KeyInvalid):
        await world.keys.authenticate(secret)
    async with world.database.read() as session:
        assert (await session.scalars(select(ApiKey.id))).all() == []
