"""The model that a reference stands for, with the live instance that answers."""

from dataclasses import dataclass
from types import TracebackType

from freehold.providers.base import ModelCard, Provider, ProviderConfig
from freehold.providers.cards import Offer
from freehold.providers.choice import Candidate
from freehold.providers.pool import Lease


@dataclass(frozen=True, slots=True)
class Resolved:
    """The model that a reference stands for, with the instance that answers. `model_id` is what to send upstream."""

    provider: Provider
    config: ProviderConfig
    card: ModelCard
    offer: Offer
    model_id: str


class ResolvedLease:
    """Hands out what answers for a block; the instance stays open until the block ends."""

    __slots__ = ("_found", "_lease")

    def __init__(self, lease: Lease, found: Candidate) -> None:
        self._lease = lease
        self._found = found

    async def __aenter__(self) -> Resolved:
        return resolved(await self._lease.__aenter__(), self._found)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._lease.__aexit__(kind, error, trace)


def resolved(provider: Provider, found: Candidate) -> Resolved:
    """A candidate with the instance that answers for it."""
    offer = found.offer
    return Resolved(provider, found.config, found.card, offer, offer.upstream_id or offer.card.id)
