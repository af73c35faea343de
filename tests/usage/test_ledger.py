"""The ledger: handed over at once, written in batches, added up exactly, nothing lost on an orderly stop."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
from sqlalchemy import func, select, text

from freehold.db import Database
from freehold.errors import DatabaseUnreachable
from freehold.kit import clock
from freehold.kit.clock import monotonic
from freehold.kit.ids import new_id
from freehold.observability import metrics
from freehold.settings import Settings
from freehold.usage import ledger as ledger_module
from freehold.usage import reports, service
from freehold.usage.ledger import Ledger
from freehold.usage.models import UsageDay, UsageMonth, UsageRow
from freehold.usage.rows import COUNTS, by_month
from freehold.usage.rows import sums as sums_of
from freehold.usage.schemas import Filters
from freehold.usage.service import UsageService
from tests.usage.conftest import BO, call


@asynccontextmanager
async def running(ledger: Ledger) -> AsyncIterator[None]:
    async with anyio.create_task_group() as tasks:
        await ledger.start()
        tasks.start_soon(ledger.run)
        yield
        await ledger.stop()


async def written(database: Database) -> int:
    async with database.read() as session:
        return await session.scalar(select(func.count()).select_from(UsageRow)) or 0


async def until_written(database: Database, calls: int) -> None:
    deadline = monotonic() + 20
    while (there := await written(database)) < calls:
        assert monotonic() < deadline, f"{there} of {calls} calls are in the database"
        await asyncio.sleep(0.02)


async def sums(database: Database) -> dict[str, int]:
    async with database.read() as session:
        found = (
            await session.execute(select(*(func.sum(getattr(UsageDay, name)).label(name) for name in COUNTS)))
        ).one()
    return {name: int(value) for name, value in found._mapping.items()}


async def test_a_call_is_kept_with_everything_known_of_it(database: Database, tmp_path: Path) -> None:
    ledger = Ledger(database, tmp_path)
    ledger.record(call(first_token_ms=12.5, duration_ms=100.0, tokens_per_second=31.0, attempts=2, key_id=BO))
    await ledger.flush()
    async with database.read() as session:
        kept = (await session.scalars(select(UsageRow))).one()
    assert (kept.at, kept.model, kept.key_id) == (datetime(2026, 9, 14, 12, tzinfo=UTC), "acme/alpha", BO)
    assert (kept.input_tokens, kept.output_tokens, kept.cached_input_tokens, kept.reasoning_tokens) == (7, 3, 2, 1)
    assert kept.cost_nanodollars == 47_500
    assert (kept.first_token_ms, kept.duration_ms, kept.tokens_per_second, kept.attempts) == (12.5, 100.0, 31.0, 2)


async def test_calls_are_written_in_the_background_within_a_moment(database: Database, tmp_path: Path) -> None:
    ledger = Ledger(database, tmp_path)
    async with running(ledger):
        ledger.record(call())
        await until_written(database, 1)
        for _ in range(450):
            ledger.record(call())
        await until_written(database, 451)
    assert ledger.waiting == 0


async def test_calls_that_never_pause_are_written_many_at_a_time(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits: list[int] = []
    begin = database.begin

    def counted() -> Any:
        commits.append(ledger.waiting)
        return begin()

    monkeypatch.setattr(database, "begin", counted)
    ledger = Ledger(database, tmp_path)
    async with running(ledger):
        until, calls = monotonic() + 4 * ledger_module.FLUSH_SECONDS, 0
        while monotonic() < until:
            ledger.record(call())
            calls += 1
            await asyncio.sleep(0.002)
        in_time = len(commits)
    assert in_time <= 5, f"{in_time} commits for {calls} calls in four times the pause between two"
    assert await written(database) == calls


async def test_the_days_add_up_to_the_calls_exactly(database: Database, tmp_path: Path) -> None:
    ledger = Ledger(database, tmp_path)
    for number in range(1_500):  # more than one batch, several of each key
        ledger.record(
            call(
                at=datetime(2026, 9, 1 + number % 3, 23, 59, 59, tzinfo=UTC),
                user_id=[call().user_id, BO][number % 2],
                input_tokens=number,
                cost_usd=number * 0.000_000_075,
                status="failed" if number % 5 == 0 else "ok",
            )
        )
    await ledger.flush()
    found = await sums(database)
    assert found["calls"] == 1_500
    assert found["failed_calls"] == 300
    assert found["input_tokens"] == sum(range(1_500))
    assert found["cost_nanodollars"] == 75 * sum(range(1_500)), "money adds up to the nano-dollar"
    async with database.read() as session:
        by_day = dict(
            (await session.execute(select(UsageDay.day, func.sum(UsageDay.calls)).group_by(UsageDay.day))).all()
        )
        costs = await session.scalar(select(func.sum(UsageRow.cost_nanodollars)))
        by_month = select(UsageMonth.day, func.sum(UsageMonth.calls)).group_by(UsageMonth.day)
        months = (await session.execute(by_month)).all()
    assert {day: int(calls) for day, calls in by_day.items()} == {date(2026, 9, day): 500 for day in (1, 2, 3)}
    assert costs == found["cost_nanodollars"]
    assert [(day, int(calls)) for day, calls in months] == [(date(2026, 9, 1), 1_500)]


async def test_unknown_counts_and_prices_stay_unknown(database: Database, tmp_path: Path) -> None:
    ledger = Ledger(database, tmp_path)
    ledger.record(call(cost_usd=None))
    ledger.record(call(cost_usd=None, input_tokens=None, output_tokens=None, status="failed", error="provider_timeout"))
    await ledger.flush()
    found = await sums(database)
    assert (found["calls"], found["unpriced_calls"], found["cost_nanodollars"]) == (2, 1, 0)


async def test_what_a_client_typed_as_a_model_fits_the_columns(database: Database, tmp_path: Path) -> None:
    ledger = Ledger(database, tmp_path)
    ledger.record(call(requested="x\0" + "y" * 900))
    ledger.record(call(requested="half \ud800 of a character"))
    await ledger.flush()
    assert await written(database) == 2
    assert list(tmp_path.glob("usage-*")) == []


async def test_a_batch_that_the_database_refuses_keeps_no_other_from_it(database: Database, tmp_path: Path) -> None:
    ledger = Ledger(database, tmp_path)
    ledger.record(call(input_tokens="not a number" if database.dialect != "sqlite" else None, user_id=None))
    await ledger.flush()
    ledger.record(call())
    await ledger.flush()
    assert await written(database) == 1
    assert (tmp_path / "usage-refused.jsonl").stat().st_mode & 0o077 == 0


# --- while the database is away ---------------------------------------------------------------------------------------


class Away:
    """A database that can be taken away; where it is there it is the real one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.away = True
        self.commits_unheard = 0  # so many commits arrive although the connection breaks before their answer

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Any]:
        if self.away:
            raise DatabaseUnreachable("The database server does not answer.")
        async with self._database.begin() as session:
            yield session
        if self.commits_unheard:
            self.commits_unheard -= 1
            raise DatabaseUnreachable("The connection broke.")


async def test_calls_wait_for_a_database_that_comes_back(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_module, "TRY_AGAIN_SECONDS", (0.01,))
    away = Away(database)
    ledger = Ledger(away, tmp_path)  # type: ignore[arg-type]
    async with running(ledger):
        for _ in range(300):
            ledger.record(call())
        assert not await ledger.flush()
        assert ledger.waiting == 300
        away.away = False
        await until_written(database, 300)
    assert (await sums(database))["calls"] == 300


async def test_a_commit_whose_answer_was_lost_counts_once(database: Database, tmp_path: Path) -> None:
    away = Away(database)
    away.away, away.commits_unheard = False, 1
    ledger = Ledger(away, tmp_path)  # type: ignore[arg-type]
    for _ in range(10):
        ledger.record(call())
    assert not await ledger.flush()
    ledger.record(call())
    assert await ledger.flush()
    assert await written(database) == 11
    assert (await sums(database))["calls"] == 11


async def test_a_stop_without_a_database_keeps_everything_for_the_next_start(
    database: Database, tmp_path: Path
) -> None:
    ledger = Ledger(Away(database), tmp_path)  # type: ignore[arg-type]
    async with running(ledger):
        for _ in range(25):
            ledger.record(call(cost_usd=0.000_001))
    kept = tmp_path / "usage-unsaved.jsonl"
    assert kept.stat().st_mode & 0o077 == 0
    with kept.open("ab") as file:
        file.write(b'{"id": "cut off')
    await Ledger(database, tmp_path).start()
    assert (await sums(database))["cost_nanodollars"] == 25_000
    assert not kept.exists()


async def test_calls_that_an_older_version_left_in_the_file_are_read(database: Database, tmp_path: Path) -> None:
    tried = [{"model": "acme/alpha", "error": "provider_timeout", "ms": 5.0}]
    ledger = Ledger(Away(database), tmp_path)  # type: ignore[arg-type]
    async with running(ledger):
        ledger.record(call(request_id="a-request", tried=tried))
    kept = tmp_path / "usage-unsaved.jsonl"
    older = json.loads(kept.read_text())
    del older["request_id"], older["tried"]
    with kept.open("a") as file:
        file.write(json.dumps(older | {"id": new_id()}) + "\n")
    await Ledger(database, tmp_path).start()
    async with database.read() as session:
        rows = (await session.execute(select(UsageRow.request_id, UsageRow.tried).order_by(UsageRow.id))).all()
    assert [(row.request_id, row.tried and json.loads(row.tried)) for row in rows] == [
        ("a-request", tried),
        (None, None),
    ]


async def test_memory_is_bounded_and_what_is_older_goes_to_the_disk(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_module, "IN_MEMORY", 100)
    away = Away(database)
    ledger = Ledger(away, tmp_path)  # type: ignore[arg-type]
    for _ in range(5):
        for _ in range(1_200):
            ledger.record(call())
        assert not await ledger.flush()
        assert ledger.waiting <= 100 + ledger_module.LARGEST_BATCH
    away.away = False
    assert await ledger.flush()
    assert (await written(database), (await sums(database))["calls"]) == (6_000, 6_000)
    assert not (tmp_path / "usage-unsaved.jsonl").exists()


async def test_with_neither_database_nor_disk_losses_are_counted(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_module, "IN_MEMORY", 10)
    monkeypatch.setattr(ledger_module, "MOST_WAITING", 50)
    folder = tmp_path / "gone"  # nothing can be written there
    ledger = Ledger(Away(database), folder)  # type: ignore[arg-type]
    before = metrics.USAGE_LOST._value.get()
    for _ in range(60):
        ledger.record(call())
    assert not await ledger.flush()
    assert metrics.USAGE_LOST._value.get() - before == 10


async def test_a_report_reads_sums_and_no_records(database: Database, tmp_path: Path) -> None:
    ledger = Ledger(database, tmp_path)
    ledger.record(call())
    await ledger.flush()
    async with database.begin() as session:
        await session.execute(text("DELETE FROM usage_records"))
    assert (await sums(database))["calls"] == 1


def test_sums_of_a_batch_come_in_one_order() -> None:
    mixed = [call(user_id=user, model=model) for user in (BO, call().user_id) for model in ("b/x", "a/x")]
    days = sums_of(mixed)
    for rows in (days, by_month(days)):
        keys = [(row["user_id"], row["model"]) for row in rows]
        assert keys == sorted(keys)


def test_days_of_a_month_are_added_up() -> None:
    days = [call(at=datetime(2026, month, day, tzinfo=UTC)) for month, day in ((9, 1), (9, 30), (10, 1))]
    months = by_month(sums_of(days))
    assert [(row["day"].isoformat(), row["calls"]) for row in months] == [("2026-09-01", 2), ("2026-10-01", 1)]


async def test_old_calls_are_forgotten_and_their_sums_stay(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "FORGET_AT_ONCE", 7)
    usage = UsageService(database, Settings.model_validate({"usage": {"keep_days": 30}}), tmp_path)
    now = clock.now()
    for days in range(60):
        for _ in range(2):
            usage.ledger.record(call(at=now - timedelta(days=days, minutes=1)))
    await usage.ledger.flush()
    before = await sums(database)
    await usage.sweep()
    assert await sums(database) == before
    async with database.read() as session:
        left = list(await session.scalars(select(UsageRow.at).order_by(UsageRow.id)))
    assert len(left) == 60
    assert min(left) > now - timedelta(days=30)
    filters = Filters(from_day=(now - timedelta(days=70)).date(), to_day=now.date())
    assert (await reports.report(database, filters, "model")).total.calls == 120
    await UsageService(database, Settings(), tmp_path).sweep()
    assert await written(database) == 60, "without the setting everything is kept"
