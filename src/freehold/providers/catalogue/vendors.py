"""Vendors as data: who offers models, at which address, in which dialect, with which deviations from it."""

import functools
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

_FILE = Path(__file__).parent / "vendors.toml"


@dataclass(frozen=True, slots=True)
class Quirks:
    """Where a vendor deviates from its dialect; the defaults are what most compatible servers do."""

    auth: Literal["bearer", "api-key", "x-api-key", "x-goog-api-key", "none"] = "bearer"
    max_tokens_field: str = "max_tokens"
    stream_usage: bool = True  # understands stream_options.include_usage
    reasoning_effort: Literal["effort", "openrouter", "enable_thinking", "thinking_type", "none"] = "effort"
    developer_role: bool = False  # system messages go out as role "developer"
    json_schema: Literal["json_schema", "json_object", "none"] = "json_schema"
    models_path: str | None = "models"  # None: the vendor lists no models
    chat_path: str = "chat/completions"
    api_version: str | None = None  # query parameter api-version
    headers: tuple[tuple[str, str], ...] = ()


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
    prices: str | None = None  # the vendor's name in the price list
    quirks: Quirks = Quirks()


@functools.cache
def vendors() -> dict[str, Vendor]:
    """All vendors by id, in the order in which they are offered."""
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    found = [parse_vendor(entry) for entry in data["vendor"]]
    return {vendor.id: vendor for vendor in found}


def parse_vendor(entry: dict[str, Any]) -> Vendor:
    """One vendor from its table. Raises ValueError for an unknown field, TypeError for a missing one."""
    quirks = dict(entry.get("quirks", {}))
    quirks["headers"] = tuple(sorted(quirks.get("headers", {}).items()))
    rest = {key: value for key, value in entry.items() if key != "quirks"}
    rest["key_prefixes"] = tuple(rest.get("key_prefixes", ()))
    for part, kind in ((rest, Vendor), (quirks, Quirks)):
        unknown = set(part) - {field.name for field in fields(kind)}
        if unknown:
            raise ValueError(f"unknown field {', '.join(sorted(unknown))} in vendor {entry.get('id')!r}")
    return Vendor(**rest, quirks=Quirks(**quirks))
