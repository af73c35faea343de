"""The models that are on the disk: every .gguf of DATA_DIR/models, and the one that the settings name by path."""

from dataclasses import dataclass, replace
from pathlib import Path

from freehold.providers.base import Ability, ModelCard
from freehold.providers.embedded import catalogue
from freehold.providers.embedded.catalogue import Weights
from freehold.providers.embedded.gguf import GgufHeader, NotGguf, read_header

SMALL_BYTES = 700_000_000
"""A chat model in a smaller file has less than about a billion parameters: a demonstration."""

# Architectures of files that hold no chat model: vision adapters, embeddings, speech.
_NOT_CHAT = frozenset({"clip", "bert", "nomic-bert", "jina-bert-v2", "whisper", "wavtokenizer-dec"})


@dataclass(frozen=True, slots=True)
class Installed:
    """A model on the disk. `entry` is its place in the catalogue, if it has one."""

    id: str
    path: Path
    size_bytes: int
    header: GgufHeader
    entry: Weights | None = None
    named_by_settings: bool = False

    @property
    def context_tokens(self) -> int | None:
        """What the model was trained for."""
        return self.header.context_tokens or (self.entry.context_tokens if self.entry else None)


class ModelsFolder:
    """Looks at the disk each time; headers are read once per version of a file. All methods block."""

    def __init__(self, path: Path, named: Path | None = None) -> None:
        self.path = path
        self._named = named
        self._headers: dict[tuple[str, int, int], GgufHeader | None] = {}

    def installed(self) -> list[Installed]:
        """The usable models: the one named by the settings first, then the catalogue's, then the others by name."""
        files = sorted(self.path.glob("*.gguf")) if self.path.is_dir() else []
        found = [model for file in files if (model := self._read(file)) is not None]
        order = list(catalogue.weights())
        found.sort(key=lambda model: (order.index(model.id) if model.entry else len(order), model.id))
        if self._named is not None and (named := self._read(self._named)) is not None:
            found = [replace(named, named_by_settings=True), *(model for model in found if model.id != named.id)]
        return found

    def find(self, model_id: str) -> Installed | None:
        """The installed model of that id."""
        return next((model for model in self.installed() if model.id == model_id), None)

    def _read(self, file: Path) -> Installed | None:
        try:
            stat = file.stat()
        except OSError:
            return None
        key = (str(file), stat.st_size, stat.st_mtime_ns)
        if key not in self._headers:
            try:
                self._headers[key] = read_header(file)
            except (NotGguf, OSError):
                self._headers[key] = None
        header = self._headers[key]
        if header is None or header.architecture in _NOT_CHAT or _is_later_part(file, header):
            return None
        entry = catalogue.by_file(file.name)
        return Installed(entry.id if entry else file.stem, file, stat.st_size, header, entry)


def _is_later_part(file: Path, header: GgufHeader) -> bool:
    """llama.cpp loads the rest itself when it is given the first of several parts."""
    return header.parts > 1 and "-00001-of-" not in file.name


def card(model: Installed, context_limit: int) -> ModelCard:
    """What is known of an installed model; its context is bounded by what we load it with."""
    context = min(model.context_tokens or context_limit, context_limit)
    if model.entry is not None:
        return replace(offer(model.entry, context_limit), installed=True, context_tokens=context)
    header = model.header
    details = ", ".join(part for part in (header.size_label, header.quantisation) if part)
    return ModelCard(
        id=model.id,
        name=header.name or model.id,
        context_tokens=context,
        abilities=frozenset({"json_schema"}),
        size_bytes=model.size_bytes,
        description=details or None,
        license=header.license,
        demonstration=model.size_bytes < SMALL_BYTES,
    )


def offer(entry: Weights, context_limit: int) -> ModelCard:
    """The card of a model of the catalogue that is not here yet."""
    abilities: set[Ability] = {"json_schema"}
    if entry.reasoning:
        abilities.add("reasoning")
    return ModelCard(
        id=entry.id,
        name=entry.name,
        context_tokens=min(entry.context_tokens, context_limit),
        max_output_tokens=entry.max_output_tokens,
        abilities=frozenset(abilities),
        size_bytes=entry.size_bytes,
        description=entry.description,
        license=entry.license,
        demonstration=entry.demonstration,
        languages=entry.languages,
        installed=False,
    )
