"""Whatever is sent: a clear end, counts that add up, and nothing written outside the scratch folder."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from freehold.access.subject import Subject
from freehold.deps import Services
from freehold.errors import Conflict, NotFound, PayloadTooLarge, TooManyAttempts
from freehold.moving import place, reading, schemas
from freehold.moving.importing import archive, reader
from tests.moving import exports
from tests.moving.test_import import adds_up, bring, chats, ended

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("\ud800\0"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
SAMPLES = [
    ("chatgpt", "conversations.json"),
    ("claude", "conversations.json"),
    ("open-webui", "chats.json"),
    ("librechat", "conversation.json"),
    ("lobechat", "browser.json"),
    ("lobechat", "server.json"),
]


def told(folder: Path, data: bytes) -> list[dict[str, Any]]:
    """What the reader says of an archive, run in this process."""
    path, scratch = folder / "archive", folder / "scratch"
    scratch.mkdir(exist_ok=True)
    for left in scratch.iterdir():
        left.unlink()
    path.write_bytes(data)
    lines: list[dict[str, Any]] = []
    reader.read(path, scratch, lambda line: lines.append(json.loads(json.dumps(line))))
    return lines


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        found += places(item, (*path, key))
    return found


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(copy[path[0]], path[1:], new)
    return copy


@pytest.mark.parametrize(("product", "name"), SAMPLES, ids=str)
def test_a_damaged_export_is_counted_and_never_breaks(
    tmp_path_factory: pytest.TempPathFactory, product: str, name: str
) -> None:
    whole = exports.sample(product, name)
    everywhere = places(whole)[1:]
    folder = tmp_path_factory.mktemp("fuzz")

    @settings(max_examples=120, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(st.tuples(st.integers(0, len(everywhere) - 1), JSON), min_size=1, max_size=4))
    def attempt(changes: list[tuple[int, Any]]) -> None:
        damaged = whole
        for at, new in changes:
            try:
                damaged = replaced(damaged, everywhere[at], new)
            except (KeyError, IndexError, TypeError):  # what was there is gone already
                continue
        lines = told(folder, json.dumps(damaged).encode("utf-8", "surrogatepass"))
        assert lines[-1]["kind"] in ("end", "refused")
        for line in lines:
            if line["kind"] == "conversation":
                taken = sum(node["sources"] for node in line["nodes"])
                lost = sum(entry["messages"] for entry in line["lost"].values())
                assert line["found"] == taken + lost
                keys = [node["key"] for node in line["nodes"]]
                assert len(keys) == len(set(keys))
                for at, node in enumerate(line["nodes"]):
                    assert node["parent"] is None or node["parent"] in keys[:at]

    attempt()


@given(data=st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
@settings(max_examples=150, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_get_an_answer(tmp_path: Path, data: bytes) -> None:
    assert told(tmp_path, data)[-1]["kind"] in ("end", "refused")


@pytest.mark.parametrize("cut", [1, 30, 200, 1000, -30])
def test_a_cut_archive_is_refused(tmp_path: Path, cut: int) -> None:
    (*_, last) = told(tmp_path, exports.chatgpt()[:cut])
    assert last["kind"] == "refused"


def bomb() -> bytes:
    return exports.zipped({"conversations.json": b"[" + b" " * 60_000_000 + b"]"})


def encrypted() -> bytes:
    data = bytearray(exports.zipped({"conversations.json": "[]"}))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + at] |= 1
    return bytes(data)


def many() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for number in range(50):
            packed.writestr(f"{number}.json", "{}")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (bomb, "too_much_inside"),
        (encrypted, "encrypted"),
        (many, "too_much_inside"),
        (lambda: exports.zipped({"readme.txt": "hello"}), "unknown_kind"),
        (lambda: b'{"shopping": ["milk"]}', "unknown_kind"),
        (lambda: b'[{"mapping": {"a": ', "broken_json"),
        (lambda: b"hello", "broken_json"),
        (lambda: b"[" * 100_000, "broken_json"),
    ],
)
def test_what_is_refused_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: Callable[[], bytes], reason: str
) -> None:
    if data is many:
        monkeypatch.setattr(archive, "MAX_ENTRIES", 49)
    assert told(tmp_path, data())[-1] == {"kind": "refused", "reason": reason}


def test_nothing_is_written_where_an_archive_says(tmp_path: Path) -> None:
    conversations = exports.sample("chatgpt")[:1]
    name = "../../file-Harbour7Photo-harbour.png"
    data = exports.zipped(
        {"conversations.json": json.dumps(conversations), name: exports.picture(), "/etc/evil.json": "[]"}
    )
    before = {path for path in tmp_path.parent.rglob("*") if path.is_file()}
    lines = told(tmp_path, data)
    assert lines[-1]["kind"] == "end"
    written = {path for path in tmp_path.parent.rglob("*") if path.is_file()} - before
    assert {path.relative_to(tmp_path).as_posix() for path in written} == {"archive", "scratch/00000001"}


def test_a_very_deep_conversation_is_read(tmp_path: Path) -> None:
    opened = "".join(f'{{"messageId":"{n}","text":"x","isCreatedByUser":true,"children":[' for n in range(900))
    text = '{"conversationId":"c","title":"t","messages":[' + opened + "]}" * 900 + "]}"
    lines = told(tmp_path, text.encode())
    assert len(next(line for line in lines if line["kind"] == "conversation")["nodes"]) == 900


async def test_a_picture_that_is_none_is_named(services: Services, ann: Subject) -> None:
    conversations = json.dumps(exports.sample("chatgpt")[:1])
    broken = exports.picture()[:20] + b"\0" * 50
    done = await bring(
        services, ann, exports.zipped({"conversations.json": conversations, "file-Harbour7Photo-harbour.png": broken})
    )
    assert done.state == "done"
    assert done.report.losses["file_refused"] == 1
    adds_up(done.report)


async def test_what_came_before_the_damage_stays(services: Services, ann: Subject) -> None:
    whole = json.dumps(exports.sample("claude"))
    done = await bring(services, ann, whole[: whole.index("Old, in a line")].encode())
    assert (done.state, done.refusal) == ("failed", "broken_json")
    assert list(await chats(services, ann)) == ["Bread"]
    adds_up(done.report)


async def test_pieces_may_come_twice_and_never_early(services: Services, ann: Subject, bob: Subject) -> None:
    data = exports.claude()
    begun = await services.imports.begin(ann, schemas.ImportNew(name="e.zip", size_bytes=len(data)))

    async def send(who: Subject, offset: int, piece: bytes) -> schemas.ImportInfo:
        async def chunks() -> Any:
            yield piece

        return await services.imports.receive(who, begun.id, offset, chunks())

    with pytest.raises(Conflict):
        await send(ann, 10, data[10:20])
    assert (await send(ann, 0, data[:100])).received_bytes == 100
    assert (await send(ann, 0, data[:60])).received_bytes == 100
    with pytest.raises(NotFound):
        await send(bob, 100, data[100:])
    with pytest.raises(PayloadTooLarge):
        await send(ann, 100, data[100:] + b"more")
    await send(ann, 60, data[60:])
    assert (await ended(services, ann, begun.id)).state == "done"
    assert "Bread" in await chats(services, ann)


async def test_imports_are_bounded(services: Services, ann: Subject) -> None:
    with pytest.raises(PayloadTooLarge):
        await services.imports.begin(ann, schemas.ImportNew(name="big", size_bytes=10**12))
    for _ in range(20):
        begun = await services.imports.begin(ann, schemas.ImportNew(name="a", size_bytes=10))
    with pytest.raises(TooManyAttempts):
        await services.imports.begin(ann, schemas.ImportNew(name="a", size_bytes=10))
    await services.imports.remove(ann, begun.id)
    await services.imports.begin(ann, schemas.ImportNew(name="a", size_bytes=10))


# --- Freehold's own archive, which anybody can change -----------------------------------------------------------------


def account(**parts: Any) -> bytes:
    return json.dumps({"format": "freehold.account", "version": 1, "account": {}, **parts}).encode()


def own(thread: dict[str, Any], *messages: dict[str, Any]) -> bytes:
    return json.dumps({"format": "freehold.chat", "version": 1, "thread": thread, "messages": messages}).encode()


def test_large_rows_go_in_lines_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "ROOM", 1_000)
    monkeypatch.setattr(reader, "LARGEST_LINE", 4_000)
    rows = [{"text": "x" * size} for size in (10, 10, 600, 600, 2_500, 10)]
    lines = told(tmp_path, account(memory=rows))
    assert [[len(row.get("text", "")) for row in line["items"]] for line in lines if line["kind"] == "account"] == [
        [10, 10, 600],
        [600, 0, 10],
    ], "one that is too large is counted and not to be read"
    assert lines[-1]["kind"] == "end"


def test_a_row_that_is_too_deep_is_refused(tmp_path: Path) -> None:
    deep = '{"text": ' * 400 + "1" + "}" * 400
    data = account(memory=["DEEP"]).replace(b'"DEEP"', deep.encode())
    assert told(tmp_path, data)[-1] == {"kind": "refused", "reason": "too_deep"}


async def test_a_reader_that_says_too_much_at_once_ends_its_import(
    services: Services, ann: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LONGEST_LINE", 1_000)
    done = await bring(services, ann, account(memory=[{"text": "x" * 5_000}]))
    assert (done.state, done.refusal) == ("failed", "too_much_inside")


@pytest.mark.parametrize("way", [5, ["5"], {"5": "5"}, None, True])
async def test_a_way_that_is_no_message_is_not_taken(services: Services, ann: Subject, way: Any) -> None:
    message = {"id": "5", "parent_id": None, "role": "user", "parts": [{"type": "text", "text": "Hello"}]}
    thread = {"id": "chat", "title": "A way", "choices": {"root": way, "5": way}}
    done = await bring(services, ann, own(thread, message))
    assert done.state == "done"
    (found,) = (await chats(services, ann)).values()
    assert [message.role for message in found.messages] == ["user"]
    adds_up(done.report)


async def test_an_import_that_breaks_ends_alone(
    services: Services, ann: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> place.Plan:
        raise KeyError("what nobody thought of")

    with monkeypatch.context() as patched, capture_logs() as logged:
        patched.setattr(place, "plan", broken)
        done = await bring(services, ann, exports.claude())
    assert "import_broke" in [line["event"] for line in logged]
    assert (done.state, done.refusal) == ("failed", "broken_archive")
    assert (await bring(services, ann, exports.claude())).state == "done"
