"""Messages are selected, copied, saved and deleted together; long ones are collapsed; marks lead to the questions."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from bench.long_thread import fill
from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import violations
from tests.services.freehold_server import FreeholdServer

pytestmark = pytest.mark.browser

WORDS = {
    "en": {
        "more": "More", "select": "Select", "selected": "3 selected", "copy": "Copy", "export": "Export",
        "delete": "Delete 7 from the first one on", "deleted": "7 messages deleted", "undo": "Undo", "all": "Show all",
        "less": "Show less", "you": "## You", "rail": "Questions of this chat",
        "bar": "Actions for the selected messages",
    },
    "zh-CN": {
        "more": "更多", "select": "选择", "selected": "已选 3 条", "copy": "复制", "export": "导出",
        "delete": "从第一条起删除 7 条", "deleted": "已删除 7 条消息", "undo": "撤销", "all": "显示全部",
        "less": "收起", "you": "## 你", "rail": "此对话中的提问", "bar": "对所选消息的操作",
    },
}  # fmt: skip
MESSAGES = 12
SECOND_LEVEL = ("heading-order",)
"""The answers begin with a heading of the second level."""


async def choose(page: Page, message: Locator, more: str, item: str) -> None:
    """An item of a message's menu, by keyboard."""
    await message.get_by_role("button", name=more, exact=True).focus()
    await page.keyboard.press("Enter")
    entry = page.get_by_role("menuitem", name=item, exact=True)
    await expect(entry).to_be_visible()
    await entry.press("Enter")


@pytest.mark.parametrize(("language", "theme", "phone"), [("en", "light", False), ("zh-CN", "dark", True)])
async def test_messages_are_selected(
    open_chat: OpenChat, server: FreeholdServer, tmp_path: Path, language: str, theme: str, phone: bool
) -> None:
    words = WORDS[language]
    thread_id = await fill(server.data_dir, MESSAGES)
    chat = await open_chat(language=language, theme=theme, phone=phone)
    page = chat.page
    await chat.open(f"/c/{thread_id}")
    own = page.locator("article.is-own")
    await expect(own).to_have_count(MESSAGES // 2)
    asked = own.filter(has_text="What about number 6?")
    await asked.evaluate("(element) => element.scrollIntoView()")  # drawn anew as it comes near
    await choose(page, asked, words["more"], words["select"])
    boxes = page.locator(".slot-box input")
    await expect(boxes).to_have_count(MESSAGES)
    await expect(boxes.nth(6)).to_be_focused()
    await expect(boxes.nth(6)).to_be_checked()
    # a range by keyboard, and it may be made smaller again
    await page.keyboard.press("Shift+ArrowUp")
    await expect(boxes.nth(5)).to_be_checked()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Space")
    bar = page.get_by_role("toolbar", name=words["bar"])
    await expect(bar.get_by_text(words["selected"])).to_be_visible()
    assert await violations(page, without=SECOND_LEVEL) == []
    await page.screenshot(path=tmp_path / f"select-{language}.png")
    # boxes are one stop of Tab and the buttons of messages none: only what scrolls stands before the bar
    await page.evaluate(
        """() => {
            const seen = []
            addEventListener('focusin', ({ target }) => seen.push(target.matches('article button, .slot-box *')))
            window.seen = seen
        }"""
    )
    for _ in range(20):
        await page.keyboard.press("Tab")
        if await bar.evaluate("(bar) => bar.contains(document.activeElement)"):
            break
    await expect(bar.locator(":focus")).to_have_count(1)
    assert True not in await page.evaluate("window.seen")

    await bar.get_by_role("button", name=words["copy"], exact=True).click()
    await expect(bar).to_have_count(0)
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"{words['you']}\n\nWhat about number 4?")
    assert "This is **answer 5**" in copied
    assert copied.index("answer 5") < copied.index("What about number 6?")

    # from the keyboard again: everything up to a click with Shift, then away with it and back
    await choose(page, own.filter(has_text="What about number 6?"), words["more"], words["select"])
    await page.keyboard.press("Escape")
    await expect(boxes).to_have_count(0)
    await choose(page, page.locator("article.turn").nth(5), words["more"], words["select"])
    # all that follows goes as well, and it says so first
    delete = bar.get_by_role("button", name=words["delete"], exact=True)
    await expect(delete).to_contain_text("7")
    await delete.click()
    await expect(page.get_by_text(words["deleted"])).to_be_visible()
    await expect(page.locator("article.turn")).to_have_count(5)
    await page.get_by_role("button", name=words["undo"]).click()
    await expect(page.locator("article.turn")).to_have_count(MESSAGES)
    assert len(chat.saved()["messages"]) == MESSAGES


async def test_a_selection_is_saved_as_markdown(open_chat: OpenChat, server: FreeholdServer, tmp_path: Path) -> None:
    thread_id = await fill(server.data_dir, 4)
    chat = await open_chat()
    page = chat.page
    await chat.open(f"/c/{thread_id}")
    await choose(page, page.locator("article.is-own").first, "More", "Select")
    # a click anywhere on a message selects it, with Shift all up to it
    await page.locator(".slot").nth(2).click(modifiers=["Shift"])
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Export", exact=True).click()
    saved = await download.value
    assert saved.suggested_filename == "A long chat.md"
    path = tmp_path / "saved.md"
    await saved.save_as(path)
    text = path.read_text()
    assert text.startswith("# A long chat\n\n## You\n\nWhat about number 0?")
    assert text.count("\n## You\n") == 2
    assert "answer 3" not in text


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh-CN", "dark")])
async def test_marks_lead_to_questions(
    open_chat: OpenChat, server: FreeholdServer, tmp_path: Path, language: str, theme: str
) -> None:
    thread_id = await fill(server.data_dir, 40)
    chat = await open_chat(language=language, theme=theme)
    page = chat.page
    await chat.open(f"/c/{thread_id}")
    rail = page.get_by_role("navigation", name=WORDS[language]["rail"])
    marks = rail.get_by_role("button")
    await expect(marks).to_have_count(20)
    await expect(marks.last).to_have_attribute("aria-current", "location")
    assert await violations(page, without=SECOND_LEVEL) == []
    await marks.last.focus()
    await page.keyboard.press("Home")
    await expect(marks.first).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.screenshot(path=tmp_path / f"rail-{language}.png")
    await page.keyboard.press("Enter")
    first = page.locator("article.is-own", has_text="What about number 2?")
    await expect(first).to_be_in_viewport()
    await expect(first).to_be_focused()
    await expect(marks.nth(1)).to_have_attribute("aria-current", "location")
    # what is sent afterwards is what a reload shows
    await expect(page).to_have_url(re.compile(r"\?message="))
    before = await page.evaluate("history.length")
    await page.locator(".composer-text").fill("One more")
    await page.locator(".composer-text").press("Enter")
    await expect(page).to_have_url(re.compile(r"/c/[^?]+$"))
    assert await page.evaluate("history.length") == before
    await expect(marks).to_have_count(21)
    # narrow: there is no room for it
    await page.set_viewport_size({"width": 390, "height": 844})
    await expect(rail).to_be_hidden()


async def test_long_messages_are_collapsed(open_chat: OpenChat) -> None:
    chat = await open_chat()
    page = chat.page
    await chat.ask("\n".join(f"- line {number}" for number in range(40)))
    own, answer = chat.own_messages.first, chat.answers.first
    show = own.get_by_role("button", name="Show all")
    await expect(show).to_have_attribute("aria-expanded", "false")
    await show.click()
    less = own.get_by_role("button", name="Show less")
    await expect(less).to_have_attribute("aria-expanded", "true")
    # collapsed from its end, of which the beginning is far above, it stays in view
    await less.evaluate("(button) => button.scrollIntoView({ block: 'start' })")
    await less.press("Enter")
    await expect(show).to_have_attribute("aria-expanded", "false")
    await expect(own).to_be_in_viewport(ratio=0.9)

    tall = (await answer.bounding_box() or {})["height"]
    await choose(page, answer, "More", "Show less")
    again = answer.get_by_role("button", name="Show all")
    await expect(again).to_be_visible()
    assert (await answer.bounding_box() or {})["height"] < tall
    # a link to it opens it
    id_ = await answer.get_attribute("data-message")
    await page.evaluate(
        "(id) => { history.pushState({}, '', `?message=${id}`); dispatchEvent(new PopStateEvent('popstate')) }", id_
    )
    await expect(again).to_have_count(0)
    await expect(answer).to_be_in_viewport()
