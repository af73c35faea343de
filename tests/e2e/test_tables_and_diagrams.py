"""Tables go to spreadsheets; diagrams are looked at closely and taken along as pictures."""

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import violations
from tests.e2e.test_artifacts import say

pytestmark = pytest.mark.browser

TABLE = "| what | how many |\n| --- | --: |\n| tea, green | 1 |\n| =1+1 | $x^2$ |"


async def test_a_table_is_copied_as_csv(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await say(chat, TABLE)
    await expect(chat.answer.locator(".katex")).to_be_visible()
    button = chat.answer.get_by_role("button", name="Copy as CSV")
    await button.focus()
    await chat.page.keyboard.press("Enter")
    await expect(chat.answer.get_by_role("button", name="Copied")).to_be_visible()
    copied = await chat.page.evaluate("navigator.clipboard.readText()")
    assert copied == 'what,how many\r\n"tea, green",1\r\n\'=1+1,x^2'


@pytest.mark.parametrize(("theme", "phone"), [("light", False), ("dark", True)])
async def test_a_diagram_is_zoomed_and_exported(open_chat: OpenChat, theme: str, phone: bool) -> None:
    chat = await open_chat(theme=theme, phone=phone)
    await say(chat, "```mermaid\ngraph LR; A[Start]-->B[Middle]-->C[End]\n```")
    picture = chat.answer.get_by_role("img", name="Diagram")
    await expect(picture).to_be_visible(timeout=60_000)
    await chat.answer.get_by_role("button", name="Zoom in").click()
    await expect(picture).to_have_css("max-width", "none")
    await expect(picture).to_have_attribute("style", "width: 125%; max-width: none;")
    sheet = chat.answer.get_by_role("group", name="Diagram, zoom with + and -")
    await sheet.press("+")
    await expect(picture).to_have_attribute("style", "width: 156%; max-width: none;")
    if not phone:
        await sheet.hover()
        await chat.page.keyboard.down("Control")
        await chat.page.mouse.wheel(0, 100)
        await chat.page.keyboard.up("Control")
        await expect(picture).to_have_attribute("style", "width: 125%; max-width: none;")
    assert await violations(chat.page) == []
    await sheet.press("0")
    await expect(picture).not_to_have_attribute("style", "width: 125%; max-width: none;")
    async with chat.page.expect_download() as download:
        await chat.answer.get_by_role("button", name="Download PNG").click()
    made = await download.value
    assert made.suggested_filename == "diagram.png"
    data = (await made.path()).read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(data[16:20]) > 200, "twice as many dots as the drawing has units"
