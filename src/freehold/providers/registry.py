"""From a ProviderConfig to the Provider that answers: finds the provider folders and the vendors that use them."""

import functools
import importlib
import inspect
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from freehold import errors
from freehold.providers import catalogue
from freehold.providers.base import Ability, Provider, ProviderConfig
from freehold.providers.catalogue import Vendor
from freehold.providers.upstream import Upstream

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class ProviderDeps:
    """What a provider may use. `settings` holds the settings section of a folder under the folder's id."""

    upstream: Upstream
    data_dir: Path
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What `providers/<folder>/manifest.toml` declares of one way to talk to models.

    `abilities`: what the dialect can carry; the rest is answered with ModelCannot. `media`: patterns of the types of
    sound and files that it takes; `takes`: fields of a request that not every dialect has, of `tool_choice` (other than
    auto) and `parallel_tool_calls`; `sampling`: names of `ChatRequest.extra`, `*` for all. `manages`: model actions
    such as pull and delete. `conformance`: the tests' module whose `stand()` sets the provider up for the suite that
    every folder has to pass. `vendor`: how the folder shows up as a kind of provider of its own, when no catalogue
    vendor of the same id exists.
    """

    id: str
    name: str
    dialect: str  # name and version of the protocol
    docs: str  # where the protocol is described
    owner: str
    abilities: frozenset[Ability]
    media: tuple[str, ...] = ()
    takes: frozenset[str] = frozenset()
    sampling: frozenset[str] = frozenset()
    manages: tuple[str, ...] = ()
    conformance: str | None = None
    vendor: Vendor | None = None


def manifests() -> dict[str, Manifest]:
    """Every provider folder by id."""
    return _MANIFESTS


def read_manifest(path: Path) -> Manifest:
    """Parse one manifest. Raises ConfigurationError with the file's name."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        if data["id"] != path.parent.name:
            raise ValueError(f"id must be the folder's name, {path.parent.name!r}")
        vendor = data.get("vendor")
        return Manifest(
            id=data["id"],
            name=data["name"],
            dialect=data["dialect"],
            docs=data["docs"],
            owner=data["owner"],
            abilities=frozenset(data["abilities"]),
            media=tuple(data.get("media", ())),
            takes=frozenset(data.get("takes", ())),
            sampling=frozenset(data.get("sampling", ())),
            manages=tuple(data.get("manages", ())),
            conformance=data.get("conformance"),
            vendor=catalogue.parse_vendor({"id": data["id"], "dialect": data["id"], **vendor}) if vendor else None,
        )
    except (KeyError, TypeError, ValueError) as exc:
        raise errors.ConfigurationError(f"{path}: {exc}") from exc


@functools.cache
def vendors() -> dict[str, Vendor]:
    """Every kind of provider that can be configured, in the order in which they are offered."""
    own = {manifest.id: manifest.vendor for manifest in manifests().values() if manifest.vendor}
    return {**catalogue.vendors(), **own}


def vendor(kind: str) -> Vendor:
    """The vendor behind a config's `kind`. Raises ConfigurationError when there is none."""
    try:
        return vendors()[kind]
    except KeyError:
        raise errors.ConfigurationError(
            f"There is no kind of provider named {kind!r}.",
            next_step="Use `openai_compatible` for any server with OpenAI's API, or a vendor of the catalogue.",
        ) from None


def manifest_for(kind: str) -> Manifest:
    """The manifest of the folder that answers for `kind`. Raises ConfigurationError when there is none."""
    return manifests()[vendor(kind).dialect]


def build(config: ProviderConfig, deps: ProviderDeps) -> Provider:
    """Make the provider of a config; no network is touched. Raises ConfigurationError for an unknown kind."""
    return provider_class(manifest_for(config.kind).id)(config, deps)


def fixes_sampling(kind: str, model: str) -> bool:
    """Whether a model of that kind of provider takes neither temperature nor top_p."""
    return provider_class(manifest_for(kind).id).fixes_sampling(vendor(kind), model)


@functools.cache
def provider_class(folder: str) -> Any:
    """The one Provider subclass that `providers/<folder>/provider.py` defines; it is made from (config, deps)."""
    module = importlib.import_module(f"freehold.providers.{folder}.provider")
    found = [
        value
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, Provider) and value.__module__ == module.__name__
    ]
    if len(found) != 1:
        raise errors.ConfigurationError(
            f"freehold.providers.{folder}.provider must define one Provider, has {len(found)}."
        )
    return found[0]


# Read at import, because a file must not be read inside the event loop.
_MANIFESTS = {path.parent.name: read_manifest(path) for path in sorted(_HERE.glob("*/manifest.toml"))}
