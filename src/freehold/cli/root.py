"""The commands and how their errors are told."""

import importlib
import sys
from typing import Any

import typer
import typer.core

from freehold.errors import FreeholdError

COMMANDS = {"serve": "serve", "doctor": "doctor", "migrate": "migrate", "settings": "settings", "openapi": "openapi"}
"""Command -> module of this package that holds its function `command`."""

GROUPS = {"user": "user", "group": "group", "key": "key", "model": "model", "route": "route", "cache": "cache"}
"""Command group -> module of this package that holds its typer app."""


class LazyCommands(typer.core.TyperGroup):
    """Imports a command's module when the command is used."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*COMMANDS, *GROUPS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in COMMANDS:
            app = typer.Typer(add_completion=False)
            app.command(cmd_name)(importlib.import_module(f"freehold.cli.{COMMANDS[cmd_name]}").command)
            return typer.main.get_command(app)
        if cmd_name in GROUPS:
            group = typer.main.get_command(importlib.import_module(f"freehold.cli.{GROUPS[cmd_name]}").app)
            group.name = cmd_name
            return group
        return None


app = typer.Typer(
    cls=LazyCommands, name="freehold", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)


@app.callback(invoke_without_command=True)
def root(version: bool = typer.Option(False, "--version", help="Print the version and leave.")) -> None:
    """Freehold: every model in one window, easy work stays in the house."""
    if version:
        from freehold import __version__

        typer.echo(f"freehold {__version__}")
        raise typer.Exit


def run() -> int:
    """Run the command line; the exit status."""
    try:
        app()
    except FreeholdError as error:
        print(f"freehold: {error.message}\n  {error.next_step}", file=sys.stderr)
        return 1
    return 0
