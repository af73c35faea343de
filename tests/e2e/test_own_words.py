"""One's own messages: code between fences is code, and while the server is away a message says what it waits for."""

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import OpenChat
from tests.services.freehold_server import FreeholdServer

pytestmark = pytest.mark.browser


async def test_code_between_fences_is_code_and_the_rest_stays_as_typed(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.send("Why *this*?\n```python\nprint(1)\n```\n- no list")
    own = chat.page.locator("article.is-own").last
    await expect(own.locator("pre")).to_have_text("print(1)")
    await expect(own).to_contain_text("Why *this*?")
    await expect(own).to_contain_text("- no list")
    await expect(own.locator("em, li")).to_have_count(0)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Waiting for the server"), ("zh-CN", "正在等服务器")], ids=["en", "zh"]
)
async def test_a_message_says_that_it_waits_for_the_server(
    open_chat: OpenChat, own_server: FreeholdServer, language: str, words: str
) -> None:
    chat = await open_chat(at=own_server, language=language)
    field = chat.page.locator(".composer-text")
    answered = chat.page.locator("article[aria-busy=false] .answer-line")
    await field.fill("first")
    await field.press("Enter")
    await expect(answered).to_have_count(1)
    own_server.kill()
    await expect(chat.page.locator(".composer-note.is-away")).to_be_visible()
    await field.fill("second")
    await field.press("Enter")
    await expect(chat.page.locator(".stage")).to_contain_text(words)
    own_server.start()
    await expect(answered).to_have_count(2)
