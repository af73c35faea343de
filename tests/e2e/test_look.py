"""The look that a person chooses: it holds at once, is kept on the server, and is legible in every combination."""

import asyncio

import pytest
from playwright.async_api import Route, expect

from tests.e2e.chat import choose
from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import LOOKS, RICH, violations

pytestmark = pytest.mark.browser

AS_IT_CAME = {
    "accent": "pine",
    "font_size": "normal",
    "density": "comfortable",
    "code_theme": "house",
    "calm": False,
    "notify": False,
}

KEEP = """(preferences) => fetch('/api/me', { method: 'PATCH', body: JSON.stringify({ preferences }),
    headers: { 'Content-Type': 'application/json' } }).then((answer) => answer.status)"""


async def test_a_look_saves_itself_and_holds_on_other_devices(open_chat: OpenChat) -> None:
    chat = await open_chat()
    page = chat.page
    await chat.open("/settings/general")

    async def late(route: Route) -> None:  # the answer to one choice comes after the next choice was made
        answer = await route.fetch()
        await asyncio.sleep(0.3)
        await route.fulfill(response=answer)

    await page.route("**/api/me", late)
    for name in ("Plum", "Larger", "Compact", "GitHub"):
        await choose(page, name)
    await page.get_by_role("switch", name="Less motion").click()
    html = page.locator("html")
    for name, value in (("accent", "plum"), ("size", "larger"), ("density", "compact"), ("code", "github")):
        assert await html.get_attribute(f"data-{name}") == value
    await expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    await page.unroute_all(behavior="wait")
    other = (await open_chat()).page
    await expect(other.locator("html")).to_have_attribute("data-motion", "calm")
    assert await other.evaluate("getComputedStyle(document.documentElement).fontSize") == "20px"
    # the next visit has it before the app is there
    await other.route("**/assets/index-*.js", lambda route: route.abort())
    await other.reload()
    await expect(other.locator("html")).to_have_attribute("data-accent", "plum")
    assert await page.evaluate(KEEP, AS_IT_CAME) == 200


@pytest.mark.parametrize(("theme", "phone"), LOOKS)
async def test_axe_finds_nothing_in_any_accent(open_chat: OpenChat, theme: str, phone: bool) -> None:
    chat = await open_chat(theme=theme, phone=phone)
    await chat.ask(RICH)
    for accent, code in (("lagoon", "github"), ("heather", "mono"), ("plum", "github"), ("ink", "house")):
        look = {"accent": accent, "code_theme": code, "font_size": "larger" if phone else "small", "density": "compact"}
        assert await chat.page.evaluate(KEEP, look) == 200
        await chat.page.reload()
        await expect(chat.page.locator("html")).to_have_attribute("data-accent", accent)
        await chat.finished()
        await asyncio.sleep(1)  # colours of the code
        assert await violations(chat.page) == []
    assert await chat.page.evaluate(KEEP, AS_IT_CAME) == 200


async def test_a_long_answer_is_told_to_whoever_looks_elsewhere(open_chat: OpenChat) -> None:
    chat = await open_chat()
    page = chat.page
    await page.context.grant_permissions(["notifications"])
    await page.add_init_script(
        """window.told = []
        const Real = window.Notification
        window.Notification = class extends Real {
            constructor(title, options) { super(title, options); window.told.push([title, options.body]) }
        }
        let hidden = false
        Object.defineProperty(document, 'hidden', { get: () => hidden })
        window.turnAway = (away) => { hidden = away; document.dispatchEvent(new Event('visibilitychange')) }"""
    )
    await chat.open("/settings/general")
    await page.get_by_role("switch", name="Tell me when a long answer is there").click()
    await expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    await chat.open("/")
    await chat.send("/tokens 60 100ms")
    await expect(chat.answer).to_have_attribute("aria-busy", "true")
    await page.evaluate("turnAway(true)")
    await chat.finished()
    await expect(page.locator("link[rel=icon]")).to_have_attribute("href", "/favicon-news.svg")
    told = await page.evaluate("told")
    assert [body for _, body in told] == ["The answer is complete."]
    await page.evaluate("turnAway(false)")
    await expect(page.locator("link[rel=icon]")).to_have_attribute("href", "/favicon.svg")
    # a short one, and one that is looked at, are not told
    await page.evaluate("turnAway(true)")
    await chat.ask("short")
    assert len(await page.evaluate("told")) == 1
    assert await page.evaluate(KEEP, AS_IT_CAME) == 200
