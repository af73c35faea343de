"""An export on disk, a zip or one JSON file: its documents as streams and its files, within bounds.

Nothing is unpacked by its own name: what is taken out lies in the scratch folder under a number. A path in an archive
is a name to compare with and no more.
"""

import base64
import binascii
import json
import lzma
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

from freehold.files.text import MAX_TEXT_BYTES, NotText, decoded

MAX_ENTRIES = 200_000
MAX_RATIO = 400  # JSON of one repeated letter is packed 1,000 to 1; chats never are
MAX_UNPACKED = 20_000_000_000
MAX_FILE_BYTES = 50_000_000
CHUNK = 262_144
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError, ValueError)
SIGNATURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")


class Refused(Exception):
    """The archive is not read; the argument is the reason as the report names it."""


class Archive:
    """`documents` are the JSON files, in order of their names; everything else are files that messages may name."""

    def __init__(self, path: Path, scratch: Path) -> None:
        self._path = path
        self._scratch = scratch
        self._taken = 0
        self._zip: zipfile.ZipFile | None = None
        self._entries: dict[str, zipfile.ZipInfo] = {}
        self.unused: set[str] = set()
        if zipfile.is_zipfile(path):
            self._open_zip()
            self.documents = sorted(name for name in self._entries if name.lower().endswith(".json"))
        else:
            self.documents = [""]
        self.total = sum(self.size(name) for name in self.documents)

    def _open_zip(self) -> None:
        try:
            self._zip = zipfile.ZipFile(self._path)
        except _DAMAGED as error:
            raise Refused("broken_archive") from error
        entries = self._zip.infolist()
        if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
            raise Refused("too_much_inside")
        for entry in entries:
            if entry.flag_bits & 0x1:
                raise Refused("encrypted")
            if entry.is_dir() or entry.filename.startswith("__MACOSX/"):
                continue
            if entry.file_size > 1_000_000 and entry.file_size > MAX_RATIO * max(1, entry.compress_size):
                raise Refused("too_much_inside")
            self._entries[entry.filename] = entry
        self.unused = {name for name in self._entries if not name.lower().endswith(".json")}

    def size(self, name: str) -> int:
        """Bytes of a document, unpacked."""
        return self._entries[name].file_size if self._zip else self._path.stat().st_size

    def open(self, name: str) -> IO[bytes]:
        """A document as a stream. Raises Refused."""
        if self._zip is None:
            return self._path.open("rb")
        try:
            return self._zip.open(self._entries[name])
        except _DAMAGED as error:
            raise Refused("broken_archive") from error

    def load(self, name: str, largest: int = 64_000_000) -> Any:
        """A small document as a value. Raises Refused, json.JSONDecodeError."""
        if self.size(name) > largest:
            raise Refused("too_much_inside")
        with self.open(name) as stream:
            return json.loads(Counted(stream, MAX_UNPACKED).read(largest + 1))

    # --- files ------------------------------------------------------------------------------------------------------

    def find(self, *wanted: str) -> str | None:
        """The file whose name is, begins with or holds one of `wanted`, in this order of preference."""
        known = [name for name in wanted if name]
        for name in known:
            if name in self._entries:
                return name
        for name in known:
            for entry in self._by_base().get(name, ()):
                return entry
        for name in known:
            for base, entries in self._by_base().items():
                if len(name) >= 8 and name in base:
                    return entries[0]
        return None

    def _by_base(self) -> dict[str, list[str]]:
        if not hasattr(self, "_bases"):
            self._bases: dict[str, list[str]] = {}
            for name in self._entries:
                if not name.lower().endswith(".json"):
                    self._bases.setdefault(name.rsplit("/", 1)[-1], []).append(name)
        return self._bases

    def take(self, name: str) -> Path | None:
        """Put a file into the scratch folder; None when it is too large or neither image nor text. Raises Refused."""
        self.unused.discard(name)
        if self.size(name) > MAX_FILE_BYTES:
            return None
        with self.open(name) as stream:
            data = Counted(stream, MAX_UNPACKED).read(MAX_FILE_BYTES + 1)
        return self.keep(data, texts=True)

    def keep(self, data: bytes, *, texts: bool = False) -> Path | None:
        """Put bytes into the scratch folder; None when they are too many or no image, nor a text where that is good."""
        if len(data) > MAX_FILE_BYTES or not (data.startswith(SIGNATURES) or (texts and _is_text(data))):
            return None
        self._taken += 1
        path = self._scratch / f"{self._taken:08d}"
        path.write_bytes(data)
        return path

    def keep_address(self, address: str) -> Path | None:
        """The image of a `data:` address, in the scratch folder; None when it is none (RFC 2397)."""
        head, comma, body = address.partition(",")
        if not comma or not head.startswith("data:image/") or not head.endswith(";base64"):
            return None
        try:
            return self.keep(base64.b64decode(body))
        except (binascii.Error, ValueError):
            return None


class Counted:
    """A stream that says how much of it was read, and ends with Refused past a bound."""

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self.read_bytes = 0

    def read(self, size: int = -1) -> bytes:
        try:
            chunk = self._stream.read(size)
        except _DAMAGED as error:
            raise Refused("broken_archive") from error
        self.read_bytes += len(chunk)
        if self.read_bytes > self._limit:
            raise Refused("too_much_inside")
        return chunk


def _is_text(data: bytes) -> bool:
    try:
        return len(data) <= MAX_TEXT_BYTES and bool(decoded(data))
    except NotText:
        return False
