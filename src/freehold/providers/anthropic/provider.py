"""The provider for Anthropic's own API, and for servers that speak its Messages."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from datetime import date
from typing import Any

from freehold.providers import abilities, catalogue
from freehold.providers.anthropic.decode import StreamDecoder
from freehold.providers.anthropic.encode import encode, fixes_sampling, ignored, schema_tool
from freehold.providers.base import ModelCard
from freehold.providers.catalogue import Vendor
from freehold.providers.http_provider import HttpProvider
from freehold.providers.upstream import Reply
from freehold.wire.events import Event
from freehold.wire.request import ChatRequest

_VERSION = "2023-06-01"
_MAX_PAGES = 20

RELAYED = {"anthropic_messages": "v1/messages", "anthropic_count_tokens": "v1/messages/count_tokens"}
"""Client dialects that this API speaks itself, and the path that takes them."""


class AnthropicProvider(HttpProvider):
    def base_url(self) -> str:
        """The host's root; an address that ends in /v1, as others want it, is understood too."""
        return super().base_url().removesuffix("/v1")

    def auth_headers(self) -> dict[str, str]:
        return {"anthropic-version": _VERSION, **({"x-api-key": self.api_key} if self.api_key else {})}

    @classmethod
    def fixes_sampling(cls, vendor: Vendor, model: str) -> bool:
        del vendor
        return fixes_sampling(model)

    def speaks(self, dialect: str) -> bool:
        return dialect in RELAYED

    def relay(
        self, dialect: str, body: dict[str, Any], model: str, *, first_byte_s: float | None = None
    ) -> AbstractAsyncContextManager[Reply]:
        return self.open_chat(RELAYED[dialect], {**body, "model": model}, model, first_byte_s=first_byte_s)

    def ignores(self, request: ChatRequest) -> tuple[str, ...]:
        return ignored(request, self.card(request.model))

    def stream(self, request: ChatRequest) -> AsyncGenerator[Event]:
        abilities.require(self.config, request)
        by_tool = schema_tool(request)
        decoder = StreamDecoder(by_tool.name if by_tool else None)
        return self.answer("v1/messages", encode(request, self.card(request.model)), request.model, decoder)

    async def list_models(self) -> list[ModelCard]:
        """https://docs.anthropic.com/en/api/models-list, page by page."""
        found: list[ModelCard] = []
        params = {"limit": "1000"}
        for _ in range(_MAX_PAGES):
            data = await self.get_json("v1/models", params)
            if not isinstance(data, dict) or not isinstance(data.get("data"), list):
                raise self.broken("sent a list of models in an unknown form.")
            found += [self._card(entry) for entry in data["data"] if isinstance(entry, dict) and entry.get("id")]
            if not data.get("has_more") or not data.get("last_id"):
                break
            params = {**params, "after_id": str(data["last_id"])}
        return found

    def _card(self, entry: dict[str, Any]) -> ModelCard:
        listed = ModelCard(
            id=str(entry["id"]),
            name=entry.get("display_name"),
            context_tokens=entry.get("max_input_tokens"),
            max_output_tokens=entry.get("max_tokens"),
            knowledge_cutoff=_day(entry.get("knowledge_cutoff")),
        )
        return catalogue.card_for(self.config.kind, listed.id, fetched=listed)


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        return None
