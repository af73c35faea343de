"""The provider for an Ollama server: answers, lists, fetches and deletes models."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any

from freehold import errors
from freehold.providers import abilities
from freehold.providers.base import CheckReport, ModelCard, Progress, ProviderConfig
from freehold.providers.http_provider import HttpProvider
from freehold.providers.ollama import listing
from freehold.providers.ollama.dialect import Decoder, NotAnAnswer, ServerFailed, encode
from freehold.providers.registry import ProviderDeps
from freehold.providers.upstream import Reply, parse_json
from freehold.wire.events import Event, Stage
from freehold.wire.request import ChatRequest

SHOWN_S = 300.0
"""How long what /api/show said of a model is believed."""

_SHOWS_AT_ONCE = 4
_PATHS = ("/v1", "/api", "/api/chat")  # what people paste behind the address


class OllamaProvider(HttpProvider):
    """Options of its own: `num_ctx` (context to load models with), `keep_alive` (how long a model stays in memory, for
    example "10m"), `cloud_models` (true: also those that Ollama computes in its cloud)."""

    manages_models = True

    def __init__(self, config: ProviderConfig, deps: ProviderDeps) -> None:
        super().__init__(config, deps)
        self._shown: dict[str, tuple[float, dict[str, Any]]] = {}

    def base_url(self) -> str:
        base = super().base_url()
        for path in _PATHS:
            base = base.removesuffix(path)
        return base

    def auth_headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}

    # --- answering ---------------------------------------------------------------------------------------------------

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Event]:
        abilities.require(self.config, request)
        shown = await self._show(request.model)
        self._refuse_cloud(request.model, shown)
        if not await self._is_loaded(request.model):
            yield Stage("loading_model")
        body = encode(request, self.config.options, levels=listing.takes_levels(shown))
        decoder = Decoder()
        async with self._telling(request.model), self.open_chat("api/chat", body, request.model) as reply:
            try:
                async for line in reply.lines():
                    for event in decoder.feed(line):
                        yield event
                    if decoder.done:
                        break
                if not decoder.done:
                    raise NotAnAnswer("it ended too early")
                await reply.drain()
            except NotAnAnswer as exc:
                raise self.broken(f"sent an answer that is not as its protocol says: {exc}.") from exc
            except ServerFailed as exc:
                raise self.failure(500, reply.headers, exc.data, model=request.model) from exc

    async def _is_loaded(self, model: str) -> bool:
        """Only for the stage that is shown: a server that cannot say counts as loaded."""
        try:
            running = await self.get_json("api/ps")
        except (errors.ProviderUnreachable, errors.ProviderTimeout):
            raise
        except errors.ProviderError:
            return True
        entries = running.get("models") or () if isinstance(running, dict) else ()
        return any(model in (entry.get("name"), entry.get("model")) for entry in entries)

    def _refuse_cloud(self, model: str, shown: dict[str, Any]) -> None:
        if listing.is_remote(shown) and not self._offers_cloud:
            raise errors.ModelCannot(
                f"{model} is computed in Ollama's cloud, and {self.config.name} is set up as a server of this house.",
                next_step="Pick another model, or allow it with the provider's option cloud_models.",
                model=model,
                **self.endpoint.params(),
            )

    @property
    def _offers_cloud(self) -> bool:
        return not self.config.self_hosted or bool(self.config.options.get("cloud_models"))

    # --- models ------------------------------------------------------------------------------------------------------

    async def list_models(self) -> list[ModelCard]:
        """See Provider. Models of Ollama's cloud are left out where nothing may leave the house."""
        async with self._telling():
            tags = await self.get_json("api/tags")
        if not isinstance(tags, dict) or not isinstance(tags.get("models"), list):
            raise self.broken("sent a list of models in an unknown form.")
        entries = [entry for entry in tags["models"] if isinstance(entry, dict) and entry.get("name")]
        entries = [entry for entry in entries if self._offers_cloud or not listing.is_remote(entry)]
        limit = asyncio.Semaphore(_SHOWS_AT_ONCE)

        async def describe(entry: dict[str, Any]) -> ModelCard:
            shown = None
            async with limit:
                # deleted a moment ago, or a server that lacks /api/show: the list alone says enough
                with suppress(errors.ProviderError):
                    shown = await self._show(str(entry.get("model") or entry["name"]))
            return listing.card(entry, shown, self.config.options.get("num_ctx"))

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(describe(entry)) for entry in entries]
        return [task.result() for task in tasks]

    async def check(self) -> CheckReport:
        """Ask for the version, then for the models. A model is not tried: it might have to be loaded first."""
        started = time.perf_counter()
        async with self._telling():
            await self.get_json("api/version")
        latency = (time.perf_counter() - started) * 1000
        return CheckReport(latency, tuple(await self.list_models()))

    async def pull(self, model: str) -> AsyncGenerator[Progress]:
        """See Provider; Ollama itself keeps what has arrived. Raises ModelNotFound for a name its library lacks."""
        sizes: dict[str, tuple[int, int]] = {}
        request = {"model": model, "stream": True}
        async with (
            self._telling(),
            self.upstream.open_stream(self.endpoint, "POST", "api/pull", json=request, headers=self.headers()) as reply,
        ):
            await self._raise_for(reply, model)
            status = ""
            async with aclosing(reply.lines()) as lines:
                async for line in lines:
                    step = parse_json(line, self.endpoint)
                    if "error" in step:
                        raise self._pull_failure(step, reply, model)
                    status = str(step.get("status") or "")
                    if step.get("digest") and step.get("total"):
                        sizes[step["digest"]] = (int(step.get("completed") or 0), int(step["total"]))
                    done, total = (sum(column) for column in zip(*sizes.values(), strict=True)) if sizes else (0, None)
                    yield Progress(status, done, total)
        self._shown.pop(model, None)
        if status != "success":
            raise self.broken("broke the download off before it was complete.")

    async def delete_model(self, model: str) -> None:
        """See Provider. Raises ModelNotFound."""
        async with (
            self._telling(),
            self.upstream.open_stream(
                self.endpoint, "DELETE", "api/delete", json={"model": model}, headers=self.headers()
            ) as reply,
        ):
            await self._raise_for(reply, model)
        self._shown.pop(model, None)

    # --- the rest ----------------------------------------------------------------------------------------------------

    async def _show(self, model: str) -> dict[str, Any]:
        """What the server knows of a model, remembered for a while. Raises ModelNotInstalled."""
        known = self._shown.get(model)
        if known is not None and time.monotonic() - known[0] < SHOWN_S:
            return known[1]
        async with (
            self._telling(model),
            self.upstream.open_stream(
                self.endpoint, "POST", "api/show", json={"model": model}, headers=self.headers()
            ) as reply,
        ):
            await self._raise_for(reply, model)
            shown = await reply.json()
        if not isinstance(shown, dict):
            raise self.broken("described a model in an unknown form.")
        self._shown[model] = (time.monotonic(), shown)
        return shown

    async def _raise_for(self, reply: Reply, model: str) -> None:
        if reply.status >= 400:
            data, text = await reply.error_body()
            raise self.failure(reply.status, reply.headers, data, text=text, model=model)

    def _pull_failure(self, step: dict[str, Any], reply: Reply, model: str) -> errors.ProviderError:
        if "does not exist" in str(step["error"]) or "not found" in str(step["error"]):
            return errors.ModelNotFound(
                f"Ollama's library has no model {model}.",
                next_step="Check the name at https://ollama.com/library.",
                model=model,
                **self.endpoint.params(),
            )
        return self.failure(500, reply.headers, step)

    @asynccontextmanager
    async def _telling(self, model: str | None = None) -> AsyncIterator[None]:
        """Errors with Ollama's own next step: is it running, is the model there."""
        try:
            yield
        except errors.ProviderUnreachable as exc:
            exc.next_step = "Is Ollama running? Start it with: ollama serve. Then check the address, and retry."
            raise
        except errors.ContextTooLong as exc:
            exc.next_step = "Start a new chat, or let the model read more with the provider's option num_ctx."
            raise
        except errors.ModelNotFound as exc:
            if model is None or isinstance(exc, errors.ModelNotInstalled):
                raise
            raise errors.ModelNotInstalled(f"{self.config.name} has no model {model} yet.", **exc.params) from exc
