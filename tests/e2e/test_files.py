"""Texts as files: attached, dropped or pasted, shown, and read by the model, as a person meets them."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import violations

pytestmark = pytest.mark.browser

PASTE = """(words) => {
    const data = new DataTransfer()
    data.setData('text/plain', words)
    document.activeElement.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
    )
}"""
DROP = """([name, words]) => {
    const data = new DataTransfer()
    data.items.add(new File([words], name, { type: 'text/csv' }))
    window.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }))
}"""


@pytest.mark.parametrize(("language", "theme", "phone"), [("en", "light", False), ("zh-CN", "dark", True)])
async def test_a_long_paste_is_a_file_and_can_be_words_again(
    open_chat: OpenChat, tmp_path: Path, language: str, theme: str, phone: bool
) -> None:
    chat = await open_chat(language=language, theme=theme, phone=phone)
    page, english = chat.page, language == "en"
    field, tiles = page.locator(".composer-text"), page.locator(".composer .tile")
    await field.fill("Before. ")
    long = "All work and no play. " * 400
    await page.evaluate(PASTE, long)
    pasted = tiles.filter(has_text="Pasted text.txt" if english else "粘贴的文本.txt")
    await expect(pasted).to_contain_text("8.8 kB")
    await expect(field).to_have_value("Before. ")
    assert await violations(page) == []
    await page.screenshot(path=tmp_path / "pasted.png")
    await page.evaluate(PASTE, long)
    another = tiles.filter(has_text="Pasted text 2.txt" if english else "粘贴的文本 2.txt")
    await expect(another).to_contain_text("8.8 kB")
    await another.get_by_role("button", name="Remove" if english else "移除").click()
    await expect(another).to_have_count(0)
    await pasted.get_by_role("button", name="Insert as text instead" if english else "改为直接插入").press("Enter")
    await expect(field).to_have_value(f"Before. {long}")
    await expect(tiles).to_have_count(0)

    await field.fill("What is it?")
    await page.evaluate(DROP, ["sales.csv", "month,sum\n一月,12\n"])
    await expect(tiles).to_contain_text("20 B")
    await field.press("Enter")
    sent = page.locator("article.is-own .tile")
    await expect(sent).to_contain_text("sales.csv")
    # the echo says what it was sent: the words with their name
    await expect(page.locator("article[aria-busy=false] .prose").last).to_contain_text("一月,12")
    await page.reload()
    await expect(sent).to_contain_text("20 B")
    await sent.press("Enter")
    dialog = page.get_by_role("dialog", name="sales.csv")
    await expect(dialog.locator("pre")).to_have_text("month,sum\n一月,12\n")
    assert await violations(page) == []
    await page.screenshot(path=tmp_path / "preview.png")
    async with page.expect_download() as downloading:
        await dialog.get_by_role("link", name="Download" if english else "下载").click()
    download = await downloading.value
    assert download.suggested_filename == "sales.csv"
    assert Path(await download.path()).read_text() == "month,sum\n一月,12\n"
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)


async def test_what_cannot_be_read_says_so_and_a_draft_keeps_its_files(open_chat: OpenChat) -> None:
    chat = await open_chat()
    page = chat.page
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Attach files").click()
    await (await chooser.value).set_files(
        [
            {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n"},
            {"name": "c.txt", "mimeType": "text/plain", "buffer": b""},
            {"name": "b.md", "mimeType": "text/markdown", "buffer": "# 标题".encode("gb18030")},
        ]
    )
    await expect(page.locator(".tile", has_text="a.pdf")).to_contain_text("Cannot be read")
    await expect(page.locator(".tile", has_text="c.txt")).to_contain_text("Empty file")
    # one notice for both
    await expect(page.locator(".toast")).to_have_text(
        re.compile(r"^Not uploaded: a\.pdf and c\.txt\. Their tiles say why\. .* in UTF-8, UTF-16 or GB18030\.$")
    )
    await page.get_by_role("button", name="Remove a.pdf").click()
    await page.get_by_role("button", name="Remove c.txt").click()
    await expect(page.locator(".tile", has_text="b.md")).to_contain_text("8 B")
    async with page.expect_response(lambda answer: "/api/drafts/" in answer.url and answer.request.method == "PUT"):
        await chat.composer.press_sequentially("x")
    await page.reload()
    await expect(page.locator(".tile", has_text="b.md")).to_contain_text("8 B")
    await page.get_by_role("button", name="Show b.md").click()
    await expect(page.get_by_role("dialog", name="b.md").locator("pre")).to_have_text("# 标题")
    await page.keyboard.press("Escape")
    # more than fit beside each other stay within the composer
    for number in range(5):
        await page.evaluate(DROP, [f"{number}.csv", "month,sum\n"])
    removes = page.get_by_role("button", name="Remove", exact=False)
    await expect(removes).to_have_count(6)
    await removes.last.click()
    await expect(removes).to_have_count(5)
    assert await page.locator(".composer .tiles").evaluate("(tiles) => tiles.scrollWidth <= tiles.clientWidth")
