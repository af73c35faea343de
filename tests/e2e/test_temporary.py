"""A temporary chat from its switch to its end: marked, in no list, kept when one wants."""

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import LOOKS, violations
from tests.e2e.test_chats import call
from tests.services.freehold_server import FreeholdServer

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def not_the_first_chat(server: FreeholdServer) -> None:
    """The very first page welcomes, and offers only the ways to a model."""
    call(server, "POST", "/api/threads", {"title": "The first one"})


async def test_a_temporary_chat_is_in_no_list_until_it_is_kept(open_chat: OpenChat) -> None:
    chat = await open_chat()
    page = chat.page
    await page.get_by_role("button", name="Make this chat temporary").click()
    await expect(page.get_by_role("heading", name="A temporary chat")).to_be_visible()
    await chat.ask("A passing thought")
    await expect(page.get_by_text("Temporary: it is deleted")).to_be_visible()
    assert chat.saved()["thread"]["state"] == "temp"
    in_list = page.get_by_role("navigation", name="Chats").get_by_role("link", name="A passing thought")
    await expect(in_list).to_have_count(0)
    await page.reload()
    await expect(page.get_by_text("Temporary: it is deleted")).to_be_visible()
    await expect(page.get_by_role("link", name="The first one").first).to_be_visible()
    await expect(in_list).to_have_count(0)
    await page.get_by_role("main").get_by_role("heading", level=1).click()
    await expect(page.get_by_role("menuitem", name="Delete")).to_be_visible()
    await expect(page.get_by_role("menuitem", name="Archive")).to_have_count(0)
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Keep this chat", exact=True).click()
    await expect(page.get_by_text("Temporary: it is deleted")).to_have_count(0)
    await expect(in_list).to_be_visible()
    await expect(page.get_by_text("This chat is kept")).to_be_visible()
    assert chat.saved()["thread"]["state"] == "active"


@pytest.mark.parametrize(("theme", "phone"), LOOKS)
async def test_it_is_accessible(open_chat: OpenChat, theme: str, phone: bool) -> None:
    chat = await open_chat(theme=theme, phone=phone)
    await chat.page.get_by_role("button", name="Make this chat temporary").click()
    assert await violations(chat.page) == []
    await chat.ask("Hello")
    await expect(chat.page.get_by_text("Temporary: it is deleted")).to_be_visible()
    assert await violations(chat.page) == []
