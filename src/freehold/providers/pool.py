"""The live provider instances: one per configured provider and key, replaced without cutting a running stream."""

from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Generic, TypeVar

import anyio
import structlog

from freehold.providers.base import Provider, ProviderConfig

CLOSE_S = 5.0
"""A provider that does not close within this time is left behind."""

Leased = TypeVar("Leased")
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Slot:
    """One instance, and for how many blocks it is open."""

    config: ProviderConfig
    provider: Provider
    leases: int = 0
    retired: bool = False


class Lease(Generic[Leased]):
    """Keeps an instance open for a block, whatever happens to its configuration meanwhile.

    Hands out `leased`: the instance, or what holds it.
    """

    __slots__ = ("_leased", "_slot")

    def __init__(self, slot: Slot, leased: Leased) -> None:
        self._slot = slot
        self._leased = leased

    async def __aenter__(self) -> Leased:
        self._slot.leases += 1
        return self._leased

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        slot = self._slot
        slot.leases -= 1
        if slot.retired and not slot.leases:
            await close(slot.provider)


class Pool:
    """Builds instances on first use. A retired one closes when its last lease ends."""

    def __init__(self, build: Callable[[ProviderConfig], Provider]) -> None:
        self._build = build
        self._slots: dict[tuple[str, int], Slot] = {}

    def get(self, config: ProviderConfig) -> Provider:
        """The instance for exactly this configuration; `retire_except` must have dropped an older one."""
        return self.slot(config, 0).provider

    def lease(self, config: ProviderConfig) -> Lease[Provider]:
        """The instance for a block that begins at once."""
        slot = self.slot(config, 0)
        return Lease(slot, slot.provider)

    async def retire_except(self, configs: dict[str, ProviderConfig]) -> None:
        """Take out every instance whose configuration changed or went; idle ones close now."""
        stale = {at: slot for at, slot in self._slots.items() if configs.get(at[0]) != slot.config}
        for at, slot in stale.items():
            del self._slots[at]
            slot.retired = True
        for slot in stale.values():
            if not slot.leases:
                await close(slot.provider)

    async def close(self) -> None:
        """Close everything, also what is in use."""
        slots, self._slots = list(self._slots.values()), {}
        for slot in slots:
            await close(slot.provider)

    def slot(self, config: ProviderConfig, key: int) -> Slot:
        """That of the instance that asks with key number `key`, for a `Lease` that begins at once."""
        slot = self._slots.get((config.id, key))
        if slot is None:
            slot = self._slots[config.id, key] = Slot(config, self._build(config.with_key(key)))
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
