"""One value and where it came from, for each setting that somebody set."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """A value with its origin: `--port`, `FREEHOLD_PORT`, `freehold.yaml:12`."""

    value: Any
    origin: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, with the place to mend it."""

    origin: str
    message: str

    def __str__(self) -> str:
        return f"{self.origin}: {self.message}"


def merge(*layers: Mapping[Path, Given]) -> dict[Path, Given]:
    """Later layers win, value by value."""
    merged: dict[Path, Given] = {}
    for layer in layers:
        merged.update(layer)
    return merged


def tree(given: Mapping[Path, Given]) -> dict[str, Any]:
    """The nested form that pydantic validates."""
    root: dict[str, Any] = {}
    for path, item in given.items():
        branch = root
        for name in path[:-1]:
            branch = branch.setdefault(str(name), {})
        branch[str(path[-1])] = item.value
    return root
