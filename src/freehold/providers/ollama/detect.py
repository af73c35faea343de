"""Looks for an Ollama of this machine, for the first-run page."""

import asyncio
from pathlib import Path

import anyio.to_thread

from freehold import errors
from freehold.providers.upstream import Endpoint, Upstream

PORT = 11434
WAIT_S = 0.3


async def detect(upstream: Upstream, addresses: list[str] | None = None) -> str | None:
    """The base URL of the first Ollama that answers within 300 ms, or None.

    Asked are `addresses`, by default this machine, and the machine around it when we run in a container.
    """
    if addresses is None:
        addresses = await anyio.to_thread.run_sync(candidates)
    answers = await asyncio.gather(*(_answers(upstream, address) for address in addresses))
    return next((address for address, there in zip(addresses, answers, strict=True) if there), None)


def candidates() -> list[str]:
    """Where an Ollama may be; in a container 127.0.0.1 is the container itself."""
    in_container = Path("/.dockerenv").exists() or Path("/run/.containerenv").exists()
    hosts = ["127.0.0.1", "host.docker.internal"] if in_container else ["127.0.0.1"]
    return [f"http://{host}:{PORT}" for host in hosts]


async def _answers(upstream: Upstream, address: str) -> bool:
    endpoint = Endpoint("ollama", "Ollama", address)
    try:
        async with asyncio.timeout(WAIT_S):
            reply = await upstream.request_json(endpoint, "GET", "api/version")
    except (errors.ProviderError, TimeoutError):
        return False
    return reply.status == 200 and isinstance(reply.data, dict) and "version" in reply.data
