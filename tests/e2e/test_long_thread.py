"""A chat of hundreds of messages: far from the view they are places, and still found, linked to and read."""

import pytest
from playwright.async_api import Page, expect

from bench.long_thread import fill
from tests.e2e.conftest import OpenChat
from tests.services.freehold_server import FreeholdServer

pytestmark = pytest.mark.browser

MESSAGES = 300
DRAWN = "article[data-message]:not(.is-away)"
TOP = "document.querySelector('.thread').scrollTo(0, 0)"


@pytest.fixture(scope="module")
async def long_thread(server: FreeholdServer) -> str:
    """Its id."""
    return await fill(server.data_dir, MESSAGES)


async def whole(page: Page) -> None:
    """Wait until every message has its place."""
    await expect(page.locator("article[data-message]")).to_have_count(MESSAGES)


async def test_only_what_is_near_is_drawn(open_chat: OpenChat, long_thread: str) -> None:
    chat = await open_chat()
    page = chat.page
    await chat.open(f"/c/{long_thread}")
    last = page.get_by_role("heading", name=f"Number {MESSAGES - 1}", exact=True)
    await expect(last).to_be_in_viewport()
    await whole(page)
    # the end stays in view while the places above come
    await expect(page.get_by_role("button", name="Answer again", exact=True).last).to_be_in_viewport()
    assert await page.locator(DRAWN).count() < 40

    await page.evaluate(TOP)
    first = page.locator(DRAWN, has_text="What about number 0?")
    await expect(first).to_be_in_viewport()
    # what was drawn at the end is not any more, but for the last few
    await expect(page.get_by_role("heading", name=f"Number {MESSAGES - 9}", exact=True)).to_have_count(0)
    assert await page.locator(DRAWN).count() < 40

    # somebody who is at a message keeps it, however far away
    await first.get_by_role("button", name="More").focus()
    await page.evaluate("document.querySelector('.thread').scrollTo(0, 1e7)")
    await expect(last).to_be_in_viewport()
    await expect(first.get_by_role("button", name="More")).to_be_focused()


async def test_what_is_far_away_is_found_and_linked_to(open_chat: OpenChat, long_thread: str) -> None:
    chat = await open_chat()
    page = chat.page
    await chat.open(f"/c/{long_thread}")
    await whole(page)
    # its words are there for the browser's own search
    far = page.locator("article[data-message]", has_text="This is **answer 101**")
    await expect(far.locator("[hidden='until-found']")).to_have_count(1)
    id_ = await far.get_attribute("data-message")
    await chat.open(f"/c/{long_thread}?message={id_}")
    heading = page.get_by_role("heading", name="Number 101", exact=True)
    await expect(heading).to_be_in_viewport()
    await whole(page)
    # what came above it did not push it away, and it has the focus
    await expect(heading).to_be_in_viewport()
    await expect(page.locator(f"article[data-message='{id_}']")).to_be_focused()
