"""What people may do with keys: their own, with the limits of a member, and nothing with what the file declares."""

from datetime import timedelta
from decimal import Decimal

import pytest
from pydantic import ValidationError
from sqlalchemy import event

from freehold.errors import BudgetExceeded, Conflict, Forbidden, InvalidRequest, NotFound
from freehold.identity.keys import administration
from freehold.identity.keys.declared import id_of
from freehold.identity.keys.schemas import BudgetOfKey, KeyNew, KeyPatch, KeyRotation
from freehold.identity.repository import LOCAL_OWNER_ID
from freehold.kit import clock
from freehold.settings import DeclaredKey
from freehold.usage.budgets import Budgets
from freehold.usage.holders import Budget, Holder
from freehold.usage.money import to_nano
from freehold.usage.periods import Period
from tests.identity.keys.conftest import ADMIN, ALICE, BOB, MEMBER, World


async def test_only_administrators_make_keys_without_an_end(world: World) -> None:
    for wish in (None, clock.now() + timedelta(days=400)):
        with pytest.raises(Forbidden):
            await world.key(MEMBER, expires_at=wish)
        await world.key(ADMIN, expires_at=wish)
    with pytest.raises(InvalidRequest, match="past"):
        await world.key(ADMIN, expires_at=clock.now())
    key_id, _ = await world.key(MEMBER)
    with pytest.raises(Forbidden):
        await world.keys.administration.change(MEMBER, key_id, KeyPatch(expires_at=None))
    assert (await world.keys.administration.change(ADMIN, key_id, KeyPatch(expires_at=None))).expires_at is None


async def test_the_scope_admin_needs_an_administrator_as_owner(world: World) -> None:
    with pytest.raises(Forbidden):
        await world.key(MEMBER, scopes=["admin"])
    key_id, _ = await world.key(MEMBER)
    with pytest.raises(Forbidden):
        await world.keys.administration.change(ADMIN, key_id, KeyPatch(scopes=["admin"]))


async def test_only_named_fields_change_and_null_takes_away(world: World) -> None:
    key_id, _ = await world.key(
        networks=["10.1.2.3/8", "2001:db8::/32"], limits={"requests_per_minute": 5}, budget={"usd": 0.000001}
    )
    change = world.keys.administration.change
    named = await change(MEMBER, key_id, KeyPatch(name="nightly"))
    assert (named.name, named.networks, named.limits.requests_per_minute) == (
        "nightly",
        ["10.0.0.0/8", "2001:db8::/32"],
        5,
    )
    assert named.budget is not None
    assert (named.budget.usd, named.budget.period) == (0.000001, "month")
    again = await change(MEMBER, key_id, KeyPatch.model_validate({"budget": {"usd": 3}, "limits": {"concurrency": 2}}))
    assert again.budget is not None
    assert (again.budget.usd, again.limits.requests_per_minute, again.limits.concurrency) == (3, 5, 2)
    wish = {"budget": None, "limits": {"requests_per_minute": None}, "scopes": None}
    emptied = await change(MEMBER, key_id, KeyPatch.model_validate(wish))
    assert (emptied.budget, emptied.limits.requests_per_minute) == (None, None)
    assert emptied.scopes == ["chat", "embeddings", "models"]


@pytest.mark.parametrize(
    "wish",
    [
        {"scopes": []},
        {"scopes": ["root"]},
        {"models": []},
        {"models": [""]},
        {"networks": ["example.org"]},
        {"limits": {"concurrency": 0}},
        {"budget": {"usd": -1}},
        {"budget": {"usd": 1, "period": "year"}},
        {"expires_at": "2030-01-01T00:00:00"},
        {"user_id": ALICE},
        {"name": ""},
    ],
    ids=str,
)
def test_a_wish_that_makes_no_sense_is_refused(wish: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        KeyNew.model_validate({"name": "ci", **wish})


async def test_strangers_find_nothing(world: World) -> None:
    key_id, _ = await world.key(ADMIN)
    keys = world.keys.administration
    for act in (
        keys.get(MEMBER, key_id),
        keys.change(MEMBER, key_id, KeyPatch(name="x")),
        keys.rotate(MEMBER, key_id, KeyRotation()),
        keys.revoke(MEMBER, key_id),
    ):
        with pytest.raises(NotFound):
            await act
    assert (await keys.list(MEMBER, mine=False, cursor=None, limit=10)).items == []


async def test_the_list_goes_on_page_by_page(world: World) -> None:
    made = [(await world.key(who))[0] for who in (MEMBER, ADMIN, MEMBER, MEMBER)]
    seen, cursor = [], None
    while True:
        page = await world.keys.administration.list(ADMIN, mine=False, cursor=cursor, limit=2)
        seen += [(info.id, info.mine) for info in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert [key_id for key_id, _ in seen] == made[::-1]
    assert [mine for _, mine in seen] == [False, False, True, False]
    mine = await world.keys.administration.list(MEMBER, mine=False, cursor=None, limit=10)
    assert {info.owner.id for info in mine.items if info.owner} == {BOB}


async def test_what_is_revoked_stays_so(world: World) -> None:
    key_id, _ = await world.key()
    keys = world.keys.administration
    first = await keys.revoke(MEMBER, key_id)
    world.pass_time(hours=1)
    assert (await keys.revoke(MEMBER, key_id)).revoked_at == first.revoked_at
    with pytest.raises(Conflict):
        await keys.change(MEMBER, key_id, KeyPatch(name="x"))
    with pytest.raises(Conflict):
        await keys.rotate(MEMBER, key_id, KeyRotation())


async def test_keys_and_secrets_have_a_bound(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    key_id, _ = await world.key()
    monkeypatch.setattr(administration, "MOST_KEYS", 1)
    with pytest.raises(Conflict):
        await world.key()
    for _ in range(administration.MOST_SECRETS - 1):
        await world.keys.administration.rotate(MEMBER, key_id, KeyRotation())
    with pytest.raises(Conflict):
        await world.keys.administration.rotate(MEMBER, key_id, KeyRotation())
    await world.keys.administration.rotate(MEMBER, key_id, KeyRotation(overlap_hours=0))


async def test_the_command_line_names_an_owner(world: World) -> None:
    keys = world.keys.administration
    assert await keys.owner_for(None) == ALICE
    assert await keys.owner_for("Bob@Example.org") == BOB
    with pytest.raises(NotFound):
        await keys.owner_for("nobody@example.org")
    await world.change_user(ALICE, role="member")
    assert await keys.owner_for(None) == LOCAL_OWNER_ID
    assert await keys.owner_for(None) == LOCAL_OWNER_ID


async def test_the_command_line_finds_a_key_by_name_id_and_start(world: World) -> None:
    key_id, secret = await world.key(name="nightly")
    for text in ("nightly", key_id, secret[:11], secret[3:11]):
        assert await world.keys.administration.find(text) == key_id
    await world.key(name="nightly")
    with pytest.raises(Conflict):
        await world.keys.administration.find("nightly")
    with pytest.raises(NotFound):
        await world.keys.administration.find("weekly")


def spent(listed: dict[str, BudgetOfKey | None], ids: list[str]) -> list[float | None]:
    """What each of these keys has spent."""
    return [budget.spent_usd if (budget := listed[key_id]) else None for key_id in ids]


async def test_each_budget_says_what_is_spent_of_it_in_its_present_period(world: World) -> None:
    world.pass_time(days=1, hours=12 - clock.now().hour)  # no period ends in the middle of it
    periods: list[Period] = ["day", "week", "month", "total"]
    made: dict[Period, str] = {period: (await world.key(budget={"usd": 5, "period": period}))[0] for period in periods}
    unspent, _ = await world.key(budget={"usd": 1})
    without, _ = await world.key()
    declared = DeclaredKey.model_validate({"name": "ci", "key": "a-key-of-the-file", "budget": {"usd": 20}})
    keys = world.another_process(declared).administration
    budgets = Budgets(world.database)
    held = [Budget(Holder("key", key_id), period, to_nano(5)) for period, key_id in made.items()]
    held.append(Budget(Holder("key", id_of("ci")), "month", to_nano(20)))
    held.append(Budget(Holder("key", made["day"]), "month", to_nano(5)))  # of a key whose period was another one
    for nth, budget in enumerate(held, 1):
        (await budgets.reserve([budget], to_nano(1))).settle(to_nano(Decimal(nth) / 8))
    await budgets.flush()

    async def listed() -> dict[str, BudgetOfKey | None]:
        page = await keys.list(ADMIN, mine=False, cursor=None, limit=10)
        return {info.id: info.budget for info in page.items}

    asked: list[str] = []
    event.listen(world.database.reader.sync_engine, "before_cursor_execute", lambda *parts: asked.append(str(parts[2])))
    found = await listed()
    assert len([statement for statement in asked if "budget_windows" in statement]) == 1
    ids = [*made.values(), id_of("ci"), unspent]
    assert spent(found, ids) == [0.125, 0.25, 0.375, 0.5, 0.625, 0]
    assert found[without] is None
    assert [(await keys.get(ADMIN, key_id)).budget for key_id in ids] == [found[key_id] for key_id in ids]
    with pytest.raises(BudgetExceeded) as refused:  # a call that finds no room is told the same
        await budgets.reserve([held[1]], to_nano(5))
    week = found[made["week"]]
    assert week is not None
    assert week.resets_at is not None
    told = refused.value.params
    assert (told["spent_usd"], told["resets_at"]) == (week.spent_usd, week.resets_at.isoformat())
    world.pass_time(days=32)
    later = await listed()
    assert spent(later, ids) == [0, 0, 0, 0.5, 0, 0]
