"""Going on elsewhere: a chat is copied at a message, and an answer is replaced."""

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import violations

pytestmark = pytest.mark.browser


async def choose(chat: Chat, message: Locator, *items: str) -> None:
    """From the menu of a message and the menus in it, by keyboard."""
    more = message.get_by_role("button", name="More")
    await more.focus()
    await more.press("Enter")
    for at, item in enumerate(items):
        entry = chat.page.get_by_role("menuitem", name=item, exact=True)
        await expect(entry).to_be_visible()
        await entry.focus()
        await entry.press("ArrowRight" if at + 1 < len(items) else "Enter")


@pytest.mark.parametrize(
    ("item", "questions"),
    [
        ("With what leads up to here", ["first"]),
        ("With everything, all branches", ["first", "second"]),
        ("With what begins here", ["first", "second"]),
    ],
)
async def test_a_fork(open_chat: OpenChat, item: str, questions: list[str]) -> None:
    chat = await open_chat()
    await chat.ask("first")
    await chat.ask("second")
    source = chat.thread_id
    await choose(chat, chat.answers.first, "Go on in a new chat", item)
    await chat.page.wait_for_function("(id) => !location.pathname.endsWith(id)", arg=source)
    await expect(chat.page.get_by_role("heading", level=1)).to_have_text("first (2)")
    await expect(chat.own_messages).to_have_text(questions)
    await expect(chat.page.get_by_text("Copied into a new chat")).to_be_visible()
    await chat.page.reload()
    await expect(chat.own_messages).to_have_text(questions)
    await chat.ask("third")
    assert len(chat.saved()["messages"]) == 2 * len(questions) + 2
    await chat.open(f"/c/{source}")
    await expect(chat.own_messages).to_have_text(["first", "second"])


async def test_the_menu_is_accessible(open_chat: OpenChat) -> None:
    chat = await open_chat(theme="dark")
    await chat.ask("look at the menu")
    await chat.answer.get_by_role("button", name="More").click()
    await chat.page.get_by_role("menuitem", name="Go on in a new chat").press("ArrowRight")
    await expect(chat.page.get_by_role("menuitem", name="With what begins here")).to_be_visible()
    assert await violations(chat.page, without=("region",)) == []


async def test_delete_and_answer_again(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.ask("first")
    await chat.ask("second")
    await choose(chat, chat.answers.first, "Delete and answer again")
    await expect(chat.answers).to_have_count(1)
    await expect(chat.page.get_by_text("3 messages deleted")).to_be_visible()
    await chat.shows("first")
    await expect(chat.answer).to_be_focused()
    await chat.finished()
    assert len(chat.saved()["messages"]) == 2
    await chat.page.keyboard.press("Control+z")
    await expect(chat.answers).to_have_count(2)
    await expect(chat.answers.first).to_contain_text("1/2")
    assert len(chat.saved()["messages"]) == 5
