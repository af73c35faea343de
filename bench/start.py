"""Cold start, idle memory and size of an installation: `python -m bench.start`.

The peer's column: figures measured for the best-known Python workspace, 2.9 GB in 243 packages.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

from bench.table import render
from tests.services.freehold_server import FreeholdServer

RUNS = 7


def resident_mb(pid: int) -> float:
    """Resident memory of a process in MB, from /proc (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"no VmRSS for process {pid}")


def closure(name: str, extras: frozenset[str] = frozenset()) -> set[str]:
    """The distributions that `name` needs on this machine, itself included."""
    from packaging.requirements import Requirement

    found: set[str] = set()
    waiting = [(name, extras)]
    while waiting:
        current, wanted = waiting.pop()
        key = current.lower().replace("_", "-")
        try:
            distribution = metadata.distribution(current)
        except metadata.PackageNotFoundError:
            continue
        fresh = key not in found
        found.add(key)
        for text in distribution.requires or []:
            requirement = Requirement(text)
            environments = [{"extra": extra} for extra in (wanted or {""})]
            if requirement.marker and not any(requirement.marker.evaluate(env) for env in environments):
                continue
            if fresh or wanted:
                child = requirement.name.lower().replace("_", "-")
                if child not in found:
                    waiting.append((requirement.name, frozenset(requirement.extras)))
    return found


def installed_mb(names: set[str]) -> float:
    """Bytes on disk of the named distributions, in MB."""
    total = 0
    for name in names:
        for file in metadata.distribution(name).files or []:
            path = Path(str(file.locate()))
            total += path.stat().st_size if path.exists() else 0
    return total / 1e6


def measure() -> tuple[list[float], list[float]]:
    """Seconds to ready and MB at rest, once per run on a fresh process over the same data."""
    seconds, memory = [], []
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        data.mkdir()
        # without the compiled files that Python keeps, each start would compile everything anew
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        server = FreeholdServer(data)
        server.start()  # the first run makes the database
        server.stop()
        for _ in range(RUNS):
            seconds.append(server.start())
            time.sleep(2)
            assert server.process is not None
            memory.append(resident_mb(server.process.pid))
            server.stop()
    return seconds, memory


def main() -> int:
    """Print the table; exit status 1 when a budget does not hold."""
    seconds, memory = measure()
    names = closure("freehold")
    size = installed_mb(names)
    version = subprocess.run(
        [sys.executable, "-m", "freehold", "--version"], capture_output=True, text=True, check=True
    )
    print(version.stdout.strip(), f"on Python {sys.version.split()[0]}, {RUNS} runs\n")
    rows = [
        ("process to /readyz, median s", f"{statistics.median(seconds):.2f}", "1.5", "13-26"),
        ("process to /readyz, worst s", f"{max(seconds):.2f}", "", ""),
        ("idle memory, median MB", f"{statistics.median(memory):.0f}", "130", "787"),
        ("packages without the embedded extra", len(names), "140", "243"),
        ("installed size without it, MB", f"{size:.0f}", "400", "2900"),
    ]
    print(render(["figure", "freehold", "budget", "peer"], rows))
    holds = statistics.median(seconds) <= 1.5 and statistics.median(memory) <= 130 and len(names) < 140 and size < 400
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
