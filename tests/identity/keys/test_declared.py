"""Keys of freehold.yaml: they work, act for an account or the service user, and are locked everywhere else."""

from typing import Any

import pytest

from freehold.errors import Conflict, KeyExpired, KeyInvalid, KeyRevoked, NotFound
from freehold.identity.keys import service
from freehold.identity.keys.declared import SERVICE_USER_ID
from freehold.identity.keys.schemas import KeyPatch, KeyRotation
from freehold.settings import DeclaredKey
from tests.identity.keys.conftest import ADMIN, ALICE, BOB, MEMBER, World

SECRET = "a-secret-of-the-operators"


def declared(**values: Any) -> DeclaredKey:
    return DeclaredKey.model_validate({"name": "ci", "key": SECRET, "origin_detail": "freehold.yaml:3", **values})


async def test_a_declared_key_acts_for_the_service_user(world: World) -> None:
    keys = world.another_process(declared(budget={"usd": "20"}))
    await keys.start()
    grant = await keys.authenticate(SECRET)
    assert (grant.user_id, grant.role, grant.scopes) == (SERVICE_USER_ID, "member", {"chat", "embeddings", "models"})
    assert grant.budget is not None
    assert (grant.budget.usd, grant.budget.period) == (20, "month")
    assert keys.known(SECRET) is grant
    again = world.another_process(declared(key="another-secret-of-theirs"))
    await again.start()
    assert (await again.authenticate("another-secret-of-theirs")).key_id == grant.key_id


async def test_a_declared_key_acts_for_the_named_account_while_that_is_there(world: World) -> None:
    keys = world.another_process(declared(user="Alice@example.org", scopes="admin"))
    grant = await keys.authenticate(SECRET)
    assert (grant.user_id, grant.role) == (ALICE, "admin")
    await world.change_user(ALICE, status="disabled")
    assert keys.known(SECRET) is not None
    await keys.refresh()
    with pytest.raises(KeyRevoked):
        await keys.authenticate(SECRET)
    await keys.reconfigure([declared(user="nobody@example.org")])
    with pytest.raises(KeyRevoked, match="no such account"):
        await keys.authenticate(SECRET)


async def test_a_reload_changes_adds_and_ends_keys_at_once(world: World) -> None:
    keys = world.another_process()
    with pytest.raises(KeyInvalid):
        await keys.authenticate(SECRET)
    await keys.reconfigure([declared(scopes=["models"])])
    assert (await keys.authenticate(SECRET)).scopes == {"models"}
    await keys.reconfigure([declared(expires="2020-01-01")])
    with pytest.raises(KeyExpired):
        await keys.authenticate(SECRET)
    await keys.reconfigure([])
    with pytest.raises(KeyInvalid):
        await keys.authenticate(SECRET)


async def test_a_declared_key_is_locked_and_seen_by_administrators_and_its_owner(world: World) -> None:
    keys = world.another_process(declared(), declared(name="bobs", key=SECRET + "2", user="bob@example.org"))
    await keys.start()
    keys.note_use(await keys.authenticate(SECRET), "192.0.2.1")
    admin, page = keys.administration, {"mine": False, "cursor": None, "limit": 10}
    shown = (await admin.list(ADMIN, **page)).items
    assert [(info.name, info.origin, info.origin_detail) for info in shown] == [
        ("ci", "file", "freehold.yaml:3"),
        ("bobs", "file", "freehold.yaml:3"),
    ]
    assert shown[0].last_used_address == "192.0.2.1"
    assert SECRET not in str(shown)
    assert [(info.name, info.mine) for info in (await admin.list(MEMBER, **page)).items] == [("bobs", True)]
    assert (await admin.list(MEMBER, **page)).items[0].owner.id == BOB  # type: ignore[union-attr]
    for act in (
        admin.change(ADMIN, shown[0].id, KeyPatch(name="x")),
        admin.rotate(ADMIN, shown[0].id, KeyRotation()),
        admin.revoke(ADMIN, shown[0].id),
    ):
        with pytest.raises(Conflict, match=r"freehold\.yaml:3"):
            await act
    with pytest.raises(NotFound):
        await admin.revoke(MEMBER, shown[0].id)


async def test_a_declared_key_in_use_is_kept_fresh(world: World) -> None:
    keys = world.another_process(declared())
    await keys.start()
    await keys.authenticate(SECRET)
    for _ in range(4):
        world.pass_time(seconds=service.AGE_SECONDS - 1)
        assert keys.known(SECRET) is not None
        await keys.refresh()
