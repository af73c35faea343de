"""The search and the list of chats by HTTP against a real server: `python -m bench.search [--sizes 10,10000,1000000]`.

The one who asks has half of the messages, two hundred others share the rest. The target: p95 <= 100 ms at every size.
"""

import argparse
import asyncio
import contextlib
import http.client
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from bench.search.corpus import RARE_MODEL, Text, pool
from bench.search.filling import fill_postgres, fill_sqlite
from bench.table import render
from tests.services import postgres
from tests.services.freehold_server import FreeholdServer

SIZES = (10, 10_000, 1_000_000)
TARGET_MS = 100.0
REQUESTS = 60
WARM = 5
COLD = 5

QUESTIONS = {
    "list of chats": "/api/threads?limit=50",
    "very common, the": {"q": "the"},
    "very common, 我们": {"q": "我们"},
    "one letter, t": {"q": "t"},
    "one character, 我": {"q": "我"},
    "1 in 20, project": {"q": "project"},
    "1 in 300, kubern": {"q": "kubern"},
    "1 in 300, 服务器": {"q": "服务器"},
    "5 in all, zanzibar": {"q": "zanzibar"},
    "5 in all, 穿山甲": {"q": "穿山甲"},
    "both, the zanzibar": {"q": "the zanzibar"},
    "nowhere, qqqq": {"q": "qqqq"},
    "nowhere, 龘龘": {"q": "龘龘"},
    "common long ago, diskette": {"q": "diskette"},
    "common long ago, 软盘": {"q": "软盘"},
    "the, by a rare model": {"q": "the", "model": RARE_MODEL},
    "我们, with a file": {"q": "我们", "has_file": "true"},
    "the, two years ago": {"q": "the", "to": "{two_years_ago}"},
}


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds of each request, and of processor time that the server and its database took for one."""

    times: list[float]
    processor: float


def measure(server: FreeholdServer, path: str) -> Measured:
    """Ask again and again on one connection that is kept open."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    times: list[float] = []
    used = 0.0
    for number in range(REQUESTS + WARM):
        if number == WARM:
            used = processor_seconds(server)
        began = time.perf_counter()
        connection.request("GET", path, headers={"Sec-Fetch-Site": "same-origin"})
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, body
        if number >= WARM:
            times.append((time.perf_counter() - began) * 1000)
    used = processor_seconds(server) - used
    connection.close()
    return Measured(times, used * 1000 / REQUESTS)


def processor_seconds(server: FreeholdServer) -> float:
    """Of the server and of every PostgreSQL process: what a request costs, however busy the machine is."""
    assert server.process is not None
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            head, _, rest = stat.read_text().rpartition(")")
            name = head.partition("(")[2]
            if int(stat.parent.name) == server.process.pid or name == "postgres":
                total += sum(map(int, rest.split()[11:13]))
    return total / os.sysconf("SC_CLK_TCK")


def found(server: FreeholdServer, path: str) -> str:
    """How much the first page shows, for the table. A large database is cold at first, and asked again."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    body = b""
    for _ in range(COLD):
        connection.request("GET", path, headers={"Sec-Fetch-Site": "same-origin"})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status == 200:
            break
        print(f"{path} while cold: {answer.status} {body.decode()}", file=sys.stderr, flush=True)
    connection.close()
    page = json.loads(body)
    hits = sum(len(group.get("hits", ())) or 1 for group in page["items"])
    return f"{hits}{'+' if page['next_cursor'] else ''}"


def run(name: str, url: str | None, data_dir: Path, sizes: list[int], fill: Callable[[int], None]) -> list[list[str]]:
    """One database at all sizes: the rows of the table."""
    data_dir.mkdir(parents=True)
    server = FreeholdServer(data_dir, {"DATABASE_URL": url} if url else None)
    server.start()
    server.stop()
    year = time.gmtime(time.time() - 2 * 365 * 86_400)
    two_years_ago = time.strftime("%Y-%m-%dT%H:%M:%SZ", year)
    rows = []
    for size in sizes:
        began = time.monotonic()
        fill(size)
        print(f"{name}: {size:,} messages filled in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
        server.start(timeout_s=120)  # the files of a large database are cold
        try:
            for question, asked in QUESTIONS.items():
                params = (
                    asked
                    if isinstance(asked, str)
                    else urlencode({k: v.format(two_years_ago=two_years_ago) for k, v in asked.items()})
                )
                path = params if isinstance(asked, str) else f"/api/search?{params}"
                shown = found(server, path)
                measured = measure(server, path)
                p95 = statistics.quantiles(measured.times, n=20)[18]
                numbers = [f"{value:.1f}" for value in (measured.processor, statistics.median(measured.times), p95)]
                rows.append([name, f"{size:,}", question, shown, *numbers])
                print(*rows[-1], sep="; ", file=sys.stderr, flush=True)
        finally:
            server.stop()
    return rows


def main() -> int:
    """Print the table; exit status 1 when a p95 is above the target."""
    parser = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="messages, separated by commas")
    parser.add_argument("--only", choices=["sqlite", "postgres"], help="one database alone")
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    texts: list[Text] = pool()
    rows: list[list[str]] = []
    with tempfile.TemporaryDirectory(prefix="freehold-bench-") as folder:
        if options.only != "postgres":
            file = Path(folder) / "sqlite"
            path = file / "freehold.sqlite"
            rows += run("SQLite", None, file, sizes, lambda size: fill_sqlite(_only_file(file, path), size, texts))
        programs = postgres.find_programs()
        if programs is None:
            print("PostgreSQL is not here", file=sys.stderr)
        elif options.only != "sqlite":
            with postgres.running(programs) as database:
                url = database.url(database.create())
                fill = lambda size: asyncio.run(fill_postgres(url, size, texts))  # noqa: E731
                rows += run("PostgreSQL", url, Path(folder) / "postgres", sizes, fill)
    print(render(["database", "messages", "question", "shown", "processor ms", "p50 ms", "p95 ms"], rows))
    return 0 if all(float(row[-1]) <= TARGET_MS for row in rows) else 1


def _only_file(folder: Path, guess: Path) -> Path:
    return guess if guess.exists() else next(folder.glob("*.sqlite"))


if __name__ == "__main__":
    sys.exit(main())
