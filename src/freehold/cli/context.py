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
    from freehold.assembly import open_data, secret_text
    from freehold.db import parse_target

    settings = load_everything(overrides).settings
    path = parse_target(secret_text(settings.database.url), settings.data_dir).path
    fresh = path is not None and not path.exists()
    async with open_data(settings, serving=False) as database:
        if fresh:
            typer.echo(
                f"There was no database, so {path} was made. A server with another data folder knows nothing of it: "
                "name that folder with --data-dir or FREEHOLD_DATA_DIR.",
                err=True,
            )
        yield settings, database
