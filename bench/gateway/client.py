"""The upstream client alone, without a server around it: `python -m bench.gateway.client [--seconds 3]`.

Processor time per request and per paced token of a process that does nothing but ask the fake provider.
"""

import argparse
import asyncio
import contextlib
import gc
import os
import resource
import sys
import time

import orjson

from bench.gateway import machine, servers
from bench.gateway.fake import MARK
from bench.gateway.scenarios import body
from bench.table import render
from freehold.providers.upstream import Endpoint, Upstream

HEADERS = ((b"authorization", b"Bearer bench-upstream"), (b"content-type", b"application/json"))
WORKERS = 64


def processor_s() -> float:
    """User and system time of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def ask(upstream: Upstream, endpoint: Endpoint, request: bytes) -> int:
    """One request read to its end; the number of tokens."""
    found = 0
    async with (
        upstream.send(endpoint, "POST", "chat/completions", request, HEADERS) as reply,
        contextlib.aclosing(reply.chunks()) as chunks,
    ):
        async for chunk in chunks:
            found += chunk.count(MARK)
    return found


async def measure(port: int, seconds: float) -> tuple[float, float, float]:
    """Microseconds per request, requests per second, microseconds per paced token."""
    upstream = Upstream()
    endpoint = Endpoint("bench", "Bench", f"http://127.0.0.1:{port}/v1")
    request = orjson.dumps(body("instant"))
    count = 0
    until = time.perf_counter() + 0.5

    async def work() -> None:
        nonlocal count
        while time.perf_counter() < until:
            assert await ask(upstream, endpoint, request) == 8
            count += 1

    await asyncio.gather(*(work() for _ in range(WORKERS)))
    gc.collect()
    gc.freeze()
    count, until, began, used = 0, time.perf_counter() + seconds, time.perf_counter(), processor_s()
    await asyncio.gather(*(work() for _ in range(WORKERS)))
    per_request, rate = (processor_s() - used) / count, count / (time.perf_counter() - began)
    paced = orjson.dumps(body("paced-100-40"))
    used = processor_s()
    tokens = sum(await asyncio.gather(*(ask(upstream, endpoint, paced) for _ in range(WORKERS))))
    per_token = (processor_s() - used) / tokens
    await upstream.aclose()
    return per_request * 1e6, rate, per_token * 1e6


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.gateway.client", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    options = parser.parse_args()
    import uvloop

    with servers.fake_provider() as upstream:
        machine.pin(os.getpid(), machine.cores()[0])
        per_request, rate, per_token = uvloop.run(measure(upstream.port, options.seconds))
    rows = [
        ("processor time per request, us", f"{per_request:.1f}"),
        ("requests per second", f"{rate:,.0f}"),
        ("processor time per paced token, us", f"{per_token:.1f}"),
    ]
    print(render(["the upstream client alone", "figure"], rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
