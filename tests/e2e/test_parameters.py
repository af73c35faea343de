"""What a chat sets of its model: seen in the composer, kept with the chat, sent with it, let go again."""

import json
import urllib.request
from typing import Any

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import LOOKS, violations

pytestmark = pytest.mark.browser


def button(chat: Chat) -> Locator:
    return chat.page.get_by_role("button", name="Settings of this chat")


def panel(chat: Chat) -> Locator:
    return chat.page.get_by_role("dialog", name="Settings of this chat")


def kept(chat: Chat) -> dict[str, Any]:
    return {name: value for name, value in chat.saved()["thread"]["parameters"].items() if value is not None}


async def test_they_are_kept_with_the_chat_from_its_first_message_on(open_chat: OpenChat) -> None:
    chat = await open_chat()
    page = chat.page
    await button(chat).click()
    await panel(chat).get_by_label("System prompt").fill("Be brief.")
    slider = panel(chat).get_by_role("slider", name="Temperature")
    await slider.focus()
    await page.keyboard.press("ArrowLeft")
    await expect(slider).to_have_attribute("aria-valuetext", "0.9")
    await page.keyboard.press("Escape")
    await expect(chat.page.get_by_role("button", name="Settings of this chat: 2 changed")).to_be_visible()
    await chat.ask("hello")
    assert kept(chat) == {"system": "Be brief.", "temperature": 0.9}
    await page.reload()
    await chat.page.get_by_role("button", name="Settings of this chat: 2 changed").click()
    await expect(panel(chat).get_by_label("System prompt")).to_have_value("Be brief.")
    await panel(chat).get_by_role("button", name="Temperature: as the model has it").click()
    await panel(chat).get_by_role("textbox", name="Longest answer, in tokens").fill("12x3")
    await expect(panel(chat).get_by_role("textbox", name="Longest answer, in tokens")).to_have_value("123")
    # closed at once and sent at once: what was set holds for this very answer
    await page.keyboard.press("Escape")
    await chat.ask("and now")
    assert kept(chat) == {"system": "Be brief.", "max_tokens": 123}
    await button(chat).click()
    await panel(chat).get_by_role("button", name="Reset all").click()
    await page.keyboard.press("Escape")
    await expect(button(chat)).to_have_attribute("aria-pressed", "false")
    await page.goto(chat.url)
    await expect(button(chat)).to_have_attribute("aria-pressed", "false")


async def test_thinking_is_kept_too(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.ask("hello")
    await chat.page.get_by_role("button", name="Thinking: As the model likes").click()
    await chat.page.get_by_role("menuitemradio", name="Briefly").click()
    await chat.ask("/reasoning a thought\nand an answer")
    assert kept(chat) == {"reasoning_effort": "low"}
    await chat.page.reload()
    await expect(chat.page.get_by_role("button", name="Thinking: Briefly")).to_be_visible()


async def test_only_what_the_model_takes_is_offered(open_chat: OpenChat) -> None:
    chat = await open_chat()
    known = json.loads(urllib.request.urlopen(f"{chat.url}/api/models", timeout=10).read())
    known["items"][0] |= {"fixed_sampling": True, "abilities": ["tools"]}
    await chat.page.route("**/api/models", lambda route: route.fulfill(json=known))
    await chat.page.reload()
    await button(chat).click()
    await expect(panel(chat).get_by_text("Echo sets temperature and top-p itself.")).to_be_visible()
    await expect(panel(chat).get_by_role("slider")).to_have_count(0)
    await expect(panel(chat).get_by_role("combobox", name="Thinking")).to_have_count(0)


@pytest.mark.parametrize(("theme", "phone"), LOOKS)
async def test_the_panel_is_accessible(open_chat: OpenChat, theme: str, phone: bool) -> None:
    chat = await open_chat(theme=theme, phone=phone)
    await chat.ask("hello")
    await button(chat).click()
    await panel(chat).get_by_label("System prompt").fill("Be brief.")
    assert await violations(chat.page) == []


async def test_the_gauge_tells_what_fills_the_context(open_chat: OpenChat) -> None:
    chat = await open_chat()
    known = json.loads(urllib.request.urlopen(f"{chat.url}/api/models", timeout=10).read())
    known["items"][0] |= {"context_tokens": 10_000}
    await chat.page.route("**/api/models", lambda route: route.fulfill(json=known))
    await chat.page.reload()
    gauge = chat.page.get_by_role("button", name="Context:")
    await expect(chat.composer).to_be_visible()
    await expect(gauge).to_have_count(0)
    await chat.composer.fill("word " * 1600)  # 8,000 characters
    await expect(gauge).to_have_text("20%")
    await gauge.click()
    told = chat.page.get_by_role("dialog", name="Context")
    await expect(told).to_contain_text("This message")
    await expect(told).to_contain_text("2,000")
    await expect(told).to_contain_text("Kept free for the answer")
    await expect(told).to_contain_text("2,500")
    assert await violations(chat.page) == []
    await chat.page.keyboard.press("Escape")
    await chat.composer.fill("word " * 8_000)
    await gauge.click()
    await expect(told).to_contain_text("It is full")
