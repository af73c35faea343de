"""`ollama` on the fake that speaks Ollama's native API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.fakes.ollama import OllamaDialect
from tests.providers.stands import Stand, http_stand


@asynccontextmanager
async def stand(tmp_path: Path) -> AsyncIterator[Stand]:
    """Ollama knows no keys and no filters, and a model that is missing can be fetched (its own tests show that)."""
    async with http_stand("ollama", OllamaDialect(), tmp_path, api_key=None) as made:
        made.errors -= {"key", "model"}
        made.filters = False
        yield made
