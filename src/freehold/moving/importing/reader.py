"""The process apart: `python -m freehold.moving.importing.reader ARCHIVE SCRATCH` prints one JSON object a line.

`{"kind": "product", "product"}` before the chats of a document, `{"kind": "conversation", ...}` for each, then
`{"kind": "account", "part", "items"}` for some of what else is kept of a person, in Freehold's own archives,
`{"kind": "progress", "read", "total"}` between them, at the end `{"kind": "end", "parts"}` or
`{"kind": "refused", "reason"}`. What came before a refusal is whole.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import ijson
import orjson

from freehold.moving.importing import account, chatgpt, claude, librechat, lobechat, open_webui, own
from freehold.moving.importing.archive import MAX_UNPACKED, Archive, Counted, Refused
from freehold.moving.importing.canonical import Conversation, Json, mapping
from freehold.moving.importing.detect import Kind, detect

CPU_SECONDS = 3600
MEMORY_BYTES = 1_500_000_000
LARGEST_LINE = 60_000_000
AT_A_TIME = 20  # rows of an account in a line
ROOM = 8_000_000  # and their bytes: a prompt may have 100 versions

Reader = Callable[[Iterable[Any], Archive], Iterator[Conversation]]
READERS: dict[Kind, Reader] = {
    "chatgpt": chatgpt.conversations,
    "claude": claude.conversations,
    "open_webui": open_webui.conversations,
    "librechat": librechat.conversations,
    "freehold": own.conversations,
}
PRODUCTS: dict[Kind, str] = {kind: kind for kind in READERS}
PRODUCTS |= dict.fromkeys(("lobechat", "lobechat_server", "lobechat_topic"), lobechat.PRODUCT)
PRODUCTS["freehold_account"] = own.PRODUCT
LOBECHAT_ROOT = {"lobechat": "state", "lobechat_server": "data"}


def limit_resources() -> None:
    """Bound time and memory where the system can (not on Windows)."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Reading:
    """One run over an archive."""

    def __init__(self, archive: Archive, scratch: Path, say: Callable[[Json], None]) -> None:
        self._archive = archive
        self._scratch = scratch
        self._say = say
        self._done = 0
        self._stream: Counted | None = None
        self._began: dict[str, float | None] = {}  # by the ids of the chats
        self.product: str | None = None
        self.parts: list[str] = []
        """What of the archive is no conversation and so not taken."""

    def run(self) -> None:
        """Every document. Raises Refused when none is an export."""
        accounts: list[str] = []
        for name in self._archive.documents:
            found = self._detect(name)
            if found is None:
                self.parts.append(name)
            else:
                kind, is_list = found
                self.product = PRODUCTS[kind]
                self._say({"kind": "product", "product": self.product})
                if kind == "freehold_account":
                    accounts.append(name)
                    continue
                self._read(name, kind, is_list)
            self._done += self._archive.size(name)
        # what is remembered names the chats that it comes from: they are there by then
        for name in accounts:
            self._account(name)
            self._done += self._archive.size(name)
        if self.product is None:
            raise Refused("unknown_kind")
        unused = self._archive.unused
        if self.product == own.PRODUCT:  # the rest is the same chats once more, to be read by people
            unused = {name for name in unused if name.startswith("files/")}
        self.parts += sorted(unused)

    def _detect(self, name: str) -> tuple[Kind, bool] | None:
        with self._archive.open(name) as stream:
            try:
                return detect(Counted(stream, MAX_UNPACKED))
            except (ijson.JSONError, UnicodeDecodeError, ValueError) as error:
                if len(self._archive.documents) == 1:
                    raise Refused("broken_json") from error
                return None

    def _read(self, name: str, kind: Kind, is_list: bool) -> None:
        with self._archive.open(name) as raw:
            stream = self._stream = Counted(raw, MAX_UNPACKED)
            try:
                for conversation in self._conversations(stream, kind, is_list):
                    self._tell(conversation)
            except (ijson.JSONError, UnicodeDecodeError) as error:
                raise Refused("broken_json") from error

    def _account(self, name: str) -> None:
        """What of it can be taken, some at a time; the rest is counted. Raises Refused."""
        if self._first(name, "version") != 1:
            self.parts.append(name or "account")
            return
        left: dict[str, int] = {}
        waiting: tuple[str, list[Json]] = ("", [])
        room = 0
        with self._archive.open(name) as raw:
            stream = self._stream = Counted(raw, MAX_UNPACKED)
            try:
                for part, row in _rows(stream, "", scalars=True):
                    if part not in account.PARTS:
                        left[part] = left.get(part, 0) + 1
                        continue
                    if part == "memory" and row.get("thread_id") is not None:
                        row["thread_created_at"] = self._began.get(str(row["thread_id"]))
                    size = len(orjson.dumps(clean(row)))
                    if size > LARGEST_LINE // 2:
                        size, told = 0, {}  # counted, and not to be read
                    else:
                        told = row
                    if part != waiting[0] or len(waiting[1]) == AT_A_TIME or size > room:
                        self._tell_account(*waiting)
                        waiting, room = (part, []), ROOM
                    waiting[1].append(told)
                    room -= size
            except (ijson.JSONError, UnicodeDecodeError) as error:
                raise Refused("broken_json") from error
        self._tell_account(*waiting)
        if account.chosen(self._first(name, "account.preferences")):
            self.parts.append("preferences")
        self.parts += [f"{part} ({count})" for part, count in sorted(left.items())]

    def _first(self, name: str, place: str) -> Any:
        """What stands at a place of a document, None where nothing does."""
        with self._archive.open(name) as raw:
            try:
                return next(ijson.items(Counted(raw, MAX_UNPACKED), place, use_float=True), None)
            except (ijson.JSONError, UnicodeDecodeError) as error:
                raise Refused("broken_json") from error

    def _tell_account(self, part: str, items: list[Json]) -> None:
        if items:
            self._say(clean({"kind": "account", "part": part, "items": items}))
            self._say({"kind": "progress", "read": self._done, "total": self._archive.total})

    def _conversations(self, stream: Counted, kind: Kind, is_list: bool) -> Iterator[Conversation]:
        if kind in LOBECHAT_ROOT:
            store = lobechat.Store(self._scratch)
            for table, row in _rows(stream, LOBECHAT_ROOT[kind]):
                store.add(table, row)
            self.parts += [f"{table} ({count})" for table, count in sorted(store.left.items())]
            return store.conversations(self._archive)
        items = ijson.items(stream, "item" if is_list else "", use_float=True)
        if kind == "lobechat_topic":
            return (found for item in items for found in lobechat.one_topic(mapping(item), self._archive))
        return READERS[kind](items, self._archive)

    def _tell(self, conversation: Conversation) -> None:
        self._began[conversation.source_id] = conversation.created_at
        line = clean({"kind": "conversation", **asdict(conversation)})
        if len(orjson.dumps(line)) > LARGEST_LINE:
            small = Conversation(conversation.source_id, conversation.title[:200], found=conversation.found)
            small.lose("conversation_too_large", messages=conversation.found)
            line = clean({"kind": "conversation", **asdict(small)})
        self._say(line)
        read = self._done + (self._stream.read_bytes if self._stream else 0)
        self._say({"kind": "progress", "read": read, "total": self._archive.total})


_SCALARS = {"string", "number", "integer", "double", "boolean", "null"}


def _rows(stream: Counted, root: str, *, scalars: bool = False) -> Iterator[tuple[str, Json]]:
    """(table, row) of every list below `root`, or of the whole document; one row in memory at a time.

    `scalars`: what is no row in such a list is told, too, as an empty one.
    """
    builder: ijson.ObjectBuilder | None = None
    root = f"{root}." if root else ""
    place = ""
    for prefix, event, value in ijson.parse(stream, use_float=True):
        if builder is None:
            if event == "start_map" and prefix.startswith(root) and prefix.endswith(".item"):
                table = prefix[len(root) : -len(".item")]
                if "." not in table:
                    builder, place = ijson.ObjectBuilder(), prefix
                    builder.event(event, value)
            elif (
                scalars and event in _SCALARS and prefix.endswith(".item") and prefix.count(".") == root.count(".") + 1
            ):
                yield prefix[len(root) : -len(".item")], {}
            continue
        builder.event(event, value)
        if event == "end_map" and prefix == place:
            yield place[len(root) : -len(".item")], mapping(builder.value)
            builder = None


def clean(value: Any) -> Any:
    """What both databases and JSON can hold: no NUL, no half of a character, no number that is none."""
    if isinstance(value, str):
        text = value.replace("\0", "")
        if not text.isascii():
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return text
    if isinstance(value, dict):
        return {clean(str(key)): clean(item) for key, item in value.items()}
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, float) and not -1e300 < value < 1e300:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53:
        return float(value) if abs(value) < 1e300 else None
    return value


def read(path: Path, scratch: Path, say: Callable[[Json], None]) -> None:
    """Read an archive and say what is in it; never raises for what the archive holds."""
    try:
        reading = Reading(Archive(path, scratch), scratch, say)
        reading.run()
    except Refused as refused:
        say({"kind": "refused", "reason": str(refused)})
    except MemoryError:
        say({"kind": "refused", "reason": "too_much_inside"})
    except (RecursionError, orjson.JSONEncodeError):
        say({"kind": "refused", "reason": "too_deep"})
    else:
        say({"kind": "end", "parts": [part[:200] for part in reading.parts[:1000]]})


def _print(line: Json) -> None:
    sys.stdout.buffer.write(orjson.dumps(line) + b"\n")
    if line["kind"] != "progress":
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    limit_resources()
    sys.setrecursionlimit(5000)
    read(Path(sys.argv[1]), Path(sys.argv[2]), _print)
    sys.stdout.flush()
