"""Whether this machine can run the built-in model at all: the wheel and the processor's instructions."""

import ctypes
import functools
import importlib.util
import os
import platform
import subprocess
import sys
from pathlib import Path

# What ggml's portable x86-64 build is compiled for; without them the process dies with an illegal instruction.
_NEEDED = frozenset({"avx", "avx2", "fma", "f16c", "bmi2"})

_PF_AVX2_INSTRUCTIONS_AVAILABLE = 40  # winnt.h


@functools.cache
def engine_installed() -> bool:
    """Whether the llama.cpp wheel is there; asked without importing it."""
    return importlib.util.find_spec("xllamacpp") is not None


@functools.cache
def processor_suffices() -> bool:
    """False only when it is known that the processor lacks AVX2 or a companion of it. Blocks: reads a file."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return True
    if sys.platform == "win32":
        return bool(ctypes.windll.kernel32.IsProcessorFeaturePresent(_PF_AVX2_INSTRUCTIONS_AVAILABLE))
    flags = _linux_flags() if sys.platform == "linux" else _macos_flags()
    return not flags or flags >= _NEEDED


def default_threads() -> int:
    """All cores that this process may use but one, which keeps the server answering; at least one."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores - 1)


def _linux_flags() -> frozenset[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    return next((parse_flags(line.partition(":")[2]) for line in lines if line.startswith("flags")), frozenset())


def _macos_flags() -> frozenset[str]:
    command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.features", "machdep.cpu.leaf7_features"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)  # noqa: S603 - fixed
    except (OSError, subprocess.TimeoutExpired):
        return frozenset()
    return parse_flags(done.stdout)


def parse_flags(text: str) -> frozenset[str]:
    """The processor's features in Linux's spelling; macOS writes AVX1.0 for avx."""
    return frozenset(word.replace("avx1.0", "avx") for word in text.lower().split())
