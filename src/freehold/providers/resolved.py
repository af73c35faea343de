"""The model that a reference stands for, with the live instance that answers."""

from dataclasses import dataclass

from freehold.providers.base import ModelCard, Provider, ProviderConfig
from freehold.providers.cards import Offer
from freehold.providers.choice import Candidate


@dataclass(slots=True)
class Resolved:
    """The model that a reference stands for, with the instance that answers. `model_id` is what to send upstream."""

    provider: Provider
    config: ProviderConfig
    card: ModelCard
    offer: Offer
    model_id: str


def resolved(provider: Provider, found: Candidate) -> Resolved:
    """A candidate with the instance that answers for it."""
    offer = found.offer
    return Resolved(provider, found.config, found.card, offer, offer.upstream_id or offer.card.id)
