"""Budgets: calls in parallel never spend more than there is, in one process or in many; a crash frees what it held."""

import asyncio
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from freehold.db import Database
from freehold.errors import BudgetExceeded
from freehold.kit import clock
from freehold.usage import budgets as budgets_module
from freehold.usage.budgets import Budgets
from freehold.usage.holders import Budget, Holder
from freehold.usage.models import BudgetLease, BudgetWindow
from freehold.usage.money import NANO, shown
from freehold.usage.periods import Period, window
from tests.usage.spend import race

KEY = Holder("key", "shared", "ci")
CENT = NANO // 100


def budget(limit: int, holder: Holder = KEY, period: Period = "month") -> Budget:
    return Budget(holder, period, limit)


async def books(database: Database) -> tuple[int, int, int]:
    """Spent, reserved and leased in all windows together."""
    async with database.read() as session:
        spent, reserved = (
            await session.execute(select(func.sum(BudgetWindow.spent), func.sum(BudgetWindow.reserved)))
        ).one()
        leased = await session.scalar(select(func.sum(BudgetLease.amount)))
    return int(spent or 0), int(reserved or 0), int(leased or 0)


async def test_two_hundred_calls_at_once_against_a_budget_for_fifty(database: Database) -> None:
    budgets = Budgets(database)
    assert await race(budgets, [budget(50 * CENT)], 200, CENT) == 50
    await budgets.flush(give_back=True)
    assert await books(database) == (50 * CENT, 0, 0)


async def test_the_same_from_four_servers_on_one_database(open_again: Callable[[], Any], database: Database) -> None:
    servers = [Budgets(await open_again()) for _ in range(4)]
    passed = await asyncio.gather(*(race(server, [budget(50 * CENT)], 50, CENT) for server in servers))
    assert sum(passed) == 50
    for server in servers:
        await server.flush(give_back=True)
    assert await books(database) == (50 * CENT, 0, 0)


async def test_the_same_from_three_processes(database: Database, database_url: str) -> None:
    command = [sys.executable, "-m", "tests.usage.spend", database_url, "80", str(CENT), str(50 * CENT)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    processes = [
        await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, env=environment)
        for _ in range(3)
    ]
    passed = [int((await process.communicate())[0]) for process in processes]
    assert sum(passed) == 50, passed
    assert await books(database) == (50 * CENT, 0, 0)


async def test_two_hundred_calls_of_two_people_against_the_budget_of_their_group(
    open_again: Callable[[], Any], database: Database
) -> None:
    """On two servers, with budgets of their own beside it, one of which ends first."""
    group = budget(50 * CENT, Holder("group", "g", "legal"))
    own = {"ana": budget(10 * CENT, Holder("user", "ana")), "bo": budget(500 * CENT, Holder("user", "bo"))}
    servers = [Budgets(await open_again()) for _ in range(2)]
    passed = await asyncio.gather(
        *(race(server, [own[who], group], 50, CENT) for server in servers for who in ("ana", "bo"))
    )
    assert sum(passed[0::2]) <= 10, "ana's own budget holds as well"
    assert sum(passed) == 50
    for server in servers:
        await server.flush(give_back=True)
    spent, reserved, leased = await books(database)
    assert (spent, reserved, leased) == (2 * 50 * CENT, 0, 0), "each call counts for its person and for the group"


async def test_calls_that_cost_less_than_reserved_leave_room_for_others(database: Database) -> None:
    budgets = Budgets(database)
    for _ in range(21):
        (await budgets.reserve([budget(30 * CENT)], 10 * CENT)).settle(CENT)
    with pytest.raises(BudgetExceeded):
        await budgets.reserve([budget(30 * CENT)], 10 * CENT)
    await budgets.flush(give_back=True)
    assert await books(database) == (21 * CENT, 0, 0)


async def test_a_call_that_cost_more_than_reserved_counts_in_full(database: Database) -> None:
    budgets = Budgets(database)
    (await budgets.reserve([budget(10 * CENT)], CENT)).settle(25 * CENT)
    await budgets.flush()
    with pytest.raises(BudgetExceeded) as caught:
        await budgets.reserve([budget(10 * CENT)], CENT)
    assert "$0.10 a month" in caught.value.message
    assert "$0.25 is spent" in caught.value.message
    await budgets.flush(give_back=True)
    assert await books(database) == (25 * CENT, 0, 0)


async def test_a_refusal_says_whose_budget_and_when_it_begins_anew(database: Database) -> None:
    budgets = Budgets(database)
    with pytest.raises(BudgetExceeded) as caught:
        await budgets.reserve([budget(2 * CENT)], 3 * CENT)
    error = caught.value
    assert "The budget of the key “ci”, $0.0200 a month" in error.message
    assert "may cost $0.0300" in error.message
    assert "Ask for a shorter answer (max_tokens)" in error.next_step, "it will not have room after any wait"
    assert error.retry_after_s is None
    (await budgets.reserve([budget(2 * CENT)], CENT)).settle(CENT)
    with pytest.raises(BudgetExceeded) as caught:
        await budgets.reserve([budget(2 * CENT)], 2 * CENT)
    error = caught.value
    assert "Wait until " in error.next_step
    assert 0 < (error.retry_after_s or 0) <= 31 * 86_400
    assert error.params["holder"] == "key"
    with pytest.raises(BudgetExceeded) as caught:
        await budgets.reserve([budget(2 * CENT, period="total")], 3 * CENT)
    assert caught.value.retry_after_s is None


async def test_every_budget_must_have_room_and_none_is_touched_otherwise(database: Database) -> None:
    budgets = Budgets(database)
    roomy, tight = budget(NANO), budget(CENT, Holder("user", "ana"))
    (await budgets.reserve([roomy, tight], CENT)).settle(CENT)
    for _ in range(3):
        with pytest.raises(BudgetExceeded, match="your account"):
            await budgets.reserve([roomy, tight], CENT)
    await budgets.flush(give_back=True)
    assert await books(database) == (2 * CENT, 0, 0)


async def test_most_calls_need_no_database(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    budgets = Budgets(database)
    asked = 0
    begin = database.begin

    def counted() -> Any:
        nonlocal asked
        asked += 1
        return begin()

    monkeypatch.setattr(database, "begin", counted)
    for _ in range(100):
        (await budgets.reserve([budget(100 * NANO)], CENT)).settle(CENT // 2)
    assert asked <= 1


async def test_a_crash_frees_what_it_had_leased(
    open_again: Callable[[], Any], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashed, survivor = Budgets(await open_again()), Budgets(database)
    await crashed.reserve([budget(10 * CENT)], 8 * CENT)  # and never heard of again
    with pytest.raises(BudgetExceeded):
        await survivor.reserve([budget(10 * CENT)], 5 * CENT)
    later = clock.now() + timedelta(seconds=budgets_module.LEASE_SECONDS + 1)
    monkeypatch.setattr(clock, "now", lambda: later)
    survivor = Budgets(database)
    (await survivor.reserve([budget(10 * CENT, period="month")], 5 * CENT)).settle(5 * CENT)
    await survivor.flush(give_back=True)
    assert await books(database) == (5 * CENT, 0, 0)


async def test_a_server_that_was_silent_too_long_still_counts_what_it_spent(
    open_again: Callable[[], Any], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent, other = Budgets(await open_again()), Budgets(database)
    reservation = await silent.reserve([budget(10 * CENT, period="total")], 8 * CENT)
    started, mono = clock.now(), clock.monotonic()
    gap = timedelta(seconds=budgets_module.LEASE_SECONDS + 1)
    monkeypatch.setattr(clock, "now", lambda: started + gap)
    monkeypatch.setattr(clock, "monotonic", lambda: mono + gap.total_seconds())
    (await other.reserve([budget(10 * CENT, period="total")], 9 * CENT)).settle(9 * CENT)
    await other.flush(give_back=True)
    reservation.settle(8 * CENT)
    await silent.flush(give_back=True)
    assert await books(database) == (17 * CENT, 0, 0), "both calls happened, and the books say so"


async def test_a_lease_is_kept_alive_as_long_as_a_call_runs(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    budgets = Budgets(database)
    reservation = await budgets.reserve([budget(10 * CENT, period="total")], 8 * CENT)
    started, mono = clock.now(), clock.monotonic()
    for seconds in range(20, 300, 20):
        gap = timedelta(seconds=seconds)
        monkeypatch.setattr(clock, "now", lambda gap=gap: started + gap)
        monkeypatch.setattr(clock, "monotonic", lambda gap=gap: mono + gap.total_seconds())
        await budgets.flush()
    with pytest.raises(BudgetExceeded):
        await Budgets(database).reserve([budget(10 * CENT, period="total")], 8 * CENT)
    reservation.settle(8 * CENT)
    await budgets.flush(give_back=True)
    assert (await books(database))[0] == 8 * CENT


async def test_an_idle_lease_goes_back(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    budgets = Budgets(database)
    (await budgets.reserve([budget(100 * CENT)], CENT)).settle(CENT)
    await budgets.flush()
    assert await books(database) == (CENT, CENT, CENT)
    mono = clock.monotonic()
    monkeypatch.setattr(clock, "monotonic", lambda: mono + budgets_module.IDLE_SECONDS + 1)
    await budgets.flush()
    assert await books(database) == (CENT, 0, 0)


async def test_a_cancelled_call_gives_its_part_back(database: Database) -> None:
    budgets = Budgets(database)
    tasks = [asyncio.create_task(budgets.reserve([budget(10 * CENT)], CENT)) for _ in range(10)]
    await asyncio.sleep(0)
    for task in tasks[5:]:
        task.cancel()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    for reservation in done:
        if not isinstance(reservation, BaseException):
            reservation.settle(CENT)
    await budgets.flush(give_back=True)
    spent, reserved, leased = await books(database)
    assert (spent, reserved, leased) == (sum(not isinstance(one, BaseException) for one in done) * CENT, 0, 0)


async def test_the_daily_sweep_frees_and_forgets(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await Budgets(database).reserve([budget(10 * CENT, period="total"), budget(10 * CENT, period="day")], 8 * CENT)
    later = clock.now() + timedelta(days=500)
    monkeypatch.setattr(clock, "now", lambda: later)
    await Budgets(database).sweep()
    assert await books(database) == (0, 0, 0)
    async with database.read() as session:
        assert list(await session.scalars(select(BudgetWindow.period))) == ["total"]


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)), st.sampled_from(["day", "week", "month"]))
def test_windows_follow_each_other_without_a_gap(moment: datetime, period: Period) -> None:
    now = moment.replace(tzinfo=UTC)
    start, end = window(period, now)
    assert end is not None
    assert start <= now < end
    assert window(period, end)[0] == end
    assert window(period, start - timedelta(microseconds=1))[1] == start


def test_weeks_begin_on_monday() -> None:
    assert window("week", datetime(2026, 9, 20, 23, tzinfo=UTC))[0] == datetime(2026, 9, 14, tzinfo=UTC)


@pytest.mark.parametrize(("nano", "text"), [(0, "$0.00"), (1_234 * NANO, "$1,234.00"), (5 * CENT // 4, "$0.0125")])
def test_money_is_shown_as_finely_as_it_needs(nano: int, text: str) -> None:
    assert shown(nano) == text
