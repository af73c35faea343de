"""freehold model: the weights of the built-in model from the command line."""

import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any

import anyio
import typer

from freehold.cli.context import Config, DataDir, load_everything

if TYPE_CHECKING:
    from freehold.providers.base import Progress
    from freehold.providers.embedded.provider import EmbeddedProvider

app = typer.Typer(help="Weights of the built-in model.", no_args_is_help=True)

Model = Annotated[str | None, typer.Argument(help="An id of `freehold model list`. Default: the recommended one.")]


@app.callback()
def group() -> None:
    """Weights of the built-in model."""


@app.command("list")
def show(data_dir: DataDir = None, config: Config = None) -> None:
    """List what is installed and what can be fetched."""
    anyio.run(_list, {"data_dir": data_dir, "config": config})


@app.command("fetch")
def fetch(model: Model = None, data_dir: DataDir = None, config: Config = None) -> None:
    """Download a model, checked by its hash; a download that was cut off goes on. Prints the file's path."""
    anyio.run(_fetch, model, {"data_dir": data_dir, "config": config})


@app.command("path")
def path(model: Model = None, data_dir: DataDir = None, config: Config = None) -> None:
    """Print the path of an installed model's file."""
    anyio.run(_path, model, {"data_dir": data_dir, "config": config})


async def _list(overrides: dict[str, Any]) -> None:
    async with _provider(overrides) as provider:
        status = await provider.status()
        cards = await provider.list_models()
    for card in cards:
        size = f"{(card.size_bytes or 0) / 1e6:,.0f} MB"
        state = "installed" if card.installed else "to fetch"
        typer.echo(f"{card.id:<24} {state:<10} {size:>9}  {card.license or '':<11} {card.description or ''}".rstrip())
    if status.reason is not None:
        typer.echo(status.reason, err=True)


async def _fetch(model: str | None, overrides: dict[str, Any]) -> None:
    from freehold.errors import ModelNotFound, ModelNotInstalled
    from freehold.providers.embedded import catalogue

    async with _provider(overrides) as provider:
        wanted = model or catalogue.first().id
        try:
            found = await provider.path_of(wanted)
        except (ModelNotFound, ModelNotInstalled):
            meter = _Meter(wanted)
            async with aclosing(provider.pull(wanted)) as steps:
                async for step in steps:
                    meter.show(step)
            meter.end()
            found = await provider.path_of(wanted)
    typer.echo(found)


async def _path(model: str | None, overrides: dict[str, Any]) -> None:
    async with _provider(overrides) as provider:
        typer.echo(await provider.path_of(model))


class _Meter:
    """Progress on standard error: a line that changes on a terminal, one line per tenth elsewhere."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._shown = ""

    def show(self, step: "Progress") -> None:
        done = f"{step.completed / 1e6:,.0f} of {(step.total or 0) / 1e6:,.0f} MB"
        percent = 100 * step.completed // step.total if step.total else 0
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{self._name}: {step.status} {done} ({percent} %)\x1b[K")
        elif (line := f"{step.status} {percent // 10 * 10} %") != self._shown:
            sys.stderr.write(f"{self._name}: {line}\n")
            self._shown = line
        sys.stderr.flush()

    def end(self) -> None:
        if sys.stderr.isatty():
            sys.stderr.write("\n")


@asynccontextmanager
async def _provider(overrides: dict[str, Any]) -> AsyncGenerator["EmbeddedProvider"]:
    from freehold.providers.base import ProviderConfig
    from freehold.providers.embedded.provider import EmbeddedProvider
    from freehold.providers.registry import ProviderDeps
    from freehold.providers.upstream import Upstream

    settings = load_everything(overrides).settings
    upstream = Upstream()
    config = ProviderConfig("embedded", "embedded", "Built-in model", self_hosted=True, origin="builtin")
    provider = EmbeddedProvider(config, ProviderDeps(upstream, settings.data_dir, {"embedded": settings.embedded}))
    try:
        yield provider
    finally:
        await provider.aclose()
        await upstream.aclose()
