"""Providers: the directory of who answers, with its administration, the model downloads and the first-run page."""

import structlog

from freehold.db import Database
from freehold.kit.bus import MemoryBus
from freehold.kit.crypto import SecretBox
from freehold.providers.administration import Administration
from freehold.providers.directory import Directory, Resolved
from freehold.providers.pulls import Pulls
from freehold.providers.upstream import Upstream
from freehold.providers.welcome import EMBEDDED, Welcome
from freehold.settings.areas import Settings

__all__ = ["Providers", "Resolved"]

_log = structlog.get_logger(__name__)


class Providers(Directory):
    """One per process: `start()` in the lifespan of the app, `stop()` at its end and before the upstream closes."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        bus: MemoryBus,
        secret_box: SecretBox,
        upstream: Upstream,
        *,
        ollama_addresses: list[str] | None = None,
    ) -> None:
        """`ollama_addresses`: where an Ollama is looked for; by default on this machine."""
        super().__init__(settings, database, bus, secret_box, upstream)
        self.administration = Administration(self)
        self.pulls = Pulls(self)
        self.welcome = Welcome(self, ollama_addresses)

    async def start(self) -> None:
        """As Directory; fetches the built-in model when the settings wish it and no model is there."""
        await super().start()
        embedded = self.settings.embedded
        if not embedded.enabled or not embedded.auto_download:
            return
        models = self.offers(EMBEDDED).values()
        if models and not any(offer.card.installed for offer in models):
            first = await self._recommended()
            if first is not None:
                _log.info("built_in_model_download", model=first)
                self.pulls.start(EMBEDDED, first)

    async def _recommended(self) -> str | None:
        status = (await self.welcome.get_embedded()).model
        return status.id if status else None
