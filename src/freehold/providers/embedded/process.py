"""Starts, watches and stops the llama.cpp child; at most one model is in memory, and an idle one is unloaded."""

import asyncio
import contextlib
import json
import os
import secrets
import sys
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import structlog

from freehold.settings.children import child_environment

START_S = 180.0
"""A model that is not loaded by then (slow disk, too little memory) counts as failed."""

STOP_S = 3.0
LOG_LINES = 40

_log = structlog.get_logger(__name__)


class ChildFailed(Exception):
    """The child did not start, or ended by itself. The message is one sentence; `detail` is its last log line."""

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """What a model is loaded with. A change of any of it needs a new child."""

    model_path: str
    context_tokens: int = 4096
    threads: int = 1
    prompt_cache_mib: int = 64
    gpu_layers: int = -1  # as many as fit; the wheel from PyPI has no GPU code but on macOS


@dataclass(frozen=True, slots=True)
class Address:
    """Where the child listens on loopback, and the key it wants."""

    port: int
    api_key: str

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class Child:
    """One running llama.cpp process."""

    def __init__(self, process: asyncio.subprocess.Process, options: LoadOptions, address: Address) -> None:
        self.options = options
        self.address = address
        self._process = process
        self.log: deque[str] = deque(maxlen=LOG_LINES)
        self._reader: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.returncode is None

    @classmethod
    async def start(cls, options: LoadOptions) -> "Child":
        """Spawn and wait until the model is loaded. Raises ChildFailed. Cancelling ends the process."""
        # From the loop's own thread: Linux ends the child when the *thread* that made it ends.
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # the working directory is no place to import from
            "-m",
            "freehold.providers.embedded.server",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=child_environment(),
        )
        key = secrets.token_urlsafe(32)
        child = cls(process, options, Address(0, key))
        child._reader = asyncio.create_task(child._read_log())
        try:
            async with asyncio.timeout(START_S):
                port = await child._launch(key)
        except TimeoutError:
            await child.stop()
            raise ChildFailed(f"The model was not loaded after {START_S:g} seconds.", child.last_words()) from None
        except BaseException:
            await asyncio.shield(child.stop())
            raise
        child.address = Address(port, key)
        return child

    async def _launch(self, key: str) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        launch = {**asdict(self.options), "api_key": key, "parent_pid": os.getpid()}
        with contextlib.suppress(ConnectionError):  # an early death shows as the empty line below
            self._process.stdin.write(json.dumps(launch).encode() + b"\n")
            await self._process.stdin.drain()
        line = await self._process.stdout.readline()
        if not line:
            raise ChildFailed(
                f"The model's process ended while loading ({await self.how_it_ended()}).", self.last_words()
            )
        report = json.loads(line)
        if "error" in report:
            raise ChildFailed("The model cannot be loaded.", self.last_words() or report["error"])
        return report["port"]

    async def _read_log(self) -> None:
        """Keep the tail of the log, so that a failure can be explained; an unread pipe would block the child."""
        assert self._process.stderr is not None
        while chunk := await self._process.stderr.read(4096):
            self.log.extend(line[:300] for line in chunk.decode("utf-8", "replace").splitlines() if line.strip())

    def last_words(self) -> str:
        """The last line of its log that speaks of an error, for a person who looks into it."""
        complaints = [line for line in self.log if "error" in line.lower() or "failed" in line.lower()]
        return (complaints or list(self.log) or [""])[-1]

    async def how_it_ended(self) -> str:
        """`signal 9`, `exit code 1` or `still running`; waits a moment for a process that is just ending."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), 1.0)
        code = self._process.returncode
        if code is None:
            return "still running"
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    async def stop(self) -> None:
        """End it: end of input first, which it obeys at once, then by force."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), STOP_S)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        if self._reader is not None:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reader


class Runner:
    """Hands out the child for one request at a time, loading and unloading as needed.

    One request at a time because a small machine answers two at once slower than one after the other, and each slot
    costs a context of memory.
    """

    def __init__(self, idle_s: float) -> None:
        self._idle_s = idle_s
        self._turn = asyncio.Lock()
        self._users = 0
        self._child: Child | None = None
        self._unload: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        """Whether a new request would have to wait for another one."""
        return self._users > 0

    @property
    def child(self) -> Child | None:
        """The loaded model's process, if one runs."""
        return self._child if self._child is not None and self._child.running else None

    def loaded(self, options: LoadOptions) -> bool:
        """Whether a request with these options finds its model in memory."""
        return self.child is not None and self.child.options == options

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        """Wait for one's turn. Inside the block `ready` may be called and the child be used."""
        self._users += 1
        try:
            async with self._turn:
                self._keep_loaded()
                try:
                    yield
                finally:
                    self._unload = asyncio.create_task(self._unload_when_idle())
        finally:
            self._users -= 1

    async def ready(self, options: LoadOptions) -> Child:
        """The running child for `options`; starts or replaces it. Raises ChildFailed."""
        if self._child is not None and not self.loaded(options):
            await self._stop()
        if self._child is None:
            self._child = await Child.start(options)
            _log.info("embedded_loaded", model=Path(options.model_path).name, pid=self._child.pid)
        return self._child

    async def drop(self) -> None:
        """Forget a child that misbehaved; the next `ready` starts a new one."""
        await self._stop()

    async def aclose(self) -> None:
        """End the child, also in the middle of an answer."""
        self._keep_loaded()
        await self._stop()

    def _keep_loaded(self) -> None:
        if self._unload is not None:
            self._unload.cancel()
            self._unload = None

    async def _unload_when_idle(self) -> None:
        await asyncio.sleep(self._idle_s)
        self._unload = None  # from here on nobody cancels us half-way
        if self._turn.locked():  # its holder starts the clock anew
            return
        async with self._turn:
            if self._child is not None:
                _log.info("embedded_unloaded", pid=self._child.pid, idle_s=self._idle_s)
            await self._stop()

    async def _stop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            await child.stop()
