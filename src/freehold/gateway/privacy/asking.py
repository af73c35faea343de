"""Asks a provider in the way that its place demands: as it is in the house, with stand-ins outside."""

from collections.abc import AsyncGenerator

from freehold.gateway.privacy.hiding import hidden, restored
from freehold.gateway.privacy.masking import Mask
from freehold.providers.service import Resolved
from freehold.wire.events import Event
from freehold.wire.request import ChatRequest


def answered(resolved: Resolved, request: ChatRequest, mask: Mask | None) -> AsyncGenerator[Event]:
    """The events of the answer, as if nothing had been hidden."""
    if mask is None or resolved.config.self_hosted:
        return resolved.provider.stream(request)
    return restored(resolved.provider.stream(hidden(request, mask)), mask)
