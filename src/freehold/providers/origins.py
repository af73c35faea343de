"""Which providers are configured and who says so: the program, freehold.yaml, the environment, an administrator."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import structlog

from freehold.errors import Conflict
from freehold.providers.base import Origin, ProviderConfig
from freehold.providers.catalogue import Vendor
from freehold.providers.models import ProviderRow
from freehold.settings.areas import DeclaredProvider, Settings

_log = structlog.get_logger(__name__)

_PRECEDENCE: dict[Origin, int] = {"file": 0, "environment": 1, "database": 2, "builtin": 3}
"""Who wins where two origins use one id."""

_SHOWN: dict[Origin, int] = {"database": 0, "file": 0, "environment": 0, "builtin": 1}
"""The built-in ones come last: they are what is left when nothing else is there."""


@dataclass(frozen=True, slots=True)
class Configured:
    """A provider with the place that says so; `detail` for example freehold.yaml:12 or OPENAI_API_KEY."""

    config: ProviderConfig
    detail: str | None = None
    position: int = 0
    declared: DeclaredProvider | None = None

    @property
    def locked(self) -> bool:
        """Only what an administrator made in the web app can be changed there."""
        return self.config.origin != "database"

    @property
    def names_models(self) -> bool:
        """The declaration says which models there are, so the web app does not turn them on and off."""
        return bool(self.config.models)


def from_declared(declared: DeclaredProvider, vendor: Vendor, position: int) -> Configured:
    """A provider of freehold.yaml or the environment; what it leaves out is the vendor's."""
    keys = [key.get_secret_value() for key in declared.keys]
    config = ProviderConfig(
        id=declared.id,
        kind=declared.kind,
        name=declared.name or vendor.name,
        base_url=declared.base_url or vendor.base_url,
        api_key=keys[0] if keys else None,
        more_keys=tuple(keys[1:]),
        self_hosted=vendor.self_hosted if declared.self_hosted is None else declared.self_hosted,
        enabled=declared.enabled,
        models=declared.models,
        options=dict(declared.options),
        origin=declared.origin,
    )
    return Configured(config, declared.origin_detail, position, declared)


def from_row(row: ProviderRow, api_key: str | None) -> Configured:
    """A provider that an administrator made."""
    config = ProviderConfig(
        id=row.id,
        kind=row.kind,
        name=row.name,
        base_url=row.base_url,
        api_key=api_key,
        self_hosted=row.self_hosted,
        enabled=row.enabled,
        options=dict(row.options),
        origin="database",
    )
    return Configured(config, None, row.position)


def builtin(settings: Settings) -> list[Configured]:
    """What the program brings along."""
    found: list[Configured] = []
    if settings.embedded.enabled:
        config = ProviderConfig("embedded", "embedded", "Built-in model", self_hosted=True, origin="builtin")
        found.append(Configured(config, "embedded.enabled"))
    if settings.echo.enabled:
        config = ProviderConfig("echo", "echo", "Echo", self_hosted=True, origin="builtin")
        found.append(Configured(config, "echo.enabled", 1))
    return found


def merge(candidates: Iterable[Configured]) -> dict[str, Configured]:
    """One provider per id, in the order shown; the loser of a shared id is named in the log."""
    chosen: dict[str, Configured] = {}
    for candidate in sorted(candidates, key=lambda item: _PRECEDENCE[item.config.origin]):
        winner = chosen.setdefault(candidate.config.id, candidate)
        if winner is not candidate and candidate.config.origin != "builtin":
            _log.warning(
                "provider_shadowed",
                provider_id=candidate.config.id,
                origin=candidate.config.origin,
                by=winner.config.origin,
                detail=winner.detail,
            )
    order = sorted(chosen.values(), key=lambda item: (_SHOWN[item.config.origin], item.position))
    return {item.config.id: item for item in order}


def refuse_locked(configured: Configured, fields: Collection[str]) -> None:
    """Raise Conflict that names where the provider is declared."""
    if not configured.locked or not fields:
        return
    config, place = configured.config, configured.detail or "the program itself"
    step = {
        "file": "Change it in freehold.yaml; it is read again at once.",
        "environment": "Change it in the environment and start again.",
    }.get(config.origin, "Change it in the server's settings and start again.")
    raise Conflict(
        f"{config.name} is declared in {place}, so it cannot be changed here.",
        next_step=step,
        provider_id=config.id,
        provider=config.name,
        origin=config.origin,
        origin_detail=configured.detail,
        fields=sorted(fields),
    )


def unique_slug(wish: str, taken: Collection[str], fallback: str = "provider") -> str:
    """`wish` in lower-case ASCII letters, digits, dots and dashes, numbered when the id is taken already."""
    ascii_only = unicodedata.normalize("NFKD", wish).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9.]+", "-", ascii_only.lower()).strip("-.")[:56] or fallback
    candidate, number = slug, 2
    while candidate in taken:
        candidate, number = f"{slug}-{number}", number + 1
    return candidate
