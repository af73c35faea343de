"""Search over all chats in a real browser: what is typed is found, and one arrives at the message it stands in."""

import re
from typing import Any

import httpx2
import pytest
from playwright.async_api import Locator, Page, expect

from freehold.kit.ids import new_id
from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import LOOKS, violations
from tests.services.freehold_server import FreeholdServer

pytestmark = pytest.mark.browser

FILLER = "\n\n".join(f"Paragraph {number} of a long answer that fills the page." for number in range(6))


class Library:
    """Chats on the server, made through its API."""

    def __init__(self, url: str) -> None:
        self._client = httpx2.Client(base_url=url, headers={"Origin": url}, timeout=30)

    def thread(self, title: str) -> str:
        return str(self._client.post("/api/threads", json={"title": title, "id": new_id()}).json()["id"])

    def ask(self, thread: str, text: str, parent: str | None = None) -> str:
        """The id of the answer."""
        parts = [{"type": "text", "text": text}]
        turn = {"kind": "send", "parent_id": parent, "parts": parts, "model": "echo/echo"}
        self._client.post(f"/api/threads/{thread}/turns", json=turn).read()
        return str(self.messages(thread)[-1]["id"])

    def messages(self, thread: str) -> list[dict[str, Any]]:
        return list(self._client.get(f"/api/threads/{thread}").json()["messages"])


@pytest.fixture(scope="module")
def library(server: FreeholdServer) -> Library:
    library = Library(server.url)
    thread = library.thread("Heat pump for an old house")
    last = library.ask(thread, "The first branch speaks of a hidden heliotrope.")
    for _ in range(6):
        last = library.ask(thread, FILLER, last)
    library.ask(thread, "Another beginning that says something else.")
    chinese = library.thread("暖房改造")
    library.ask(chinese, "老房子的热泵要多大？先算热损失，再看水温，最后才选机型。")
    for number in range(5):
        library.ask(library.thread(f"Sourdough {number}"), f"Why does loaf {number} not rise in a cold kitchen?")
    return library


def field(page: Page) -> Locator:
    return page.get_by_role("textbox", name=re.compile("Search in titles|搜索标题"))


def row(page: Page, name: str) -> Locator:
    """A link in the list of what was found."""
    return page.get_by_role("main").get_by_role("link", name=re.compile(name))


async def open_search(chat: Chat) -> Locator:
    await chat.page.get_by_role("link", name="Search chats").click()
    await expect(field(chat.page)).to_be_focused()
    return field(chat.page)


def on_its_branch(saved: dict[str, Any]) -> bool:
    """Whether the chat was switched to the branch that the word is on."""
    messages = {one["id"]: one for one in saved["messages"]}
    first = messages[saved["thread"]["leaf_id"]]
    while first["parent_id"] is not None:
        first = messages[first["parent_id"]]
    return "heliotrope" in str(first)


async def test_what_is_found_on_another_branch_is_shown_there(open_chat: OpenChat, library: Library) -> None:
    chat = await open_chat()
    page = chat.page
    await (await open_search(chat)).fill("heliotro")
    hit = row(page, "hidden heliotrope").first  # the question or echo's answer: both are as new as each other
    await expect(hit.locator("mark")).to_have_text("heliotro")
    await expect(page).to_have_url(re.compile(r"q=heliotro"))
    await page.keyboard.press("ArrowDown")
    await expect(row(page, "Heat pump").first).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(hit).to_be_focused()
    address = await hit.get_attribute("href") or ""
    await page.keyboard.press("Enter")
    message = page.locator(f"article[data-message='{address.rpartition('message=')[2]}']")
    await expect(message).to_be_in_viewport()
    await expect(message).to_be_focused()
    await expect(message).to_have_attribute("data-found", "")
    await page.wait_for_timeout(1500)
    await expect(message).to_be_in_viewport()
    await chat.saves(on_its_branch)
    await page.go_back()
    await expect(field(page)).to_have_value("heliotro")


async def test_two_chinese_characters_are_found(open_chat: OpenChat, library: Library) -> None:
    chat = await open_chat(language="zh-CN")
    await chat.page.get_by_role("link", name="搜索对话").click()
    await field(chat.page).fill("水温")
    await expect(chat.page.locator("mark").first).to_have_text("水温")
    await row(chat.page, "水温").first.click()
    await expect(chat.page.locator("article:focus")).to_contain_text("水温")


async def test_keys_lead_into_the_list_and_out_again(open_chat: OpenChat, library: Library) -> None:
    chat = await open_chat()
    page = chat.page
    await (await open_search(chat)).fill("loaf")
    await expect(page.get_by_role("status").filter(has_text="Found in 5 chats")).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await expect(row(page, "Sourdough 4").first).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await expect(field(page)).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Escape")
    await expect(field(page)).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(field(page)).to_have_value("")
    await page.keyboard.press("Escape")
    await expect(field(page)).to_have_count(0)


async def test_filters_empty_states_and_failure(open_chat: OpenChat, library: Library) -> None:
    chat = await open_chat()
    page = chat.page
    await (await open_search(chat)).fill("loaf")
    found = row(page, "Sourdough")
    await expect(found.last).to_be_visible()
    await page.get_by_role("button", name="With a file").click()
    await expect(page.get_by_text("Nothing was found")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("button", name="With a file")).to_have_attribute("aria-pressed", "true")
    await page.get_by_role("button", name="With a file").click()
    await page.get_by_role("combobox", name="When").click()
    await page.get_by_role("option", name="Last 7 days").click()
    await expect(page).to_have_url(re.compile("when=week"))
    await expect(page.locator(".hit-chat")).to_have_count(5)
    await field(page).fill("?!")
    await expect(page.get_by_text("Write at least one letter")).to_be_visible()
    await page.route("**/api/search?*", lambda route: route.abort())
    await field(page).fill("kitchen")
    await expect(page.get_by_role("alert")).to_contain_text("The search did not work")
    await page.unroute("**/api/search?*")
    await page.get_by_role("button", name="Try again").click()
    await expect(found.last).to_be_visible()


@pytest.mark.parametrize(("theme", "phone"), LOOKS)
async def test_axe_finds_nothing(open_chat: OpenChat, library: Library, theme: str, phone: bool) -> None:
    chat = await open_chat(theme=theme, phone=phone)
    await chat.open("/search?q=house")
    await expect(chat.page.locator("mark").first).to_be_visible()
    assert await violations(chat.page) == []
    wide = await chat.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide, "nothing sticks out sideways"
