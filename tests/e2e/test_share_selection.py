"""Some messages of a chat are shared by a link of their own, which shows them and nothing else."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from bench.long_thread import fill
from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import violations
from tests.e2e.test_chats import call
from tests.e2e.test_select_messages import SECOND_LEVEL, choose
from tests.services.freehold_server import FreeholdServer

pytestmark = pytest.mark.browser

WORDS = {
    "en": {
        "more": "More", "select": "Select", "share": "Share", "dialog": "Share 2 messages", "make": "Make a link",
        "link": "Link", "done": "Done", "listed": "2 of 6 messages", "left": "1 of 3 messages",
        "question": "Question", "answer": "Answer", "bar": "Actions for the selected messages",
        "gone": "This link leads nowhere",
    },
    "zh-CN": {
        "more": "更多", "select": "选择", "share": "分享", "dialog": "分享 2 条消息", "make": "生成链接",
        "link": "链接", "done": "完成", "listed": "6 条消息中的 2 条", "left": "3 条消息中的 1 条",
        "question": "提问", "answer": "回答", "bar": "对所选消息的操作", "gone": "这个链接打不开",
    },
}  # fmt: skip


@pytest.mark.parametrize(("language", "theme", "phone"), [("en", "light", False), ("zh-CN", "dark", True)])
async def test_a_selection_is_shared(
    open_chat: OpenChat, server: FreeholdServer, tmp_path: Path, language: str, theme: str, phone: bool
) -> None:
    words = WORDS[language]
    thread_id = await fill(server.data_dir, 6)
    chat = await open_chat(language=language, theme=theme, phone=phone)
    page = chat.page
    await chat.open(f"/c/{thread_id}")
    asked = page.locator("article.is-own").filter(has_text="What about number 2?")
    await asked.evaluate("(element) => element.scrollIntoView()")
    await choose(page, asked, words["more"], words["select"])
    await page.keyboard.press("Shift+ArrowDown")
    bar = page.get_by_role("toolbar", name=words["bar"])
    await expect(bar).to_be_visible()
    await page.screenshot(path=tmp_path / f"bar-{language}.png")
    assert await bar.evaluate("(bar) => bar.scrollWidth <= innerWidth")
    await bar.get_by_role("button", name=words["share"], exact=True).click()
    dialog = page.get_by_role("dialog", name=words["dialog"])
    await expect(dialog).to_be_visible()
    assert await violations(page, without=SECOND_LEVEL) == []
    await page.screenshot(path=tmp_path / f"dialog-{language}.png")
    await dialog.get_by_role("button", name=words["make"]).click()
    address = await dialog.get_by_role("textbox", name=words["link"]).input_value()
    await dialog.get_by_role("button", name=words["done"]).click()
    await expect(dialog).to_have_count(0)

    reader = await open_chat(language=language, theme=theme, phone=phone)
    await reader.page.goto(address)
    lines = reader.page.get_by_role("article")
    await expect(lines).to_have_count(2)
    await expect(lines.first).to_contain_text("What about number 2?")
    await expect(lines.last).to_contain_text("answer 3")
    await expect(reader.page.get_by_text("number 0")).to_have_count(0)

    await chat.open("/settings/moving")
    row = page.get_by_role("listitem").filter(has_text=words["listed"])
    await expect(row).to_be_visible()
    await row.scroll_into_view_if_needed()
    await page.screenshot(path=tmp_path / f"listed-{language}.png")
    # the answer is deleted, and what hangs below it
    answer = chat_messages(server, thread_id)[3]
    call(server, "DELETE", f"/api/messages/{answer}")
    await reader.page.reload()
    await expect(lines).to_have_count(1)
    await page.reload()
    left = page.get_by_role("listitem").filter(has_text=words["left"])
    await expect(left).to_be_visible()
    await left.get_by_role("button").last.click()
    await expect(left).to_have_count(0)
    await reader.page.reload()
    await expect(reader.page.get_by_role("heading", name=words["gone"])).to_be_visible()
    await expect(reader.page.get_by_role("article")).to_have_count(0)


def chat_messages(server: FreeholdServer, thread_id: str) -> list[str]:
    return [message["id"] for message in call(server, "GET", f"/api/threads/{thread_id}")["messages"]]
