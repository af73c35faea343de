"""Reads what a GGUF file says of itself: name, architecture, context, size class, quantisation. The header only.

Source: ggml's docs/gguf.md, versions 2 and 3. The file may come from anyone, so every length is bounded before it is
believed, and nothing is read beyond `MAX_HEADER_BYTES`.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MAX_HEADER_BYTES = 64 * 1024 * 1024
"""Vocabularies of 250,000 words with merges take about 20 MB."""

_MAX_KEYS = 65_536
_MAX_KEY_BYTES = 65_535
_MAX_TEXT_BYTES = 4 * 1024 * 1024  # chat templates are long, but not that long
_MAX_ITEMS = 4_000_000

_FIXED = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9

# llama.h, enum llama_ftype: what most of the file's tensors are stored as.
_FILE_TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S", 12: "Q3_K_M",
    13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS", 20: "IQ2_XS",
    21: "Q2_K_S", 22: "IQ3_XS", 23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S",
    29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0", 37: "TQ2_0", 38: "MXFP4",
}  # fmt: skip

Value = int | float | bool | str


class NotGguf(ValueError):
    """The file is no GGUF file that we can read; the message is a sentence that says why."""


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """What the header says; None where it says nothing. `context_tokens` is what the model was trained for."""

    architecture: str | None
    name: str | None
    context_tokens: int | None
    size_label: str | None
    quantisation: str | None
    license: str | None
    has_chat_template: bool
    parts: int = 1


def read_header(path: Path) -> GgufHeader:
    """Read the header of `path`. Raises NotGguf, and OSError when it cannot be opened."""
    with path.open("rb") as file:
        return _header(_Bounded(file))


class _Bounded:
    """A reader that stops at MAX_HEADER_BYTES and turns a short file into NotGguf."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = MAX_HEADER_BYTES

    def take(self, size: int) -> bytes:
        self._spend(size)
        data = self._file.read(size)
        if len(data) != size:
            raise NotGguf("The file ends inside its header; it is cut off.")
        return data

    def skip(self, size: int) -> None:
        self._spend(size)
        self._file.seek(size, 1)  # beyond the end is found by the next `take`

    def number(self, form: str) -> int | float | bool:
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def length(self, limit: int, what: str) -> int:
        value = int(self.number("<Q"))
        if value > limit:
            raise NotGguf(f"The header announces {value} {what}, which no real model has.")
        return value

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise NotGguf(f"The header is longer than {MAX_HEADER_BYTES} bytes.")


def _header(source: _Bounded) -> GgufHeader:
    if source.take(4) != b"GGUF":
        raise NotGguf("The file does not start as a GGUF file does.")
    version = int(source.number("<I"))
    if version not in (2, 3):
        raise NotGguf(f"GGUF version {version} is not 2 or 3.")
    source.number("<Q")  # tensors
    found: dict[str, Value] = {}
    for _ in range(source.length(_MAX_KEYS, "keys")):
        key = source.take(source.length(_MAX_KEY_BYTES, "bytes of a key")).decode("utf-8", "replace")
        value = _value(source, int(source.number("<I")))
        if value is not None:
            found[key] = value
    return _summary(found)


def _value(source: _Bounded, kind: int) -> Value | None:
    """The value, or None for an array, which is only stepped over."""
    if kind in _FIXED:
        return source.number(_FIXED[kind])
    if kind == _STRING:
        return source.take(source.length(_MAX_TEXT_BYTES, "bytes of text")).decode("utf-8", "replace")
    if kind != _ARRAY:
        raise NotGguf(f"The header holds a value of the unknown type {kind}.")
    item_kind = int(source.number("<I"))
    count = source.length(_MAX_ITEMS, "items of a list")
    if item_kind in _FIXED:
        source.skip(count * struct.calcsize(_FIXED[item_kind]))
    elif item_kind == _STRING:
        for _ in range(count):
            source.skip(source.length(_MAX_TEXT_BYTES, "bytes of text"))
    else:  # lists of lists are allowed on paper and used by nobody
        raise NotGguf(f"The header holds a list of the unknown type {item_kind}.")
    return None


def _summary(found: dict[str, Value]) -> GgufHeader:
    architecture = _text(found, "general.architecture")
    file_type = _whole(found, "general.file_type")
    return GgufHeader(
        architecture=architecture,
        name=_text(found, "general.name"),
        context_tokens=_whole(found, f"{architecture}.context_length"),
        size_label=_text(found, "general.size_label"),
        quantisation=_FILE_TYPES.get(file_type) if file_type is not None else None,
        license=_text(found, "general.license"),
        has_chat_template=bool(_text(found, "tokenizer.chat_template")),
        parts=_whole(found, "split.count") or 1,
    )


def _text(found: dict[str, Value], key: str) -> str | None:
    """A printable text of at most 200 characters: it is shown to people."""
    value = found.get(key)
    if not isinstance(value, str):
        return None
    return "".join(character for character in value[:200] if character.isprintable()).strip() or None


def _whole(found: dict[str, Value], key: str) -> int | None:
    value = found.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 31 else None
