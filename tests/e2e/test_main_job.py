"""The main job and the message actions, by mouse and by keyboard, in both languages, on desktop and phone."""

import io

import pytest
from PIL import Image
from playwright.async_api import expect

from tests.e2e.conftest import OpenChat

pytestmark = pytest.mark.browser


async def test_ask_and_read(open_chat: OpenChat) -> None:
    chat = await open_chat()
    assert await chat.ask("What is the tallest mountain\n/pause 20ms") == "What is the tallest mountain"
    line = chat.answer.get_by_role("button").filter(has_text="in-house")
    await expect(line).to_contain_text("Echo")
    await expect(line).to_contain_text("tok/s")
    await expect(chat.page.get_by_role("navigation").first).to_contain_text("tallest mountain")


async def test_by_keyboard_alone(open_chat: OpenChat) -> None:
    """From the start page to a second answer without a pointer."""
    chat = await open_chat()
    await expect(chat.composer).to_be_focused()
    await chat.page.keyboard.type("first words")
    await chat.page.keyboard.press("Enter")
    await chat.finished()
    await expect(chat.composer).to_be_focused()
    await chat.page.keyboard.type("second words")
    await chat.page.keyboard.press("Enter")
    await expect(chat.answers).to_have_count(2)
    await chat.finished()
    await chat.page.keyboard.press("Control+Shift+O")
    await expect(chat.composer).to_be_focused()
    await expect(chat.answers).to_have_count(0)


async def test_an_input_method_does_not_send(open_chat: OpenChat) -> None:
    chat = await open_chat(language="zh-CN")
    composer = chat.page.get_by_role("textbox").last
    await composer.click()
    session = await chat.page.context.new_cdp_session(chat.page)
    await session.send("Input.imeSetComposition", {"text": "ni", "selectionStart": 2, "selectionEnd": 2})
    await session.send(
        "Input.dispatchKeyEvent", {"type": "rawKeyDown", "windowsVirtualKeyCode": 229, "key": "Enter", "code": "Enter"}
    )
    await session.send("Input.insertText", {"text": "你好"})
    await expect(composer).to_have_value("你好")
    assert "/c/" not in chat.page.url
    await chat.page.keyboard.press("Enter")
    await chat.page.wait_for_url("**/c/*")


async def test_edit_and_rerun_makes_a_branch(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.ask("apples")
    question = chat.own_messages.first
    await question.hover()
    await question.get_by_role("button", name="Edit").click()
    box = question.get_by_role("textbox")
    await box.fill("pears")
    await question.get_by_role("button", name="Save and rerun").click()
    await expect(chat.answer).to_contain_text("pears")
    await chat.finished()
    await expect(chat.own_messages.first).to_contain_text("2/2")
    async with chat.told():
        await chat.own_messages.first.get_by_role("button", name="Previous version").click()
    await expect(chat.answer).to_contain_text("apples")
    await chat.page.reload()
    await expect(chat.answer).to_contain_text("apples")
    assert len(chat.saved()["messages"]) == 4


async def test_edit_in_place_keeps_the_answer(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.ask("one thing")
    question = chat.own_messages.first
    await question.hover()
    await question.get_by_role("button", name="Edit").click()
    await question.get_by_role("textbox").press("Escape")
    await expect(question).to_contain_text("one thing")
    await question.hover()
    await question.get_by_role("button", name="Edit").click()
    await question.get_by_role("textbox").fill("another thing")
    await question.get_by_role("button", name="Save", exact=True).click()
    await expect(question).to_contain_text("another thing")
    assert [message["parts"][0]["text"] for message in chat.saved()["messages"]] == ["another thing", "one thing"]


async def test_answer_again_and_switch(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.ask("again and again")
    await chat.answer.hover()
    await chat.answer.get_by_role("button", name="Answer again", exact=True).click()
    await expect(chat.answer).to_contain_text("2/2")
    await chat.finished()
    assert len(chat.saved()["messages"]) == 3


async def test_delete_and_undo(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.ask("keep this")
    await chat.ask("drop this")
    question = chat.own_messages.last
    await question.hover()
    await question.get_by_role("button", name="More").click()
    await chat.page.get_by_role("menuitem", name="Delete from here on").click()
    await expect(chat.answers).to_have_count(1)
    await chat.page.get_by_role("button", name="Undo").click()
    await expect(chat.answers).to_have_count(2)
    assert len(chat.saved()["messages"]) == 4


async def test_copy_gives_markdown(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.ask("**bold** and `code`")
    await chat.answer.hover()
    await chat.answer.get_by_role("button", name="Copy").first.click()
    await chat.copied("text === '**bold** and `code`'")


async def test_an_error_card_says_what_to_do(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.send("/fail 401")
    card = chat.page.get_by_role("alert").first
    await expect(card).to_be_visible()
    await expect(card.get_by_role("link", name="Enter a new key")).to_be_visible()
    await expect(card.get_by_role("button", name="Answer with another model")).to_be_visible()
    assert chat.saved()["messages"][0]["parts"][0]["text"] == "/fail 401"


async def test_reasoning_folds_with_its_seconds(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.ask("/reasoning first this then that\nthe answer")
    await expect(chat.answer.get_by_role("button", name="Thought for")).to_be_visible()
    await chat.answer.get_by_role("button", name="Thought for").click()
    await expect(chat.answer).to_contain_text("first this then that")


async def test_an_image_goes_in_and_is_shown(open_chat: OpenChat) -> None:
    chat = await open_chat()
    picture = io.BytesIO()
    Image.new("RGB", (64, 32), "teal").save(picture, "PNG")
    chooser_opens = chat.page.expect_file_chooser()
    async with chooser_opens as chooser:
        await chat.page.get_by_role("button", name="Attach files").click()
    await (await chooser.value).set_files({"name": "teal.png", "mimeType": "image/png", "buffer": picture.getvalue()})
    await expect(chat.page.get_by_role("button", name="Remove teal.png")).to_be_visible()
    await chat.ask("what is this")
    await expect(chat.own_messages.last.get_by_role("img")).to_be_visible()
    await chat.page.reload()
    await expect(chat.own_messages.last.get_by_role("img")).to_be_visible()


async def test_rich_text(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.ask(
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nprint('hi')\n```\n\n$$x^2$$\n\n"
        "```mermaid\ngraph TD; A-->B\n```\n\n![far](https://remote.example/a.png) [link](https://example.org/)"
    )
    await expect(chat.answer.get_by_role("table")).to_be_visible()
    await expect(chat.answer.locator("pre code").first).to_contain_text("print")
    await expect(chat.answer.locator(".katex").first).to_be_visible()
    await expect(chat.answer.locator("img[src^='blob:']")).to_be_visible(timeout=20_000)
    assert await chat.answer.locator("img[src^='https:']").count() == 0, "a remote image was loaded"
    rel = await chat.answer.get_by_role("link", name="link").get_attribute("rel")
    assert rel is not None
    assert {"noopener", "noreferrer", "nofollow"} <= set(rel.split())


async def test_a_message_waits_for_the_running_answer(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.send("/tokens 400 20ms")
    await chat.grown_to(10)
    await chat.send("and then this")
    await expect(chat.page.get_by_role("article", name="Waiting")).to_contain_text("and then this")
    await expect(chat.answers).to_have_count(2, timeout=20_000)
    await chat.finished()
    await expect(chat.answer).to_contain_text("and then this")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_the_main_job_on_a_phone(open_chat: OpenChat, language: str) -> None:
    chat = await open_chat(language=language, phone=True, theme="dark")
    composer = chat.page.get_by_role("textbox").last
    await composer.tap()
    await composer.fill("你好，手机")
    await chat.page.get_by_role("button", name={"en": "Send", "zh-CN": "发送"}[language], exact=True).tap()
    await expect(chat.page.locator("article").last).to_contain_text("你好，手机")
    overflow = await chat.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, "the page scrolls sideways"


async def test_language_and_theme_are_remembered(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.open("/settings/general")
    await chat.page.get_by_role("combobox", name="Language").click()
    await chat.page.get_by_role("option", name="简体中文").click()
    await expect(chat.page.locator("html")).to_have_attribute("lang", "zh-CN")
    await chat.page.reload()
    await expect(chat.page.locator("html")).to_have_attribute("lang", "zh-CN")
