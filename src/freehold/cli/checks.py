"""The checks of `freehold doctor`; each returns what it found and, where something is wrong, what to do."""

import os
import shutil
import sqlite3
import stat
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from sqlalchemy import text

from freehold import __version__
from freehold.assembly import secret_text
from freehold.db import Database, Target, migrate, open_database, parse_target
from freehold.db.engine import SAFE_SQLITE, sqlite_is_safe
from freehold.db.lock import ProcessLock, network_file_system
from freehold.errors import DatabaseLocked, FreeholdError
from freehold.settings import Settings
from freehold.settings.master_key import key_file, verify_master_key
from freehold.web import WEB_DIST

LOW_SPACE = 1_000_000_000
NO_SPACE = 100_000_000
_MARKS = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check."""

    verdict: Literal["ok", "warn", "fail"]
    subject: str
    message: str
    next_step: str | None = None

    def __str__(self) -> str:
        line = f"{_MARKS[self.verdict]}  {self.subject:<10}  {self.message}"
        return f"{line}\n{'':<18}{self.next_step}" if self.next_step else line


async def examine(settings: Settings, ask_providers: bool) -> list[Finding]:
    """Every check, in the order in which a start meets them."""
    findings = [versions(), *folder(settings.data_dir), space(settings.data_dir)]
    try:
        target = parse_target(secret_text(settings.database.url), settings.data_dir)
        findings.append(engine(target))
        findings += [finding async for finding in database(settings, target, ask_providers)]
    except FreeholdError as error:
        findings.append(Finding("fail", "database", error.message, error.next_step))
    findings += [web_app(), embedded(settings), await echo(settings)]
    return findings


def versions() -> Finding:
    """Freehold and Python."""
    return Finding("ok", "version", f"Freehold {__version__} on Python {sys.version.split()[0]}, {sys.platform}")


def folder(path: Path) -> list[Finding]:
    """Whether the data directory is ours alone and on a local disk."""
    if not path.exists():
        return [Finding("ok", "data", f"{path.resolve()} does not exist yet; the server makes it")]
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        return [
            Finding(
                "fail", "data", f"{path.resolve()} is not writable", f"Run: chown -R {os.getuid()} {path.resolve()}"
            )
        ]
    found = []
    mode = stat.S_IMODE(path.stat().st_mode)
    if sys.platform != "win32" and mode & 0o077:
        found.append(
            Finding(
                "warn", "data", f"{path.resolve()} can be read by others ({mode:o})", f"Run: chmod 700 {path.resolve()}"
            )
        )
    kind = network_file_system(path)
    if kind:
        found.append(
            Finding("warn", "data", f"{path.resolve()} is on a network file system ({kind})", "Use a local disk.")
        )
    return found or [Finding("ok", "data", str(path.resolve()))]


def space(path: Path) -> Finding:
    """Room on the disk that holds the data directory."""
    existing = next(parent for parent in (path.absolute(), *path.absolute().parents) if parent.exists())
    free = shutil.disk_usage(existing).free
    told = f"{free / 1e9:.1f} GB free"
    if free < NO_SPACE:
        return Finding("fail", "disk", told, "Free space; the database needs room to write.")
    return Finding("warn", "disk", told, "Free space soon.") if free < LOW_SPACE else Finding("ok", "disk", told)


def engine(target: Target) -> Finding:
    """The kind of database, and SQLite's version."""
    if target.path is None:
        return Finding("ok", "database", str(target))
    version = sqlite3.sqlite_version
    if sqlite_is_safe():
        return Finding("ok", "database", f"{target}, SQLite {version}")
    wanted = ".".join(str(part) for part in SAFE_SQLITE)
    return Finding(
        "warn",
        "database",
        f"{target}, SQLite {version} is older than {wanted}, which mends a rare corruption of the write-ahead log",
        "Freehold avoids it with one process and one checkpointing connection; a Python with a newer SQLite is better.",
    )


async def database(settings: Settings, target: Target, ask_providers: bool) -> AsyncGenerator[Finding]:
    """Reachable, current, whole, and sealed with the key that is here. Nothing is migrated."""
    if target.path is not None:
        if not target.path.exists():
            yield Finding("ok", "schema", f"no database yet; the server makes one with schema {migrate.head()}")
            return
        yield running(target.path)
    opened = open_database(target, own_file=False)
    try:
        yield Finding("ok", "database", f"answers, {opened.dialect} {await opened.version()}")
        yield await schema(opened)
        if target.path is not None:
            yield await integrity(opened)
        if await migrate.current_revision(opened) == migrate.head():
            await verify_master_key(settings, opened)
            yield Finding("ok", "key", f"the master key is the right one ({key_origin(settings)})")
            if ask_providers:
                async for finding in configured_providers(settings, opened):
                    yield finding
    except FreeholdError as error:
        yield Finding("fail", "database", error.message, error.next_step)
    finally:
        await opened.dispose()


def running(path: Path) -> Finding:
    """Whether a server uses the database now."""
    lock = ProcessLock(path.with_name(f"{path.name}.lock"))
    try:
        lock.acquire()
    except DatabaseLocked as error:
        return Finding("ok", "server", error.message)
    lock.release()
    return Finding("ok", "server", "no server uses this database now")


async def schema(opened: Database) -> Finding:
    """The revision of the database beside that of the code."""
    revision = await migrate.current_revision(opened)
    migrate.refuse_newer(revision)
    if revision == migrate.head():
        return Finding("ok", "schema", f"{revision}, current")
    return Finding("warn", "schema", f"{revision or 'empty'}, the next start upgrades it to {migrate.head()}")


async def integrity(opened: Database) -> Finding:
    """SQLite's own quick check."""
    async with opened.read() as session:
        verdict = str((await session.execute(text("PRAGMA quick_check(1)"))).scalar_one())
    if verdict == "ok":
        return Finding("ok", "database", "passes SQLite's quick check")
    return Finding("fail", "database", f"is damaged: {verdict}", "Stop the server and restore a backup.")


def key_origin(settings: Settings) -> str:
    """Where the master key is from."""
    return "FREEHOLD_MASTER_KEY" if settings.security.master_key else str(key_file(settings))


def web_app() -> Finding:
    """Whether the built web app is in the package."""
    if (WEB_DIST / "index.html").is_file():
        return Finding("ok", "web app", "built")
    return Finding("warn", "web app", "not built; only the API answers", "Run ./start, or npm run build in web/.")


def embedded(settings: Settings) -> Finding:
    """Whether the built-in model can run, and has weights."""
    if not settings.embedded.enabled:
        return Finding("ok", "built-in", "turned off")
    if find_spec("xllamacpp") is None:
        return Finding("warn", "built-in", "llama.cpp is not installed", "Run: pip install 'freehold[embedded]'")
    named = settings.embedded.model_path
    if named is not None and not named.is_file():
        return Finding("fail", "built-in", f"{named} does not exist", "Correct embedded.model_path.")
    found = [named] if named else sorted((settings.data_dir / "models").glob("*.gguf"))
    names = ", ".join(path.name for path in found)
    return Finding("ok", "built-in", names or "no weights yet; one click in the web app downloads them")


async def echo(settings: Settings) -> Finding:
    """One answer through the whole provider machinery, computed here."""
    from freehold.providers import registry
    from freehold.providers.base import ProviderConfig
    from freehold.providers.upstream import Upstream
    from freehold.wire.events import TextDelta
    from freehold.wire.request import ChatRequest, Message, Text

    upstream = Upstream()
    deps = registry.ProviderDeps(upstream=upstream, data_dir=settings.data_dir)
    provider = registry.build(ProviderConfig(id="echo", kind="echo", name="Echo", self_hosted=True), deps)
    asked = "one two three"
    request = ChatRequest(model="echo", messages=(Message("user", (Text(asked),)),))
    try:
        async with aclosing(provider.stream(request)) as stream:
            answer = "".join([event.text async for event in stream if isinstance(event, TextDelta)])
    finally:
        await provider.aclose()
        await upstream.aclose()
    if answer.strip() != asked:
        return Finding("fail", "providers", f"the echo provider answered {answer!r} to {asked!r}")
    return Finding("ok", "providers", "an answer comes through (echo)")


async def configured_providers(settings: Settings, opened: Database) -> AsyncGenerator[Finding]:
    """Ask each configured provider for its models, which costs nothing."""
    from freehold.kit.bus import MemoryBus
    from freehold.providers import registry
    from freehold.providers.service import Providers
    from freehold.providers.upstream import Upstream
    from freehold.settings.master_key import open_secret_box

    upstream = Upstream()
    service = Providers(settings, opened, MemoryBus(), await open_secret_box(settings, opened), upstream)
    try:
        await service.reload()
        for config in (configured.config for configured in service.configs()):
            provider = registry.build(config, service.deps)
            try:
                models = await provider.list_models()
                yield Finding("ok", "providers", f"{config.name}: {len(models)} models")
            except FreeholdError as error:
                yield Finding("warn", "providers", f"{config.name}: {error.message}", error.next_step)
            finally:
                await provider.aclose()
    finally:
        await service.stop()
        await upstream.aclose()
