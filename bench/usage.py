"""What metering costs a call, and how quick its reports are: `python -m bench.usage [RECORDS]`, 1,000,000 by default.

The first table is processor time per call, without waiting for a disk. The second is one report each, on both
databases; those that the usage page asks for are to stay under 200 ms.
"""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.table import render
from freehold.db import Database, migrate, open_database, parse_target
from freehold.kit.clock import now
from freehold.kit.ids import id_at, new_id
from freehold.usage import reports, repository
from freehold.usage.budgets import Budgets
from freehold.usage.holders import Budget, Holder, Limit
from freehold.usage.ledger import Ledger
from freehold.usage.limits import Limits
from freehold.usage.money import NANO
from freehold.usage.record import UsageRecord
from freehold.usage.schemas import Filters
from tests.services import postgres

DAYS = 365
BATCH = 5_000
REPEATS = 7
LARGEST_MS = 200
MODELS = [(f"provider-{number % 4}/model-{number}", number % 3 == 0) for number in range(20)]
CHANCE = random.Random(1)
# each of a hundred people has three habits: a key or the web app, and a model
PEOPLE = [(new_id(), [(CHANCE.choice([None, new_id()]), CHANCE.choice(MODELS)) for _ in range(3)]) for _ in range(100)]


def record(day: int = 0) -> UsageRecord:
    """A call on a day so long ago, by one of a hundred people, of one of twenty models."""
    user_id, habits = CHANCE.choice(PEOPLE)
    key_id, (model, self_hosted) = CHANCE.choice(habits)
    return UsageRecord(
        at=now() - timedelta(days=day),
        user_id=user_id,
        key_id=key_id,
        source="api" if key_id else "chat",
        requested=model,
        model=model,
        provider_id=model.partition("/")[0],
        self_hosted=self_hosted,
        status="ok",
        input_tokens=CHANCE.randint(10, 5_000),
        output_tokens=CHANCE.randint(1, 800),
        cost_usd=0.0 if self_hosted else 0.002,
        first_token_ms=210.0,
        duration_ms=1_800.0,
    )


def micro(calls: int, work: Callable[[], Any]) -> str:
    """Microseconds of processor time per call, the best of several runs."""
    best = float("inf")
    for _ in range(REPEATS):
        began = time.process_time()
        for _ in range(calls):
            work()
        best = min(best, (time.process_time() - began) / calls)
    return f"{best * 1e6:.2f}"


async def cost_of_a_call(database: Database, folder: Path) -> list[list[str]]:
    """What each step of admission and metering takes."""
    limits, ledger, budgets = Limits(), Ledger(database, folder), Budgets(database)
    three = [
        Limit(Holder(kind, "x"), requests_per_minute=10**9, tokens_per_minute=10**12, concurrency=10**6)  # type: ignore[arg-type]
        for kind in ("key", "user", "model")
    ]
    budget = Budget(Holder("key", "x"), "month", 10**6 * NANO)
    (await budgets.reserve([budget], NANO)).settle(0)
    made = iter([record() for _ in range(REPEATS * 5_000)])

    def reserve() -> None:
        waiting = budgets.reserve([budget], 1000)
        try:
            waiting.send(None)
        except StopIteration as done:
            done.value.settle(10)

    rows = [
        [
            "limits of one holder: claim and release",
            micro(20_000, lambda: limits.claim(three[:1], 100).release(90)),
        ],
        ["limits of three holders", micro(20_000, lambda: limits.claim(three, 100).release(90))],
        ["x-ratelimit headers of three holders", micro(5_000, lambda: limits.headers(three))],
        ["budget: reserve from the lease and settle", micro(20_000, reserve)],
        ["ledger: hand over", micro(5_000, lambda: ledger.record(next(made)))],
    ]
    waiting = ledger.waiting
    began = time.process_time()
    await ledger.flush()
    rows.append(["ledger: write in batches, per call", f"{(time.process_time() - began) / waiting * 1e6:.2f}"])
    await budgets.flush(give_back=True)
    return rows


async def fill(database: Database, records: int) -> None:
    for start in range(0, records, BATCH):
        made = [record(CHANCE.randrange(DAYS)) for _ in range(min(BATCH, records - start))]
        for one in made:
            one.id = id_at(one.at)
        async with database.begin() as session:
            await repository.append(session, made)


async def measure(database: Database) -> list[tuple[str, float]]:
    """Median milliseconds of each report."""
    today = now().date()
    month, days = (Filters(from_day=today - timedelta(days=days - 1), to_day=today) for days in (30, DAYS))
    year = Filters(from_day=(today.replace(day=1) - timedelta(days=330)).replace(day=1), to_day=today)
    someone = {"user_id": PEOPLE[0][0]}
    asked: list[tuple[str, Filters, Any]] = [
        ("30 days by day", month, "day"),
        ("30 days by model", month, "model"),
        ("12 months by month", year, "month"),
        ("12 months by person", year, "user"),
        ("12 months by model", year, "model"),
        ("365 days by day", days, "day"),
        ("12 months by key, one person", year.model_copy(update=someone), "key"),
        ("30 days by day, one person", month.model_copy(update=someone), "day"),
    ]
    found = []
    for name, filters, group in asked:
        times = []
        for _ in range(REPEATS):
            began = time.perf_counter()
            await reports.report(database, filters, group)
            times.append((time.perf_counter() - began) * 1000)
        found.append((name, statistics.median(times)))
    began, size = time.perf_counter(), 0
    async for piece in reports.calls_as_csv(database, month):
        size += len(piece)
    found.append((f"30 days as CSV, {size / 1e6:.0f} MB", (time.perf_counter() - began) * 1000))
    return found


async def run(url: str | None, folder: Path, records: int) -> tuple[list[list[str]], list[tuple[str, float]]]:
    folder.mkdir(parents=True)
    database = await asyncio.to_thread(open_database, parse_target(url, folder), statement_timeout_seconds=300)
    await migrate.upgrade(database)
    steps = await cost_of_a_call(database, folder)
    await fill(database, records)
    found = await measure(database)
    await database.dispose()
    return steps, found


def main(records: int) -> int:
    """Every database that is here."""
    results: dict[str, list[tuple[str, float]]] = {}
    steps: dict[str, list[list[str]]] = {}
    with tempfile.TemporaryDirectory(prefix="freehold-bench-") as folder:
        steps["SQLite"], results["SQLite"] = asyncio.run(run(None, Path(folder) / "sqlite", records))
        programs = postgres.find_programs()
        if programs is None:
            print("PostgreSQL is not here.")
        else:
            with postgres.running(programs) as server:
                found = asyncio.run(run(server.url(server.create()), Path(folder) / "postgres", records))
                steps["PostgreSQL"], results["PostgreSQL"] = found
    rows = [[step, *(steps[name][index][1] for name in steps)] for index, (step, _) in enumerate(steps["SQLite"])]
    print(render(["processor time per call, us", *steps], rows))
    print()
    names = [name for name, _ in results["SQLite"]]
    rows = [[name, *(f"{results[one][index][1]:.1f}" for one in results)] for index, name in enumerate(names)]
    print(render([f"one report over {records:,} calls, ms", *results], rows))
    beside = ("365 days", "30 days as CSV")  # what the page does not ask for
    slow = [ms for found in results.values() for name, ms in found if not name.startswith(beside) and ms > LARGEST_MS]
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
