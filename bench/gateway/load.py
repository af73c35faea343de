"""Asks a server over raw keep-alive connections and measures: `python -m bench.gateway.load` reads a job on its input.

A process of its own, so that its work is on no one else's account. `run_job` starts it and hands back the `Result`.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

import httptools

from bench.gateway import machine
from bench.gateway.fake import MARK

ENDS = (b"[DONE]", b'"message_stop"')
PATIENCE_S = 20.0
LEAST_ANSWERS = 100
LONGEST = 6
"""A server too slow for so many answers, to warm up and to measure, is given up to six times the time for each."""


@dataclass(frozen=True)
class Job:
    """What to ask, how often, and whose processor time and memory to watch meanwhile."""

    port: int
    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    watched_pid: int
    connections: int = 64
    seconds: float = 3.0  # measured time; what was begun before it or ends after it is not counted
    warm_up_s: float = 0.5
    once: bool = False  # one request per connection, all measured; `seconds` and `warm_up_s` do not matter
    tokens: int = 8  # each answer must hold


@dataclass
class Result:
    """Latencies in seconds, sorted: until the first token, and until the answer was complete."""

    answers: int = 0
    seconds: float = 0.0
    processor_s: float = 0.0  # of the watched process
    first_token_s: list[float] = field(default_factory=list)
    total_s: list[float] = field(default_factory=list)
    resident_mb: float = 0.0  # the most that was seen
    errors: dict[str, int] = field(default_factory=dict)


def percentile(values: list[float], share: float) -> float:
    """Of sorted values; not a number when there are none."""
    return values[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


class Asking(asyncio.Protocol):
    """One connection: the next request goes out when the answer to the last is complete."""

    def __init__(self, load: "Load") -> None:
        self._load = load
        self._parser: Any = None
        self._first = self._begun = 0.0
        self._tokens = 0
        self._tail = b""
        self._done = False

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self.ask()

    def ask(self) -> None:
        """Send the request."""
        self._parser = httptools.HttpResponseParser(self)
        self._first, self._tokens, self._tail = 0.0, 0, b""
        self._begun = time.perf_counter()
        self._transport.write(self._load.request)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as exc:
            self._fail(type(exc).__name__)

    def on_body(self, body: bytes) -> None:
        found = body.count(MARK)
        if found:
            if not self._tokens:
                self._first = time.perf_counter() - self._begun
            self._tokens += found
        self._tail = body if len(body) >= 64 else (self._tail + body)[-64:]

    def on_message_complete(self) -> None:
        load, status = self._load, self._parser.get_status_code()
        if status != 200:
            self._fail(f"status {status}: {self._tail[:200].decode(errors='replace')}")
        elif self._tokens < load.job.tokens or not any(end in self._tail for end in ENDS):
            self._fail(f"{self._tokens} tokens, then {self._tail[-60:].decode(errors='replace')!r}")
        elif load.complete(self._begun, self._first) and self._parser.should_keep_alive():
            # a new stack: the parser is still inside its callback
            load.loop.call_soon(self.ask)
        else:
            self._finish()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done:
            self._fail("the connection was cut")

    def _fail(self, reason: str) -> None:
        self._load.errors[reason] += 1
        self._finish()

    def _finish(self) -> None:
        if not self._done:
            self._done = True
            self._transport.close()
            self._load.ended()


class Load:
    """All connections of one job and what they saw."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.loop = asyncio.get_running_loop()
        body = json.dumps(job.body).encode()
        headers = {"Host": f"127.0.0.1:{job.port}", "Content-Type": "application/json", **job.headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.request = f"POST {job.path} HTTP/1.1\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body
        self.errors: Counter[str] = Counter()
        self._samples: list[tuple[float, float, float]] = []  # begun, until the first token, until the end
        self._open = job.connections
        self._all_ended = asyncio.Event()
        self._stopping = False

    def complete(self, begun: float, first: float) -> bool:
        """Note an answer; whether to ask again."""
        self._samples.append((begun, first, time.perf_counter() - begun))
        return not (self.job.once or self._stopping)

    def ended(self) -> None:
        """A connection is done."""
        self._open -= 1
        if self._open == 0:
            self._all_ended.set()

    async def run(self) -> Result:
        """Connect, ask, and measure between two points in time."""
        job = self.job
        if job.once:
            opening = time.perf_counter(), machine.processor_s(job.watched_pid)
            await self._connect()
        else:
            await self._connect()
            await asyncio.sleep(job.warm_up_s)
            await self._least_answers(LEAST_ANSWERS, LONGEST * job.seconds)
            opening = time.perf_counter(), machine.processor_s(job.watched_pid)
        resident = await self._watch(opening[0] + (PATIENCE_S if job.once else job.seconds))
        if not job.once:
            await self._least_answers(2 * LEAST_ANSWERS, (LONGEST - 1) * job.seconds)
        closing = time.perf_counter(), machine.processor_s(job.watched_pid)
        self._stopping = True
        if not job.once:
            # an open answer ends by itself; what does not is an error
            await self._watch(closing[0] + PATIENCE_S)
        if self._open:
            self.errors["no end"] += self._open
        inside = [s for s in self._samples if s[0] >= opening[0] and s[0] + s[2] <= closing[0]]
        ended = sum(1 for s in self._samples if opening[0] <= s[0] + s[2] <= closing[0])
        return Result(
            answers=ended,
            seconds=closing[0] - opening[0],
            processor_s=closing[1] - opening[1],
            first_token_s=sorted(s[1] for s in inside),
            total_s=sorted(s[2] for s in inside),
            resident_mb=resident,
            errors=dict(self.errors),
        )

    async def _least_answers(self, count: int, longest_s: float) -> None:
        until = time.perf_counter() + longest_s
        while len(self._samples) < count and time.perf_counter() < until and not self._all_ended.is_set():
            await asyncio.sleep(0.1)

    async def _connect(self) -> None:
        async def one() -> None:
            try:
                await self.loop.create_connection(lambda: Asking(self), "127.0.0.1", self.job.port)
            except OSError as exc:
                self.errors[f"connecting: {exc.strerror or exc}"] += 1
                self.ended()

        await asyncio.gather(*(one() for _ in range(self.job.connections)))

    async def _watch(self, until: float) -> float:
        """Wait for the end of all connections, at most until then; the most memory seen."""
        resident = 0.0
        while (left := until - time.perf_counter()) > 0 and not self._all_ended.is_set():
            resident = max(resident, machine.resident_mb(self.job.watched_pid))
            try:
                await asyncio.wait_for(self._all_ended.wait(), min(left, 0.25))
            except TimeoutError:
                continue
        return resident


def run_job(job: Job, where: set[int]) -> Result:
    """Run a job in a process of its own on these cores. Raises RuntimeError when it fails or never ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.gateway.load"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    machine.pin(process.pid, where)
    try:
        out, _ = process.communicate(
            json.dumps(asdict(job)), timeout=2 * LONGEST * job.seconds + job.warm_up_s + 2 * PATIENCE_S
        )
    finally:
        process.kill()
        process.wait()
    if process.returncode != 0:
        raise RuntimeError("the load generator failed")
    return Result(**json.loads(out))


def main() -> None:
    """Read the job, run it, write the result."""
    import uvloop

    async def run(job: Job) -> Result:
        return await Load(job).run()

    job = Job(**json.load(sys.stdin))
    json.dump(asdict(uvloop.run(run(job))), sys.stdout)


if __name__ == "__main__":
    main()
