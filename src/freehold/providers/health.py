"""How each provider was when it was tried or called last."""

from collections.abc import Iterable

from freehold.db import Database
from freehold.errors import FreeholdError, ModelNotInstalled, ProviderError, ProviderKeyMissing
from freehold.kit import clock
from freehold.providers import registry, repository
from freehold.providers.base import ProviderConfig
from freehold.providers.models import ProviderRow
from freehold.providers.schemas import ProviderStatus

_TELLING = frozenset({"provider_key_rejected", "provider_quota_exceeded", "provider_unreachable"})
"""Errors that say something about the provider and not about the one request."""

_ABOUT_THE_KEY = frozenset({"provider_key_rejected", "provider_quota_exceeded"})


class Health:
    """Kept in memory for all; in the database, too, for those that an administrator made."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._status: dict[str, ProviderStatus] = {}

    def remember(self, rows: Iterable[ProviderRow]) -> None:
        """Start from what was stored; what this process saw itself is newer."""
        for row in rows:
            if row.last_check and row.id not in self._status:
                self._status[row.id] = ProviderStatus.model_validate(row.last_check)

    def forget(self, provider_id: str) -> None:
        """The provider is gone; one that gets its id later starts unknown."""
        self._status.pop(provider_id, None)

    def of(self, config: ProviderConfig, *, lacks_download: bool) -> ProviderStatus:
        """The last outcome; `needs` while a key or a download is missing."""
        status = self._status.get(config.id, ProviderStatus(state="unknown"))
        error: FreeholdError | None = None
        if registry.vendor(config.kind).needs_key and not config.api_key and not config.options.get("headers"):
            error = ProviderKeyMissing(f"{config.name} needs a key.", provider=config.name, provider_id=config.id)
        elif lacks_download and status.state == "ok":
            sentence = f"{config.name} has no model yet."
            error = ModelNotInstalled(sentence, provider=config.name, provider_id=config.id)
        if error is None:
            return status
        return status.model_copy(update={"state": "needs", "error": error.body().as_dict()})

    async def record(
        self, config: ProviderConfig, *, latency_ms: float | None = None, error: FreeholdError | None = None
    ) -> bool:
        """Keep the outcome of a try. True: it is another state than before."""
        before = self._status.get(config.id)
        status = ProviderStatus(
            state="failing" if error else "ok",
            latency_ms=None if latency_ms is None else round(latency_ms, 1),
            error=error.body().as_dict() if error else None,
            checked_at=clock.now(),
        )
        self._status[config.id] = status
        if config.origin == "database":
            async with self._database.begin() as session:
                values = {"last_check": status.model_dump(mode="json")}
                await repository.update_provider(session, config.id, values)
        return before is None or before.state != status.state

    async def record_listing(self, config: ProviderConfig, latency_ms: float) -> bool:
        """As `record` for a list of models that came; it proves no key and is written only when it is news."""
        before = self._status.get(config.id)
        if before is not None and (before.state == "ok" or (before.error or {}).get("code") in _ABOUT_THE_KEY):
            return False
        return await self.record(config, latency_ms=latency_ms)

    def note_call(self, config: ProviderConfig, error: ProviderError | None) -> None:
        """What a real call says about the provider; kept in memory, so it costs a call nothing."""
        before = self._status.get(config.id)
        if error is None:
            if before is None or before.state == "failing":
                self._status[config.id] = ProviderStatus(state="ok", checked_at=clock.now())
        elif error.code in _TELLING:
            body = error.body().as_dict()
            self._status[config.id] = ProviderStatus(state="failing", error=body, checked_at=clock.now())
