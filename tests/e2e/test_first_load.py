"""The first load of every page is silent: no string without its words, no failed request, no warning."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser, Route, expect

from tests.e2e.conftest import OpenChat
from tests.services.freehold_server import FreeholdServer, serving

pytestmark = pytest.mark.browser

PAGES = [
    "/",
    "/settings/general",
    "/settings/account",
    "/settings/providers",
    "/settings/keys",
    "/settings/usage",
    "/settings/system",
    "/sign-in",
    "/nothing/here",
]


async def heard(browser: Browser, url: str, language: str, slow_ms: int = 0) -> list[str]:
    """What the page says on the console, and what is thrown in it, when it is loaded by a new browser."""
    context = await browser.new_context(locale=language)
    page = await context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in {"warning", "error"} else None)
    page.on("pageerror", lambda error: said.append(str(error)))

    async def later(route: Route) -> None:
        await asyncio.sleep(slow_ms / 1000)
        await route.continue_()

    if slow_ms:
        await page.route("**/assets/{app,settings}-*.js", later)
    await page.goto(url)
    await page.wait_for_load_state("networkidle")
    await page.locator("h1, main").first.wait_for()
    await page.wait_for_timeout(300)
    await context.close()
    return said


@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
@pytest.mark.parametrize("path", PAGES)
async def test_nothing_is_said(browser: Browser, server: FreeholdServer, path: str, language: str) -> None:
    assert await heard(browser, f"{server.url}{path}", language) == []


async def test_a_link_that_lost_a_part_of_itself_leads_nowhere(browser: Browser, server: FreeholdServer) -> None:
    page = await (await browser.new_context(locale="en-GB")).new_page()
    await page.goto(f"{server.url}/c/0198-nope")
    await expect(page.get_by_text("There is nothing at this address.")).to_be_visible()
    await page.context.close()


@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
@pytest.mark.parametrize("path", ["/", "/settings/general"])
async def test_nothing_is_drawn_before_its_strings_are_there(
    browser: Browser, server: FreeholdServer, path: str, language: str
) -> None:
    assert await heard(browser, f"{server.url}{path}", language, slow_ms=400) == []


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_a_newcomer_can_write_on_a_phone(open_chat: OpenChat, tmp_path: Path, language: str) -> None:
    """The ways to a first model stand above the composer without pushing it out of sight, and open on a touch."""
    with serving(tmp_path / "data", {"FREEHOLD_ECHO__ENABLED": "false"}) as server:
        chat = await open_chat(at=server, phone=True, language=language)
        way = chat.page.locator("details", has_text="Ollama")
        await expect(chat.page.get_by_role("textbox").last).to_be_in_viewport(ratio=1)
        await expect(
            way.get_by_role("link", name={"en": "Enter an address", "zh-CN": "填地址"}[language])
        ).to_be_hidden()
        await way.locator("summary").tap()
        await expect(
            way.get_by_role("link", name={"en": "Enter an address", "zh-CN": "填地址"}[language])
        ).to_be_visible()
