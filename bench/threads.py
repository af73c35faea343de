"""The thread list by HTTP against a real server, at 10, 1,000 and 100,000 threads: `python -m bench.threads`.

Prints one row per database and size. The p50 of the largest is to stay within 1.5 times that of the smallest.
"""

import asyncio
import http.client
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, insert, select, text

from freehold.chat.models import Thread
from freehold.db import open_database, parse_target
from freehold.identity.models import User
from freehold.kit.clock import now
from freehold.kit.ids import new_id
from tests.services import postgres
from tests.services.freehold_server import FreeholdServer

SIZES = (10, 1_000, 100_000)
REQUESTS = 300
# ten rows at every size, so that only the number of threads differs
PAGES = {"not pinned": "/api/threads?limit=10&pinned=false", "pinned or not": "/api/threads?limit=10"}


async def fill(url: str | None, data_dir: Path, size: int) -> None:
    """Give the local owner exactly `size` threads, one in fifty of them pinned."""
    database = open_database(parse_target(url, data_dir), statement_timeout_seconds=300)
    at = now()
    async with database.begin() as session:
        owner_id = (await session.scalars(select(User.id).limit(1))).one()
        await session.execute(delete(Thread))
        for start in range(0, size, 5_000):
            rows = [
                {
                    "id": new_id(),
                    "owner_id": owner_id,
                    "title": f"Thread {number}",
                    "title_source": "user",
                    "state": "active",
                    "pinned": number % 50 == 0,
                    "last_activity_at": at - timedelta(seconds=number),
                    "read_at": at,
                    "created_at": at,
                    "updated_at": at,
                }
                for number in range(start, min(size, start + 5_000))
            ]
            await session.execute(insert(Thread), rows)
    async with database.begin() as session:
        await session.execute(text("ANALYZE"))
    await database.dispose()


def measure(server: FreeholdServer, path: str) -> list[float]:
    """Milliseconds of each request on one connection that is kept open."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    times = []
    for number in range(REQUESTS + 30):
        began = time.perf_counter()
        connection.request("GET", path, headers={"Sec-Fetch-Site": "same-origin"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        if number >= 30:
            times.append((time.perf_counter() - began) * 1000)
    connection.close()
    return times


def run(name: str, url: str | None, data_dir: Path) -> bool:
    """One database at all sizes; whether the list is flat."""
    data_dir.mkdir(parents=True)
    server = FreeholdServer(data_dir, {"DATABASE_URL": url} if url else None)
    server.start()
    server.stop()
    medians: dict[str, list[float]] = {page: [] for page in PAGES}
    for size in SIZES:
        asyncio.run(fill(url, data_dir, size))
        server.start()
        for page, path in PAGES.items():
            times = measure(server, path)
            medians[page].append(statistics.median(times))
            p95 = statistics.quantiles(times, n=20)[18]
            print(f"{name:<12} {page:<14} {size:>8,} {medians[page][-1]:>8.2f} {p95:>8.2f}")
        server.stop()
    for page, values in medians.items():
        print(f"{name:<12} {page:<14} p50 of the largest / smallest: {values[-1] / values[0]:.2f}")
    return all(values[-1] <= 1.5 * values[0] for values in medians.values())


def main() -> int:
    """All databases that are here."""
    print(f"{'database':<12} {'request':<14} {'threads':>8} {'p50 ms':>8} {'p95 ms':>8}")
    with tempfile.TemporaryDirectory(prefix="freehold-bench-") as folder:
        flat = run("SQLite", None, Path(folder) / "sqlite")
        programs = postgres.find_programs()
        if programs is None:
            print("PostgreSQL   is not here")
        else:
            with postgres.running(programs) as database:
                flat = run("PostgreSQL", database.url(database.create()), Path(folder) / "postgres") and flat
    return 0 if flat else 1


if __name__ == "__main__":
    sys.exit(main())
