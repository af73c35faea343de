"""freehold user: accounts from the command line."""

import sys
from typing import Annotated, Any

import anyio
import typer

from freehold.cli.context import Config, DataDir, opened_database

app = typer.Typer(help="Accounts.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Accounts."""


@app.command("add")
def add(
    email: Annotated[str, typer.Argument(help="The e-mail address to sign in with.")],
    *,
    name: Annotated[str, typer.Option(help="The name shown in the app; the part before the @ when left out.")] = "",
    admin: Annotated[bool, typer.Option("--admin", help="Make an administrator.")] = False,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input instead of asking.")
    ] = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Make an account. The first administrator takes over what was made without accounts."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = typer.prompt("Password (at least 12 characters)", hide_input=True, confirmation_prompt=True)
    anyio.run(_add, email, name or email.partition("@")[0], password, admin, {"data_dir": data_dir, "config": config})
    typer.echo(f"Made the account {email.strip().lower()} ({'administrator' if admin else 'member'}).", err=True)


async def _add(email: str, name: str, password: str, admin: bool, overrides: dict[str, Any]) -> None:
    from freehold.identity.policy import IdentityPolicy
    from freehold.identity.service import Identity

    async with opened_database(overrides) as (settings, database):
        identity = Identity(database, IdentityPolicy.of(settings))
        await identity.add_user(email, name, password, "admin" if admin else "member")
