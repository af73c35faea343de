"""freehold settings: what the server would run with, and where each value comes from."""

from collections.abc import Iterator
from typing import Any

import typer
from pydantic import BaseModel, SecretStr

from freehold.cli.context import Config, DataDir, load_everything


def command(data_dir: DataDir = None, config: Config = None) -> None:
    """Print the effective settings with their origins; secrets are not shown."""
    loaded = load_everything({"data_dir": data_dir, "config": config})
    rows = list(effective(loaded.settings, loaded.origins))
    width = max(len(name) for name, _, _ in rows)
    for name, value, origin in rows:
        typer.echo(f"{name:<{width}}  {value}  ({origin})")
    for warning in loaded.warnings:
        typer.echo(f"warning: {warning}", err=True)


def effective(settings: BaseModel, origins: Any, prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """Name, shown value and origin of every setting."""
    for name in type(settings).model_fields:
        value, path = getattr(settings, name), f"{prefix}{name}"
        if path == "declared":
            for provider in value.providers:
                shown = f"{provider.kind} {provider.base_url or ''} {_keys(len(provider.keys))}"
                yield f"providers.{provider.id}", " ".join(shown.split()), provider.origin_detail or provider.origin
            for alias, model in value.models.items():
                yield f"models.{alias}", ", ".join(target.ref for target in model.targets), model.place or "file"
            for key in value.keys:
                shown = f"{', '.join(key.scopes)} for {', '.join(key.models)}"
                yield f"keys.{key.name}", shown, key.origin_detail or key.origin
        elif isinstance(value, BaseModel):
            yield from effective(value, origins, f"{path}.")
        else:
            yield path, shown_value(value), origins.get(path, "default")


def _keys(count: int) -> str:
    return ("no key", "key set")[count] if count < 2 else f"{count} keys set"


def shown_value(value: Any) -> str:
    """A value as a person reads it; a secret only as set or not set."""
    if isinstance(value, SecretStr):
        return "[set]"
    if value is None or value == ():
        return "-"
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
