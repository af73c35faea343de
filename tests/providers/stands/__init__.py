"""How each provider folder is set up for the conformance suite; a manifest's `conformance` names its module here.

A module has one function, `stand(tmp_path)`, an asynchronous context manager that yields a `Stand`. A new folder gets a
module of its own, here or with its own tests.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from freehold.providers import registry
from freehold.providers.base import Provider, ProviderConfig
from freehold.providers.registry import ProviderDeps
from freehold.providers.upstream import Upstream
from freehold.wire.request import Image
from tests.fakes.upstream import API_KEY, Dialect, FakeUpstream, Script


@dataclass
class Stand:
    """A provider ready to be called, and what the suite may ask of it.

    `prompt(script)` arranges the answer and returns the user text that gets it. `scripted` is False where a real model
    answers: then only the shape of an answer is judged. `wait_busy` and `wait_idle` tell whether the upstream works on
    an answer. What a stand cannot show is None, and the suite skips it by name.
    """

    config: ProviderConfig
    deps: ProviderDeps
    model: str
    prompt: Callable[[Script], str]
    wait_busy: Callable[[float], Awaitable[bool]]
    wait_idle: Callable[[float], Awaitable[bool]]
    scripted: bool = True
    faults: frozenset[str] = frozenset()  # names of Script.fault that can be played
    errors: frozenset[str] = frozenset()  # names of Script.error that can be played
    filters: bool = True  # knows the finish reason content_filter
    seen_images: Callable[[], list[bytes]] | None = None  # of the last request
    seen_schema: Callable[[], Any] | None = None
    requests: list[Any] = field(default_factory=list)

    def build(self, **changes: Any) -> Provider:
        """The provider, with a config that differs in `changes`."""
        return registry.build(replace(self.config, **changes), self.deps)


ALL_FAULTS = frozenset(("silent", "stuck", "stall", "cut", "short", "garbage", "html", "giant", "midway_error"))


@asynccontextmanager
async def http_stand(kind: str, dialect: Dialect, tmp_path: Path, **changes: Any) -> AsyncIterator[Stand]:
    """A stand on the fake of `dialect`."""
    upstream = Upstream()
    try:
        async with FakeUpstream(dialect) as fake:

            def prompt(script: Script) -> str:
                fake.script = script
                return "Say what you were told to."

            config = ProviderConfig(
                id="under-test",
                kind=kind,
                name="Under Test",
                base_url=fake.url,
                api_key=API_KEY,
            )
            yield Stand(
                config=replace(config, **changes),
                deps=ProviderDeps(upstream, tmp_path),
                model="fake-large",
                prompt=prompt,
                wait_busy=fake.wait_busy,
                wait_idle=fake.wait_idle,
                faults=ALL_FAULTS,
                errors=frozenset(dialect.ERRORS),
                seen_images=lambda: dialect.images(fake.requests[-1].body),
                seen_schema=lambda: dialect.schema(fake.requests[-1].body),
                requests=fake.requests,
            )
    finally:
        await upstream.aclose()


PIXEL = Image(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
        "0000000a4944415478da6368000000820081da45083b0000000049454e44ae426082"
    ),
    "image/png",
)
