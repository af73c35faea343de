"""The palette, the shortcuts and their sheet: all by keyboard, and what screen readers are told of it."""

import asyncio

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import LOOKS, violations

pytestmark = pytest.mark.browser


async def opened(page: Page) -> Locator:
    await page.keyboard.press("Control+k")
    field = page.get_by_role("dialog", name="Search and commands").get_by_role("combobox")
    await expect(field).to_be_focused()
    return field


async def active(page: Page) -> str:
    """The line that Enter takes, found as a screen reader finds it."""
    return await page.evaluate(
        "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))?.innerText ?? ''"
    )


async def test_a_run_by_keyboard_alone(open_chat: OpenChat) -> None:
    chat = await open_chat()
    page = chat.page
    await chat.ask("the heat pump of the house")
    await page.keyboard.press("Control+Shift+o")
    await chat.ask("sourdough that will not rise")
    # to another chat, with letters left out
    field = await opened(page)
    await page.keyboard.type("htpmp")
    await expect(page.get_by_role("option", name="the heat pump of the house")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page).to_have_title("the heat pump of the house · Freehold")
    await expect(field).to_have_count(0)
    # an action on the open chat, found by a word
    await opened(page)
    await page.keyboard.type("pin this")
    assert "Pin this chat" in await active(page)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Pinned")).to_be_visible()
    # the theme, and the focus is where it was
    await opened(page)
    await page.keyboard.type("dark")
    await expect(page.get_by_role("option", name="Theme: dark")).to_be_visible()
    while "Theme: dark" not in await active(page):
        await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(chat.composer).to_be_focused()
    # a new chat about what was typed
    await opened(page)
    await page.keyboard.type("qqq nothing is called that")
    assert "New chat about" in await active(page)
    await page.keyboard.press("Enter")
    await expect(chat.composer).to_have_value("qqq nothing is called that")
    await expect(chat.composer).to_be_focused()
    # a page
    await opened(page)
    await page.keyboard.type("usage")
    while not (await active(page)).startswith("Usage"):
        await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Usage")).to_be_visible()


async def test_what_is_typed_while_the_palette_is_fetched_is_its(open_chat: OpenChat) -> None:
    chat = await open_chat()
    page = chat.page
    await expect(chat.composer).to_be_focused()
    here = asyncio.Event()

    async def slowly(route: Route) -> None:
        await here.wait()
        await route.continue_()

    await page.route("**/assets/palette-*.js", slowly)
    await page.keyboard.press("Control+k")
    await page.keyboard.type("fold")
    here.set()
    await expect(page.get_by_role("combobox", name="Search chats, commands and pages")).to_have_value("fold")


async def test_the_model_is_switched(open_chat: OpenChat) -> None:
    chat = await open_chat()
    page = chat.page
    await chat.ask("which model")
    await page.keyboard.press("Control+Shift+m")
    await expect(page.get_by_role("combobox", name="Search models")).to_be_focused()
    await page.keyboard.type("echo")
    async with chat.told():
        await page.keyboard.press("Enter")
    assert chat.saved()["thread"]["model"] == "echo/echo"


async def test_words_of_messages_are_found_and_marked(open_chat: OpenChat) -> None:
    chat = await open_chat()
    page = chat.page
    await chat.ask("A title that says little\nand further down 热损失 of the quixotic boiler")
    await page.keyboard.press("Control+Shift+o")
    await expect(page).to_have_title("Freehold")
    await opened(page)
    for words, marked in (("quixotic", "quixotic"), ("热损", "热损")):
        await page.get_by_role("combobox").fill(words)
        found = page.get_by_role("group", name="In messages").get_by_role("option")
        await expect(found.locator("mark")).to_have_text(marked)
    assert await violations(page, without=("region",)) == []
    await found.click()
    await expect(chat.own_messages.first).to_contain_text("quixotic boiler")


async def test_an_input_method_at_work_chooses_nothing_and_escape_leaves(open_chat: OpenChat) -> None:
    chat = await open_chat(language="zh-CN")
    page = chat.page
    await expect(page.get_by_role("textbox", name="消息")).to_be_focused()
    await page.keyboard.press("Control+k")
    field = page.get_by_role("combobox")
    await expect(field).to_be_focused()
    session = await page.context.new_cdp_session(page)
    await session.send("Input.imeSetComposition", {"text": "she", "selectionStart": 3, "selectionEnd": 3})
    await page.keyboard.press("Enter")
    await expect(field).to_be_visible()
    await session.send("Input.insertText", {"text": "深色"})
    await expect(page.get_by_role("option", name="主题：深色")).to_be_visible()
    await field.fill("shense")  # by pinyin
    await expect(page.get_by_role("option", name="主题：深色")).to_be_visible()
    await field.fill("ztss")  # by its initials
    await expect(page.get_by_role("option", name="主题：深色")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(field).to_have_count(0)


async def test_other_keys_are_kept_on_the_server_and_a_conflict_is_named(open_chat: OpenChat) -> None:
    chat = await open_chat()
    page = chat.page
    await page.keyboard.press("Shift+Escape")
    await page.get_by_role("main").click(position={"x": 5, "y": 300})
    await page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    await expect(sheet).to_contain_text("Ctrl K")
    await sheet.get_by_role("link", name="Change shortcuts").click()
    await page.get_by_role("button", name="Search and commands: Ctrl K").click()
    await page.keyboard.press("Control+t")
    await expect(page.get_by_text("The browser keeps Ctrl T for itself.")).to_be_visible()
    await page.keyboard.press("Control+b")
    conflict = page.get_by_role("alertdialog", name="Ctrl B is taken")
    await expect(conflict).to_contain_text("Show or hide the sidebar")
    await conflict.get_by_role("button", name="Use it here").click()
    await expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    await expect(page.get_by_role("button", name="Show or hide the sidebar: no keys")).to_be_visible()
    # on another device of the same person
    other = await open_chat()
    await expect(other.composer).to_be_focused()
    await other.page.keyboard.press("Control+k")
    await other.page.wait_for_timeout(300)
    await expect(other.page.get_by_role("dialog")).to_have_count(0)
    await other.page.keyboard.press("Control+b")
    await expect(other.page.get_by_role("dialog", name="Search and commands")).to_be_visible()
    await page.get_by_role("button", name="Put all back").click()
    await expect(page.get_by_role("button", name="Search and commands: Ctrl K")).to_be_visible()
    await expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()


@pytest.mark.parametrize(("theme", "phone"), LOOKS)
async def test_axe_finds_nothing(open_chat: OpenChat, theme: str, phone: bool) -> None:
    chat = await open_chat(theme=theme, phone=phone)
    page = chat.page
    await chat.ask("something to find")
    if phone:
        await page.get_by_role("button", name="Show sidebar").click()
        await page.get_by_role("button", name="Search").click()
    else:
        await page.keyboard.press("Control+k")
    await expect(page.get_by_role("combobox")).to_be_focused()
    # what floats stands beside the landmarks, where the library's portal puts it: no rule of WCAG forbids it
    assert await violations(page, without=("region",)) == []
    await page.keyboard.type("s")
    assert await violations(page, without=("region",)) == []
    await page.keyboard.press("Escape")
    await chat.open("/settings/shortcuts")
    await expect(page.get_by_role("heading", name="Shortcuts")).to_be_visible()
    assert await violations(page) == []
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    assert await violations(page, without=("region",)) == []
