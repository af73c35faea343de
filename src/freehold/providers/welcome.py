"""What the first-run page offers: the built-in model, an Ollama found on this machine."""

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from freehold.errors import FreeholdError
from freehold.kit import clock
from freehold.providers import cards, pool, registry
from freehold.providers.base import ModelCard, ProviderConfig
from freehold.providers.cards import Offer
from freehold.providers.directory import Directory
from freehold.providers.schemas import EmbeddedStatus, ModelInfo
from freehold.providers.schemas import Welcome as WelcomeInfo

OLLAMA_URL = "http://127.0.0.1:11434"
LOOKED_FOR_S = 10.0
"""How long the answer to "is there an Ollama?" is believed."""

WAIT_S = 0.3
"""How long a page waits for that answer; a slower one is there when the page asks again."""

EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class _Found:
    models: tuple[ModelCard, ...] | None  # None: nobody answers there
    at: float


class Welcome:
    """Answers GET /api/welcome."""

    def __init__(self, providers: Directory, ollama_url: str = OLLAMA_URL) -> None:
        self._providers = providers
        self._ollama_url = ollama_url
        self._found: _Found | None = None
        self._looking: asyncio.Task[None] | None = None

    async def get(self) -> WelcomeInfo:
        """Takes at most 300 ms longer than the built-in model's status."""
        return WelcomeInfo(
            embedded=await self.get_embedded(),
            ollama=await self._ollama(),
            has_provider=any(
                configured.config.enabled and configured.config.origin != "builtin"
                for configured in self._providers.configs()
            ),
        )

    async def get_embedded(self) -> EmbeddedStatus:
        """The built-in model; touches no network and starts nothing."""
        from freehold.providers.embedded.provider import EmbeddedProvider

        config = next((item.config for item in self._providers.configs() if item.config.id == EMBEDDED), None)
        if config is None:
            reason = "The built-in model is turned off by the setting embedded.enabled."
            return EmbeddedStatus(state="not_installed", reason=reason, model=None)
        async with self._providers.lease_provider(EMBEDDED) as provider:
            if not isinstance(provider, EmbeddedProvider):  # freehold.yaml may give the id to something else
                return EmbeddedStatus(state="not_installed", reason=None, model=None)
            status = await provider.status()
        return EmbeddedStatus(state=status.state, reason=status.reason, model=_info(config, status.model))

    async def _ollama(self) -> dict[str, Any]:
        found = await self._look()
        here = _server(self._ollama_url)
        return {
            "found": found is not None,
            "base_url": self._ollama_url if found is not None else None,
            "models": [{"id": card.id, "size_bytes": card.size_bytes} for card in found or ()],
            "connected": any(
                configured.config.kind == "ollama" and _server(configured.config.base_url) == here
                for configured in self._providers.configs()
            ),
        }

    async def _look(self) -> tuple[ModelCard, ...] | None:
        if self._found is None or clock.monotonic() - self._found.at > LOOKED_FOR_S:
            if self._looking is None or self._looking.done():
                self._looking = self._providers.spawn(self._ask(), "look for Ollama")
            await asyncio.wait([self._looking], timeout=WAIT_S)
        return self._found.models if self._found else None

    async def _ask(self) -> None:
        config = ProviderConfig("ollama", "ollama", "Ollama", base_url=self._ollama_url, self_hosted=True)
        models = None
        await self._providers.load_kinds([config.kind])
        provider = registry.build(config, self._providers.deps)
        try:
            models = tuple(await provider.list_models())
        except FreeholdError:
            pass  # nobody answers there, or it is something else
        finally:
            await pool.close(provider)
        self._found = _Found(models, clock.monotonic())


def _info(config: ProviderConfig, card: ModelCard | None) -> ModelInfo | None:
    return None if card is None else cards.model_info(config, Offer(card, enabled=True))


def _server(url: str | None) -> tuple[str | None, int | None]:
    """Host and port; the names of this machine are one."""
    parts = urlsplit(url or OLLAMA_URL)
    host = "127.0.0.1" if parts.hostname in ("localhost", "::1") else parts.hostname
    return host, parts.port or (443 if parts.scheme == "https" else 80)
