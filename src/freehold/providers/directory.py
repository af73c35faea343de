"""Providers: which are configured, what they offer, how they are, and the live instance behind a model reference."""

import asyncio
import math
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import anyio
import anyio.to_thread
import structlog

from freehold.db import Database
from freehold.errors import ConfigurationError, FreeholdError, InvalidRequest, NotFound, ProviderError, StorageError
from freehold.kit import clock
from freehold.kit.bus import MemoryBus
from freehold.kit.crypto import SealBroken, SecretBox
from freehold.observability.redaction import register_secrets
from freehold.providers import alias_targets, cards, catalogue, choice, options, registry, repository
from freehold.providers.base import ModelCard, Provider, ProviderConfig
from freehold.providers.cards import Offer
from freehold.providers.choice import Candidate
from freehold.providers.health import Health
from freehold.providers.models import ProviderRow
from freehold.providers.origins import Configured, builtin, from_declared, from_row, merge
from freehold.providers.pool import Lease, Pool, Slot
from freehold.providers.registry import ProviderDeps
from freehold.providers.resolved import Resolved, resolved
from freehold.providers.schemas import ModelList, ProviderDetail, ProviderInfo, ProviderStatus
from freehold.providers.upstream import Upstream
from freehold.settings.areas import Settings

EVERYONE = "everyone"
"""The bus topic that every signed-in person's live connection listens to."""

REFRESH_SECONDS = 5.0
"""How often it is looked at what other servers on the same database changed."""

RELIST_AFTER_S = 5.0
"""A provider that keeps models on a disk is asked again when its list is older than this and someone looks."""

TRY_AGAIN_AFTER_S = 60.0
"""The same for a provider that never could be asked."""

RELIST_WAIT_S = 0.3
"""How long a reader waits for such a fresh list before the known one is shown."""

_log = structlog.get_logger(__name__)


_MOST_RESOLVED = 4096
"""A provider that takes any id must not fill the memory with ids that somebody made up."""


class Directory:
    """One per process. Everything is answered from memory; the database is read by `reload` and written by changes."""

    def __init__(
        self, settings: Settings, database: Database, bus: MemoryBus, secret_box: SecretBox, upstream: Upstream
    ) -> None:
        self.settings = settings
        self.database = database
        self.bus = bus
        self.secret_box = secret_box
        self.deps = ProviderDeps(
            upstream=upstream,
            data_dir=settings.data_dir,
            settings={"embedded": settings.embedded.model_dump(), "echo": settings.echo.model_dump()},
        )
        self.health = Health(database)
        self.version = 0  # another number whenever the models that can be asked, or the aliases, may be others
        self._pool = Pool(lambda config: registry.build(config, self.deps))
        self._resolved: dict[tuple[str, int], tuple[Slot, Resolved]] = {}  # of `_resolved_version`
        self._resolved_version = -1
        self._configured: dict[str, Configured] = {}
        self._written: object = None  # what tells that the database says something else now
        self._stored: dict[str, dict[str, Offer]] = {}
        self._offers: dict[str, dict[str, Offer]] = {}
        self._listed_at: dict[str, float] = {}
        self._listing: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._loaded: set[str] = set()
        self._changing = asyncio.Lock()  # between reading `_stored` and writing it

    # --- life -------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Read the configuration; providers are asked for their models in the background, the built-in ones at once."""
        await self.reload()
        built_in = [item.config.id for item in self._configured.values() if item.config.origin == "builtin"]
        tasks = {provider_id: self._list_in_background(provider_id) for provider_id in self._due()}
        waiting = [tasks[provider_id] for provider_id in built_in if provider_id in tasks]
        if waiting:
            await asyncio.wait(waiting, timeout=1)

    async def reconfigure(self, settings: Settings) -> None:
        """Take over what freehold.yaml declares now. Raises ConfigurationError and keeps what was, if it is wrong."""
        before, self.settings = self.settings, settings
        try:
            await self.reload()
        except ConfigurationError:
            self.settings = before
            raise
        await self.relist_stale()

    async def stop(self) -> None:
        """End what runs in the background and close every provider."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._pool.close()

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run in the background until it ends or the server stops."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def run(self) -> None:
        """Follow what other servers on this database change; ends by cancellation."""
        while True:
            await anyio.sleep(REFRESH_SECONDS)
            try:
                await self.catch_up()
            except (StorageError, ConfigurationError) as error:
                _log.warning("providers_not_read", code=error.code, reason=error.message)

    async def catch_up(self) -> None:
        """Take over what another server wrote down meanwhile. Raises StorageError, and ConfigurationError as reload."""
        async with self.database.read() as session:
            written = await repository.written(session)
        if written != self._written:
            before = self._configured, self._stored
            await self._read()
            if (self._configured, self._stored) != before:
                self.publish()

    async def reload(self) -> None:
        """Read all origins again; instances whose configuration changed close when their last stream ends."""
        await self._read()
        self.publish()

    async def _read(self) -> None:
        async with self._changing:
            async with self.database.read() as session:
                written = await repository.written(session)
                rows = await repository.provider_rows(session)
                stored = await repository.offers(session)
            await self.load_kinds([])
            made = [self._from_row(row) for row in rows if self._is_known(row)]
            configured = merge([*self._declared(), *made, *builtin(self.settings)])
            await self.load_kinds(item.config.kind for item in configured.values())
            alias_targets.check(self.settings.declared.models, configured)
            for provider_id in self._configured.keys() - configured.keys():
                self.health.forget(provider_id)
            for provider_id, item in configured.items():
                if (own := self._stored.get(provider_id)) and self.manages_models(item.config):
                    stored[provider_id] = cards.on_own_disk(own, stored.get(provider_id, {}))
            self._configured, self._stored, self._written = configured, stored, written
            self._combine([*self._configured, *self._offers])
        for item in self._configured.values():
            config = item.config
            register_secrets([config.api_key, *config.more_keys, *options.secrets(config.options)])
        self.health.remember(rows)
        await self._pool.retire_except({key: item.config for key, item in self._configured.items()})

    async def load_kinds(self, kinds: Iterable[str]) -> None:
        """Read the manifests and import the code of these kinds, off the event loop; `registry` keeps both."""
        fresh = set(kinds) - self._loaded
        if fresh or not self._loaded:
            await anyio.to_thread.run_sync(_load_kinds, fresh)
            self._loaded |= fresh

    def publish(self) -> None:
        """Tell every open tab that the list of models changed."""
        self.bus.publish(EVERYONE, {"type": "models"})

    def _declared(self) -> list[Configured]:
        found = []
        for position, declared in enumerate(self.settings.declared.providers):
            try:
                options.check(declared.options)
                found.append(from_declared(declared, registry.vendor(declared.kind), position))
            except (ConfigurationError, InvalidRequest) as error:
                place = f"{declared.origin_detail}: " if declared.origin_detail else ""
                raise ConfigurationError(f"{place}{error.message}", next_step=error.next_step) from None
        return found

    @staticmethod
    def _is_known(row: ProviderRow) -> bool:
        known = row.kind in registry.vendors()
        if not known:  # another version made it; it is kept in the database and left alone
            _log.error("provider_of_unknown_kind", provider_id=row.id, kind=row.kind)
        return known

    def _from_row(self, row: ProviderRow) -> Configured:
        key = None
        if row.sealed_key is not None:
            try:
                key = self.secret_box.open(row.sealed_key, key_context(row.id))
            except SealBroken:
                # the master key is another one; the provider stays visible and asks for its key again
                _log.error("provider_key_cannot_be_opened", provider_id=row.id)
        return from_row(row, key)

    def _combine(self, ids: Iterable[str]) -> None:
        self.version += 1
        for provider_id in ids:
            configured, stored = self._configured.get(provider_id), self._stored.get(provider_id, {})
            if configured is None:
                self._offers.pop(provider_id, None)
            elif configured.declared is None:
                self._offers[provider_id] = stored
            else:
                known = partial(catalogue.card_for, configured.config.kind)
                self._offers[provider_id] = cards.declared_offers(configured.declared, stored, known)

    # --- what is configured -----------------------------------------------------------------------------------------

    def configs(self) -> list[Configured]:
        """All configured providers in the order shown."""
        return list(self._configured.values())

    def configured(self, provider_id: str) -> Configured:
        """One of them. Raises NotFound."""
        try:
            return self._configured[provider_id]
        except KeyError:
            raise NotFound("There is no provider with that id.") from None

    def offers(self, provider_id: str) -> Mapping[str, Offer]:
        """The models of a provider by id, also those that are turned off."""
        return self._offers.get(provider_id, {})

    def stored_offers(self, provider_id: str) -> Mapping[str, Offer]:
        """The same as the database has them, without what a declaration adds and hides."""
        return self._stored.get(provider_id, {})

    def manages_models(self, config: ProviderConfig) -> bool:
        """Whether models are pulled to and deleted from this provider's disk."""
        return bool(registry.manifest_for(config.kind).manages)

    def status(self, provider_id: str) -> ProviderStatus:
        """How the provider was when it was tried last; `needs` while a key or a download is missing."""
        config = self.configured(provider_id).config
        installed = any(offer.card.installed for offer in self.offers(provider_id).values())
        return self.health.of(config, lacks_download=not installed and self.manages_models(config))

    def info(self, provider_id: str) -> ProviderInfo:
        """The provider as an administrator sees it; never its key."""
        configured = self.configured(provider_id)
        config = configured.config
        return ProviderInfo(
            id=config.id,
            kind=config.kind,
            name=config.name,
            base_url=config.base_url,
            self_hosted=config.self_hosted,
            enabled=config.enabled,
            origin=config.origin,
            origin_detail=configured.detail,
            has_key=bool(config.api_key),
            manages_models=self.manages_models(config),
            options=options.shown(config.options),
            status=self.status(provider_id),
            model_count=sum(offer.usable for offer in self.offers(provider_id).values()),
        )

    def detail(self, provider_id: str) -> ProviderDetail:
        """The provider with all its models."""
        info, config = self.info(provider_id), self.configured(provider_id).config
        models = [cards.model_info(config, offer) for offer in self.offers(provider_id).values()]
        return ProviderDetail(provider=info, models=models)

    # --- which models there are -------------------------------------------------------------------------------------

    def candidates(self) -> list[Candidate]:
        """Every model that can be asked now."""
        return [
            Candidate(configured.config, offer, self._failing(configured.config.id))
            for configured in self._configured.values()
            if configured.config.enabled
            for offer in self.offers(configured.config.id).values()
            if offer.usable
        ]

    async def models(self, preferred: str | None = None) -> ModelList:
        """The models that can be asked, with the default for someone who prefers `preferred`."""
        await self.relist_stale()
        candidates = self.candidates()
        return ModelList(
            items=[cards.model_info(candidate.config, candidate.offer) for candidate in candidates],
            default=choice.default_model(candidates, preferred),
        )

    async def resolve(self, ref: str) -> tuple[Provider, ModelCard, ProviderConfig]:
        """What a reference stands for. Raises ModelNotFound with near matches in `params["near"]`."""
        found = await self.look(ref)
        return self._pool.get(found.config), found.card, found.config

    @asynccontextmanager
    async def lease(self, ref: str) -> AsyncGenerator[Resolved]:
        """As `resolve`; the instance stays open until the block ends, whatever is reconfigured meanwhile."""
        found = await self.look(ref)
        async with self._pool.lease(found.config) as provider:
            yield resolved(provider, found)

    def lease_with_key(self, ref: str, key: int) -> Lease[Resolved]:
        """As `lease`, without waiting, asking with the provider's key number `key`. Raises ModelNotFound."""
        if self._resolved_version != self.version:
            self._resolved.clear()
            self._resolved_version = self.version
        known = self._resolved.get((ref, key))
        if known is None or known[0].retired:
            found = self.find(ref)
            slot = self._pool.slot(found.config, min(key, found.config.key_count - 1))
            if len(self._resolved) >= _MOST_RESOLVED:
                self._resolved.clear()
            known = self._resolved[ref, key] = (slot, resolved(slot.provider, found))
        return Lease(*known)

    @asynccontextmanager
    async def lease_provider(self, provider_id: str) -> AsyncGenerator[Provider]:
        """The instance of a configured provider, whatever models it has. Raises NotFound."""
        async with self._pool.lease(self.configured(provider_id).config) as provider:
            yield provider

    async def look(self, ref: str) -> Candidate:
        """As `find`; where models come and go on a disk, one that is not known is looked for first."""
        await self.look_again(ref)
        # from here to the lease nothing waits, so the configuration found is the one that is leased
        return self.find(ref)

    async def look_again(self, ref: str) -> None:
        """List a provider's disk anew when `ref` names a model that was not there."""
        provider_id, _, model_id = ref.partition("/")
        configured = self._configured.get(provider_id)
        config = configured.config if configured is not None and configured.config.enabled else None
        if config and model_id and self.manages_models(config) and not self._has(provider_id, model_id):
            await self._relist(provider_id)  # it may have been pulled from a terminal just now

    def find(self, ref: str) -> Candidate:
        """What `provider_id/model_id`, or a model id that only one provider has, stands for. Raises ModelNotFound."""
        provider_id, _, model_id = ref.partition("/")
        configured = self._configured.get(provider_id)
        if configured is None or not configured.config.enabled or not model_id:
            return choice.find(ref, self.candidates())
        config = configured.config
        offer = self.offers(provider_id).get(model_id)
        if offer is None and (self._never_listed(provider_id) or cards.matches(model_id, config.models)):
            # nothing is known against it: the provider itself says whether there is such a model
            offer = Offer(catalogue.card_for(config.kind, model_id), enabled=True)
        if offer is None or not offer.enabled:
            candidates = self.candidates()
            with suppress(ProviderError):
                return choice.find(ref, candidates)  # a bare id that happens to begin with a provider's name
            raise choice.not_found(ref, candidates, config)
        return Candidate(config, offer)

    def _has(self, provider_id: str, model_id: str) -> bool:
        offer = self.offers(provider_id).get(model_id)
        return offer is not None and offer.usable

    def _never_listed(self, provider_id: str) -> bool:
        return not self._stored.get(provider_id) and not self._configured[provider_id].names_models

    def _failing(self, provider_id: str) -> bool:
        return self.status(provider_id).state in ("failing", "needs")

    # --- asking providers for their models -------------------------------------------------------------------------

    async def refresh(self, provider_id: str) -> None:
        """Ask the provider what it offers now; several callers share one question. Raises ProviderError."""
        self.configured(provider_id)
        task = self._listing.get(provider_id)
        if task is None:
            task = self.spawn(self._list(provider_id), f"list models of {provider_id}")
            self._listing[provider_id] = task
            task.add_done_callback(lambda done: self._listed(provider_id, done))
        await asyncio.shield(task)

    def _listed(self, provider_id: str, done: asyncio.Task[None]) -> None:
        del self._listing[provider_id]
        if not done.cancelled():
            done.exception()  # whoever asked has it; when all of them left, nobody needs to be told

    async def relist_stale(self) -> None:
        """Ask again where the list may have changed, without making a reader wait for a slow provider."""
        tasks = [self._list_in_background(provider_id) for provider_id in self._due()]
        if tasks:
            await asyncio.wait(tasks, timeout=RELIST_WAIT_S)

    def _due(self) -> list[str]:
        """Providers with models on a disk, which come and go, and those that never could be asked."""
        now, due = clock.monotonic(), []
        for configured in self._configured.values():
            config = configured.config
            on_disk = self.manages_models(config)
            age = now - self._listed_at.get(config.id, -math.inf)
            wanted = on_disk or not self._stored.get(config.id)
            if config.enabled and wanted and age >= (RELIST_AFTER_S if on_disk else TRY_AGAIN_AFTER_S):
                due.append(config.id)
        return due

    async def _relist(self, provider_id: str) -> None:
        await asyncio.wait([self._list_in_background(provider_id)], timeout=2)

    def _list_in_background(self, provider_id: str) -> asyncio.Task[None]:
        async def listing() -> None:
            try:
                await self.refresh(provider_id)
            except FreeholdError as error:
                _log.info("models_not_listed", provider_id=provider_id, code=error.code, reason=error.message)

        return self.spawn(listing(), f"list models of {provider_id} in the background")

    async def _list(self, provider_id: str) -> None:
        configured = self.configured(provider_id)
        self._listed_at[provider_id] = started = clock.monotonic()
        try:
            async with self._pool.lease(configured.config) as provider:
                listed = await provider.list_models()
        except ProviderError as error:
            if self._configured.get(provider_id) is configured:
                await self.record_status(configured.config, error=error)
            raise
        if self._configured.get(provider_id) is not configured:
            return  # it was changed meanwhile; the new configuration is asked on its own
        await self.store_listing(provider_id, listed)
        if await self.health.record_listing(configured.config, (clock.monotonic() - started) * 1000):
            self.publish()

    async def store_listing(
        self, provider_id: str, listed: Iterable[ModelCard], enabled: Iterable[str] | None = None
    ) -> None:
        """Keep what the provider says it offers.

        `enabled`: exactly these are turned on. Without it what was chosen stays, and of models never seen before the
        sensible ones are on.
        """
        configured = self.configured(provider_id)
        config, declared = configured.config, configured.declared
        keeps_on_disk, found = self.manages_models(config), {card.id: card for card in listed}

        def listing(stored: Mapping[str, Offer]) -> tuple[dict[str, Offer], list[str]]:
            if not found and not keeps_on_disk:
                return {}, []  # an empty list is a hiccup of the provider, no reason to forget what was chosen
            chosen = set(enabled) if enabled is not None else sensible(config.kind, found.values())
            kept, gone = cards.merge_listing(stored, found, chosen, fresh=enabled is not None)
            # what was entered of a model that the declaration adds stays, whether the provider lists it or not
            return kept, [one for one in gone if declared is None or not cards.adds(declared, one)]

        await self.change_offers(provider_id, listing)

    async def change_offers(
        self, provider_id: str, decide: Callable[[Mapping[str, Offer]], tuple[dict[str, Offer], list[str]]]
    ) -> None:
        """Store what `decide` makes of the stored models: those to write and the ids to forget. One at a time."""
        async with self._changing:
            stored = self._stored.get(provider_id, {})
            changed, gone = decide(stored)
            changed = {model_id: offer for model_id, offer in changed.items() if stored.get(model_id) != offer}
            if not changed and not gone:
                return
            async with self.database.begin() as session:
                await repository.replace_offers(session, provider_id, changed, gone, clock.now())
            merged = {**stored, **changed}
            self._stored[provider_id] = {key: merged[key] for key in sorted(merged) if key not in gone}
            self._combine([provider_id])
        self.publish()

    # --- how they are -----------------------------------------------------------------------------------------------

    async def record_status(
        self, config: ProviderConfig, *, latency_ms: float | None = None, error: FreeholdError | None = None
    ) -> None:
        """Keep the outcome of a try: it answered after `latency_ms`, or failed with `error`."""
        if await self.health.record(config, latency_ms=latency_ms, error=error):
            self.publish()


def _load_kinds(kinds: Iterable[str]) -> None:
    known = registry.vendors()
    for kind in kinds:
        if kind in known:
            registry.provider_class(registry.manifest_for(kind).id)


def key_context(provider_id: str) -> str:
    """The place that a sealed key is bound to, see kit/crypto.py."""
    return f"providers|sealed_key|{provider_id}|v1"


def sensible(kind: str, listed: Iterable[ModelCard]) -> set[str]:
    """The ids of a first listing that are turned on without anyone choosing."""
    return cards.first_enabled(listed, frozenset(card.id for card in catalogue.known_models(kind)))
