"""A real `freehold serve` in a process of its own: started, waited for, killed and started again on the same data."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.services.ports import free_port


class FreeholdServer:
    """One server process on one data directory; the port stays the same over restarts, so open pages find it again."""

    def __init__(self, data_dir: Path, environment: Mapping[str, str] | None = None, port: int | None = None) -> None:
        self.data_dir = data_dir
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data_dir.parent / f"{data_dir.name}.log"
        self._environment = {
            "FREEHOLD_DATA_DIR": str(data_dir),
            "FREEHOLD_SERVER__PORT": str(self.port),
            "FREEHOLD_ECHO__ENABLED": "true",
            "FREEHOLD_EMBEDDED__ENABLED": "false",
            "FREEHOLD_LOG__FORMAT": "json",
            **(environment or {}),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, timeout_s: float = 60) -> float:
        """Start and wait for /readyz; returns the seconds that took. Raises RuntimeError with the end of the log."""
        began = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "freehold", "serve"],
                env={**os.environ, **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        while time.monotonic() - began < timeout_s:
            if self.process.poll() is not None:
                break
            with (
                contextlib.suppress(OSError, urllib.error.URLError),
                urllib.request.urlopen(f"{self.url}/readyz", timeout=1) as answer,
            ):
                if answer.status == 200:
                    return time.monotonic() - began
            time.sleep(0.01)
        tail = self.log.read_text(errors="replace")[-3000:]
        self.kill()
        raise RuntimeError(f"freehold serve was not ready within {timeout_s} s:\n{tail}")

    def kill(self) -> None:
        """`kill -9`: no chance to save anything."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self, timeout_s: float = 15) -> None:
        """Ask to stop as an operator would (SIGTERM), and insist after `timeout_s`."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


@contextlib.contextmanager
def serving(data_dir: Path, environment: Mapping[str, str] | None = None) -> Iterator[FreeholdServer]:
    """A running server that is stopped at the end."""
    data_dir.mkdir(parents=True, exist_ok=True)
    server = FreeholdServer(data_dir, environment)
    server.start()
    try:
        yield server
    finally:
        server.stop()
