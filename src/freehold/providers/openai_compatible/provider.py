"""The provider for OpenAI and every server that speaks its chat completions."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from typing import Any

from freehold import errors
from freehold.providers import abilities, catalogue
from freehold.providers.base import ModelCard
from freehold.providers.catalogue import Vendor
from freehold.providers.http_provider import HttpProvider
from freehold.providers.openai_compatible.decode import StreamDecoder
from freehold.providers.openai_compatible.encode import encode, fixes_sampling
from freehold.providers.openai_compatible.listing import cards
from freehold.providers.openai_compatible.relay import FORMS, RELAYED, adapt
from freehold.providers.upstream import Form, Reply
from freehold.wire.events import Event
from freehold.wire.request import ChatRequest
from freehold.wire.sse import MAX_LINE_BYTES

# A model may send a picture as one data URL on one line.
_MAX_IMAGE_EVENT_BYTES = 32_000_000


class OpenAICompatibleProvider(HttpProvider):
    """Options of its own: `api_version` (Azure OpenAI's dated API; without it the undated v1 is used)."""

    def base_url(self) -> str:
        """Azure's endpoint is a bare host; the path of its API belongs to the address as for everyone else."""
        base = super().base_url()
        suffix = self.vendor.quirks.base_suffix
        if base and suffix and not self._dated() and not base.endswith(suffix):
            base += suffix
        return base

    @classmethod
    def fixes_sampling(cls, vendor: Vendor, model: str) -> bool:
        return fixes_sampling(model, vendor.quirks)

    def auth_headers(self) -> dict[str, str]:
        if not self.api_key or self.vendor.quirks.auth == "none":
            return {}
        if self.vendor.quirks.auth == "bearer":
            return {"Authorization": f"Bearer {self.api_key}"}
        return {self.vendor.quirks.auth: self.api_key}

    def speaks(self, dialect: str) -> bool:
        return dialect in RELAYED or dialect in FORMS

    def relay(
        self, dialect: str, body: dict[str, Any], model: str, *, first_byte_s: float | None = None
    ) -> AbstractAsyncContextManager[Reply]:
        quirks = self.vendor.quirks
        path, params = self._path(RELAYED[dialect] or quirks.chat_path, model)
        return self.open_chat(path, adapt(dialect, body, model, quirks), model, params, first_byte_s=first_byte_s)

    def relay_form(
        self, dialect: str, form: Form, model: str, *, first_byte_s: float | None = None
    ) -> AbstractAsyncContextManager[Reply]:
        path, params = self._path(FORMS[dialect], model)
        body = form.with_field("model", model).encoded()
        return self.open_chat(path, body, model, params, first_byte_s=first_byte_s)

    def _path(self, path: str, model: str) -> tuple[str, dict[str, str] | None]:
        if version := self._dated():
            return f"openai/deployments/{model}/{path}", {"api-version": version}
        return path, None

    def stream(self, request: ChatRequest) -> AsyncGenerator[Event]:
        abilities.require(self.config, request)
        quirks, card = self.vendor.quirks, self.card(request.model)
        path, params = self._path(quirks.chat_path, request.model)
        return self.answer(
            path,
            encode(request, quirks, card),
            request.model,
            StreamDecoder(),
            params=params,
            max_event_bytes=_MAX_IMAGE_EVENT_BYTES if "image_output" in card.abilities else MAX_LINE_BYTES,
        )

    async def list_models(self) -> list[ModelCard]:
        return (await self.listing())[0]

    async def listing(self) -> tuple[list[ModelCard], bool]:
        quirks = self.vendor.quirks
        if quirks.deployments:
            return [], False
        known = catalogue.known_models(self.config.kind)
        if not quirks.models_path:
            return known, False
        try:
            data = await self.get_json(quirks.models_path)
        except errors.ProviderProtocolError:  # no such path: the price list has to do, where there is one
            if not known:
                raise
            return known, False
        try:
            listed = cards(data)
        except ValueError as exc:
            raise self.broken("sent a list of models in an unknown form.") from exc
        return [catalogue.card_for(self.config.kind, card.id, fetched=card) for card in listed], not quirks.public_list

    def _dated(self) -> str | None:
        return self.config.options.get("api_version") or self.vendor.quirks.api_version
