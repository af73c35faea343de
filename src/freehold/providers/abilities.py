"""Says no, in one way, to a request that needs what the provider's manifest does not list."""

from collections.abc import Set

from freehold import errors
from freehold.providers.base import Ability, ProviderConfig
from freehold.wire.request import ChatRequest, Image

_IN_WORDS: dict[Ability, str] = {
    "vision": "see images",
    "tools": "call tools",
    "json_schema": "answer in a given JSON form",
    "reasoning": "reason before it answers",
}


def needed(request: ChatRequest) -> list[Ability]:
    """The abilities without which a request cannot be answered; a wish such as `reasoning_effort` is none."""
    found: list[Ability] = []
    if any(isinstance(part, Image) for message in request.messages for part in message.parts):
        found.append("vision")
    if request.tools:
        found.append("tools")
    if request.response_format is not None:
        found.append("json_schema")
    return found


def require(config: ProviderConfig, offered: Set[Ability], request: ChatRequest) -> None:
    """Raise ModelCannot naming the first needed ability that is not offered."""
    for ability in needed(request):
        if ability not in offered:
            raise errors.ModelCannot(
                f"{request.model} at {config.name} cannot {_IN_WORDS[ability]}.",
                provider=config.name,
                provider_id=config.id,
                model=request.model,
                ability=ability,
            )
