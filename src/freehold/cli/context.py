"""What commands share: the options of every command, and the settings and database they open."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from freehold.db import Database
from freehold.settings import Loaded, Settings, load

DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Folder of database, files and secrets.")]
Config = Annotated[Path | None, typer.Option("--config", help="Path of freehold.yaml.")]


def load_everything(overrides: dict[str, Any] | None = None) -> Loaded:
    """Settings with the providers that the environment declares."""
    from freehold.providers.catalogue import vendors

    return load(overrides, vendors=vendors().values())


@asynccontextmanager
async def opened_database(overrides: dict[str, Any] | None = None) -> AsyncGenerator[tuple[Settings, Database]]:
    """Settings and migrated database for a command that may run beside a server."""
    from freehold.assembly import open_data

    settings = load_everything(overrides).settings
    async with open_data(settings, serving=False) as database:
        yield settings, database
