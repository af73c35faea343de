"""freehold migrate: brings the database to the schema of this version, or back."""

from typing import Annotated, Any

import anyio
import typer

from freehold.cli.context import Config, DataDir, load_everything


def command(
    data_dir: DataDir = None,
    config: Config = None,
    down_to: Annotated[str | None, typer.Option(help="Go back to this revision; `base` removes every table.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before going back.")] = False,
) -> None:
    """Upgrade the database (the server does it by itself when it starts). Stop the server first."""
    if down_to and not yes:
        typer.confirm(f"Going back to {down_to} removes what newer schemas added. Go on?", abort=True)
    overrides: dict[str, Any] = {"data_dir": data_dir, "config": config}
    before, after = anyio.run(_migrate, overrides, down_to)
    typer.echo(f"schema {before or 'empty'} -> {after or 'empty'}" if before != after else f"schema {after}, current")


async def _migrate(overrides: dict[str, Any], down_to: str | None) -> tuple[str | None, str | None]:
    from freehold.assembly import open_data
    from freehold.db import migrate

    settings = load_everything(overrides).settings
    async with open_data(settings, migrating=False) as database:
        before = await migrate.current_revision(database)
        if down_to:
            await migrate.downgrade(database, down_to, backups=settings.data_dir / "backups")
        else:
            await migrate.upgrade(database, backups=settings.data_dir / "backups")
        return before, await migrate.current_revision(database)
