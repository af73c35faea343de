"""freehold group: groups of people from the command line, also beside a running server."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import anyio
import typer

from freehold.cli.context import Config, DataDir

if TYPE_CHECKING:
    from freehold.identity.people.service import People

app = typer.Typer(help="Groups of people.", no_args_is_help=True)

Group = Annotated[str, typer.Argument(help="Its name or its id.")]
Emails = Annotated[list[str], typer.Argument(help="E-mail addresses of accounts.")]
OPERATOR = "command line"
MOST_SHOWN = 200


@app.callback()
def group() -> None:
    """Groups of people. What changes acts in a running server within five seconds."""


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="What limits, budgets and routing rules call it.")],
    description: Annotated[str, typer.Option(help="A sentence for administrators.")] = "",
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Make a group."""

    async def work(people: "People") -> None:
        from freehold.identity.people.schemas import GroupNew

        made = await people.add_group(OPERATOR, GroupNew(name=name, description=description))
        typer.echo(f"Made the group {made.name}.", err=True)

    _run(work, data_dir, config)


@app.command("list")
def show(data_dir: DataDir = None, config: Config = None) -> None:
    """List every group with the number of its members."""

    async def work(people: "People") -> None:
        for one in await people.groups():
            typer.echo(f"{one.id}  {one.name}  {one.members} members  {one.description}".rstrip())

    _run(work, data_dir, config)


@app.command("members")
def members(group: Group, data_dir: DataDir = None, config: Config = None) -> None:
    """List the people in a group."""

    async def work(people: "People") -> None:
        group_id, cursor = await people.group_id(group), None
        while True:
            page = await people.page(OPERATOR, text=None, group_id=group_id, cursor=cursor, limit=MOST_SHOWN)
            for one in page.items:
                typer.echo(f"{one.email or '-'}  {one.name}  {one.role}  {one.status}")
            cursor = page.next_cursor
            if cursor is None:
                return

    _run(work, data_dir, config)


@app.command("join")
def join(group: Group, emails: Emails, data_dir: DataDir = None, config: Config = None) -> None:
    """Put people into a group."""

    async def work(people: "People") -> None:
        group_id = await people.group_id(group)
        for user_id in [await people.user_id(email) for email in emails]:
            await people.join(OPERATOR, group_id, user_id)

    _run(work, data_dir, config)


@app.command("leave")
def leave(group: Group, emails: Emails, data_dir: DataDir = None, config: Config = None) -> None:
    """Take people out of a group."""

    async def work(people: "People") -> None:
        group_id = await people.group_id(group)
        for user_id in [await people.user_id(email) for email in emails]:
            await people.leave(OPERATOR, group_id, user_id)

    _run(work, data_dir, config)


@app.command("remove")
def remove(group: Group, data_dir: DataDir = None, config: Config = None) -> None:
    """Remove a group with its limits and budgets; its people stay."""

    async def work(people: "People") -> None:
        await people.remove_group(OPERATOR, await people.group_id(group))
        typer.echo(f"Removed the group {group}.", err=True)

    _run(work, data_dir, config)


def _run(work: "Callable[[People], Awaitable[None]]", data_dir: DataDir, config: Config) -> None:
    async def opened() -> None:
        async with _opened(data_dir, config) as people:
            await work(people)

    anyio.run(opened)


@asynccontextmanager
async def _opened(data_dir: DataDir, config: Config) -> AsyncGenerator["People"]:
    from freehold.cli.context import opened_database
    from freehold.identity.people.service import People
    from freehold.identity.policy import IdentityPolicy
    from freehold.identity.service import Identity
    from freehold.usage.repository import drop_group

    async with opened_database({"data_dir": data_dir, "config": config}) as (settings, database):
        identity = Identity(database, IdentityPolicy.of(settings))
        # a running server looks again by itself
        yield People(database, identity, changed=lambda: None, drop_rules=drop_group)
