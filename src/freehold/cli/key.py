"""freehold key: API keys from the command line, also beside a running server."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import anyio
import typer

from freehold.cli.context import Config, DataDir
from freehold.errors import InvalidRequest

if TYPE_CHECKING:
    from freehold.identity.keys.administration import KeyAdministration
    from freehold.identity.keys.schemas import KeyInfo

app = typer.Typer(help="API keys.", no_args_is_help=True)

Key = Annotated[str, typer.Argument(help="Its name, its id, or how it starts (`fh_` and eight characters).")]
MOST_SHOWN = 200


@app.callback()
def group() -> None:
    """API keys."""


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Shown in lists and reports.")],
    *,
    scopes: Annotated[
        str, typer.Option(help="chat, embeddings, models, audio, images, read, export, admin; separated by commas.")
    ] = "chat,embeddings,models",
    models: Annotated[
        str, typer.Option(help="Models and aliases it may ask, separated by commas; `*` and `?` match many.")
    ] = "*",
    expires: Annotated[
        str, typer.Option(help="A day such as 2027-12-31, a time from now such as 90d, or never.")
    ] = "90d",
    user: Annotated[
        str | None,
        typer.Option(help="E-mail address of the account it acts for. Default: the first administrator."),
    ] = None,
    budget: Annotated[
        str | None, typer.Option(help="US dollars, and the period: 20/month, 5/day, 50/week, 100/total.")
    ] = None,
    network: Annotated[
        list[str] | None, typer.Option(help="An address or network (CIDR) that may use it; may be given several times.")
    ] = None,
    requests_per_minute: Annotated[int | None, typer.Option(min=1, help="Most requests in a minute.")] = None,
    tokens_per_minute: Annotated[int | None, typer.Option(min=1, help="Most tokens in a minute.")] = None,
    concurrency: Annotated[int | None, typer.Option(min=1, help="Most requests at the same time.")] = None,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Make a key and print it, and nothing else, on standard output. It is shown this once."""
    wish = {
        "name": name,
        "scopes": _listed(scopes),
        "models": _listed(models),
        "networks": [item for text in network or [] for item in _listed(text)],
        "limits": {
            "requests_per_minute": requests_per_minute,
            "tokens_per_minute": tokens_per_minute,
            "concurrency": concurrency,
        },
        "budget": _budget(budget) if budget else None,
        "expires_at": _moment(expires),
    }
    anyio.run(_create, wish, user, _overrides(data_dir, config))


@app.command("list")
def show(data_dir: DataDir = None, config: Config = None) -> None:
    """List every key with its owner, state, expiry and last use; never a secret."""
    anyio.run(_list, _overrides(data_dir, config))


@app.command("rotate")
def rotate(
    key: Key,
    overlap: Annotated[float, typer.Option(min=0, max=720, help="Hours for which the older secret works on.")] = 24,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Give a key a new secret and print it alone on standard output; the older one works for some hours more."""
    anyio.run(_rotate, key, overlap, _overrides(data_dir, config))


@app.command("revoke")
def revoke(key: Key, data_dir: DataDir = None, config: Config = None) -> None:
    """End a key for good. A running server stops taking it within five seconds."""
    anyio.run(_revoke, key, _overrides(data_dir, config))


@dataclass(frozen=True, slots=True)
class Operator:
    """Whoever can run commands on the data acts as an administrator."""

    user_id: str = "command line"
    is_admin: bool = True


async def _create(wish: dict[str, Any], user: str | None, overrides: dict[str, Any]) -> None:
    from pydantic import ValidationError

    from freehold.identity.keys.schemas import KeyNew

    try:
        new = KeyNew.model_validate(wish)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        field = str(first["loc"][0]).replace("_", "-")
        raise InvalidRequest(
            f"{field}: {first['msg'].removeprefix('Value error, ')}", next_step="See: freehold key create --help"
        ) from None
    async with _opened(overrides) as keys:
        owner = await keys.owner_for(user)
        made = await keys.create(Operator(), new, owner_id=owner)
    typer.echo(made.secret)
    typer.echo(f"Made the key {made.key.name} for {_owner(made.key)}; it {_expiry(made.key)}.", err=True)


async def _list(overrides: dict[str, Any]) -> None:
    rows: list[KeyInfo] = []
    async with _opened(overrides) as keys:
        cursor = None
        while True:
            page = await keys.list(Operator(), mine=False, cursor=cursor, limit=MOST_SHOWN)
            rows += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
    for info in rows:
        starts = " ".join(secret.start for secret in info.secrets) or info.origin_detail or "-"
        used = f"used {info.last_used_at:%Y-%m-%d %H:%M}" if info.last_used_at else "never used"
        scopes = ",".join(info.scopes)
        typer.echo(f"{info.id}  {starts}  {info.name}  {info.state}  {_owner(info)}  {scopes}  {_expiry(info)}  {used}")


async def _rotate(key: str, overlap: float, overrides: dict[str, Any]) -> None:
    from freehold.identity.keys.schemas import KeyRotation

    async with _opened(overrides) as keys:
        rotation = KeyRotation(overlap_hours=overlap)
        shown = await keys.rotate(Operator(), await keys.find(key), rotation, anyone=True)
    typer.echo(shown.secret)
    typer.echo(f"Rotated the key {shown.key.name}; the older secret works for {overlap:g} hours more.", err=True)


async def _revoke(key: str, overrides: dict[str, Any]) -> None:
    async with _opened(overrides) as keys:
        info = await keys.revoke(Operator(), await keys.find(key))
    typer.echo(f"Revoked the key {info.name} of {_owner(info)}.", err=True)


@asynccontextmanager
async def _opened(overrides: dict[str, Any]) -> AsyncGenerator["KeyAdministration"]:
    from freehold.cli.context import opened_database
    from freehold.identity.keys.service import Keys
    from freehold.settings.master_key import open_secret_box
    from freehold.usage.budget_store import spent_by_keys

    async with opened_database(overrides) as (settings, database):
        box = await open_secret_box(settings, database)
        yield Keys(database, box, settings.declared.keys, spent=spent_by_keys).administration


def _overrides(data_dir: Any, config: Any) -> dict[str, Any]:
    return {"data_dir": data_dir, "config": config}


def _listed(text: str) -> list[str]:
    from freehold.settings.values import as_list

    return as_list(text)


def _moment(text: str) -> datetime | None:
    """`90d`, a day, a time, or never (None). Raises InvalidRequest."""
    from freehold.kit import clock
    from freehold.settings.values import as_moment

    try:
        if text.endswith("d") and text[:-1].isdigit():
            return clock.now() + timedelta(days=int(text[:-1]))
        moment = as_moment(text)
    except (ValueError, OverflowError):
        raise InvalidRequest(
            f"--expires {text}: it is no day.",
            next_step="Write a day such as 2027-12-31, a time such as 90d, or never.",
        ) from None
    return None if moment == "never" else moment


def _budget(text: str) -> dict[str, Any]:
    usd, _, period = text.partition("/")
    return {"usd": usd, "period": period or "month"}


def _owner(info: "KeyInfo") -> str:
    if info.owner is None:
        return "nobody"
    return info.owner.email or info.owner.name or "the local owner"


def _expiry(info: "KeyInfo") -> str:
    return f"expires {info.expires_at:%Y-%m-%d %H:%M} UTC" if info.expires_at else "never expires"
