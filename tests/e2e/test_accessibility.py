"""WCAG 2.2 AA as far as a machine can tell: axe finds nothing on any page, in either theme, on desktop and phone."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenChat

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FOCUS_GUARDS = ["[data-base-ui-focus-guard]"]
"""Hidden stops at both ends of an open menu that hand the focus on at once; nobody meets them."""
FADES_END = """() => Promise.all(document.getAnimations()
    .filter((one) => one.effect?.getComputedTiming().iterations !== Infinity)
    .map((one) => one.finished.catch(() => {})))"""
"""On a busy machine a fade takes longer than it says, and half-faded text has no contrast."""
RICH = (
    "# Heading\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nprint('hi')  # said\n```\n\n$$x^2$$\n\n"
    "> a quote with a [link](https://example.org/) and `code`[^1]\n\n[^1]: a note\n\n- [ ] open\n- [x] done"
)


async def violations(page: Page, *, without: tuple[str, ...] = ()) -> list[str]:
    """What axe finds, one line each: rule, element, reason."""
    await page.wait_for_timeout(400)
    await page.evaluate(FADES_END)
    # while a notice leaves, its button is hidden from some only
    await expect(page.locator(".toast[aria-hidden=true], .toast[data-ending-style]")).to_have_count(0)
    await page.evaluate(AXE.read_text())
    found: dict[str, Any] = await page.evaluate(
        "([rules, without]) => axe.run({ exclude: without }, { runOnly: rules, resultTypes: ['violations'] })",
        [RULES, FOCUS_GUARDS],
    )
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        if violation["id"] not in without
        for node in violation["nodes"]
    ]


LOOKS = [("light", False), ("dark", False), ("light", True), ("dark", True)]


@pytest.mark.parametrize(("theme", "phone"), LOOKS)
async def test_a_thread(open_chat: OpenChat, theme: str, phone: bool) -> None:
    chat = await open_chat(theme=theme, phone=phone)
    await chat.ask(RICH)
    await chat.page.wait_for_timeout(1500)  # colours of the code
    assert await violations(chat.page) == []
    await chat.ask("/reasoning a thought\nand an answer")
    await chat.send("/fail 429")
    await expect(chat.page.get_by_role("alert").first).to_be_visible()
    assert await violations(chat.page) == []


@pytest.mark.parametrize(("theme", "phone"), LOOKS)
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/settings/general",
        "/settings/account",
        "/settings/keys",
        "/settings/memory",
        "/chats",
        "/settings/moving",
        "/settings/prompts",
        "/settings/voice",
        "/settings/usage",
        "/settings/providers",
        "/settings/routing",
        "/settings/health",
        "/settings/faq",
        "/settings/people",
        "/settings/groups",
        "/settings/limits",
        "/settings/system",
    ],
)
async def test_pages(open_chat: OpenChat, path: str, theme: str, phone: bool) -> None:
    chat = await open_chat(theme=theme, phone=phone)
    await chat.open(path)
    await expect(chat.page.get_by_role("heading").first).to_be_visible()
    assert await violations(chat.page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_what_opens(open_chat: OpenChat, theme: str) -> None:
    """Menus, the picker, the details and a dialog."""
    chat = await open_chat(theme=theme)
    await chat.ask("something")
    page = chat.page

    async def opened(button: Any) -> None:
        await button.click()
        # an open menu stands beside the landmarks, where the library's portal puts it: no rule of WCAG forbids it
        assert await violations(page, without=("region",)) == []
        await page.keyboard.press("Escape")

    await opened(page.get_by_role("button", name="Model: Echo"))
    await opened(chat.answer.get_by_role("button").filter(has_text="in-house"))
    await chat.answer.hover()
    await opened(chat.answer.get_by_role("button", name="More"))
    await opened(page.get_by_role("button", name="Actions for something").first)
    await opened(page.get_by_role("button", name="Account and settings"))


async def test_streaming_is_announced_politely(open_chat: OpenChat) -> None:
    chat = await open_chat()
    status = chat.page.get_by_role("status").filter(has_text="The answer")
    await chat.send("/tokens 60 20ms")
    await expect(status).to_have_text("The answer is being written.")
    await chat.finished()
    await expect(status).to_have_text("The answer is complete.")


async def test_every_control_can_be_reached_by_tab(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.ask("reach me")
    await chat.page.evaluate("document.activeElement.blur()")
    seen: set[str] = set()
    for _ in range(60):
        await chat.page.keyboard.press("Tab")
        name, visible = await chat.page.evaluate(
            """() => {
                const at = document.activeElement
                if (at === document.body) return ['(the page)', true]  // between the last control and the first
                const box = at.getBoundingClientRect()
                const shown = getComputedStyle(at).outlineStyle !== 'none' || at.matches('textarea, [tabindex]')
                return [at.getAttribute('aria-label') || at.innerText || at.tagName, box.width > 0 && shown]
            }"""
        )
        assert visible, f"the focus on {name!r} cannot be seen"
        seen.add(name.strip().split("\n")[0])
    for control in ("Copy", "Answer again", "More", "Attach files", "Account"):
        assert any(name.startswith(control) for name in seen), f"{control} cannot be reached by Tab: {sorted(seen)}"


@pytest.mark.parametrize("path", ["/sign-in", "/setup?token=x"])
@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_the_way_in(open_chat: OpenChat, theme: str, path: str) -> None:
    chat: Chat = await open_chat(theme=theme)
    await chat.open(path)
    await chat.page.wait_for_timeout(800)
    assert await violations(chat.page) == []
