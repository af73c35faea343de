"""Cores, processor time and memory of the processes of a measurement, from /proc (Linux)."""

import contextlib
import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def cores() -> tuple[set[int], set[int]]:
    """The core of the measured server, and that of the fake provider and the load. The same one on one core."""
    usable = sorted(os.sched_getaffinity(0))
    return {usable[0]}, {usable[-1]}


def pin(pid: int, where: set[int]) -> None:
    """Keep a process, and the threads that it starts later, on these cores."""
    os.sched_setaffinity(pid, where)


def family(pid: int) -> list[int]:
    """The process and all its descendants."""
    found = [pid]
    for parent in found:
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{parent}/task").iterdir():
                found += [int(child) for child in (thread / "children").read_text().split()]
    return found


def processor_s(pid: int) -> float:
    """User and system time of a process and its descendants in seconds, to a hundredth."""
    total = 0
    for member in family(pid):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])  # utime and stime; the name before them may hold spaces
    return total / TICKS


def resident_mb(pid: int) -> float:
    """Resident memory of a process and its descendants in MB; pages they share count for each."""
    total = 0
    for member in family(pid):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{member}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    total += int(line.split()[1])
    return total / 1024
