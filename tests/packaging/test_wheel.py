"""The built wheel is the whole product: `pip install` of it gives the same command, with the web app inside."""

import os
import re
import subprocess
import sys
import tarfile
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.services.availability import missing

ROOT = Path(__file__).parents[2]
WEB_DIST = ROOT / "src/freehold/web_dist"


def uv() -> Path:
    """The uv that ./check brought, else one on PATH."""
    own = ROOT / ".freehold/uv/bin/uv"
    if own.exists():
        return own
    from shutil import which

    found = which("uv")
    return Path(found) if found else missing("uv", "Run ./check once; it brings its own.")


def run(*command: str | Path, cwd: Path, timeout: float = 300) -> str:
    environment = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=timeout
    )
    assert done.returncode == 0, f"{command}:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel made from this tree, with the web app that ./check built."""
    if not (WEB_DIST / ".complete").exists():
        missing("The built web app", "./check and ./start build it.")
    place = tmp_path_factory.mktemp("wheel")
    run(uv(), "build", "--quiet", "--wheel", "--out-dir", place, cwd=ROOT)
    return next(place.glob("freehold-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a scratch environment with the wheel and the locked dependencies in it."""
    place = tmp_path_factory.mktemp("installed")
    requirements = place / "requirements.txt"
    requirements.write_text(
        run(uv(), "export", "--quiet", "--frozen", "--no-dev", "--no-emit-project", "--no-header", cwd=ROOT)
    )
    run(uv(), "venv", "--quiet", "--python", sys.executable, place / "venv", cwd=place)
    python = place / "venv/bin/python"
    run(uv(), "pip", "install", "--quiet", "--python", python, "-r", requirements, cwd=place)
    run(uv(), "pip", "install", "--quiet", "--no-deps", "--python", python, wheel, cwd=place)
    return place / "venv/bin"


def test_the_wheel_has_the_web_app_precompressed_and_no_sources_of_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert "freehold/web_dist/index.html" in names
    assert any(re.fullmatch(r"freehold/web_dist/assets/.+\.js\.br", name) for name in names)
    outside = [name for name in names if not name.startswith(("freehold/", "freehold-"))]
    assert outside == []


def test_the_installed_command_serves_the_page(installed: Path, tmp_path: Path) -> None:
    assert run(installed / "freehold", "--version", cwd=tmp_path).startswith("freehold ")
    with serving(installed / "freehold", tmp_path) as address:
        with urllib.request.urlopen(f"{address}/", timeout=10) as page:
            html = page.read().decode()
        asset = re.search(r'src="(/assets/[^"]+\.js)"', html)
        assert asset, html
        with urllib.request.urlopen(address + asset[1], timeout=10) as script:
            assert script.status == 200


@contextmanager
def serving(program: Path, folder: Path) -> Iterator[str]:
    """Run `freehold serve` on a free port and give its address, taken from the line it prints."""
    output = folder / "output"
    with output.open("wb") as file:
        command = [program, "serve", "--port", "0", "--data-dir", folder / "data"]
        process = subprocess.Popen(command, cwd=folder, stdout=file, stderr=file)
    try:
        deadline, found = time.monotonic() + 60, None
        while not found and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.05)
            found = re.search(r"is ready: (http://[\d.]+:\d+)", output.read_text())
        assert found, output.read_text()
        yield found[1]
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.proof
@pytest.mark.timeout(900)
def test_a_wheel_can_be_made_from_the_sdist_alone(tmp_path: Path) -> None:
    """As a packager would: no checkout, no built web app, no Node on the machine."""
    if not (WEB_DIST / ".complete").exists():
        missing("The built web app", "./check and ./start build it.")
    run(uv(), "build", "--quiet", "--sdist", "--out-dir", tmp_path, cwd=ROOT)
    sdist = next(tmp_path.glob("freehold-*.tar.gz"))
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    tree = next((tmp_path / "unpacked").iterdir())
    assert (tree / "web/package-lock.json").exists()
    assert not (tree / "web/node_modules").exists()
    for path in sorted((tree / "src/freehold/web_dist").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    run(uv(), "build", "--quiet", "--wheel", "--out-dir", tmp_path, cwd=tree, timeout=600)
    with zipfile.ZipFile(next(tmp_path.glob("freehold-*.whl"))) as archive:
        assert "freehold/web_dist/index.html" in archive.namelist()
