"""Sound and images on /v1: forms go through in pieces, answers come as they are, and all of it is in the books."""

import asyncio
import base64
import contextlib
import hashlib
import json
import os
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.fakes.anthropic import AnthropicDialect
from tests.fakes.openai_media import PNG, SAID, SPOKEN, MediaDialect
from tests.fakes.upstream import API_KEY, FakeUpstream, Script
from tests.gateway.dataplane.conftest import Reply
from tests.services.freehold_server import FreeholdServer

KEY = "fh_media0001_" + "m" * 43
CHAT = "fh_media0002_" + "c" * 43
POOR = "fh_media0003_" + "p" * 43
SOUND = bytes(range(256)) * 12_500  # 3.2 MB, some 200 seconds by our estimate
LIMIT = 8_000_000


class World:
    def __init__(
        self, server: FreeholdServer, openai: FakeUpstream, spare: FakeUpstream, session: aiohttp.ClientSession
    ) -> None:
        self.server, self.openai, self.spare, self.session = server, openai, spare, session
        self.asked_at = datetime.now(UTC)

    async def form(
        self,
        path: str = "audio/transcriptions",
        *,
        sound: bytes | None = SOUND,
        key: str = KEY,
        file_first: bool = False,
        **fields: str,
    ) -> Reply:
        form = aiohttp.FormData(default_to_multipart=True)
        told = {"model": "acme/whisper-1", **fields}

        def add_file() -> None:
            if sound is not None:
                form.add_field("file", sound, filename='an "owl".wav', content_type="audio/wav")

        if file_first:
            add_file()
        for name, value in told.items():
            form.add_field(name, value)
        if not file_first:
            add_file()
        return await self._send(path, form, key)

    async def json(self, path: str, body: Any, key: str = KEY) -> Reply:
        return await self._send(path, json.dumps(body), key)

    async def _send(self, path: str, data: Any, key: str) -> Reply:
        headers = {"Authorization": f"Bearer {key}"}
        self.asked_at = datetime.now(UTC)
        async with self.session.post(f"{self.server.url}/v1/{path}", data=data, headers=headers) as answer:
            return Reply(answer.status, answer.headers, await answer.read())

    def memory(self) -> int:
        """What the server holds in memory, in bytes."""
        assert self.server.process is not None
        return int(Path(f"/proc/{self.server.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    async def last_row(self) -> dict[str, Any]:
        """The line of the ledger that the last request got; lines are written in batches."""
        async with asyncio.timeout(30):
            while True:
                row = await asyncio.to_thread(_last_row, self.server.data_dir / "freehold.sqlite")
                if row is not None and datetime.fromisoformat(row["at"]).replace(tzinfo=UTC) >= self.asked_at:
                    return row
                await asyncio.sleep(0.1)


def _last_row(path: Path) -> dict[str, Any] | None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        row = connection.execute("SELECT * FROM usage_records ORDER BY id DESC LIMIT 1").fetchone()
        return dict(row) if row else None


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    place: Path = tmp_path_factory.mktemp("media")
    async with (
        FakeUpstream(MediaDialect()) as openai,
        FakeUpstream(MediaDialect()) as spare,
        FakeUpstream(AnthropicDialect()) as claude,
    ):
        listed = [
            {"id": "whisper-1", "prices": {"audio_minute": 0.006}},
            {"id": "gpt-4o-transcribe", "prices": {"input": 2.5, "output": 10, "audio_input": 6}},
            {"id": "tts-1", "prices": {"input": 15}},
            {"id": "gpt-image-1", "prices": {"input": 5, "output": 40}},
            "unpriced",
        ]
        providers = [
            {"id": "acme", "kind": "openai_compatible", "base_url": openai.url, "api_key": API_KEY, "models": listed},
            {
                "id": "spare",
                "kind": "openai_compatible",
                "base_url": spare.url,
                "api_key": API_KEY,
                "models": listed[:1],
            },
            {"id": "claude", "kind": "anthropic", "base_url": claude.url, "api_key": API_KEY, "models": ["sonnet"]},
        ]
        models = {"ears": {"targets": [{"provider": "acme", "model": "whisper-1"}], "fallback": ["spare/whisper-1"]}}
        keys = [
            {"name": "media", "key": KEY, "scopes": ["audio", "images"]},
            {"name": "chat", "key": CHAT, "scopes": ["chat"]},
            {"name": "poor", "key": POOR, "scopes": ["audio"], "budget": {"usd": "0.015", "period": "total"}},
        ]
        config = place / "freehold.yaml"
        config.write_text(json.dumps({"providers": providers, "models": models, "keys": keys}))
        environment = {"FREEHOLD_CONFIG": str(config), "FREEHOLD_LIMITS__MEDIA_BYTES": str(LIMIT)}
        server = FreeholdServer(place / "data", environment)
        server.data_dir.mkdir()
        await asyncio.to_thread(server.start)
        async with aiohttp.ClientSession() as session:
            yield World(server, openai, spare, session)
        await asyncio.to_thread(server.stop)


@pytest.fixture
def world(running: World) -> World:
    running.openai.script = running.spare.script = Script()
    running.openai.requests.clear()
    running.spare.requests.clear()
    return running


# --- transcriptions -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file_first", [False, True])
async def test_a_form_arrives_as_it_was_sent_but_for_the_model(world: World, file_first: bool) -> None:
    reply = await world.form(file_first=file_first, language="en", prompt="Eulen – 梟", temperature="0.2")
    assert reply.status == 200, reply.body
    assert reply.json["text"] == SAID
    sent = world.openai.requests[-1]
    assert sent.path == "/v1/audio/transcriptions"
    assert sent.body["fields"] == {
        "model": "whisper-1", "language": "en", "prompt": "Eulen – 梟", "temperature": "0.2",
    }  # fmt: skip
    (file,) = sent.body["files"]
    assert (file["name"], file["type"], file["size"]) == ("file", "audio/wav", len(SOUND))
    assert file["sha256"] == hashlib.sha256(SOUND).hexdigest()
    assert file["filename"].replace("%20", " ").replace("%22", '"') == 'an "owl".wav'
    row = await world.last_row()
    assert (row["status"], row["model"], row["audio_seconds"]) == ("ok", "acme/whisper-1", 120)
    assert row["cost_nanodollars"] == 12_000_000, "two minutes at 0.006 dollars"
    assert not row["estimated"]


@pytest.mark.parametrize(
    ("form", "seconds", "estimated"),
    [("verbose_json", 90.5, 0), ("text", 200, 1), ("srt", 200, 1), ("vtt", 200, 1)],
)
async def test_every_form_of_a_transcript(world: World, form: str, seconds: float, estimated: int) -> None:
    reply = await world.form(response_format=form)
    assert reply.status == 200
    assert SAID in reply.body.decode()
    assert reply.headers["content-type"].startswith("application/json" if form == "verbose_json" else "text/plain")
    row = await world.last_row()
    assert (row["audio_seconds"], row["estimated"]) == (seconds, estimated), "what is not told is guessed from the size"
    assert row["cost_nanodollars"] == round(seconds / 60 * 6_000_000)


@pytest.mark.parametrize("stream", [False, True])
async def test_tokens_are_counted_where_the_model_counts_them(world: World, stream: bool) -> None:
    more = {"stream": "true"} if stream else {}
    reply = await world.form(model="acme/gpt-4o-transcribe", **more)
    assert reply.status == 200
    if stream:
        assert reply.headers["content-type"].startswith("text/event-stream")
        assert [event["type"] for event in reply.data] == [*["transcript.text.delta"] * 4, "transcript.text.done"]
    row = await world.last_row()
    assert (row["input_tokens"], row["output_tokens"], row["audio_seconds"]) == (14, 6, None)
    assert row["cost_nanodollars"] == 4 * 2_500 + 10 * 6_000 + 6 * 10_000


async def test_a_stream_that_breaks_off_says_so(world: World) -> None:
    world.openai.script = Script(fault="cut")
    reply = await world.form(model="acme/gpt-4o-transcribe", stream="true")
    assert reply.data[-1]["error"]["type"]
    row = await world.last_row()
    assert (row["status"], row["estimated"]) == ("failed", 1)


async def test_translations_have_their_own_path(world: World) -> None:
    assert (await world.form("audio/translations")).json["text"] == SAID
    assert world.openai.requests[-1].path == "/v1/audio/translations"


async def test_a_file_is_sent_again_where_the_first_is_away(world: World) -> None:
    world.openai.script = Script(error="overloaded")
    reply = await world.form(model="ears")
    assert reply.json["text"] == SAID
    assert world.spare.requests[-1].body["files"][0]["sha256"] == hashlib.sha256(SOUND).hexdigest()
    assert (await world.last_row())["model"] == "spare/whisper-1"


async def test_a_large_file_is_never_held_whole(world: World) -> None:
    """Twelve uploads of 7 MB at once; the server grows by far less than their 84 MB."""
    if not Path("/proc/self/statm").exists():
        pytest.skip("platform: memory is read from /proc")
    await world.form()
    before = world.memory()
    sound = bytes(7_000_000)
    most = before

    async def look() -> None:
        nonlocal most
        while True:
            most = max(most, world.memory())
            await asyncio.sleep(0.01)

    looking = asyncio.create_task(look())
    replies = await asyncio.gather(*(world.form(sound=sound) for _ in range(12)))
    looking.cancel()
    assert {reply.status for reply in replies} == {200}
    assert most - before < 40_000_000, f"{(most - before) / 1e6:.0f} MB"


# --- what is refused ------------------------------------------------------------------------------------------------


async def test_what_is_wrong_with_a_form_is_told_in_the_dialect(world: World) -> None:
    for reply, says in (
        (await world.form(sound=None), "no file"),
        (await world.json("audio/transcriptions", {"model": "acme/whisper-1"}), "not a form"),
        (await world.form(model=""), "model"),
        (await world.form(api_base="http://elsewhere"), "api_base"),
        (await world.form(prompt="x" * 200_000), "Part exceeded"),
    ):
        assert reply.status == 400, reply.body
        assert reply.json["error"]["type"] == "invalid_request_error"
        assert says in reply.json["error"]["message"]
    assert (await world.form(model="acme/nothing")).status == 404
    assert (await world.form(model="claude/sonnet")).status == 400
    assert (await world.form(key=CHAT)).status == 403
    assert not world.openai.requests


async def test_a_file_over_the_limit_is_refused(world: World) -> None:
    reply = await world.form(sound=bytes(LIMIT + 1))
    assert reply.status == 413
    assert reply.json["error"]["code"] == "payload_too_large"


async def test_a_providers_refusal_keeps_its_status(world: World) -> None:
    world.openai.script = Script(error="refused")
    assert (await world.form()).status == 400
    world.openai.script = Script(error="rate", retry_after=7)
    reply = await world.form(sound=b"short")
    assert (reply.status, reply.headers["retry-after"]) == (429, "7")


async def test_a_budget_holds_for_sound(world: World) -> None:
    """Some 200 seconds are reserved, two cents: there is no room. Of 60 seconds there is, and two minutes are paid."""
    assert (await world.form(key=POOR)).status == 402
    assert (await world.form(key=POOR, sound=SOUND[:960_000])).status == 200
    await asyncio.sleep(0.8)
    assert (await world.form(key=POOR, sound=SOUND[:960_000])).status == 402
    assert (await world.form(key=POOR, model="acme/unpriced")).status == 402


async def test_a_client_that_leaves_ends_the_upload(world: World) -> None:
    head = (
        f"POST /v1/audio/transcriptions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {KEY}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 5000000\r\n\r\n--b\r\n"
    )
    _, writer = await asyncio.open_connection("127.0.0.1", world.server.port)
    writer.write(head.encode() + b'Content-Disposition: form-data; name="file"; filename="a"\r\n\r\n' + bytes(500_000))
    await writer.drain()
    writer.close()
    await asyncio.sleep(0.2)
    assert not world.openai.requests
    assert (await world.form()).status == 200


# --- images and speech ----------------------------------------------------------------------------------------------


async def test_an_image_is_made(world: World) -> None:
    reply = await world.json(
        "images/generations", {"model": "acme/gpt-image-1", "prompt": "an owl", "size": "1024x1024"}
    )
    assert reply.status == 200
    assert base64.b64decode(reply.json["data"][0]["b64_json"]) == PNG
    assert world.openai.requests[-1].body == {"model": "gpt-image-1", "prompt": "an owl", "size": "1024x1024"}
    row = await world.last_row()
    assert (row["input_tokens"], row["output_tokens"]) == (9, 272)
    assert row["cost_nanodollars"] == 9 * 5_000 + 272 * 40_000


async def test_images_are_changed(world: World) -> None:
    form = aiohttp.FormData()
    for name, value in (("model", "acme/gpt-image-1"), ("prompt", "a larger owl")):
        form.add_field(name, value)
    for number in range(2):
        form.add_field("image[]", PNG, filename=f"{number}.png", content_type="image/png")
    reply = await world._send("images/edits", form, KEY)
    assert reply.status == 200, reply.body
    files = world.openai.requests[-1].body["files"]
    assert [(file["name"], file["filename"], file["size"]) for file in files] == [
        ("image[]", "0.png", len(PNG)),
        ("image[]", "1.png", len(PNG)),
    ]
    assert (await world.last_row())["input_tokens"] == 323


async def test_text_is_read_aloud(world: World) -> None:
    reply = await world.json("audio/speech", {"model": "acme/tts-1", "voice": "alloy", "input": "An owl. " * 100})
    assert (reply.status, reply.headers["content-type"]) == (200, "audio/mpeg")
    assert reply.body == SPOKEN
    row = await world.last_row()
    assert (row["status"], row["estimated"]) == ("ok", 1)
    assert row["input_tokens"] >= 200


async def test_failures_of_images_and_speech_have_a_status(world: World) -> None:
    world.openai.script = Script(error="refused")
    assert (await world.json("images/generations", {"model": "acme/gpt-image-1", "prompt": "x"})).status == 400
    world.openai.script = Script(error="quota")
    assert (await world.json("audio/speech", {"model": "acme/tts-1", "voice": "alloy", "input": "x"})).status == 402
    assert (await world.json("images/generations", {"model": "claude/sonnet", "prompt": "x"})).status == 400
