"""All chats as a list to select from: by click, range and keys, with a way back from everything."""

import asyncio
import json
import urllib.request
import zipfile
from typing import Any

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import LOOKS, violations
from tests.services.freehold_server import FreeholdServer

pytestmark = pytest.mark.browser


def call(server: FreeholdServer, method: str, path: str, body: Any = None) -> Any:
    """The server's API, as its local owner."""
    data = json.dumps(body).encode() if body is not None else None
    headers = {"Content-Type": "application/json", "Origin": server.url}
    request = urllib.request.Request(f"{server.url}{path}", data, headers, method=method)
    with urllib.request.urlopen(request, timeout=20) as answer:
        content = answer.read()
    return json.loads(content) if content else None


@pytest.fixture
def planted(server: FreeholdServer) -> list[str]:
    """Five chats and nothing else; the newest is called E."""
    call(server, "PATCH", "/api/threads", {"changes": [{"every": ["active", "archived"], "state": "deleted"}]})
    return [call(server, "POST", "/api/threads", {"title": f"Chat {name}"})["id"] for name in "ABCDE"]


def box(page: Page, name: str) -> Locator:
    return page.get_by_role("checkbox", name=f"Select Chat {name}", exact=True)


async def shown(page: Page, names: str) -> None:
    """Wait until these chats stand in the list, and no others."""
    titles = [f"Chat {name}" for name in names]
    await expect(page.get_by_role("main").locator("li a")).to_have_text(titles)


async def test_a_range_is_deleted_and_taken_back(open_chat: OpenChat, planted: list[str]) -> None:
    chat = await open_chat()
    page = chat.page
    await page.get_by_role("link", name="All chats").click()
    await shown(page, "EDCBA")
    await box(page, "D").click()
    await box(page, "B").click(modifiers=["Shift"])
    await expect(page.get_by_role("main").get_by_role("status")).to_have_text("3 selected")
    await page.get_by_role("button", name="Delete", exact=True).click()
    await shown(page, "EA")
    await expect(page.get_by_text("3 chats deleted")).to_be_visible()
    await page.get_by_role("button", name="Undo").click()
    await shown(page, "EDCBA")


async def test_a_refused_change_takes_no_other_with_it(open_chat: OpenChat, planted: list[str]) -> None:
    chat = await open_chat()
    page = chat.page
    await expect(page.get_by_role("navigation").get_by_role("link", name="Chat E")).to_be_visible()
    held, refuse = asyncio.Event(), asyncio.Event()

    async def refuse_the_pin(route: Route) -> None:
        if route.request.post_data_json == {"pinned": True}:
            held.set()
            await refuse.wait()
            await route.abort()
        else:
            await route.continue_()

    await page.route(f"**/api/threads/{planted[-1]}", refuse_the_pin)
    more = page.get_by_role("button", name="Actions for Chat E")
    await more.click()
    await page.get_by_role("menuitem", name="Pin").click()
    await asyncio.wait_for(held.wait(), 20)
    await expect(page.get_by_role("heading", name="Pinned")).to_be_visible()
    await more.click()
    await page.get_by_role("menuitem", name="Rename").click()
    title = page.get_by_role("dialog").get_by_role("textbox", name="Title")
    await title.fill("Another name")
    async with page.expect_response(lambda answer: answer.request.method == "PATCH" and answer.ok):
        await title.press("Enter")
    renamed = page.get_by_role("navigation").get_by_role("link", name="Another name")
    await expect(renamed).to_be_visible()
    refuse.set()
    await expect(page.get_by_role("heading", name="Pinned")).to_have_count(0)
    await expect(renamed).to_be_visible()


async def test_the_keys_select_and_delete(open_chat: OpenChat, planted: list[str]) -> None:
    chat = await open_chat()
    page = chat.page
    await chat.open("/chats")
    await box(page, "E").focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Space")
    await page.keyboard.press("Shift+ArrowDown")
    await page.keyboard.press("Shift+ArrowDown")
    await expect(box(page, "B")).to_be_focused()
    await expect(page.get_by_text("3 selected")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_text("Select chats.")).to_be_visible()
    await page.keyboard.press("Control+a")
    await expect(page.get_by_text("5 selected")).to_be_visible()
    await page.keyboard.press("Delete")
    await expect(page.get_by_role("main").get_by_text("No chats yet.")).to_be_visible()
    await page.evaluate("document.activeElement.blur()")
    await page.keyboard.press("Control+z")
    await shown(page, "EDCBA")


async def test_chats_are_moved_archived_and_found_again(
    open_chat: OpenChat, server: FreeholdServer, planted: list[str]
) -> None:
    project = call(server, "POST", "/api/projects", {"name": "Garden"})["id"]
    chat = await open_chat(phone=True)
    page = chat.page
    await chat.open("/chats")
    await box(page, "A").tap()
    await box(page, "C").tap()
    await page.get_by_role("button", name="Move to a project").tap()
    await page.get_by_role("menuitem", name="Garden").tap()
    await expect(page.get_by_text("2 chats moved to Garden")).to_be_visible()
    await page.get_by_role("combobox", name="Project").tap()
    await page.get_by_role("option", name="Garden").tap()
    await shown(page, "CA")
    await page.get_by_role("checkbox", name="Select all").tap()
    await page.get_by_role("button", name="Archive", exact=True).tap()
    await expect(page.get_by_text("2 chats archived")).to_be_visible()
    await page.get_by_role("tab", name="Archive").tap()
    await shown(page, "CA")
    call(server, "DELETE", f"/api/projects/{project}")


async def test_all_are_deleted_after_a_question_and_come_back(
    open_chat: OpenChat, server: FreeholdServer, planted: list[str]
) -> None:
    chat = await open_chat()
    page = chat.page
    await chat.open("/settings/moving")
    await page.get_by_role("button", name="Delete all").click()
    question = page.get_by_role("alertdialog", name="Delete all 5 chats?")
    await question.get_by_role("button", name="Keep").click()
    await expect(question).to_have_count(0)
    assert call(server, "GET", "/api/threads/counts") == {"active": 5, "archived": 0}
    await page.get_by_role("button", name="Delete all").click()
    await question.get_by_role("button", name="Delete all").click()
    await expect(page.get_by_text("There is none.")).to_be_visible()
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_text("5 chats, the archive included.")).to_be_visible()
    assert call(server, "GET", "/api/threads/counts") == {"active": 5, "archived": 0}


@pytest.mark.parametrize(("theme", "phone"), LOOKS)
async def test_the_list_is_accessible(open_chat: OpenChat, planted: list[str], theme: str, phone: bool) -> None:
    chat = await open_chat(theme=theme, phone=phone)
    await chat.open("/chats")
    await box(chat.page, "B").click()
    await expect(chat.page.get_by_text("1 selected")).to_be_visible()
    assert await violations(chat.page) == []


async def test_what_is_selected_is_saved_as_one_archive(open_chat: OpenChat, planted: list[str]) -> None:
    chat = await open_chat()
    await chat.open("/chats")
    await box(chat.page, "B").click()
    await box(chat.page, "C").click()
    async with chat.page.expect_download() as download:
        await chat.page.get_by_role("button", name="Export", exact=True).click()
    found = await download.value
    assert found.suggested_filename.endswith(".zip")
    with zipfile.ZipFile(await found.path()) as archive:
        names = [name for name in archive.namelist() if name.endswith(".md")]
    assert names == ["chats/00001 Chat B.md", "chats/00002 Chat C.md"]


async def test_everything_is_exported_and_its_archive_taken_away(open_chat: OpenChat, planted: list[str]) -> None:
    chat = await open_chat(phone=True)
    page = chat.page
    await chat.open("/settings/moving")
    await page.get_by_role("button", name="Make the archive").tap()
    row = page.get_by_role("listitem").filter(has_text="Everything")
    await expect(row).to_contain_text("5 chats")
    async with page.expect_download() as download:
        await row.get_by_role("link", name="Download").tap()
    with zipfile.ZipFile(await (await download.value).path()) as archive:
        assert "account.json" in archive.namelist()
    assert await violations(page) == []
    await row.get_by_role("button", name="Delete the archive").tap()
    await expect(row).to_have_count(0)
