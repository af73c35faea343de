"""What one thinks of an answer: kept at once, with reasons, by keyboard, on a phone, and on another device."""

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import violations

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_by_keyboard(open_chat: OpenChat, theme: str) -> None:
    chat = await open_chat(theme=theme)
    await chat.ask("is this good")
    down = chat.answer.get_by_role("button", name="Bad answer")
    await expect(down).to_have_attribute("aria-pressed", "false")
    await down.focus()
    await down.press("Enter")
    await expect(down).to_have_attribute("aria-pressed", "true")
    wrong = chat.page.get_by_role("button", name="Wrong", exact=True)
    await wrong.focus()
    await wrong.press("Space")
    await expect(wrong).to_have_attribute("aria-pressed", "true")
    assert await violations(chat.page, without=("region",)) == []
    await chat.page.get_by_role("textbox", name="In your own words").fill("It is an echo.")
    await chat.page.get_by_role("button", name="Done").press("Enter")
    await expect(down).to_be_focused()
    said = {"good": False, "reasons": ["wrong"], "comment": "It is an echo.", "model": "echo/echo"}
    await chat.saves(lambda saved: said.items() <= saved["messages"][1]["feedback"].items())

    other = await open_chat()
    await other.open(f"/c/{chat.thread_id}")
    up = other.answer.get_by_role("button", name="Good answer")
    await expect(other.answer.get_by_role("button", name="Bad answer")).to_have_attribute("aria-pressed", "true")
    await up.click()
    await expect(up).to_have_attribute("aria-pressed", "true")
    await expect(down).to_have_attribute("aria-pressed", "false")  # the first tab hears of it
    await other.page.get_by_role("button", name="Take back").click()
    await expect(up).to_have_attribute("aria-pressed", "false")
    assert chat.saved()["messages"][1]["feedback"] is None


async def test_on_a_phone_in_chinese(open_chat: OpenChat) -> None:
    chat = await open_chat(phone=True, language="zh-CN", theme="dark")
    await chat.page.get_by_role("textbox").last.fill("这样好吗")
    await chat.page.get_by_role("button", name="发送", exact=True).tap()
    answer = chat.page.get_by_role("article").last
    await answer.get_by_role("button", name="回答得好").tap()
    clear = chat.page.get_by_role("button", name="清楚")
    await clear.tap()
    await expect(clear).to_have_attribute("aria-pressed", "true")
    assert await violations(chat.page, without=("region",)) == []
    await chat.page.get_by_role("button", name="完成").tap()
    await expect(answer.get_by_role("button", name="回答得好")).to_have_attribute("aria-pressed", "true")
    overflow = await chat.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
    assert chat.saved()["messages"][1]["feedback"]["reasons"] == ["clear"]
