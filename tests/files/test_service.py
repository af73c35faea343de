"""Images come in judged and clean, lie safely on the disk, and leave in the size asked for."""

import io
import json
import os
import struct
import subprocess
import sys
import time
import zlib
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import update

from freehold.db import Database
from freehold.errors import NotFound, PayloadTooLarge, StorageError, UnsupportedMedia
from freehold.files import imaging, service
from freehold.files.models import File
from freehold.files.service import Files, display_name
from freehold.kit.clock import now
from freehold.kit.ids import new_id
from tests.files.conftest import picture


def on_disk(tmp_path: Path) -> set[str]:
    root = tmp_path / "data" / "files"
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp"), ("GIF", "image/gif")],
)
async def test_an_image_is_kept_and_given_back(files: Files, ann: str, kind: str, media_type: str) -> None:
    info = await files.store(ann, "red and blue.any", picture(kind))
    assert (info.media_type, info.width, info.height) == (media_type, 60, 40)
    stored = await files.open(ann, info.id)
    assert stored.media_type == media_type
    with Image.open(stored.path) as image:
        assert image.format == kind
        red, _, blue = image.convert("RGB").getpixel((5, 5))  # type: ignore[misc]
        assert red > 200 > 60 > blue
    assert info.size_bytes == stored.path.stat().st_size


async def test_metadata_stays_behind_and_the_picture_stands_upright(files: Files, ann: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees to show
    exif[0x010F] = "SECRET CAMERA"
    raw = picture("JPEG", exif=exif, comment=b"SECRET COMMENT")
    assert b"SECRET" in raw
    info = await files.store(ann, "p.jpg", raw)
    assert (info.width, info.height) == (40, 60)
    stored = await files.open(ann, info.id)
    assert b"SECRET" not in stored.path.read_bytes()
    with Image.open(stored.path) as image:
        assert not image.getexif()
        assert image.getpixel((20, 5))[0] > 200  # type: ignore[index]


async def test_text_in_a_png_stays_behind(files: Files, ann: str) -> None:
    def png_chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    raw = picture("PNG")
    raw = raw[:33] + png_chunk(b"tEXt", b"Comment\0SECRET <script>") + raw[33:]
    info = await files.store(ann, "p.png", raw + b"SECRET tail")
    assert b"SECRET" not in (await files.open(ann, info.id)).path.read_bytes()


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
async def test_an_animation_still_moves(files: Files, ann: str, kind: str) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=[70, 80, 90], loop=0)
    info = await files.store(ann, "a", out.getvalue())
    with Image.open((await files.open(ann, info.id)).path) as image:
        assert image.n_frames == 3  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" \n",
        b"\x00\x01\x02\x03",
        b"MZ\x90\x00\x03",
        b"PK\x03\x04\x14",
        b"a word, then \x07\x1d\x01",
        "caf\xe9 au lait".encode("latin-1"),
        b"%PDF-1.7\n",
        b"GIF89a<script>alert(1)</script>",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
    ],
)
async def test_what_is_neither_image_nor_text_is_refused(files: Files, ann: str, tmp_path: Path, data: bytes) -> None:
    with pytest.raises(UnsupportedMedia):
        await files.store(ann, "x.png", data)
    assert on_disk(tmp_path) == set()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"# Notes\r\n\tone", "# Notes\r\n\tone"),
        ("\u4f60\u597d\uff0c\u4e16\u754c".encode("gb18030"), "\u4f60\u597d\uff0c\u4e16\u754c"),
        ("\ufefftitle,count\n".encode(), "title,count\n"),
        ("\ufeffwide".encode("utf-16-le"), "wide"),
        (b"\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m"),
        (b"<svg><script>alert(1)</script></svg>", "<svg><script>alert(1)</script></svg>"),
    ],
)
async def test_a_text_is_kept_as_utf_8_and_is_nothing_but_text(
    files: Files, ann: str, bob: str, data: bytes, text: str
) -> None:
    info = await files.store(ann, "../notes.html", data)
    assert (info.name, info.media_type, info.width) == ("notes.html", "text/plain", None)
    assert info.size_bytes == len(text.encode())
    assert await files.text(ann, info.id) == text
    thumb = await files.open(ann, info.id, "thumb")
    assert (thumb.path.read_bytes(), thumb.media_type) == (text.encode(), "text/plain")
    with pytest.raises(NotFound):
        await files.text(bob, info.id)


async def test_a_long_text_is_refused_with_its_limit(files: Files, ann: str, tmp_path: Path) -> None:
    assert (await files.store(ann, "just.txt", b"a" * 1_000_000)).size_bytes == 1_000_000
    with pytest.raises(PayloadTooLarge) as refused:
        await files.store(ann, "more.txt", b"a" * 1_000_001)
    assert refused.value.params == {"what": "text", "megabytes": 1}
    assert len(on_disk(tmp_path)) == 1


async def test_an_image_is_no_text(files: Files, ann: str) -> None:
    info = await files.store(ann, "p.png", picture("PNG"))
    with pytest.raises(NotFound):
        await files.text(ann, info.id)


async def test_a_cut_image_is_refused(files: Files, ann: str) -> None:
    whole = picture("PNG", (300, 300), mode="RGB")
    with pytest.raises(UnsupportedMedia):
        await files.store(ann, "x.png", whole[: len(whole) // 2])


async def test_a_bomb_is_refused_before_it_is_unpacked(files: Files, ann: str, tmp_path: Path) -> None:
    bomb = _bomb(60_000)
    assert len(bomb) < 2_000
    began = time.monotonic()
    with pytest.raises(PayloadTooLarge):
        await files.store(ann, "bomb.png", bomb)
    assert time.monotonic() - began < 20
    assert on_disk(tmp_path) == set()


def _bomb(side: int) -> bytes:
    """A PNG whose header promises side x side pixels."""

    def png_chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 100_000, 9)
    end = png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", pixels) + end


async def test_sizes(files: Files, ann: str, tmp_path: Path) -> None:
    info = await files.store(ann, "big.webp", picture("WEBP", (3000, 1500)))
    thumb = await files.open(ann, info.id, "thumb")
    assert thumb.media_type == "image/webp"
    with Image.open(thumb.path) as image:
        assert image.size == (512, 256)
    made_at = thumb.path.stat().st_mtime_ns
    assert (await files.open(ann, info.id, "thumb")).path.stat().st_mtime_ns == made_at, "made once"
    sent = await files.model_image(ann, info.id)
    assert sent.media_type == "image/jpeg"
    with Image.open(io.BytesIO(sent.data)) as image:
        assert image.size == (2048, 1024)
    await files.remove(ann, info.id)
    assert on_disk(tmp_path) == set()
    with pytest.raises(NotFound):
        await files.open(ann, info.id)


async def test_what_models_take_goes_as_it_is_and_transparency_stays(files: Files, ann: str) -> None:
    small = await files.store(ann, "s.png", picture("PNG"))
    assert (await files.model_image(ann, small.id)).data == (await files.open(ann, small.id)).path.read_bytes()
    clear = await files.store(ann, "c.webp", picture("WEBP", mode="RGBA"))
    sent = await files.model_image(ann, clear.id)
    assert sent.media_type == "image/png"
    with Image.open(io.BytesIO(sent.data)) as image:
        assert image.mode == "RGBA"


async def test_nobody_sees_anothers_file(files: Files, ann: str, bob: str) -> None:
    info = await files.store(ann, "hers.png", picture())
    missing = new_id()
    for file_id in (info.id, missing, "../../etc/passwd"):
        for attempt in (files.open(bob, file_id), files.model_image(bob, file_id), files.remove(bob, file_id)):
            with pytest.raises(NotFound) as caught:
                await attempt
            assert caught.value.body() == NotFound().body()
    assert (await files.open(ann, info.id)).path.exists()


async def test_a_person_has_so_much_room(
    files: Files, ann: str, bob: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await files.store(ann, "1.png", picture())
    monkeypatch.setattr(service, "MAX_USER_BYTES", first.size_bytes + 10)
    with pytest.raises(PayloadTooLarge) as caught:
        await files.store(ann, "2.png", picture())
    assert "2 GB" in caught.value.message
    assert len(on_disk(tmp_path)) == 1
    await files.store(bob, "his.png", picture())
    monkeypatch.setattr(service, "MAX_FILE_BYTES", 50)
    for attempt in (files.store(ann, "3.png", picture()), files.store(ann, "4.png", service.chunks_of(_reader()))):
        with pytest.raises(PayloadTooLarge):
            await attempt


def _reader():  # type: ignore[no-untyped-def]
    data = io.BytesIO(picture())

    async def read(size: int) -> bytes:
        return data.read(min(size, 40))

    return read


async def test_orphans_are_swept_and_what_is_shown_stays(
    files: Files, ann: str, database: Database, tmp_path: Path
) -> None:
    old, shown, fresh = [await files.store(ann, f"{number}.png", picture()) for number in range(3)]
    async with database.begin() as session:
        long_ago = now() - timedelta(hours=25)
        await session.execute(update(File).where(File.id.in_([old.id, shown.id])).values(created_at=long_ago))
    lost = tmp_path / "data" / "files" / "ab" / new_id()
    lost.parent.mkdir(exist_ok=True)
    lost.write_bytes(b"no row")
    os.utime(lost, (time.time() - 90_000,) * 2)
    assert await files.sweep({shown.id}) == 2
    assert {path.rpartition("/")[2] for path in on_disk(tmp_path)} == {shown.id, fresh.id}
    with pytest.raises(NotFound):
        await files.open(ann, old.id)
    assert (await files.open(ann, shown.id)).path.exists()


async def test_a_folder_that_is_gone_is_said_plainly(files: Files, ann: str, tmp_path: Path) -> None:
    (tmp_path / "data" / "files" / "incoming").rmdir()
    with pytest.raises(StorageError) as caught:
        await files.store(ann, "x.png", picture())
    assert "data directory" in caught.value.next_step


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="platform: no /dev/full")
def test_a_full_disk_is_told_from_a_broken_image(tmp_path: Path) -> None:
    source = tmp_path / "x.png"
    source.write_bytes(picture("PNG", (500, 500)))
    said = subprocess.run(
        [sys.executable, "-I", imaging.__file__, "keep", source, "/dev/full"], capture_output=True, check=True
    )
    assert json.loads(said.stdout) == {"error": "full"}


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("cat.png", "cat.png"),
        ("C:\\Users\\me\\cat.png", "cat.png"),
        ("../../etc/passwd", "passwd"),
        ("a\r\nSet-Cookie: x.png", "aSet-Cookie: x.png"),
        ("\u202egnp.exe", "gnp.exe"),
        ("", "file"),
        ("猫.png", "猫.png"),
        ("x" * 500 + ".png", "x" * 190 + ".png"),
    ],
)
def test_names(given: str, shown: str) -> None:
    assert display_name(given) == shown
