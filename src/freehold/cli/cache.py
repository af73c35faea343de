"""freehold cache: what the semantic cache is calibrated with, also beside a running server."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import anyio
import typer

from freehold.cli.context import Config, DataDir

if TYPE_CHECKING:
    from freehold.db import Database
    from freehold.gateway.cache.semantic.encoder import Encoder
    from freehold.gateway.cache.semantic.veto import Language
    from freehold.settings import Settings

app = typer.Typer(help="The cache of answers.", no_args_is_help=True)

LANGUAGES: "tuple[Language, ...]" = ("en", "zh")


@app.callback()
def cache() -> None:
    """The cache of answers."""


@app.command("calibrate")
def calibrate(
    language: Annotated[list[str] | None, typer.Option(help="en or zh; may be given twice. Default: both.")] = None,
    pairs: Annotated[Path | None, typer.Option(help="A file of pairs. Default: the list that comes along.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Measure, and change nothing.")] = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Find from which likeness on two questions are one, for the encoder of cache.encoder, and use it.

    A running server follows within a minute. A file of pairs has lines that begin with = (a question), + (the same in
    other words) and - (another one that is close).
    """
    wanted: list[Language] = [known for known in LANGUAGES if known in (language or LANGUAGES)]
    if unknown := [one for one in language or () if one not in LANGUAGES]:
        raise typer.BadParameter(f"{unknown[0]} is not a language of the semantic cache; take en or zh.")
    if pairs is not None and len(wanted) != 1:
        raise typer.BadParameter("Say with --language which language the pairs are in.")
    anyio.run(_calibrate, wanted, pairs, dry_run, {"data_dir": data_dir, "config": config})


async def _calibrate(wanted: "list[Language]", pairs: Path | None, dry_run: bool, overrides: dict[str, Any]) -> None:
    from freehold.access.subject import Subject
    from freehold.cli.context import opened_database
    from freehold.gateway.cache.semantic.calibrating import score
    from freehold.gateway.cache.semantic.calibration import MOST_WRONG, calibrate
    from freehold.gateway.cache.semantic.pairs import shipped
    from freehold.gateway.cache.semantic.service import store_calibration
    from freehold.identity.service import LOCAL_OWNER_ID

    nobody = Subject(LOCAL_OWNER_ID, "admin", None)
    async with opened_database(overrides) as (settings, database), _encoder(settings, database) as encoder:
        typer.echo(f"encoder    {encoder.name}")
        for language in wanted:
            found = calibrate(await score(encoder, nobody, pairs or shipped(language), language))
            if not dry_run:
                await store_calibration(database, encoder.name, language, found)
            said = (
                f"off: no threshold keeps wrong answers under {MOST_WRONG:.0%}"
                if found.threshold is None
                else f"threshold {found.threshold:.3f}, wrong {found.wrong} of {found.near} near misses "
                f"({found.wrong_share:.2%}), found {found.hits} of {found.same} in other words ({found.recall:.0%})"
            )
            typer.echo(f"{language:<10} {said}")


@asynccontextmanager
async def _encoder(settings: "Settings", database: "Database") -> "AsyncGenerator[Encoder]":
    """The encoder of the settings; a model in the house is asked through a gateway of its own."""
    from freehold.gateway.cache.semantic.encoder import PACKAGED, PackagedEncoder, open_encoder
    from freehold.gateway.call import Gateway
    from freehold.kit.bus import MemoryBus
    from freehold.providers.service import Providers
    from freehold.providers.upstream import Upstream
    from freehold.settings.master_key import open_secret_box
    from freehold.usage.service import UsageService

    if settings.cache.encoder == PACKAGED:
        yield PackagedEncoder()
        return
    upstream = Upstream()
    providers = Providers(settings, database, MemoryBus(), await open_secret_box(settings, database), upstream)
    try:
        await providers.start()
        usage = UsageService(database, settings, settings.data_dir)
        yield open_encoder(settings.cache.encoder, Gateway(providers, usage))
    finally:
        await providers.stop()
        await upstream.aclose()
