"""Pages and drawings that a model wrote are looked at beside the chat, in versions, and changed there."""

import itertools

import pytest
from playwright.async_api import FrameLocator, Locator, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import LOOKS, violations

pytestmark = pytest.mark.browser

PAGE = """```html
<title>Budget</title>
<h1>First</h1>
<button onclick="this.textContent = 'ran'">run</button>
```"""


def panel(chat: Chat) -> Locator:
    return chat.page.locator("aside.panel")


def frame(chat: Chat) -> FrameLocator:
    return chat.page.frame_locator("iframe.artifact-frame:not(.is-coming)")


async def say(chat: Chat, text: str) -> None:
    count = await chat.answers.count()
    await chat.composer.fill(text)
    await chat.composer.press("Enter")
    await expect(chat.answers).to_have_count(count + 1)
    await chat.finished()


def preview(chat: Chat, name: str = "Preview") -> Locator:
    return chat.answer.get_by_role("button", name=name)


@pytest.mark.parametrize(("theme", "phone"), LOOKS)
async def test_a_page_runs_when_it_is_asked_for(open_chat: OpenChat, theme: str, phone: bool) -> None:
    chat = await open_chat(theme=theme, phone=phone)
    await say(chat, PAGE)
    await expect(preview(chat)).to_be_visible()
    assert await chat.page.locator("iframe").count() == 0, "nothing is rendered before the reader asks"
    await preview(chat).click()
    await expect(panel(chat)).to_be_focused()
    await expect(panel(chat).get_by_role("heading", name="Budget")).to_be_visible()
    await frame(chat).get_by_role("button", name="run").click()
    await expect(frame(chat).get_by_role("button", name="ran")).to_be_visible()
    shown = chat.page.locator("iframe")
    assert await shown.get_attribute("sandbox") == "allow-scripts"
    assert await shown.get_attribute("srcdoc") is None
    assert await violations(chat.page) == []
    await panel(chat).get_by_role("tab", name="Code").click()
    assert await violations(chat.page) == []
    box = await panel(chat).bounding_box()
    assert box is not None
    if phone:
        assert (box["width"], box["height"]) == (390, 844)
    await panel(chat).get_by_role("button", name="Close").click()
    await expect(panel(chat)).to_have_count(0)
    await expect(preview(chat)).to_be_focused()


async def test_the_keyboard_goes_in_and_comes_back(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await say(chat, PAGE)
    await preview(chat).focus()
    await chat.page.keyboard.press("Enter")
    await expect(panel(chat)).to_be_focused()
    await chat.page.keyboard.press("Tab")
    await expect(panel(chat).get_by_role("tab", name="Preview")).to_be_focused()
    await chat.page.keyboard.press("ArrowRight")
    await chat.page.keyboard.press("Enter")
    await expect(panel(chat).get_by_role("textbox", name="Code")).to_be_visible()
    await chat.page.keyboard.press("Escape")
    await expect(preview(chat)).to_be_focused()
    # from within the frame, whose keys the app does not see
    await chat.page.keyboard.press("Enter")
    await frame(chat).get_by_role("button", name="run").click()
    await chat.page.keyboard.press("Escape")
    await expect(panel(chat)).to_have_count(0)
    await expect(preview(chat)).to_be_focused()


async def test_versions_of_a_branch_and_one_of_ones_own(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await say(chat, PAGE)
    await preview(chat).click()
    await expect(panel(chat)).to_be_focused()
    await say(chat, PAGE.replace("First", "Second"))
    # who looks at the newest is shown the one that comes after it
    await expect(frame(chat).get_by_role("heading", name="Second")).to_be_visible()
    await expect(panel(chat).get_by_role("group", name="Version 2/2")).to_be_visible()
    await say(chat, PAGE.replace("Budget", "Another page"))
    await expect(panel(chat).get_by_role("group", name="Version 2/2")).to_be_visible()
    await panel(chat).get_by_role("button", name="Previous version").click()
    await expect(frame(chat).get_by_role("heading", name="First")).to_be_visible()

    await panel(chat).get_by_role("tab", name="Code").click()
    code = panel(chat).get_by_role("textbox", name="Code")
    original = await code.input_value()
    await code.fill(original.replace("First", "Mine"))
    await expect(panel(chat).get_by_role("group", name="Version 2/3")).to_be_visible()
    await expect(panel(chat).get_by_text("Your own version.")).to_be_visible()
    await panel(chat).get_by_role("tab", name="Preview").click()
    await expect(frame(chat).get_by_role("heading", name="Mine")).to_be_visible()
    async with chat.page.expect_download() as download:
        await panel(chat).get_by_role("button", name="Download").click()
    assert (await download.value).suggested_filename == "Budget.html"
    assert "Mine" in (await (await download.value).path()).read_text()
    await panel(chat).get_by_role("button", name="Copy code").click()
    await chat.copied("text.includes('Mine')")
    await panel(chat).get_by_role("tab", name="Code").click()
    await code.fill(original)
    await expect(panel(chat).get_by_role("group", name="Version 1/2")).to_be_visible()
    await chat.page.get_by_role("link", name="New chat").first.click()
    await expect(panel(chat)).to_have_count(0)


async def test_a_page_that_is_being_written_is_followed_without_flicker(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.composer.fill("/pause 100ms\n```html\n<title>Long</title>\n" + "<p>word\n" * 100 + "```")
    await chat.composer.press("Enter")
    await preview(chat).click()
    await expect(chat.page.locator(".artifact-sheet")).to_be_visible()
    await chat.page.evaluate(
        """() => {
            window.drawn = []
            window.blank = 0
            new MutationObserver((changes) => {
                for (const { addedNodes } of changes)
                    for (const node of addedNodes) if (node.tagName === 'IFRAME') drawn.push(performance.now())
            }).observe(document.querySelector('.artifact-sheet'), { childList: true })
            const look = () => {
                const sheet = document.querySelector('.artifact-sheet')
                if (drawn.length > 1 && !sheet?.querySelector('iframe:not(.is-coming)')) blank += 1
                requestAnimationFrame(look)
            }
            look()
        }"""
    )
    await expect(frame(chat).get_by_text("word").nth(9)).to_be_visible()
    await expect(chat.answer).to_have_attribute("aria-busy", "true")
    await chat.finished()
    await expect(frame(chat).get_by_text("word")).to_have_count(100)
    drawn = await chat.page.evaluate("drawn")
    assert len(drawn) > 2, "it was not followed"
    assert min(b - a for a, b in itertools.pairwise(drawn)) > 450, "drawn more than twice a second"
    assert await chat.page.evaluate("blank") == 0, "it flickered"


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_drawings_documents_and_diagrams(open_chat: OpenChat, theme: str) -> None:
    chat = await open_chat(language="zh-CN", theme=theme)
    chat.page.set_default_timeout(20_000)
    blocks = [
        "```svg\n<svg viewBox='0 0 9 9'><title>圆</title><circle cx='4' cy='4' r='3'/></svg>\n```",
        "```markdown\n# 信\n\n你好，**世界**\n```",
        "```mermaid\ngraph TD; A-->B\n```",
    ]
    await chat.page.get_by_role("textbox").last.fill("\n\n".join(blocks))
    await chat.page.keyboard.press("Enter")
    previews = chat.page.get_by_role("article").last.get_by_role("button", name="预览")
    await expect(previews).to_have_count(3)
    await previews.nth(0).click()
    await expect(chat.page.get_by_role("complementary", name="作品：圆")).to_be_visible()
    await expect(frame(chat).locator("circle")).to_be_visible()
    await previews.nth(1).click()
    await expect(chat.page.get_by_role("complementary", name="作品：信")).to_be_visible()
    await expect(panel(chat).locator("strong", has_text="世界")).to_be_visible()
    assert await violations(chat.page) == []
    await previews.nth(2).click()
    await expect(panel(chat).get_by_role("img", name="图表")).to_be_visible(timeout=20_000)
    assert await violations(chat.page) == []
    await panel(chat).get_by_role("button", name="铺满窗口").click()
    box = await panel(chat).bounding_box()
    assert box is not None
    assert box["width"] == 1440
    assert await violations(chat.page) == []
