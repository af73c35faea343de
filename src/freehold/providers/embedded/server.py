"""The child process: llama.cpp's HTTP server around one GGUF file, on a free loopback port, for its parent only.

Protocol. Standard input: one JSON line (`Launch`), then nothing; its end means that the parent is gone or wants us to
stop, and the process exits at once. Standard output: one JSON line, {"port": N} when requests are taken or
{"error": "..."} when not. llama.cpp's own log goes to standard error. The key travels on standard input because
arguments and the environment of a process can be read by others of the same user.

xllamacpp is imported here and nowhere else: the parent's memory must not hold llama.cpp.
"""

import ctypes
import importlib
import json
import os
import signal
import sys
import threading
import time
from typing import Any
from urllib.parse import urlsplit

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main() -> int:
    """Serve until standard input ends. Returns the exit code when the model cannot be loaded."""
    report = _private_stdout()
    launch = json.loads(sys.stdin.buffer.readline())
    _end_with_parent(launch["parent_pid"])
    try:
        server = _start(launch)
    except Exception as error:  # noqa: BLE001 - whatever llama.cpp or the missing wheel says goes to the parent as text
        _say(report, {"error": f"{type(error).__name__}: {error}"[:500]})
        return 1
    _say(report, {"port": urlsplit(server.listening_address).port})
    while True:
        time.sleep(3600)


def _private_stdout() -> int:
    """A descriptor of its own for the report; native code that prints to standard output reaches the log instead."""
    report = os.dup(1)
    os.dup2(2, 1)
    return report


def _say(report: int, message: dict[str, Any]) -> None:
    os.write(report, json.dumps(message).encode() + b"\n")
    os.close(report)


def _end_with_parent(parent_pid: int) -> None:
    """End when the parent does: by the kernel on Linux, which also holds while a model loads, else by end of input."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent_pid:  # it ended before the kernel was told
            os._exit(0)
    threading.Thread(target=_exit_at_end_of_input, daemon=True).start()


def _exit_at_end_of_input() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)


def _start(launch: dict[str, Any]) -> Any:
    xllamacpp: Any = importlib.import_module("xllamacpp")
    params = xllamacpp.CommonParams()
    params.model.path = launch["model_path"]
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [launch["api_key"]]
    # The default allows every web page of the user's browser to call us; one impossible origin allows none.
    params.cors_origins = "null.invalid"
    params.cors_origins_explicit = True
    params.cors_credentials = False
    params.ui = False
    params.endpoint_slots = False
    params.endpoint_metrics = False
    params.endpoint_props = False
    params.n_ctx = launch["context_tokens"]
    params.n_parallel = 1
    params.n_threads_http = 4
    params.cpuparams.n_threads = launch["threads"]
    params.cpuparams_batch.n_threads = launch["threads"]
    params.cache_ram_mib = launch["prompt_cache_mib"]  # the default is 8 GiB
    params.n_gpu_layers = launch["gpu_layers"]
    params.n_batch = 512  # progress is told after each batch
    params.warmup = False  # costs a second; the first prompt warms up
    params.verbosity = 2  # errors and warnings
    return xllamacpp.Server(params)


if __name__ == "__main__":
    sys.exit(main())
