"""Speech by way of the server: what is said reaches the model as it is, and a locked chat keeps it in the house."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.fakes.openai_media import SAID, SPOKEN, MediaDialect
from tests.fakes.upstream import API_KEY, FakeUpstream, Script
from tests.services.freehold_server import FreeholdServer

SOUND = b"RIFF" + bytes(range(256)) * 400


@dataclass
class World:
    url: str
    house: FakeUpstream
    cloud: FakeUpstream
    session: aiohttp.ClientSession

    async def say(self, kind: str = "audio/wav", sound: bytes = SOUND, query: str = "", **fields: str) -> Any:
        form = aiohttp.FormData()
        form.add_field("file", sound, filename="any name", content_type=kind)
        for name, value in fields.items():
            form.add_field(name, value)
        async with self.session.post(f"{self.url}/api/voice/transcription{query}", data=form) as answer:
            return answer.status, await answer.json()

    async def read(self, **body: Any) -> tuple[int, str, bytes]:
        async with self.session.post(f"{self.url}/api/voice/speech", json={"text": "Hello.", **body}) as answer:
            return answer.status, answer.content_type, await answer.read()

    async def locked_thread(self) -> str:
        async with self.session.post(f"{self.url}/api/threads", json={}) as answer:
            thread_id = (await answer.json())["id"]
        patch = {"in_house": True}
        async with self.session.patch(f"{self.url}/api/threads/{thread_id}", json=patch) as answer:
            assert answer.status == 200
        return thread_id


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    place: Path = tmp_path_factory.mktemp("voice")
    async with FakeUpstream(MediaDialect()) as house, FakeUpstream(MediaDialect()) as cloud:
        common = {"kind": "openai_compatible", "api_key": API_KEY}
        providers = [
            {**common, "id": "house", "base_url": house.url, "self_hosted": True, "models": ["whisper-1"]},
            {**common, "id": "cloud", "base_url": cloud.url, "models": ["tts-1"]},
        ]
        voice = {"transcription_model": "house/whisper-1", "speech_model": "cloud/tts-1", "voices": ["anna", "otto"]}
        config = place / "freehold.yaml"
        config.write_text(json.dumps({"providers": providers, "voice": voice}))
        server = FreeholdServer(place / "data", {"FREEHOLD_CONFIG": str(config)})
        server.data_dir.mkdir()
        await asyncio.to_thread(server.start)
        async with aiohttp.ClientSession(headers={"Origin": server.url}) as session:
            yield World(server.url, house, cloud, session)
        await asyncio.to_thread(server.stop)


@pytest.fixture(autouse=True)
def _anew(world: World) -> None:
    for fake in (world.house, world.cloud):
        fake.requests.clear()
        fake.script = Script()


async def test_what_there_is(world: World) -> None:
    async with world.session.get(f"{world.url}/api/voice") as answer:
        assert await answer.json() == {
            "transcription": {"name": "whisper-1", "self_hosted": True},
            "speech": {"name": "tts-1", "self_hosted": False},
            "voices": ["anna", "otto"],
            "max_seconds": 300,
        }


async def test_what_is_said_reaches_the_model_as_it_is(world: World) -> None:
    assert await world.say("audio/webm;codecs=opus", language="zh") == (200, {"text": SAID})
    (asked,) = world.house.requests
    assert asked.body["fields"] == {"model": "whisper-1", "response_format": "json", "language": "zh"}
    (file,) = asked.body["files"]
    assert (file["filename"], file["type"]) == ("speech.webm", "audio/webm")
    assert (file["size"], file["sha256"]) == (len(SOUND), hashlib.sha256(SOUND).hexdigest())


@pytest.mark.parametrize(
    ("kind", "fields", "status"),
    [("text/html", {}, 422), ("audio/wav", {"language": "../x"}, 422)],
)
async def test_what_cannot_be_written_down_goes_nowhere(
    world: World, kind: str, fields: dict[str, str], status: int
) -> None:
    assert (await world.say(kind, SOUND, "", **fields))[0] == status
    assert world.house.requests == []


async def test_a_failure_of_the_model_is_told_with_the_next_step(world: World) -> None:
    world.house.script = Script(error="key")
    status, problem = await world.say()
    assert status in (401, 502)
    assert problem["code"] == "provider_key_rejected"
    assert problem["next_step"]


async def test_a_text_is_read_aloud(world: World) -> None:
    assert await world.read(voice="otto", speed=1.5) == (200, "audio/mpeg", SPOKEN)
    (asked,) = world.cloud.requests
    expected = {"model": "tts-1", "input": "Hello.", "voice": "otto", "response_format": "mp3", "speed": 1.5}
    assert asked.body == expected
    await world.read()
    assert world.cloud.requests[1].body["voice"] == "anna"
    assert (await world.read(voice="nobody"))[0] == 422
    assert (await world.read(text=""))[0] == 422
    assert (await world.read(text="a" * 4001))[0] == 422


async def test_a_locked_chat_is_read_aloud_in_the_house_or_not_at_all(world: World) -> None:
    thread_id = await world.locked_thread()
    for more in ({"thread_id": thread_id}, {"in_house": True}):
        status, _, body = await world.read(**more)
        assert (status, json.loads(body)["code"]) == (403, "kept_in_house"), body
    assert world.cloud.requests == []
    # the one that writes down is in the house
    assert (await world.say(query=f"?thread_id={thread_id}"))[0] == 200
    assert (await world.say(query="?thread_id=0192d7a0-0000-7000-8000-000000000001"))[0] == 404


async def test_without_models_the_browser_has_to(tmp_path: Path) -> None:
    server = FreeholdServer(tmp_path / "data")
    server.data_dir.mkdir()
    await asyncio.to_thread(server.start)
    try:
        async with aiohttp.ClientSession(headers={"Origin": server.url}) as session:
            async with session.get(f"{server.url}/api/voice") as answer:
                told = await answer.json()
                assert (told["transcription"], told["speech"]) == (None, None)
            async with session.post(f"{server.url}/api/voice/speech", json={"text": "Hello."}) as answer:
                assert (answer.status, (await answer.json())["code"]) == (409, "no_voice_model")
    finally:
        await asyncio.to_thread(server.stop)
