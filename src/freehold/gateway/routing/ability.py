"""Whether a model can do what a request needs, as far as its card says; pure."""

from freehold.errors import ModelCannot
from freehold.gateway.routing.deployment import Need
from freehold.providers.base import ProviderConfig
from freehold.providers.cards import Offer
from freehold.wire.request import ChatRequest, Image


def has_images(request: ChatRequest) -> bool:
    """Whether any message carries an image."""
    return any(isinstance(part, Image) for message in request.messages for part in message.parts)


def need_of(request: ChatRequest) -> Need:
    """What has to be known of a request before somebody is asked."""
    return Need(images=has_images(request))


def check(request: ChatRequest, config: ProviderConfig, offer: Offer) -> None:
    """Raises ModelCannot for images on a model that is known not to see; a model nobody knows is simply tried."""
    if has_images(request) and offer.sees_images is False:
        raise blind(config, offer)


def blind(config: ProviderConfig, offer: Offer) -> ModelCannot:
    """The refusal of images."""
    card = offer.effective()
    return ModelCannot(
        f"{card.name or card.id} cannot see images.",
        next_step="Pick a model that sees images, or send the message without them.",
        provider=config.name,
        provider_id=config.id,
        model=card.id,
        ability="vision",
    )
