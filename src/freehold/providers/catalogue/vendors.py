"""Vendors as data: who offers models, at which address, in which dialect, with which deviations from it."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

_FILE = Path(__file__).parent / "vendors.toml"


@dataclass(frozen=True, slots=True)
class Quirks:
    """Where a vendor deviates from its dialect; the defaults are what most compatible servers do."""

    auth: Literal["bearer", "api-key", "x-api-key", "x-goog-api-key", "none"] = "bearer"
    chat_path: str = "chat/completions"
    models_path: str = "models"  # "": the vendor lists no models
    check_path: str | None = None  # asked with the key, because the list of models proves nothing
    deployments: bool = False  # models are called by names of the customer's own, which no list tells
    public_list: bool = False  # the list needs no key, so a check asks a model instead
    base_suffix: str | None = None  # added to a configured address that lacks it
    api_version: str | None = None  # Azure's dated API
    headers: tuple[tuple[str, str], ...] = ()
    max_tokens_field: str = "max_tokens"
    stream_usage: bool = True  # understands stream_options.include_usage
    developer_role: bool = False  # system messages go out as role "developer"
    json_schema: Literal["json_schema", "json_object", "none"] = "json_schema"
    fixed_sampling: tuple[str, ...] = ()  # models that refuse temperature and top_p
    reasoning_effort: Literal["effort", "openrouter", "enable_thinking", "chat_template", "thinking_type", "none"] = (
        "effort"
    )
    effort_off: tuple[tuple[str, str], ...] = ()  # pattern of models and the word that turns reasoning off
    reasoning_back: str | None = None  # field in which earlier reasoning returns inside a tool loop


@dataclass(frozen=True, slots=True)
class Vendor:
    """A kind of provider that can be configured. `dialect` names the provider folder that talks to it."""

    id: str
    name: str
    dialect: str = "openai_compatible"
    name_zh: str | None = None
    base_url: str | None = None  # None: must be configured
    api_key_url: str | None = None
    docs_url: str | None = None
    self_hosted: bool = False
    needs_key: bool = True
    key_prefixes: tuple[str, ...] = ()
    environment: str | None = None  # LobeChat's prefix: <environment>_API_KEY, _PROXY_URL, _MODEL_LIST
    environment_key: str | None = None  # the key's variable where it is not <environment>_API_KEY
    environment_url: str | None = None  # the address's variable where it is not <environment>_PROXY_URL
    prices: str | None = None  # the vendor's name in prices.json
    check_model: str | None = None
    quirks: Quirks = Quirks()


def vendors() -> dict[str, Vendor]:
    """All vendors by id, in the order in which they are offered."""
    return _VENDORS


def recognise_key(api_key: str) -> Vendor | None:
    """The vendor whose keys look like this one, by its longest matching prefix; None when it could be anyone's."""
    key = api_key.strip()
    found = [
        (len(prefix), vendor)
        for vendor in _VENDORS.values()
        for prefix in vendor.key_prefixes
        if key.startswith(prefix)
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def parse_vendor(entry: dict[str, Any]) -> Vendor:
    """One vendor from its table. Raises ValueError for an unknown field, TypeError for a missing one."""
    quirks = dict(entry.get("quirks", {}))
    quirks["headers"] = tuple(sorted(quirks.get("headers", {}).items()))
    quirks["fixed_sampling"] = tuple(quirks.get("fixed_sampling", ()))
    quirks["effort_off"] = tuple((pattern, word) for pattern, word in quirks.get("effort_off", ()))
    rest = {key: value for key, value in entry.items() if key != "quirks"}
    rest["key_prefixes"] = tuple(rest.get("key_prefixes", ()))
    for part, kind in ((rest, Vendor), (quirks, Quirks)):
        unknown = set(part) - {field.name for field in fields(kind)}
        if unknown:
            raise ValueError(f"unknown field {', '.join(sorted(unknown))} in vendor {entry.get('id')!r}")
    return Vendor(**rest, quirks=Quirks(**quirks))


def _read() -> dict[str, Vendor]:
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    found = [parse_vendor(entry) for entry in data["vendor"]]
    return {vendor.id: vendor for vendor in found}


_VENDORS = _read()  # at import, because a file must not be read inside the event loop
