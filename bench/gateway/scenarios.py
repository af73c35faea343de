"""What is measured of each server, and the rows of the table that it becomes."""

import http.client
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.gateway import machine
from bench.gateway.load import Job, Result, percentile, run_job
from bench.gateway.servers import FALLBACK, Running

PROMPT = ("Tell me, in a few plain words, why the sky over the sea looks blue at noon and red in the evening. " * 3)[
    :200
]
SLOW_STREAMS = 500


@dataclass(frozen=True)
class Figure:
    """A row: its name, the budget if the project has one for it, and whether more is better."""

    name: str
    budget: float | None = None
    digits: int = 0
    more_is_better: bool = False
    added: bool = False  # what a server adds to the direct call: direct itself has the plain figure


FIGURES: Mapping[str, Figure] = {
    "request_us": Figure("processor time per request, us", 130),
    "rate": Figure("requests per second, 64 connections", 7500, more_is_better=True),
    "busy_p99_ms": Figure("p99 with 64 connections, ms", digits=1),
    "added_p50_ms": Figure("added to a whole answer, one connection, p50 ms", 0.5, 2, added=True),
    "added_p99_ms": Figure("the same, p99 ms", None, 2, added=True),
    "first_token_ms": Figure("added to the first token, p50 ms", 0.5, 2, added=True),
    "token_us": Figure("processor time per paced token, us", 60),
    "slow_errors": Figure(f"{SLOW_STREAMS} slow streams: errors", 0),
    "slow_first_ms": Figure("their first token, p99 ms", 400),
    "slow_mb": Figure("memory meanwhile, MB", 150),
    "fallback_ms": Figure("fallback on 429 adds, p50 ms", 2, 2),
    "cache_us": Figure("processor time per exact cache hit, us", 100),
}


@dataclass
class Measured:
    """The figures of one server by their key, and what there is to say about those it has not."""

    figures: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


class Measurement:
    """One server, asked in every way. `seconds` is the length of each part."""

    def __init__(self, server: Running, upstream: Running, seconds: float) -> None:
        self._server = server
        self._upstream = upstream
        self._seconds = seconds
        self.done = Measured()

    def run(self) -> Measured:
        """All parts that the server can do; what it cannot is a note."""
        if not self._speaks("instant"):
            return self.done
        self._busy()
        self._one_connection()
        self._paced()
        if self._server.falls_back and self._speaks(FALLBACK):
            self._fallback()
        self._cached()
        self._slow()  # last: a server that cannot hold them is busy with them long after
        return self.done

    def _job(self, model: str, **fields: Any) -> Result:
        headers = {**self._server.headers, **fields.pop("headers", {})}
        job = Job(
            port=self._server.port,
            path="/v1/chat/completions",
            headers=headers,
            body={**body(model), **fields.pop("body", {})},
            watched_pid=self._server.pid,
            **{"seconds": self._seconds, **fields},
        )
        result = run_job(job, machine.cores()[1])
        for reason, count in result.errors.items():
            self.done.notes.append(f"{self._server.name}, {model}: {count} x {reason}")
        return result

    def _busy(self) -> None:
        result = self._job("instant", warm_up_s=1.0)
        self._per("request_us", result, result.answers)
        self.done.figures["rate"] = result.answers / result.seconds
        self.done.figures["busy_p99_ms"] = percentile(result.total_s, 0.99) * 1e3

    def _one_connection(self) -> None:
        result = self._job("instant", connections=1)
        self.done.figures["added_p50_ms"] = percentile(result.total_s, 0.5) * 1e3
        self.done.figures["added_p99_ms"] = percentile(result.total_s, 0.99) * 1e3
        self.done.figures["first_token_ms"] = percentile(result.first_token_s, 0.5) * 1e3

    def _paced(self) -> None:
        result = self._job("paced-100-40", once=True, tokens=100)
        self._per("token_us", result, result.answers * 100)

    def _slow(self) -> None:
        result = self._job("paced-20-200", once=True, tokens=20, connections=SLOW_STREAMS)
        self.done.figures["slow_errors"] = sum(result.errors.values())
        self.done.figures["slow_first_ms"] = percentile(result.first_token_s, 0.99) * 1e3
        self.done.figures["slow_mb"] = result.resident_mb

    def _fallback(self) -> None:
        before = self._asked()
        result = self._job(FALLBACK, connections=1)
        limited = self._asked()["limited"] - before["limited"]
        if limited < result.answers * 0.9:
            self.done.notes.append(
                f"{self._server.name}: the refusing model was asked for {limited} of {result.answers} answers alone"
            )
            return
        # each third was refused and asked again elsewhere: the slowest third
        added = percentile(result.total_s, 5 / 6) - percentile(result.total_s, 1 / 3)
        self.done.figures["fallback_ms"] = added * 1e3

    def _cached(self) -> None:
        asking: dict[str, Any] = {"headers": dict(self._server.cache_headers), "body": dict(self._server.cache_body)}
        if not (self._server.cache_headers or self._server.cache_body) or not self._speaks("instant", **asking):
            return
        before = self._asked()
        result = self._job("instant", warm_up_s=1.0, **asking)
        answered = self._asked()["answered"] - before["answered"]
        if answered > result.answers * 0.01:
            self.done.notes.append(
                f"{self._server.name}: its cache let {answered} of {result.answers} requests through"
            )
            return
        self._per("cache_us", result, result.answers)

    def _per(self, key: str, result: Result, count: int) -> None:
        """Microseconds of processor time for each."""
        if count:
            self.done.figures[key] = result.processor_s / count * 1e6

    def _speaks(self, model: str, **more: Any) -> bool:
        """Whether one request gets its answer; a note when it does not."""
        connection = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=30)
        headers = {"Content-Type": "application/json", **self._server.headers, **more.get("headers", {})}
        try:
            asked = json.dumps({**body(model), **more.get("body", {})})
            connection.request("POST", "/v1/chat/completions", asked, headers)
            answer = connection.getresponse()
            said = answer.read()
        except OSError as exc:
            self.done.notes.append(f"{self._server.name}, {model}: {exc}")
            return False
        finally:
            connection.close()
        if answer.status != 200:
            self.done.notes.append(f"{self._server.name}, {model}: status {answer.status} {said[:200].decode()}")
        return answer.status == 200

    def _asked(self) -> dict[str, int]:
        connection = http.client.HTTPConnection("127.0.0.1", self._upstream.port, timeout=10)
        try:
            connection.request("GET", "/asked")
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()


def body(model: str) -> dict[str, Any]:
    """A streamed request with a prompt of 200 characters."""
    return {
        "model": model,
        "messages": [{"role": "user", "content": PROMPT}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def rows(servers: Mapping[str, Measured], ours: str, peer: str | None) -> list[list[str]]:
    """Name, a column per server, how many times better ours is than the peer, budget."""
    found = []
    for key, figure in FIGURES.items():
        plain = servers["direct"].figures.get(key, 0.0)
        values = {
            name: value - plain if figure.added and name != "direct" else value
            for name, measured in servers.items()
            if not math.isnan(value := measured.figures.get(key, math.nan))
        }
        cells = [f"{values[name]:,.{figure.digits}f}" if name in values else "-" for name in servers]
        mine, theirs = values.get(ours), values.get(peer or "")
        ratio = "-"
        if mine and theirs:
            ratio = f"{mine / theirs if figure.more_is_better else theirs / mine:,.1f}"
        budget = "" if figure.budget is None else f"{figure.budget:,g}"
        found.append([figure.name, *cells, ratio, budget])
    return found


def over_budget(measured: Measured) -> list[str]:
    """Names of the figures that are there and do not hold their budget."""
    return [
        figure.name
        for key, figure in FIGURES.items()
        if figure.budget is not None
        and (value := measured.figures.get(key)) is not None
        and not figure.added
        and (value < figure.budget if figure.more_is_better else value > figure.budget)
    ]
