"""The provider for OpenAI and every server that speaks its chat completions."""

from collections.abc import AsyncGenerator

from freehold.providers import catalogue
from freehold.providers.base import ModelCard
from freehold.providers.http_provider import HttpProvider
from freehold.providers.openai_compatible.decode import NotAChunk, StreamDecoder, VendorError
from freehold.providers.openai_compatible.encode import encode
from freehold.providers.openai_compatible.listing import cards
from freehold.providers.upstream import Reply
from freehold.wire.events import Event
from freehold.wire.request import ChatRequest

# A model may send a picture as one data URL on one line.
_MAX_EVENT_BYTES = 1_000_000
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

    def auth_headers(self) -> dict[str, str]:
        if not self.api_key or self.vendor.quirks.auth == "none":
            return {}
        if self.vendor.quirks.auth == "bearer":
            return {"Authorization": f"Bearer {self.api_key}"}
        return {self.vendor.quirks.auth: self.api_key}

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Event]:
        quirks, card = self.vendor.quirks, self.card(request.model)
        body = encode(request, quirks, card)
        path, params = quirks.chat_path, None
        if version := self._dated():
            path, params = f"openai/deployments/{request.model}/{path}", {"api-version": version}
        limit = _MAX_IMAGE_EVENT_BYTES if "image_output" in card.abilities else _MAX_EVENT_BYTES
        decoder = StreamDecoder()
        async with self.open_chat(path, body, request.model, params) as reply:
            try:
                if reply.headers.get("Content-Type", "").startswith("application/json"):
                    for event in await _whole(reply, decoder):
                        yield event
                else:
                    async for data in reply.events(limit):
                        for event in decoder.feed(data):
                            yield event
                        if decoder.done:
                            break
                for event in decoder.finish():
                    yield event
                await reply.drain()
            except NotAChunk as exc:
                raise self.broken(f"sent an answer that is not as its protocol says: {exc}.") from exc
            except VendorError as exc:
                raise self.failure(exc.status, reply.headers, exc.data, model=request.model) from exc

    async def list_models(self) -> list[ModelCard]:
        quirks = self.vendor.quirks
        if not quirks.models_path or self._dated():
            return catalogue.known_models(self.config.kind)
        data = await self.get_json(quirks.models_path)
        try:
            listed = cards(data)
        except ValueError as exc:
            raise self.broken("sent a list of models in an unknown form.") from exc
        return [catalogue.card_for(self.config.kind, card.id, fetched=card) for card in listed]

    def _dated(self) -> str | None:
        return self.config.options.get("api_version") or self.vendor.quirks.api_version


async def _whole(reply: Reply, decoder: StreamDecoder) -> list[Event]:
    """Some servers ignore `stream: true` and send the whole completion, or an error with status 200."""
    return decoder.feed(await reply.read())
