"""The whole product in this process, with a house and a cloud that know how hard a prompt is."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from freehold.assembly import running_services
from freehold.deps import Services
from tests.gateway.learning.world import Pair, declared, settings_of, thinkers

Start = Callable[..., Awaitable[Services]]


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    pair = thinkers()
    async with pair.house, pair.cloud:
        yield pair


@pytest.fixture
async def start(pair: Pair, database_url: str, tmp_path: Path) -> AsyncIterator[Start]:
    """Starts the services with changes to `routing.auto` and other parts of the file."""
    async with AsyncExitStack() as stack:

        async def begin(auto: dict[str, Any] | None = None, **more: Any) -> Services:
            settings = settings_of(declared(pair, auto, **more), tmp_path / "data", database_url)
            return await stack.enter_async_context(running_services(settings))

        yield begin
