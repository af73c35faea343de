"""The built-in model: answers with llama.cpp on this machine, and keeps its weights."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import anyio.to_thread

from freehold import errors
from freehold.providers import abilities
from freehold.providers.base import CheckReport, ModelCard, Progress, Provider, ProviderConfig
from freehold.providers.embedded import catalogue, dialect, machine
from freehold.providers.embedded.folder import Installed, ModelsFolder, card, offer
from freehold.providers.embedded.process import Child, ChildFailed, LoadOptions, Runner
from freehold.providers.registry import ProviderDeps
from freehold.providers.upstream import Endpoint, parse_json
from freehold.wire.events import Event, Finish, Stage
from freehold.wire.request import ChatRequest, Message, Text

DEFAULT_INDEX = "https://pypi.org/simple"

READING_S = 900.0
"""How long the first token may take: a long prompt on a slow processor. Only the reading reports progress."""


@dataclass(frozen=True, slots=True)
class Status:
    """What the first-run page says of the built-in model; `reason` tells what to do, None when ready.

    `models`: all that are here or can be fetched, the one that answers first or is recommended at the front.
    """

    state: Literal["ready", "not_downloaded", "downloading", "unsupported", "not_installed"]
    reason: str | None
    models: tuple[ModelCard, ...] = ()


class EmbeddedProvider(Provider):
    """Options, from the settings section `embedded` and the provider's own options: model_path, idle_minutes, threads,
    context_tokens, prompt_cache_mib, gpu_layers, package_index."""

    manages_models = True

    def __init__(self, config: ProviderConfig, deps: ProviderDeps) -> None:
        super().__init__(config)
        given: dict[str, Any] = {**dict(deps.settings.get("embedded") or {}), **config.options}
        options = {key: value for key, value in given.items() if value is not None}
        self._upstream = deps.upstream
        named = options.get("model_path")
        self._folder = ModelsFolder(deps.data_dir / "models", Path(named) if named else None)
        self._context_tokens = int(options.get("context_tokens", 4096))
        self._threads = int(options.get("threads", machine.default_threads()))
        self._prompt_cache_mib = int(options.get("prompt_cache_mib", 64))
        self._gpu_layers = int(options.get("gpu_layers", -1))
        self._package_index = str(options.get("package_index", DEFAULT_INDEX))
        self._runner = Runner(idle_s=60 * float(options.get("idle_minutes", 10)))
        self._pulls: set[str] = set()

    @property
    def child_pid(self) -> int | None:
        """The process id of llama.cpp while a model is in memory."""
        return self._runner.child.pid if self._runner.child else None

    @property
    def busy(self) -> bool:
        """Whether a request is answered or waits."""
        return self._runner.busy

    # --- answering ---------------------------------------------------------------------------------------------------

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Event]:
        """See Provider. Waits for its turn, loads the model when it is not in memory, then answers."""
        await self._refuse_unfit_machine()
        model = await self._installed(request.model)
        name = self._name(model)
        abilities.require(self.config, request)
        options = self._load_options(model)
        if self._runner.busy:
            yield Stage("queued")
        async with self._runner.turn():
            again = self._runner.loaded(options)  # then it may have died since, unnoticed, and deserves a second start
            while True:
                answered = False
                if not self._runner.loaded(options):
                    yield Stage("loading_model")
                child = await self._ready(options, name)
                try:
                    async with aclosing(self._answer(child, request, model)) as events:
                        async for event in events:
                            answered = True
                            yield event
                    return
                except (errors.ProviderProtocolError, errors.ProviderUnreachable, errors.ProviderTimeout) as exc:
                    ended = await child.how_it_ended()
                    await self._runner.drop()
                    if ended == "still running":
                        raise
                    if answered or not again:
                        raise self._crashed(name, ended, child.last_words()) from exc
                    again = False

    async def _ready(self, options: LoadOptions, name: str) -> Child:
        try:
            return await self._runner.ready(options)
        except ChildFailed as exc:
            raise self._not_loaded(name, exc) from exc

    async def _answer(self, child: Child, request: ChatRequest, model: Installed) -> AsyncGenerator[Event]:
        endpoint = Endpoint(self.config.id, self.config.name, child.address.base_url, READING_S, READING_S)
        name = self._name(model)
        finish: Finish | None = None
        async with self._upstream.open_stream(
            endpoint,
            "POST",
            "v1/chat/completions",
            json=dialect.body(request, model.entry),
            headers={"Authorization": f"Bearer {child.address.api_key}"},
        ) as reply:
            if reply.status >= 400:
                raise dialect.failure((await reply.json()).get("error"), name, **self._params())
            async with aclosing(reply.events()) as chunks:
                async for data in chunks:
                    if data == b"[DONE]":
                        break
                    chunk = parse_json(data, endpoint)
                    if "error" in chunk:
                        raise dialect.failure(chunk["error"], name, **self._params())
                    for event in dialect.events(chunk):
                        if isinstance(event, Finish):
                            finish = event
                        else:
                            yield event
        if finish is None:
            raise errors.ProviderProtocolError(f"{name} broke off before the answer was complete.", **self._params())
        yield finish

    async def check(self) -> CheckReport:
        """Load the first installed model and let it write one token."""
        await self._refuse_unfit_machine()
        models = await anyio.to_thread.run_sync(self._folder.installed)
        if not models:
            raise self._not_installed(catalogue.first().id)
        started = time.perf_counter()
        request = ChatRequest(models[0].id, (Message("user", (Text("Hi"),)),), max_tokens=1)
        async with aclosing(self.stream(request)) as events:
            async for _ in events:
                pass
        elapsed = (time.perf_counter() - started) * 1000
        return CheckReport(elapsed, tuple(await self.list_models()), tried_model=models[0].id, streamed=True)

    # --- models ------------------------------------------------------------------------------------------------------

    async def list_models(self) -> list[ModelCard]:
        """Installed models, then those that can be fetched; none where this machine cannot run any."""
        if not machine.engine_installed() or not await anyio.to_thread.run_sync(machine.processor_suffices):
            return []
        return self._cards(await anyio.to_thread.run_sync(self._folder.installed))

    def _cards(self, installed: list[Installed]) -> list[ModelCard]:
        here = {model.id for model in installed}
        return [card(model, self._context_tokens) for model in installed] + [
            offer(entry, self._context_tokens) for entry in catalogue.weights().values() if entry.id not in here
        ]

    async def status(self) -> Status:
        """What is there and what is missing; touches no network and starts nothing."""
        reason = await anyio.to_thread.run_sync(self._unfit_reason)
        if reason is not None:
            return Status("unsupported" if machine.engine_installed() else "not_installed", " ".join(reason))
        installed = await anyio.to_thread.run_sync(self._folder.installed)
        models = tuple(self._cards(installed))
        if installed:
            return Status("ready", None, models)
        if self._pulls:
            return Status("downloading", "The model is being downloaded.", models)
        reason = "No model is here yet. Download one, or put a .gguf file into the models folder."
        return Status("not_downloaded", reason, models)

    async def path_of(self, model: str | None) -> Path:
        """The file of an installed model, or of the one that answers first. Raises ModelNotInstalled, ModelNotFound."""
        if model is not None:
            return (await self._installed(model)).path
        installed = await anyio.to_thread.run_sync(self._folder.installed)
        if not installed:
            raise self._not_installed(catalogue.first().id)
        return installed[0].path

    async def pull(self, model: str) -> AsyncGenerator[Progress]:
        """See Provider. Raises NotFound, Conflict, DiskFull, ProviderUnreachable when no source could give the file."""
        entry = (await anyio.to_thread.run_sync(catalogue.weights)).get(model)
        if entry is None:
            raise errors.ModelNotFound(
                f"{model} is not a model that can be downloaded here.", model=model, **self._params()
            )
        if model in self._pulls:
            raise errors.Conflict(f"{entry.name} is being downloaded already.", model=model)
        self._pulls.add(model)
        try:
            fetching = await anyio.to_thread.run_sync(_fetching)
            fetch = fetching.fetch(entry, self._folder.path, self._package_index, self._params())
            async with aclosing(fetch) as steps:
                async for progress in steps:
                    yield progress
        finally:
            self._pulls.discard(model)

    async def delete_model(self, model: str) -> None:
        """See Provider. Raises ModelNotFound, Conflict for the file that the settings name."""
        found = await anyio.to_thread.run_sync(self._folder.find, model)
        if found is None:
            raise errors.ModelNotFound(f"{model} is not installed.", model=model, **self._params())
        if found.named_by_settings:
            raise errors.Conflict(
                "This model is named by the setting embedded.model_path, so it is not deleted here.",
                next_step="Change the setting, or delete the file yourself.",
                model=model,
            )
        async with self._runner.turn():
            if self._runner.loaded(self._load_options(found)):
                await self._runner.drop()
            await anyio.to_thread.run_sync(found.path.unlink)

    async def aclose(self) -> None:
        """End the child process."""
        await self._runner.aclose()

    # --- the rest ----------------------------------------------------------------------------------------------------

    def _load_options(self, model: Installed) -> LoadOptions:
        return LoadOptions(
            model_path=str(model.path),
            context_tokens=min(model.context_tokens or self._context_tokens, self._context_tokens),
            threads=self._threads,
            prompt_cache_mib=self._prompt_cache_mib,
            gpu_layers=self._gpu_layers,
        )

    async def _installed(self, model_id: str) -> Installed:
        found = await anyio.to_thread.run_sync(self._folder.find, model_id)
        if found is not None:
            return found
        if model_id in catalogue.weights():
            raise self._not_installed(model_id)
        raise errors.ModelNotFound(
            f"There is no model {model_id} in the models folder.", model=model_id, **self._params()
        )

    async def _refuse_unfit_machine(self) -> None:
        reason = await anyio.to_thread.run_sync(self._unfit_reason)
        if reason is not None:
            raise errors.ProviderError(reason[0], next_step=reason[1], **self._params())

    def _unfit_reason(self) -> tuple[str, str] | None:
        """Why this machine cannot run it, and the next step."""
        if not machine.engine_installed():
            return (
                "The built-in model needs the package xllamacpp, which is not installed.",
                "Install it with: pip install 'freehold[embedded]'. Until then connect a provider.",
            )
        if not machine.processor_suffices():
            return (
                "This processor lacks AVX2, which the built-in model needs.",
                "Connect a provider, or an Ollama on another machine.",
            )
        return None

    def _not_installed(self, model_id: str) -> errors.ModelNotInstalled:
        return errors.ModelNotInstalled(
            f"{model_id} is not downloaded yet.",
            next_step=f"Download it first: one click on the provider's page, or `freehold model fetch {model_id}`.",
            model=model_id,
            **self._params(),
        )

    def _not_loaded(self, name: str, exc: ChildFailed) -> errors.ProviderError:
        return errors.ProviderError(
            f"{name} could not be loaded. {exc}",
            next_step="If it happens again, the file may be damaged or the memory too small: delete it and download it "
            "again, or pick a smaller model.",
            detail=exc.detail,
            **self._params(),
        )

    def _crashed(self, name: str, ended: str, detail: str) -> errors.ProviderError:
        return errors.ProviderUnreachable(
            f"{name} stopped unexpectedly ({ended}). What it had written is kept.",
            next_step="Send again: it starts anew. If it stops again, pick a smaller model: memory may be short.",
            detail=detail,
            **self._params(),
        )

    def _name(self, model: Installed) -> str:
        return model.entry.name if model.entry else model.header.name or model.id

    def _params(self) -> dict[str, Any]:
        return {"provider": self.config.name, "provider_id": self.config.id}


def _fetching() -> ModuleType:
    """The module that downloads; with its HTTP client it is loaded when it is needed, which most servers never do."""
    from freehold.providers.embedded import fetching

    return fetching
