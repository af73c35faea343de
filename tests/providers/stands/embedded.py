"""`embedded` with the real engine and a tiny model of random weights."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from freehold.providers.base import Provider, ProviderConfig
from freehold.providers.embedded import machine
from freehold.providers.embedded.provider import EmbeddedProvider
from freehold.providers.registry import ProviderDeps
from freehold.providers.upstream import Upstream
from tests.fakes.upstream import Script
from tests.providers.embedded.tiny_model import write_tiny_model
from tests.providers.stands import Stand
from tests.services.availability import missing


@dataclass
class EmbeddedStand(Stand):
    """Remembers the providers it built, because each has a process to end."""

    built: list[EmbeddedProvider] = field(default_factory=list)

    def build(self, **changes: Any) -> Provider:
        provider = super().build(**changes)
        assert isinstance(provider, EmbeddedProvider)
        self.built.append(provider)
        return provider


@asynccontextmanager
async def stand(tmp_path: Path) -> AsyncIterator[Stand]:
    if not await asyncio.to_thread(machine.engine_installed):
        missing("xllamacpp", "Install the extra: uv sync --extra embedded.")
    (tmp_path / "models").mkdir()
    write_tiny_model(tmp_path / "models" / "tiny.gguf")
    upstream = Upstream()

    def prompt(script: Script) -> str:
        del script
        return "hello"

    async def wait_busy(seconds: float) -> bool:
        return await _until(lambda: any(provider.busy for provider in made.built), seconds)

    async def wait_idle(seconds: float) -> bool:
        """No request is held, and no process computes: its processor time stands still."""
        until = time.monotonic() + seconds
        before = _ticks(made.built)
        while time.monotonic() < until:
            await asyncio.sleep(0.05)
            now = _ticks(made.built)
            if now == before and not any(provider.busy for provider in made.built):
                return True
            before = now
        return False

    made = EmbeddedStand(
        config=ProviderConfig("under-test", "embedded", "Under Test", options={"threads": 1, "context_tokens": 4096}),
        deps=ProviderDeps(upstream, tmp_path),
        model="tiny",
        prompt=prompt,
        wait_busy=wait_busy,
        wait_idle=wait_idle,
        scripted=False,
    )
    try:
        yield made
    finally:
        for provider in made.built:
            await provider.aclose()
        await upstream.aclose()


async def _until(true: Any, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not true() and time.monotonic() < until:
        await asyncio.sleep(0.002)
    return bool(true())


def _ticks(providers: list[EmbeddedProvider]) -> int:
    """Processor time of the children so far, in clock ticks; 0 where /proc does not tell."""
    total = 0
    for provider in providers:
        stat = Path(f"/proc/{provider.child_pid}/stat")
        if provider.child_pid is not None and stat.exists():
            fields = stat.read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
    return total
