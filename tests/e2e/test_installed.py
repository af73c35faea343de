"""The app as one installs it, and messages that are written from right to left."""

import json
import urllib.request

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import OpenChat
from tests.services.freehold_server import FreeholdServer

pytestmark = pytest.mark.browser

HEBREW = "שלום לבית\n\n- אחת\n- שתיים\n\n```python\nprint(1)\n```\n\nand English"


async def test_a_browser_would_install_it(open_chat: OpenChat, server: FreeholdServer) -> None:
    chat = await open_chat()
    await expect(chat.composer).to_be_visible()
    session = await chat.page.context.new_cdp_session(chat.page)
    told = await session.send("Page.getAppManifest")
    assert told["errors"] == []
    manifest = json.loads(told["data"])
    refused = (await session.send("Page.getInstallabilityErrors"))["installabilityErrors"]
    # a context of a test is a private window, the one thing that stands against it
    assert [error["errorId"] for error in refused if error["errorId"] != "in-incognito"] == []
    for icon in manifest["icons"]:
        with urllib.request.urlopen(f"{server.url}{icon['src']}", timeout=10) as answer:
            data = answer.read()
        width = int.from_bytes(data[16:20])
        assert f"{width}x{width}" == icon["sizes"]


@pytest.mark.parametrize("phone", [False, True])
async def test_words_stand_as_their_language_is_written(open_chat: OpenChat, phone: bool) -> None:
    chat = await open_chat(phone=phone)
    await chat.send(HEBREW)
    await chat.finished()
    directions = """(elements) => elements.map((element) => getComputedStyle(element).direction)"""
    prose = chat.answer.locator(".prose")
    await expect(prose.locator("pre")).to_be_visible()  # not the plain words that stand until Markdown has come
    assert await prose.locator("p").evaluate_all(directions) == ["rtl", "ltr"]
    assert await prose.locator("ul").evaluate_all(directions) == ["rtl"]
    assert await prose.locator("pre").evaluate_all(directions) == ["ltr"]
    assert await chat.own_messages.locator(".bubble").evaluate_all(directions) == ["rtl"]
    item = await prose.locator("ul").bounding_box()
    assert item
    assert await prose.locator("ul").evaluate("element => getComputedStyle(element).paddingRight") != "0px"
    await chat.composer.fill("עוד")
    assert await chat.composer.evaluate("element => getComputedStyle(element).direction") == "rtl"
