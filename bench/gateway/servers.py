"""The servers of a measurement: the fake provider, Freehold, the bare relay, and LiteLLM as the peer."""

import contextlib
import http.client
import os
import platform
import shutil
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.gateway import machine
from tests.services.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
UPSTREAM_KEY = "bench-upstream"
PEER_KEY = "sk-bench-master"
# 8 characters of id and 43 of secret, as every key has; it opens a server that lives for two minutes on the loopback
KEY = "fh_benchkey_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
MODELS = ("instant", "limited", "paced-100-40", "paced-20-200")
FALLBACK = "fallback"
"""An alias: `limited` first, which refuses each third request, then `instant`."""


class NotMeasured(Exception):
    """A server that cannot be had; the message says why, for the table's foot."""


@dataclass(frozen=True)
class Running:
    """A server that answers. `headers` carry its key."""

    name: str
    pid: int
    port: int
    headers: Mapping[str, str] = field(default_factory=dict)
    falls_back: bool = False  # knows the alias FALLBACK
    cache_headers: Mapping[str, str] = field(default_factory=dict)  # what asks for the answer cache
    cache_body: Mapping[str, Any] = field(default_factory=dict)


@contextlib.contextmanager
def fake_provider() -> Iterator[Running]:
    """The fake provider on the load's core."""
    process = subprocess.Popen([sys.executable, "-m", "bench.gateway.fake"], stdout=subprocess.PIPE, text=True)
    try:
        machine.pin(process.pid, machine.cores()[1])
        assert process.stdout is not None
        yield Running("direct", process.pid, int(process.stdout.readline()), _bearer(UPSTREAM_KEY))
    finally:
        _end(process)


@contextlib.contextmanager
def relay(upstream: Running, folder: Path) -> Iterator[Running]:
    """uvicorn and the upstream client alone."""
    port = free_port()
    command = [sys.executable, "-m", "bench.gateway.relay", str(port), str(upstream.port)]
    with _server("relay", command, port, folder, "/", 30) as running:
        yield running


@contextlib.contextmanager
def freehold(upstream: Running, folder: Path) -> Iterator[Running]:
    """Freehold as it is installed, with everything on: a key with a budget and limits, an alias with a fallback."""
    port = free_port()
    config = folder / "freehold.yaml"
    models = ", ".join(f"{{id: {model}, prices: {{input: 1, output: 2}}}}" for model in MODELS)
    config.write_text(_FREEHOLD.format(upstream=upstream.port, models=models, key=KEY))
    data = folder / "data"
    data.mkdir()
    environment = {
        "FREEHOLD_CONFIG": str(config),
        "FREEHOLD_DATA_DIR": str(data),
        "FREEHOLD_SERVER__PORT": str(port),
        "FREEHOLD_EMBEDDED__ENABLED": "false",
        "FREEHOLD_LOG__FORMAT": "json",
        "FREEHOLD_CACHE__MODE": "on_request",
    }
    command = [sys.executable, "-m", "freehold", "serve"]
    with _server("freehold", command, port, folder, "/readyz", 30, environment) as running:
        yield Running(running.name, running.pid, port, _bearer(KEY), True, cache_headers={"x-freehold-cache": "on"})


@contextlib.contextmanager
def litellm(upstream: Running, folder: Path) -> Iterator[Running]:
    """LiteLLM's proxy with one worker, the same provider and a master key. Installed on the first use."""
    program = install_litellm()
    port = free_port()
    config = folder / "litellm.yaml"
    models = "\n".join(
        _LITELLM_MODEL.format(name=name, model=model, upstream=upstream.port)
        for name, model in [*((model, model) for model in MODELS), (FALLBACK, "limited")]
    )
    config.write_text(_LITELLM.format(models=models, key=PEER_KEY))
    command = [str(program), "--config", str(config), "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]
    environment = {"LITELLM_LOG": "ERROR", "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False"}
    with _server("litellm", command, port, folder, "/health/liveliness", 90, environment) as running:
        asking = {"cache": {"use-cache": True}}
        yield Running(running.name, running.pid, port, _bearer(PEER_KEY), True, cache_body=asking)


def install_litellm() -> Path:
    """The `litellm` program of an environment of its own under .freehold/peers, made if it is not there.

    It runs on the interpreter that runs Freehold: how that was built makes a third of what either takes.
    """
    interpreter = f"{platform.python_version()}-{zlib.crc32(sys.base_prefix.encode()):08x}"
    home = ROOT / ".freehold" / "peers" / f"litellm-{interpreter}"
    program = home / "bin" / "litellm"
    if program.exists():
        return program
    own = ROOT / ".freehold" / "uv" / "bin" / "uv"
    uv = str(own) if own.exists() else shutil.which("uv")
    if uv is None:
        raise NotMeasured("uv is not here to install it with")
    print("installing litellm[proxy] into", home.relative_to(ROOT), file=sys.stderr, flush=True)
    try:
        for command in (
            [uv, "venv", "--quiet", "--no-config", "--python", sys.executable, str(home)],
            [uv, "pip", "install", "--quiet", "--no-config", "--python", str(home / "bin/python"), "litellm[proxy]"],
        ):
            subprocess.run(command, check=True, timeout=300, capture_output=True, text=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as exc:
        shutil.rmtree(home, ignore_errors=True)
        said = (exc.stderr or "no answer").strip().rpartition("\n")[2]
        raise NotMeasured(f"it cannot be installed: {said}") from exc
    return program


def litellm_version() -> str:
    """Of the installed peer."""
    python = install_litellm().with_name("python")
    code = "from importlib.metadata import version; print(version('litellm'))"
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


@contextlib.contextmanager
def _server(
    name: str,
    command: list[str],
    port: int,
    folder: Path,
    ready_path: str,
    timeout_s: float,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Running]:
    log = folder / f"{name}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            env={**os.environ, **(environment or {})},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    try:
        machine.pin(process.pid, machine.cores()[0])
        until = time.monotonic() + timeout_s
        while not _answers(port, ready_path):
            if process.poll() is not None or time.monotonic() > until:
                raise NotMeasured(f"it does not start:\n{log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)
        yield Running(name, process.pid, port)
    finally:
        _end(process)


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500 or path == "/"
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _end(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


_FREEHOLD = """\
providers:
  - {{id: bench, kind: openai_compatible, base_url: "http://127.0.0.1:{upstream}/v1", api_key: bench-upstream,
     models: [{models}]}}
models:
  fallback: {{targets: [{{provider: bench, model: limited}}], fallback: [bench/instant]}}
keys:
  - {{name: bench, key: "{key}", scopes: [chat, models], models: ["*"], budget: {{usd: 100000, period: month}}}}
cache: {{mode: on_request}}
"""

_LITELLM = """\
model_list:
{models}
litellm_settings:
  {{telemetry: false, num_retries: 0, fallbacks: [{{fallback: [instant]}}],
    cache: true, cache_params: {{type: local, mode: default_off}}}}
router_settings: {{num_retries: 0, disable_cooldowns: true}}
general_settings: {{master_key: {key}}}
"""

_LITELLM_MODEL = """\
  - model_name: {name}
    litellm_params:
      {{model: openai/{model}, api_base: "http://127.0.0.1:{upstream}/v1", api_key: bench-upstream,
        input_cost_per_token: 0.000001, output_cost_per_token: 0.000002}}"""
