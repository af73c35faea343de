"""A message in another language, as a person meets it: chosen in the menu, streamed below, kept, stopped, removed."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import violations
from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import API_KEY, FakeUpstream, Script
from tests.services.freehold_server import FreeholdServer

pytestmark = pytest.mark.browser


async def translate(chat: Chat, message: Locator, language: str) -> None:
    await message.hover()
    await message.get_by_role("button", name="More").click()
    await chat.page.get_by_role("menuitem", name="Translate").click()
    await chat.page.get_by_role("menuitem", name=language, exact=True).click()


async def test_a_message_is_translated_in_place_and_the_translation_stays(open_chat: OpenChat) -> None:
    chat = await open_chat()
    page = chat.page
    await chat.ask("Bees like clover")
    await translate(chat, chat.answer, "English")
    block = chat.answer.get_by_role("group", name="Translation into English")
    await expect(block).to_have_attribute("aria-busy", "false")
    await expect(block).to_contain_text("Bees like clover")
    assert chat.saved()["messages"][-1]["translation"]["language"] == "en"
    await page.reload()
    await expect(block).to_contain_text("Bees like clover")
    await block.get_by_role("combobox", name="Language of the translation").click()
    await page.get_by_role("option", name="Japanese").click()
    await expect(chat.answer.get_by_role("group", name="Translation into Japanese")).to_be_visible()
    await expect(page.locator(".translation-words")).to_have_attribute("lang", "ja")
    await chat.answer.get_by_role("button", name="Remove the translation").click()
    await expect(page.locator(".translation")).to_have_count(0)
    await page.reload()
    await expect(chat.answer).to_contain_text("Bees like clover")
    await expect(page.locator(".translation")).to_have_count(0)


@pytest.mark.parametrize(
    ("theme", "language", "phone"), [("light", "en", False), ("dark", "zh-CN", True), ("dark", "en", False)]
)
async def test_a_translation_is_accessible(open_chat: OpenChat, theme: str, language: str, phone: bool) -> None:
    chat = await open_chat(theme=theme, language=language, phone=phone)
    page = chat.page
    await chat.page.locator(".composer-text").fill("Bees like clover")
    await page.keyboard.press("Enter")
    own = page.locator("article.is-own")
    await expect(page.locator("article[aria-busy=false] .answer-line")).to_be_visible()
    for message in (own, page.locator("article[aria-busy]")):
        await message.hover()
        await message.locator("[data-control=more]").click()
        await page.get_by_role("menuitem", name={"en": "Translate", "zh-CN": "翻译"}[language], exact=True).click()
        await page.get_by_role("menuitem", name={"en": "English", "zh-CN": "简体中文"}[language], exact=True).click()
        await expect(message.locator(".translation-words")).to_contain_text("Bees like clover")
    assert await violations(page) == []


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[tuple[FreeholdServer, FakeUpstream]]:
    """A server whose only model is told what to say."""
    async with FakeUpstream(OpenAIDialect()) as fake:
        declared = {"id": "house", "kind": "openai_compatible", "name": "House", "api_key": API_KEY}
        declared |= {"base_url": fake.url, "self_hosted": True, "models": ["fake-large"]}
        config = tmp_path / "freehold.yaml"
        config.write_text(json.dumps({"providers": [declared]}))
        server = FreeholdServer(tmp_path / "data", {"FREEHOLD_CONFIG": str(config), "FREEHOLD_ECHO__ENABLED": "false"})
        server.data_dir.mkdir()
        await asyncio.to_thread(server.start)
        yield server, fake
        await asyncio.to_thread(server.stop)


async def test_a_translation_is_stopped_and_a_refusal_is_told_in_place(
    open_chat: OpenChat, house: tuple[FreeholdServer, FakeUpstream]
) -> None:
    server, fake = house
    chat = await open_chat(at=server)
    page = chat.page
    await chat.ask("Hello")
    fake.script = Script(text=("Bees like clover. ",) * 200, pause_s=0.2)
    await translate(chat, chat.answer, "French")
    block = page.locator(".translation")
    await expect(block).to_contain_text("Bees like")
    await block.get_by_role("button", name="Stop translating").click()
    await expect(block).to_have_count(0)
    saved = await asyncio.to_thread(chat.saved)
    assert saved["messages"][-1]["translation"] is None
    fake.script = Script(error="key")
    await translate(chat, chat.answer, "French")
    await expect(block.get_by_role("alert")).to_contain_text("House turned the key down")
    assert await violations(page) == []
    fake.script = Script(text=("Les abeilles aiment le trèfle.",))
    await block.get_by_role("button", name="Try again").click()
    await expect(block).to_contain_text("Les abeilles aiment")
