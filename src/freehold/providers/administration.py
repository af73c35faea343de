"""What administrators do with providers: try credentials, add, change, remove, check, and correct their models."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import structlog
from sqlalchemy.exc import IntegrityError

from freehold.errors import (
    ConfigurationError,
    Conflict,
    InvalidRequest,
    NotFound,
    ProviderError,
    ProviderKeyMissing,
    ProviderTimeout,
)
from freehold.kit import clock
from freehold.observability.redaction import register_secrets
from freehold.providers import alias_targets, cards, catalogue, options, pool, registry, repository
from freehold.providers.base import CheckReport, Provider, ProviderConfig
from freehold.providers.cards import Offer
from freehold.providers.directory import Directory, key_context, sensible
from freehold.providers.models import ProviderRow
from freehold.providers.origins import Configured, refuse_locked, unique_slug
from freehold.providers.schemas import (
    CheckResult,
    ModelAdd,
    ModelInfo,
    ModelPatch,
    ProviderDetail,
    ProviderNew,
    ProviderPatch,
    ProviderTry,
    Vendor,
)

CHECK_S = 30.0
"""How long a try of credentials may take as a whole."""

BUILT_IN_KINDS = frozenset({"embedded", "echo"})
"""Kinds that the settings turn on; there is one of each."""

_log = structlog.get_logger(__name__)


class Administration:
    """The writing side of the directory."""

    def __init__(self, providers: Directory) -> None:
        self._providers = providers
        self._adding = asyncio.Lock()

    def vendors(self) -> list[Vendor]:
        """The kinds of provider that can be added."""
        return [
            Vendor(
                id=vendor.id,
                name=vendor.name,
                name_zh=vendor.name_zh,
                dialect=vendor.dialect,
                base_url=vendor.base_url,
                api_key_url=vendor.api_key_url,
                docs_url=vendor.docs_url,
                self_hosted=vendor.self_hosted,
                needs_key=vendor.needs_key,
                key_prefixes=list(vendor.key_prefixes),
                manages_models=bool(registry.manifest_for(vendor.id).manages),
            )
            for vendor in registry.vendors().values()
            if vendor.id not in BUILT_IN_KINDS
        ]

    # --- trying -----------------------------------------------------------------------------------------------------

    async def try_out(self, wish: ProviderTry) -> CheckResult:
        """Try credentials that are not saved. Raises InvalidRequest, NotFound for `provider_id`."""
        config = self._draft(wish, wish.provider_id or wish.kind)
        return await self._result(config, self._temporary(config))

    async def check(self, provider_id: str) -> CheckResult:
        """Try a configured provider and keep the outcome. Raises NotFound.

        The live instance is asked: a second one of the built-in model would load it into memory twice.
        """
        config = self._providers.configured(provider_id).config
        return await self._result(config, self._providers.lease_provider(provider_id), keep=True)

    async def _result(
        self, config: ProviderConfig, opened: AbstractAsyncContextManager[Provider], *, keep: bool = False
    ) -> CheckResult:
        try:
            report = await self._try(config, opened)
        except ProviderError as error:
            if keep:
                await self._providers.record_status(config, error=error)
            return CheckResult(ok=False, error=error.body().as_dict())
        if keep:
            await self._providers.record_status(config, latency_ms=report.latency_ms)
            await self._providers.store_listing(config.id, report.models)
        chosen = sensible(config.kind, report.models)
        models = [cards.model_info(config, Offer(card, card.id in chosen)) for card in report.models]
        return CheckResult(ok=True, latency_ms=round(report.latency_ms, 1), models=models)

    async def _try(self, config: ProviderConfig, opened: AbstractAsyncContextManager[Provider]) -> CheckReport:
        """Ask the opened provider. Raises ProviderError, InvalidRequest."""
        async with opened as provider:
            try:
                async with asyncio.timeout(CHECK_S):
                    return await provider.check()
            except TimeoutError:
                raise ProviderTimeout(
                    f"{config.name} did not finish the check within {CHECK_S:g} seconds.",
                    provider=config.name,
                    provider_id=config.id,
                    seconds=CHECK_S,
                ) from None

    @asynccontextmanager
    async def _temporary(self, config: ProviderConfig) -> AsyncGenerator[Provider]:
        """A provider with these credentials and no others, for one try. Raises InvalidRequest."""
        register_secrets([config.api_key, *options.secrets(config.options)])
        await self._providers.load_kinds([config.kind])
        provider = self._build(config)
        try:
            yield provider
        finally:
            await pool.close(provider)

    def _build(self, config: ProviderConfig) -> Provider:
        try:
            return registry.build(config, self._providers.deps)
        except ConfigurationError as error:
            raise InvalidRequest(error.message, next_step=error.next_step) from None

    def _draft(self, wish: ProviderTry, provider_id: str) -> ProviderConfig:
        options.check(wish.options)
        vendor = registry.vendors().get(wish.kind)
        if vendor is None:
            raise InvalidRequest(f"There is no kind of provider named {wish.kind!r}.", field="kind")
        stored = self._providers.configured(wish.provider_id) if wish.provider_id else None
        base_url = wish.base_url or (stored.config.base_url if stored else None) or vendor.base_url
        if base_url is None:
            raise InvalidRequest(f"{vendor.name} needs an address.", field="base_url")
        key = _secret(wish.api_key)
        if stored is not None:
            if options.keeps_hidden(wish.options):
                _refuse_elsewhere(stored, base_url)
            if "api_key" not in wish.model_fields_set:
                key = _stored_key(stored, base_url)
        name = wish.name if isinstance(wish, ProviderNew) else None
        told = wish.self_hosted if isinstance(wish, ProviderNew) else None
        return ProviderConfig(
            id=provider_id,
            kind=wish.kind,
            name=name or (stored.config.name if stored else vendor.name),
            base_url=base_url,
            api_key=key,
            self_hosted=vendor.self_hosted if told is None else told,
            options=options.merged(stored.config.options if stored else {}, wish.options),
        )

    # --- providers --------------------------------------------------------------------------------------------------

    async def add(self, wish: ProviderNew, *, force: bool) -> ProviderDetail:
        """Save a provider whose credentials work. Raises ProviderError and saves nothing when they do not, unless
        `force`; Conflict when the id is taken, InvalidRequest.
        """
        if wish.kind in BUILT_IN_KINDS:
            raise Conflict("The built-in model is turned on by the server's settings.", field="kind")
        async with self._adding:
            taken = {configured.config.id for configured in self._providers.configs()}
            taken |= set(self._providers.settings.declared.models)  # an alias answers to that name
            if wish.id is not None and wish.id in taken:
                raise Conflict(f"There is a provider or an alias with the id {wish.id!r} already.", field="id")
            provider_id = wish.id or unique_slug(wish.name or wish.kind, taken, fallback=wish.kind)
            config = self._draft(wish, provider_id)
            report, failure = await self._tried(config, force=force)
            await self._insert(config)
        await self._after_try(config, report, failure, wish.enabled_models)
        return self._providers.detail(provider_id)

    async def _insert(self, config: ProviderConfig) -> None:
        now = clock.now()
        try:
            async with self._providers.database.begin() as session:
                row = ProviderRow(
                    id=config.id,
                    position=await repository.next_position(session),
                    created_at=now,
                    updated_at=now,
                    last_check=None,
                    **self._columns(config),
                )
                session.add(row)
        except IntegrityError:
            raise Conflict(f"There is a provider with the id {config.id!r} already.", field="id") from None
        _log.info("provider_added", provider_id=config.id, kind=config.kind)
        await self._providers.reload()

    async def change(self, provider_id: str, patch: ProviderPatch, *, force: bool) -> ProviderDetail:
        """Change the named fields; a new key or address is tried first. Raises as `add`, and Conflict for a provider
        that is declared outside the web app.
        """
        configured = self._providers.configured(provider_id)
        refuse_locked(configured, patch.model_fields_set)
        before = configured.config
        config = self._patched(configured, patch)
        report, failure = None, None
        if config.enabled and (config.base_url, config.api_key) != (before.base_url, before.api_key):
            report, failure = await self._tried(config, force=force)
        if config != before:
            async with self._providers.database.begin() as session:
                values = {**self._columns(config), "updated_at": clock.now()}
                if not await repository.update_provider(session, provider_id, values):
                    raise NotFound("There is no provider with that id.")
            _log.info("provider_changed", provider_id=provider_id, fields=sorted(patch.model_fields_set))
            await self._providers.reload()
        await self._after_try(config, report, failure, None)
        return self._providers.detail(provider_id)

    def _patched(self, configured: Configured, patch: ProviderPatch) -> ProviderConfig:
        before, said = configured.config, patch.model_fields_set
        options.check(patch.options or {})
        base_url = before.base_url
        if "base_url" in said:
            base_url = patch.base_url or registry.vendor(before.kind).base_url
        changes: dict[str, Any] = {
            name: getattr(patch, name)
            for name in ("name", "self_hosted", "enabled")
            if getattr(patch, name) is not None
        }
        if options.keeps_hidden(options.shown(before.options) if patch.options is None else patch.options):
            _refuse_elsewhere(configured, base_url)
        if patch.options is not None:
            changes["options"] = options.merged(before.options, patch.options)
        key = _secret(patch.api_key) if "api_key" in said else _stored_key(configured, base_url)
        return replace(before, base_url=base_url, api_key=key, **changes)

    async def remove(self, provider_id: str) -> None:
        """Forget a provider, its key and its models; answers under way are finished. Raises NotFound, Conflict."""
        refuse_locked(self._providers.configured(provider_id), ["enabled"])
        alias_targets.refuse_used(self._providers.settings.declared.models, provider_id)
        async with self._providers.database.begin() as session:
            if not await repository.delete_provider(session, provider_id):
                raise NotFound("There is no provider with that id.")
        _log.info("provider_removed", provider_id=provider_id)
        self._providers.health.forget(provider_id)
        await self._providers.reload()

    async def _tried(self, config: ProviderConfig, *, force: bool) -> tuple[CheckReport | None, ProviderError | None]:
        try:
            return await self._try(config, self._temporary(config)), None
        except ProviderError as error:
            if not force:
                raise
            return None, error

    async def _after_try(
        self,
        config: ProviderConfig,
        report: CheckReport | None,
        failure: ProviderError | None,
        enabled: list[str] | None,
    ) -> None:
        if failure is not None:
            await self._providers.record_status(config, error=failure)
        if report is not None:
            await self._providers.store_listing(config.id, report.models, enabled)
            await self._providers.record_status(config, latency_ms=report.latency_ms)
        if enabled:
            known = self._providers.offers(config.id)
            added = {model_id: _by_hand(config, model_id) for model_id in enabled if model_id not in known}
            await self._providers.change_offers(config.id, lambda _: (added, []))

    def _columns(self, config: ProviderConfig) -> dict[str, Any]:
        sealed = None
        if config.api_key:
            sealed = self._providers.secret_box.seal(config.api_key, key_context(config.id))
        return {
            "kind": config.kind,
            "name": config.name,
            "base_url": config.base_url,
            "sealed_key": sealed,
            "self_hosted": config.self_hosted,
            "enabled": config.enabled,
            "options": config.options,
        }

    # --- models -----------------------------------------------------------------------------------------------------

    async def add_model(self, provider_id: str, wish: ModelAdd) -> ModelInfo:
        """Offer a model that the provider does not list. Raises NotFound, Conflict."""
        configured = self._providers.configured(provider_id)
        if configured.names_models:
            refuse_locked(configured, ["models"])
        if self._providers.manages_models(configured.config):
            raise Conflict("This provider offers what is on its disk.", next_step="Download the model instead.")
        if wish.id in self._providers.offers(provider_id):
            raise Conflict(f"{wish.id} is in the list already.", next_step="Turn it on in the list.")
        offer = _by_hand(configured.config, wish.id)
        await self._providers.change_offers(provider_id, lambda _: ({wish.id: offer}, []))
        return self._model(provider_id, wish.id)

    async def change_model(self, provider_id: str, model_id: str, patch: ModelPatch) -> ModelInfo:
        """Turn a model on or off, enter its prices, or correct what else is known of it.

        Raises NotFound, InvalidRequest, and Conflict for what the declaration says and for prices of a model in-house.
        """
        configured = self._providers.configured(provider_id)
        offer = self._offer(provider_id, model_id)
        enabled = offer.enabled if patch.enabled is None else patch.enabled
        if enabled != offer.enabled and configured.declared and cards.naming(configured.declared, model_id):
            refuse_locked(configured, ["models"])
        priced = "prices" in patch.model_fields_set
        if priced and offer.prices_declared:
            refuse_locked(configured, ["prices"])
        if patch.prices is not None and configured.config.self_hosted:
            raise Conflict(
                f"{configured.config.name} is in the house, so its models cost nothing.",
                next_step="Say first that what is sent there leaves the house.",
                field="prices",
            )

        def changed(stored: Mapping[str, Offer]) -> tuple[dict[str, Offer], list[str]]:
            # without what the declaration says: that is laid over it anew, and is gone when the file says so no more
            known = stored.get(model_id) or Offer(catalogue.card_for(configured.config.kind, model_id), enabled=enabled)
            return {model_id: replace(known, enabled=enabled, overrides=cards.corrected(known.overrides, patch))}, []

        await self._providers.change_offers(provider_id, changed)
        if priced:
            prices = patch.prices.model_dump(exclude_none=True) if patch.prices else None
            _log.info("model_prices_changed", provider_id=provider_id, model=model_id, prices=prices)
        return self._model(provider_id, model_id)

    async def remove_model(self, provider_id: str, model_id: str) -> None:
        """Forget a model that was added by hand, or delete it from the disk of a provider that keeps models there.

        Raises NotFound, Conflict for one that the provider lists, ProviderError.
        """
        configured = self._providers.configured(provider_id)
        offer = self._offer(provider_id, model_id)
        if self._providers.manages_models(configured.config):
            async with self._providers.lease_provider(provider_id) as provider:
                await provider.delete_model(model_id)
            _log.info("model_deleted", provider_id=provider_id, model=model_id)
            await self._providers.refresh(provider_id)
        elif offer.source == "manual":
            await self._providers.change_offers(provider_id, lambda _: ({}, [model_id]))
        else:
            raise Conflict("The provider lists this model.", next_step="Turn it off instead.")

    def _offer(self, provider_id: str, model_id: str) -> Offer:
        offer = self._providers.offers(provider_id).get(model_id)
        if offer is None:
            raise NotFound("This provider has no model with that id.")
        return offer

    def _model(self, provider_id: str, model_id: str) -> ModelInfo:
        return cards.model_info(self._providers.configured(provider_id).config, self._offer(provider_id, model_id))


def _by_hand(config: ProviderConfig, model_id: str) -> Offer:
    return Offer(catalogue.card_for(config.kind, model_id), enabled=True, source="manual")


def _secret(value: Any) -> str | None:
    """The key as pasted, without the blanks and line breaks around it that come along."""
    return (value.get_secret_value().strip() or None) if value is not None else None


def _stored_key(configured: Configured, base_url: str | None) -> str | None:
    """The saved key, for the server it was saved for and no other. Raises ProviderKeyMissing for another address."""
    if configured.config.api_key is not None:
        _refuse_elsewhere(configured, base_url)
    return configured.config.api_key


def _refuse_elsewhere(configured: Configured, base_url: str | None) -> None:
    """What was saved for one server is not sent to another, whoever asks for it. Raises ProviderKeyMissing."""
    config = configured.config
    if _server(base_url) != _server(config.base_url):
        raise ProviderKeyMissing(
            f"The address leads to another server, so the saved key of {config.name} is not sent there.",
            next_step="Enter the key again together with the new address.",
            provider=config.name,
            provider_id=config.id,
        )


def _server(url: str | None) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url or "")
    return parts.scheme, parts.hostname, parts.port
