"""A link to a message opens its chat there, on the branch that it is on."""

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import OpenChat

pytestmark = pytest.mark.browser


async def test_a_link_leads_to_its_message(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.ask("the first of two wordings")
    question = chat.own_messages.first
    await question.get_by_role("button", name="More").focus()
    await chat.page.keyboard.press("Enter")
    item = chat.page.get_by_role("menuitem", name="Copy link")
    await expect(item).to_be_visible()
    await item.press("Enter")
    await expect(chat.page.get_by_text("Link copied")).to_be_visible()
    link = await chat.page.evaluate("navigator.clipboard.readText()")
    assert link.partition("?")[0] == chat.page.url
    await question.get_by_role("button", name="Edit").focus()
    await chat.page.keyboard.press("Enter")
    await question.get_by_role("textbox").fill("the second of two wordings")
    await chat.page.keyboard.press("Control+Enter")
    await expect(chat.answer).to_contain_text("second")
    await chat.finished()

    other = await open_chat()
    await other.page.goto(link)
    await expect(other.own_messages).to_have_text(["the first of two wordings1/2"])
    await expect(other.own_messages.first).to_be_in_viewport()
