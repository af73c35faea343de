"""`echo`, whose script is written as the commands it understands."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from freehold.providers.base import ProviderConfig
from freehold.providers.registry import ProviderDeps
from freehold.providers.upstream import Upstream
from tests.fakes.upstream import Script
from tests.providers.stands import Stand

_STATUS = {"key": 401, "payment": 402, "model": 404, "rate": 429, "refused": 400, "overloaded": 503, "broken": 500}


@asynccontextmanager
async def stand(tmp_path: Path) -> AsyncIterator[Stand]:
    upstream = Upstream()
    yield Stand(
        config=ProviderConfig(id="under-test", kind="echo", name="Under Test"),
        deps=ProviderDeps(upstream, tmp_path),
        model="echo",
        prompt=_prompt,
        wait_busy=_at_once,
        wait_idle=_at_once,
        errors=frozenset(_STATUS),
    )
    await upstream.aclose()


def _prompt(script: Script) -> str:
    lines: list[str] = []
    if script.reasoning:
        lines.append("/reasoning " + "".join(script.reasoning))
    if script.pause_s:
        lines.append(f"/pause {script.pause_s}s")
    if script.error:
        lines.append(f"/fail {_STATUS[script.error]}")
    if script.finish in ("length", "content_filter"):
        lines.append(f"/finish {script.finish}")
    lines += [f"/tool {call.name} {''.join(call.pieces)}" for call in script.calls]
    lines.append("".join(script.text))
    return "\n".join(lines)


async def _at_once(seconds: float) -> bool:
    """There is no upstream: what runs, runs in the caller's own task, and ends with it."""
    del seconds
    return True
