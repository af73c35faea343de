"""What the first-run page offers: the built-in model, an Ollama found on this machine."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from freehold.errors import FreeholdError
from freehold.kit import clock
from freehold.providers import cards, pool, registry
from freehold.providers.base import ModelCard, ProviderConfig
from freehold.providers.cards import Offer
from freehold.providers.directory import Directory
from freehold.providers.ollama.detect import detect
from freehold.providers.schemas import EmbeddedStatus
from freehold.providers.schemas import Welcome as WelcomeInfo

if TYPE_CHECKING:
    from freehold.providers.embedded.provider import EmbeddedProvider

LOOKED_FOR_S = 10.0
"""How long the answer to "is there an Ollama?" is believed."""

WAIT_S = 0.3
"""How long a page waits for that answer; a slower one is there when the page asks again."""

EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class _Found:
    base_url: str | None  # None: there is none
    models: tuple[ModelCard, ...]
    at: float


_NOT_YET = _Found(None, (), 0.0)


class Welcome:
    """Answers GET /api/welcome."""

    def __init__(self, providers: Directory, ollama_addresses: list[str] | None = None) -> None:
        """`ollama_addresses`: where an Ollama is looked for; by default on this machine."""
        self._providers = providers
        self._ollama_addresses = ollama_addresses
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
        config = next((item.config for item in self._providers.configs() if item.config.id == EMBEDDED), None)
        if config is None or config.kind != EMBEDDED:  # freehold.yaml may give the id to something else
            reason = "The built-in model is turned off by the setting embedded.enabled."
            return EmbeddedStatus(state="not_installed", reason=reason, model=None)
        async with self._providers.lease_provider(EMBEDDED) as provider:
            status = await cast("EmbeddedProvider", provider).status()
        models = [cards.model_info(config, Offer(card, enabled=True)) for card in status.models]
        return EmbeddedStatus(
            state=status.state, reason=status.reason, model=models[0] if models else None, models=models
        )

    async def _ollama(self) -> dict[str, Any]:
        found = await self._look()
        return {
            "found": found.base_url is not None,
            "base_url": found.base_url,
            "models": [{"id": card.id, "size_bytes": card.size_bytes} for card in found.models],
            "connected": any(
                configured.config.kind == "ollama" and _server(configured.config.base_url) == _server(found.base_url)
                for configured in self._providers.configs()
            ),
        }

    async def _look(self) -> _Found:
        if self._found is None or clock.monotonic() - self._found.at > LOOKED_FOR_S:
            if self._looking is None or self._looking.done():
                self._looking = self._providers.spawn(self._ask(), "look for Ollama")
            await asyncio.wait([self._looking], timeout=WAIT_S)
        return self._found or _NOT_YET

    async def _ask(self) -> None:
        base_url = await detect(self._providers.deps.upstream, self._ollama_addresses)
        models = await self._list(base_url) if base_url else ()
        self._found = _Found(base_url, models, clock.monotonic())

    async def _list(self, base_url: str) -> tuple[ModelCard, ...]:
        await self._providers.load_kinds(["ollama"])
        config = ProviderConfig("ollama", "ollama", "Ollama", base_url=base_url, self_hosted=True)
        provider = registry.build(config, self._providers.deps)
        try:
            return tuple(await provider.list_models())
        except FreeholdError:
            return ()  # it is there; what it has is seen when it is connected
        finally:
            await pool.close(provider)


def _server(url: str | None) -> tuple[str | None, int | None]:
    """Host and port; the names of this machine are one."""
    parts = urlsplit(url or "")
    host = "127.0.0.1" if parts.hostname in ("localhost", "::1") else parts.hostname
    return host, parts.port or (443 if parts.scheme == "https" else 80)
