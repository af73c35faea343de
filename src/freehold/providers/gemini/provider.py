"""The provider for Google's Gemini API."""

from collections.abc import AsyncGenerator
from typing import Any

from freehold.providers import abilities, catalogue
from freehold.providers.base import Ability, ModelCard
from freehold.providers.gemini.decode import StreamDecoder
from freehold.providers.gemini.encode import encode
from freehold.providers.http_provider import HttpProvider
from freehold.wire.events import Event
from freehold.wire.request import ChatRequest
from freehold.wire.sse import MAX_LINE_BYTES

_MAX_PAGES = 20
_MAX_IMAGE_EVENT_BYTES = 32_000_000  # a picture arrives on one line


class GeminiProvider(HttpProvider):
    def base_url(self) -> str:
        """The address with its version; a bare host, as LobeChat's GOOGLE_PROXY_URL has it, gets the usual one."""
        base = super().base_url()
        return base if not base or base.rsplit("/", 1)[-1].startswith("v1") else f"{base}/v1beta"

    def auth_headers(self) -> dict[str, str]:
        return {"x-goog-api-key": self.api_key} if self.api_key else {}

    def stream(self, request: ChatRequest) -> AsyncGenerator[Event]:
        abilities.require(self.config, request)
        card = self.card(request.model)
        return self.answer(
            f"models/{request.model.removeprefix('models/')}:streamGenerateContent",
            encode(request, card),
            request.model,
            StreamDecoder(),
            params={"alt": "sse"},
            max_event_bytes=_MAX_IMAGE_EVENT_BYTES if "image_output" in card.abilities else MAX_LINE_BYTES,
        )

    async def list_models(self) -> list[ModelCard]:
        """https://ai.google.dev/api/models, page by page."""
        found: list[ModelCard] = []
        params = {"pageSize": "1000"}
        for _ in range(_MAX_PAGES):
            data = await self.get_json("models", params)
            if not isinstance(data, dict) or not isinstance(data.get("models", []), list):
                raise self.broken("sent a list of models in an unknown form.")
            found += [self._card(entry) for entry in data.get("models", []) if isinstance(entry, dict)]
            if not (token := data.get("nextPageToken")):
                break
            params = {**params, "pageToken": str(token)}
        return found

    def _card(self, entry: dict[str, Any]) -> ModelCard:
        methods = entry.get("supportedGenerationMethods") or []
        model_id = str(entry.get("name", "")).removeprefix("models/")
        known = catalogue.card_for(self.config.kind, model_id)
        thinks: frozenset[Ability] = frozenset(("reasoning",) if entry.get("thinking") is True else ())
        listed = ModelCard(
            id=model_id,
            name=entry.get("displayName"),
            kind="chat" if "generateContent" in methods else "embedding" if "embedContent" in methods else "other",
            context_tokens=entry.get("inputTokenLimit"),
            max_output_tokens=entry.get("outputTokenLimit"),
            # The list says nothing of other abilities, so it adds to the catalogue's instead of replacing them.
            abilities=known.abilities | thinks,
            description=entry.get("description"),
        )
        return catalogue.card_for(self.config.kind, model_id, fetched=listed)
