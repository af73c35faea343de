"""The live provider instances: one per configured provider, replaced without cutting a running stream."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio
import structlog

from freehold.providers.base import Provider, ProviderConfig

CLOSE_S = 5.0
"""A provider that does not close within this time is left behind."""

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Slot:
    config: ProviderConfig
    provider: Provider
    leases: int = 0
    retired: bool = False


class Pool:
    """Builds instances on first use. A retired one closes when its last lease ends."""

    def __init__(self, build: Callable[[ProviderConfig], Provider]) -> None:
        self._build = build
        self._slots: dict[str, _Slot] = {}

    def get(self, config: ProviderConfig) -> Provider:
        """The instance for exactly this configuration; `retire_except` must have dropped an older one."""
        return self._slot(config).provider

    @asynccontextmanager
    async def lease(self, config: ProviderConfig) -> AsyncGenerator[Provider]:
        """The instance, kept open until the block ends, whatever happens to its configuration meanwhile."""
        slot = self._slot(config)
        slot.leases += 1
        try:
            yield slot.provider
        finally:
            slot.leases -= 1
            if slot.retired and not slot.leases:
                await close(slot.provider)

    async def retire_except(self, configs: dict[str, ProviderConfig]) -> None:
        """Take out every instance whose configuration changed or went; idle ones close now."""
        stale = [slot for provider_id, slot in self._slots.items() if configs.get(provider_id) != slot.config]
        for slot in stale:
            del self._slots[slot.config.id]
            slot.retired = True
        for slot in stale:
            if not slot.leases:
                await close(slot.provider)

    async def close(self) -> None:
        """Close everything, also what is in use."""
        slots, self._slots = list(self._slots.values()), {}
        for slot in slots:
            await close(slot.provider)

    def _slot(self, config: ProviderConfig) -> _Slot:
        slot = self._slots.get(config.id)
        if slot is None:
            slot = self._slots[config.id] = _Slot(config, self._build(config))
        return slot


async def close(provider: Provider) -> None:
    """Release an instance; finishes although the caller is being cancelled, and never raises."""
    with anyio.move_on_after(CLOSE_S, shield=True) as scope:
        try:
            await provider.aclose()
        except Exception as error:  # noqa: BLE001 - a provider that fails to close must not harm the one that replaces it
            _log.warning("provider_close_failed", provider_id=provider.config.id, error=type(error).__name__)
    if scope.cancelled_caught:
        _log.warning("provider_close_timed_out", provider_id=provider.config.id, seconds=CLOSE_S)
