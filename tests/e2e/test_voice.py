"""Dictation and reading aloud in a browser whose microphone plays a file, and models that really get the sound."""

import array
import asyncio
import io
import json
import math
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import BodyPartReader, web
from playwright.async_api import Browser, async_playwright, expect

from tests.e2e.chat import Chat
from tests.e2e.test_accessibility import violations
from tests.fakes.openai_media import MediaDialect
from tests.fakes.upstream import API_KEY, FakeUpstream, Script
from tests.services import chromium
from tests.services.freehold_server import FreeholdServer

pytestmark = pytest.mark.browser


def tone(seconds: float, silence: float = 0, hertz: float = 220) -> bytes:
    """A WAV file of a tone that comes and goes, as syllables do, and then of silence."""
    rate = 16_000
    samples = (
        round(12_000 * math.sin(2 * math.pi * hertz * at / rate) * (0.5 + 0.5 * math.sin(2 * math.pi * 3 * at / rate)))
        for at in range(round(seconds * rate))
    )
    quiet = array.array("h", [0]) * round(silence * rate)
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((array.array("h", samples) + quiet).tobytes())
    return out.getvalue()


class VoiceDialect(MediaDialect):
    """Keeps the sound that it gets, and answers with sound that a browser can play."""

    def __init__(self) -> None:
        super().__init__()
        self.sounds: list[bytes] = []
        self.read: list[str] = []
        self.said = "What is said is written down."
        self.spoken = tone(0.7)

    def routes(self, fake: FakeUpstream) -> list[web.RouteDef]:
        async def write_down(request: web.Request) -> web.StreamResponse:
            async for part in await request.multipart():
                if isinstance(part, BodyPartReader) and part.filename is not None:
                    self.sounds.append(bytes(await part.read()))
            if (refused := fake.refusal(request)) is not None:
                return refused
            return web.json_response({"text": self.said})

        async def speak(request: web.Request) -> web.StreamResponse:
            self.read.append((await request.json())["input"])
            if (refused := fake.refusal(request)) is not None:
                return refused
            return web.Response(body=self.spoken, content_type="audio/wav")

        own = {"/v1/audio/transcriptions": write_down, "/v1/audio/speech": speak}
        others = [route for route in super().routes(fake) if route.path not in own]
        return [*others, *(web.post(path, answer) for path, answer in own.items())]


class Speaking:
    """A browser that hears a file, and a server with models for speech in the house."""

    def __init__(self, browser: Browser, server: FreeholdServer, fake: FakeUpstream, dialect: VoiceDialect) -> None:
        self.browser, self.server, self.fake, self.dialect = browser, server, fake, dialect

    async def open(self, *, phone: bool = False, hears: bool = True, language: str = "en-GB") -> Chat:
        context = await self.browser.new_context(
            locale=language,
            viewport={"width": 390, "height": 844} if phone else {"width": 1440, "height": 900},
            has_touch=phone,
            is_mobile=phone,
            permissions=["microphone"] if hears else [],
        )
        chat = Chat(await context.new_page(), self.server.url)
        await chat.open()
        return chat


@pytest.fixture
async def speaking(tmp_path: Path) -> AsyncIterator[Speaking]:
    sound = tmp_path / "speech.wav"
    sound.write_bytes(tone(2, silence=2))
    dialect = VoiceDialect()
    async with FakeUpstream(dialect) as fake:
        provider = {
            "id": "house", "kind": "openai_compatible", "base_url": fake.url, "api_key": API_KEY,
            "self_hosted": True, "models": ["whisper-1", "tts-1"],
        }  # fmt: skip
        voice = {"transcription_model": "house/whisper-1", "speech_model": "house/tts-1", "voices": ["anna", "otto"]}
        config = tmp_path / "freehold.yaml"
        config.write_text(json.dumps({"providers": [provider], "voice": voice}))
        server = FreeholdServer(tmp_path / "data", {"FREEHOLD_CONFIG": str(config)})
        server.data_dir.mkdir()
        await asyncio.to_thread(server.start)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=chromium.find_chromium(),
                args=[
                    *chromium.launch_flags(),
                    "--use-fake-device-for-media-stream",
                    f"--use-file-for-fake-audio-capture={sound}",
                    "--autoplay-policy=no-user-gesture-required",
                ],
            )
            yield Speaking(browser, server, fake, dialect)
            await browser.close()
        await asyncio.to_thread(server.stop)


def dictation(chat: Chat) -> Any:
    return chat.page.get_by_role("group", name="Dictation")


@pytest.mark.parametrize("phone", [False, True])
async def test_what_is_said_is_in_the_message_to_be_looked_at(speaking: Speaking, phone: bool) -> None:
    chat = await speaking.open(phone=phone)
    await chat.composer.fill("Note:")
    await chat.page.get_by_role("button", name="Dictate").click()
    meter = dictation(chat).locator("canvas")
    await chat.page.wait_for_function("() => Number(document.querySelector('canvas')?.dataset.level) > 0.05")
    await expect(meter).to_be_visible()
    assert await violations(chat.page) == []
    await chat.page.wait_for_timeout(1200)
    await dictation(chat).get_by_role("button", name="Done").press("Enter")
    await expect(chat.composer).to_have_value("Note: What is said is written down.")
    await expect(chat.composer).to_be_focused()
    await expect(chat.answers).to_have_count(0)
    (sound,) = speaking.dialect.sounds
    assert sound[:4] == b"\x1a\x45\xdf\xa3", "a WebM file"
    assert len(sound) > 5_000


async def test_escape_forgets_what_was_heard(speaking: Speaking) -> None:
    chat = await speaking.open()
    await chat.composer.click()
    await chat.page.keyboard.press("Control+Shift+d")
    await expect(dictation(chat).get_by_text("Listening")).to_be_visible()
    await chat.page.keyboard.press("Escape")
    await expect(dictation(chat)).to_have_count(0)
    await expect(chat.composer).to_be_focused()
    await expect(chat.composer).to_have_value("")
    assert speaking.dialect.sounds == []


async def test_what_goes_wrong_says_what_can_be_done(speaking: Speaking) -> None:
    chat = await speaking.open(hears=False)
    await chat.page.get_by_role("button", name="Dictate").click()
    alert = dictation(chat).get_by_role("alert")
    await expect(alert).to_contain_text("Allow the microphone")
    await chat.page.context.grant_permissions(["microphone"])
    speaking.fake.script = Script(error="key")
    await dictation(chat).get_by_role("button", name="Try again").click()
    await expect(dictation(chat).get_by_text("Listening")).to_be_visible()
    await dictation(chat).get_by_role("button", name="Done").click()
    await expect(alert).to_be_visible()
    speaking.fake.script = Script()
    speaking.dialect.said = " "
    await dictation(chat).get_by_role("button", name="Try again").click()
    await expect(dictation(chat).get_by_text("Listening")).to_be_visible()
    await dictation(chat).get_by_role("button", name="Done").click()
    await expect(alert).to_contain_text("Nothing was heard.")
    assert await violations(chat.page) == []
    await dictation(chat).get_by_role("button", name="Close").click()
    await expect(chat.composer).to_be_focused()


async def test_an_answer_is_read_as_words_paused_and_stopped(speaking: Speaking) -> None:
    chat = await speaking.open()
    speaking.dialect.spoken = tone(2.5)
    await chat.page.get_by_role("button", name="Model:").click()
    await chat.page.get_by_role("combobox", name="Search models").fill("echo")
    await chat.page.keyboard.press("Enter")
    await chat.ask("# Title\n\nRead [this](https://example.org/x) aloud.\n\n```\nnever\n```\n\nAnd this one.")
    await chat.answer.get_by_role("button", name="Read aloud").click()
    await chat.answer.get_by_role("button", name="Pause reading").click()
    await expect(chat.answer.get_by_role("button", name="Go on reading")).to_be_visible()
    assert await violations(chat.page) == []
    await chat.answer.get_by_role("button", name="Go on reading").click()
    await expect(chat.answer.get_by_role("button", name="Pause reading")).to_be_visible()
    await chat.answer.get_by_role("button", name="Stop reading").click()
    await expect(chat.answer.get_by_role("button", name="Read aloud")).to_be_visible()
    assert " ".join(speaking.dialect.read) == "Title. Read this aloud. And this one."
    # to its end it goes by itself
    speaking.dialect.spoken = tone(0.3)
    await chat.answer.get_by_role("button", name="Read aloud").click()
    await expect(chat.answer.get_by_role("button", name="Stop reading")).to_be_visible()
    await expect(chat.answer.get_by_role("button", name="Read aloud")).to_be_visible()
    speaking.fake.script = Script(error="quota")
    await chat.answer.get_by_role("button", name="Read aloud").click()
    await expect(chat.page.get_by_role("alert").or_(chat.page.locator(".toast")).first).to_be_visible()
    await expect(chat.answer.get_by_role("button", name="Read aloud")).to_be_visible()


async def test_voice_and_speed_are_chosen(speaking: Speaking) -> None:
    chat = await speaking.open()
    await chat.open("/settings/voice")
    await chat.page.get_by_role("combobox", name="Voice").click()
    await chat.page.get_by_role("option", name="otto").click()
    await chat.page.get_by_role("combobox", name="Speed").click()
    await chat.page.get_by_role("option", name="1.5×").click()
    assert await violations(chat.page) == []
    await chat.page.reload()
    await expect(chat.page.get_by_role("combobox", name="Voice")).to_have_text("otto")
    await expect(chat.page.get_by_role("combobox", name="Speed")).to_have_text("1.5×")


def phase(chat: Chat, which: str) -> Any:
    return chat.page.locator(f"[data-phase='{which}']")


async def test_a_conversation_without_hands_can_be_interrupted(speaking: Speaking) -> None:
    """The microphone says something, is silent, and says it again while the answer is being read."""
    speaking.dialect.spoken = tone(30)
    chat = await speaking.open()
    await chat.page.get_by_role("button", name="Model:").click()
    await chat.page.get_by_role("combobox", name="Search models").fill("echo")
    await chat.page.keyboard.press("Enter")
    await chat.composer.fill("/talk")
    await expect(chat.page.get_by_role("option", name="Talk hands-free")).to_be_visible()
    await chat.composer.press("Enter")
    talk = chat.page.get_by_role("group", name="Hands-free conversation")
    await expect(talk).to_be_visible()
    # heard, written down, sent, and gone along into the chat that this began
    await expect(chat.own_messages.first).to_contain_text("What is said is written down.")
    await chat.page.wait_for_url("**/c/*")
    await expect(phase(chat, "speaking")).to_be_visible()
    async with asyncio.timeout(20):  # it is asked for a moment after that is shown
        while not speaking.dialect.read:
            await asyncio.sleep(0.05)
    assert speaking.dialect.read[0] == "What is said is written down."
    assert await violations(chat.page) == []
    # the thirty seconds are not waited for
    await expect(chat.own_messages).to_have_count(2, timeout=20_000)
    for sound in speaking.dialect.sounds[:2]:
        with wave.open(io.BytesIO(sound)) as file:
            assert file.getnchannels() == 1
            assert file.getframerate() in (16_000, 22_050)  # of 48 and of 44.1 kHz
            assert 1 < file.getnframes() / file.getframerate() < 8
    await talk.get_by_role("button", name="End").click()
    await expect(talk).to_have_count(0)
    await expect(chat.composer).to_be_focused()
    count = len(speaking.dialect.sounds)
    await chat.page.wait_for_timeout(4000)
    assert len(speaking.dialect.sounds) == count, "nobody listens any more"


async def test_leaving_the_chat_ends_the_conversation(speaking: Speaking) -> None:
    chat = await speaking.open()
    await chat.page.get_by_role("button", name="Dictate").click()
    await dictation(chat).get_by_role("button", name="Hands-free").click()
    talk = chat.page.get_by_role("group", name="Hands-free conversation")
    await expect(talk).to_be_visible()
    await chat.page.get_by_role("link", name="Search chats").click()
    await expect(talk).to_have_count(0)
    await chat.page.go_back()
    await expect(chat.composer).to_be_visible()
    await expect(talk).to_have_count(0)
