"""`./start` and `./check` say in one sentence what a machine lacks, and trust nothing that was left half made."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a space in its name that holds what the scripts themselves need."""
    place = tmp_path / "free hold"
    (place / "deploy").mkdir(parents=True)
    for name in ("start", "check", "deploy/bootstrap.sh", "deploy/uv-requirements.txt", "pyproject.toml", "uv.lock"):
        shutil.copy2(ROOT / name, place / name)
    return place


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder that is the whole PATH: the plain tools of any system, and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("sh", "dirname", "mkdir", "rm", "cat", "sed", "sleep", "uname", "date", "cksum", "tail", "awk", "env"):
        (folder / tool).symlink_to(shutil.which(tool) or pytest.fail(f"no {tool} here"))
    return folder


def program(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def start(checkout: Path, programs: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [checkout / "start"],
        cwd="/",
        env={"PATH": str(programs), "HOME": str(checkout), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_no_python_is_said_with_the_command_that_brings_one(checkout: Path, programs: Path) -> None:
    program(programs, "apt-get", "exit 1")
    done = start(checkout, programs)
    assert done.returncode == 1
    assert "needs Python 3.11 or newer, and there is no python3 on PATH" in done.stderr
    assert "sudo apt-get install python3 python3-venv" in done.stderr


def test_an_old_python_is_named_with_its_version(checkout: Path, programs: Path) -> None:
    program(programs, "python3", 'case $1 in -V) echo "Python 3.9.2" ;; *) exit 1 ;; esac')
    program(programs, "brew", "exit 1")
    done = start(checkout, programs)
    assert done.returncode == 1
    assert "python3 is 3.9.2" in done.stderr
    assert "brew install python@3.12" in done.stderr


def test_a_missing_venv_is_said_with_the_debian_package(checkout: Path, programs: Path) -> None:
    # a Debian python3 without python3-venv: new enough, but `import venv, ensurepip` fails
    program(programs, "python3", "case $2 in *ensurepip*) exit 1 ;; *print*) echo 3.13 ;; *) exit 0 ;; esac")
    program(programs, "apt-get", "exit 1")
    done = start(checkout, programs)
    assert done.returncode == 1
    assert "module venv is missing" in done.stderr
    assert "sudo apt-get install python3.13-venv" in done.stderr


def test_the_python_in_the_variable_goes_first(checkout: Path, programs: Path) -> None:
    program(programs, "python3", "exit 1")
    program(programs, "mine", "case $2 in *ensurepip*) exit 1 ;; *print*) echo 3.14 ;; *) exit 0 ;; esac")
    assert "mine cannot make virtual environments" in start(checkout, programs, PYTHON="mine").stderr


def test_a_failing_step_shows_its_output_and_frees_the_checkout(checkout: Path, programs: Path) -> None:
    program(programs, "python3", 'case $2 in venv) echo "disk full" >&2; exit 28 ;; *) exit 0 ;; esac')
    for _ in range(2):  # the second run is not held up by what the first one left
        done = start(checkout, programs)
        assert done.returncode == 1
        assert "disk full" in done.stderr
        assert "could not be made" in done.stderr
    assert not (checkout / ".freehold/lock").exists()


def test_a_lock_of_a_dead_process_is_not_waited_for(checkout: Path, programs: Path) -> None:
    lock = checkout / ".freehold/lock"
    lock.mkdir(parents=True)
    ended = subprocess.Popen(["true"])
    ended.wait()
    (lock / "pid").write_text(f"{ended.pid}\n")
    assert "there is no python3" in start(checkout, programs).stderr


def test_an_interrupted_preparation_leaves_nothing_that_is_trusted(checkout: Path, programs: Path) -> None:
    # "making" the environment writes its python at once and then takes long, as a real one does; dash goes on after a
    # SIGINT that comes while it forks, so nothing is forked there
    slow = 'mkdir -p "$3/bin"; : >"$3/bin/python"; chmod +x "$3/bin/python"; echo x >>"$HOME/made"; exec sleep 30'
    program(programs, "python3", f'case "$1 $2" in "-m venv") {slow} ;; esac')
    (programs / "chmod").symlink_to(shutil.which("chmod") or "/bin/chmod")
    for run in (1, 2):
        process = subprocess.Popen(
            [checkout / "start"],
            env={"PATH": str(programs), "HOME": str(checkout)},
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            # whoever runs the tests in the background of a script ignores it, and a shell cannot trap what was ignored
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads here
        )
        deadline = time.monotonic() + 20
        while not (checkout / "made").exists() or (checkout / "made").read_text().count("x") < run:
            assert time.monotonic() < deadline, "the second run took the first one's half for whole"
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)  # Ctrl+C reaches the whole group
        assert process.wait(20) == 130
        assert not (checkout / ".freehold/lock").exists()


def test_the_web_mark_follows_names_and_contents(checkout: Path) -> None:
    def mark() -> str:
        script = f'root="{checkout}"; . "{checkout}/deploy/bootstrap.sh"; web_mark'
        return subprocess.run(["sh", "-euc", script], capture_output=True, text=True, check=True).stdout

    source = checkout / "web/src"
    source.mkdir(parents=True)
    (source / "a b.ts").write_text("1")
    first = mark()
    assert first == mark()
    (source / "a b.ts").write_text("2")
    changed = mark()
    (source / "a b.ts").rename(source / "c.ts")
    assert len({first, changed, mark()}) == 3
    built = mark()
    (checkout / "web/node_modules").mkdir()
    (checkout / "web/node_modules/x.js").write_text("")
    assert mark() == built
