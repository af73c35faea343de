"""What the providers that are called over HTTP share: endpoint, key, error mapping and the check of credentials."""

import contextlib
import time
from abc import abstractmethod
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Protocol

from freehold import errors
from freehold.observability.tracing import onward_headers
from freehold.providers import catalogue, failures
from freehold.providers.base import CheckReport, ModelCard, Provider, ProviderConfig
from freehold.providers.registry import ProviderDeps, vendor
from freehold.providers.upstream import (
    BETWEEN_CHUNKS_S,
    FIRST_BYTE_S,
    Endpoint,
    Opening,
    Prepared,
    Reply,
    Upload,
    encode,
    encoded,
)
from freehold.wire.events import Event
from freehold.wire.request import ChatRequest, Message, Text
from freehold.wire.sse import MAX_LINE_BYTES

_PROBE_TOKENS = 16  # some reasoning models refuse less
_MOST_PREPARED = 64


class Decoder(Protocol):
    """Turns the data of each server-sent event into canonical events; knows the end of the answer."""

    done: bool

    def feed(self, data: bytes) -> list[Event]:
        """Events of one piece. Raises BrokenStream, VendorError."""
        ...

    def finish(self) -> list[Event]:
        """The rest, with Usage and Finish. Raises BrokenStream when the stream was cut off."""
        ...


class HttpProvider(Provider):
    """Options every such provider reads from `config.options`: `headers` (a table of extra request headers),
    `first_byte_timeout` and `chunk_timeout` (seconds).
    """

    def __init__(self, config: ProviderConfig, deps: ProviderDeps) -> None:
        super().__init__(config)
        self.upstream = deps.upstream
        self.vendor = vendor(config.kind)
        self.api_key = (config.api_key or "").strip() or None
        self.endpoint = Endpoint(
            provider_id=config.id,
            provider=config.name,
            base_url=self.base_url(),
            first_byte_s=float(config.options.get("first_byte_timeout", FIRST_BYTE_S)),
            between_chunks_s=float(config.options.get("chunk_timeout", BETWEEN_CHUNKS_S)),
        )
        self._prepared: dict[tuple[str, tuple[tuple[str, str], ...] | None], Prepared] = {}

    def base_url(self) -> str:
        """The configured address, else the vendor's own."""
        return (self.config.base_url or self.vendor.base_url or "").strip().rstrip("/")

    @property
    def address(self) -> str:
        return self.endpoint.base_url

    @abstractmethod
    def auth_headers(self) -> dict[str, str]:
        """The headers that carry the key."""

    def headers(self) -> dict[str, str]:
        """All headers of our own: key, the vendor's, the administrator's."""
        extra = self.config.options.get("headers") or {}
        return {**self.auth_headers(), **dict(self.vendor.quirks.headers), **{str(k): str(v) for k, v in extra.items()}}

    def card(self, model: str) -> ModelCard:
        """What the catalogue knows of a model of this provider."""
        return catalogue.card_for(self.config.kind, model)

    def require_key(self) -> None:
        """Raise ProviderKeyMissing before a call that cannot succeed without a key."""
        if self.vendor.needs_key and not self.api_key and not self.config.options.get("headers"):
            raise errors.ProviderKeyMissing(
                f"{self.config.name} needs an API key and none is set.", **self.endpoint.params()
            )

    def failure(
        self, status: int, headers: Mapping[str, str], data: Any, *, text: str = "", model: str | None = None
    ) -> errors.ProviderError:
        """The error class of a reply of this provider."""
        return failures.from_reply(self.endpoint, status, headers, data, text=text, api_key=self.api_key, model=model)

    def broken(self, what: str) -> errors.ProviderProtocolError:
        """The error for a reply that is not as the protocol says; `what` completes "<provider> ..."."""
        return errors.ProviderProtocolError(f"{self.config.name} {what}", **self.endpoint.params())

    async def get_json(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """GET and parse. Raises the mapped error of any status >= 400."""
        self.require_key()
        reply = await self.upstream.request_json(self.endpoint, "GET", path, headers=self.headers(), params=params)
        if reply.status >= 400:
            raise self.failure(reply.status, reply.headers, reply.data, text=reply.text)
        return reply.data

    def open_chat(
        self,
        path: str,
        body: Any,
        model: str,
        params: Mapping[str, str] | None = None,
        *,
        first_byte_s: float | None = None,
    ) -> Opening:
        """POST JSON or an Upload; hands out the reply when its status is good, raises the mapped error otherwise."""
        self.require_key()
        prepared = self._form(path, body, params) if isinstance(body, Upload) else self._json(path, params)
        traced = onward_headers()
        if traced is not None:
            prepared = prepared.with_headers(encoded(traced, False))

        def refused(reply: Reply, data: Any, text: str) -> errors.ProviderError:
            return self.failure(reply.status, reply.headers, data, text=text, model=model)

        sent = body if isinstance(body, Upload) else encode(body, self.endpoint)
        return self.upstream.open(prepared, sent, first_byte_s=first_byte_s, refused=refused)

    def _json(self, path: str, params: Mapping[str, str] | None) -> Prepared:
        at = (path, tuple(params.items()) if params else None)
        prepared = self._prepared.get(at)
        if prepared is None:
            prepared = self.upstream.prepare(self.endpoint, "POST", path, encoded(self.headers(), True), params)
            if len(self._prepared) >= _MOST_PREPARED:  # Azure has a path for each model
                self._prepared.clear()
            self._prepared[at] = prepared
        return prepared

    def _form(self, path: str, body: Upload, params: Mapping[str, str] | None) -> Prepared:
        headers = [(b"Content-Type", body.content_type.encode()), *encoded(self.headers(), False)]
        return self.upstream.prepare(self.endpoint, "POST", path, headers, params)

    async def answer(
        self,
        path: str,
        body: Any,
        model: str,
        decoder: Decoder,
        *,
        params: Mapping[str, str] | None = None,
        max_event_bytes: int = MAX_LINE_BYTES,
    ) -> AsyncGenerator[Event]:
        """Send a chat request and decode its stream of server-sent events."""
        async with self.open_chat(path, body, model, params) as reply:
            try:
                if reply.is_json:
                    # Some servers ignore that a stream was asked for, or send an error with status 200.
                    for event in decoder.feed(await reply.read()):
                        yield event
                else:
                    async with contextlib.aclosing(reply.events(max_event_bytes)) as events:
                        async for data in events:
                            for event in decoder.feed(data):
                                yield event
                            if decoder.done:
                                break
                for event in decoder.finish():
                    yield event
                await reply.drain()
            except failures.BrokenStream as exc:
                raise self.broken(f"sent an answer that is not as its protocol says: {exc}.") from exc
            except failures.VendorError as exc:
                raise self.failure(exc.status, reply.headers, exc.data, model=model) from exc

    async def listing(self) -> tuple[list[ModelCard], bool]:
        """The models, and whether getting them has proven the key. Raises ProviderError."""
        return await self.list_models(), True

    async def check(self) -> CheckReport:
        """List the models; where that proves nothing (no list, or one that needs no key), ask for a few tokens."""
        started = time.perf_counter()
        check_path = self.vendor.quirks.check_path
        if check_path:
            await self.get_json(check_path)
        try:
            models, proven = await self.listing()
        except errors.ProviderProtocolError:
            if self._probe_model([]) is None:
                raise
            models, proven = [], False  # a server without a list still answers
        model = None
        if not proven and not check_path and (self.api_key or not models):
            model = self._probe_model(models)
            if model is not None:
                await self._probe(model)
        latency = (time.perf_counter() - started) * 1000
        return CheckReport(latency, tuple(models), tried_model=model, streamed=True if model else None)

    def _probe_model(self, models: Sequence[ModelCard]) -> str | None:
        declared = [name for name in self.config.models if "*" not in name]
        chat = [card.id for card in models if card.kind == "chat"]
        offered = [name for name in (self.vendor.check_model,) if name and (not chat or name in chat)]
        return next(iter([*declared, *offered, *chat]), None)

    async def _probe(self, model: str) -> None:
        request = ChatRequest(model, (Message("user", (Text("hi"),)),), max_tokens=_PROBE_TOKENS)
        async with contextlib.aclosing(self.stream(request)) as events:
            async for _ in events:
                return
