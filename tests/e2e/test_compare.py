"""The same message to several models, as a person meets it: side by side or behind tabs, and one is kept."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import violations
from tests.services.freehold_server import FreeholdServer

pytestmark = pytest.mark.browser
WORDS = 400


@pytest.fixture
async def several(tmp_path: Path) -> AsyncIterator[FreeholdServer]:
    """A server with three names for the echo."""
    target = {"targets": [{"provider": "echo", "model": "echo"}]}
    config = tmp_path / "freehold.yaml"
    config.write_text(json.dumps({"models": {"second": target, "third": target}}))
    server = FreeholdServer(tmp_path / "data", {"FREEHOLD_CONFIG": str(config)})
    server.data_dir.mkdir()
    await asyncio.to_thread(server.start)
    yield server
    await asyncio.to_thread(server.stop)


async def compare_with(chat: Chat, *models: str, language: str = "en") -> None:
    """By keyboard, from the composer."""
    button, search = {
        "en": ("Compare with another model", "Search models"),
        "zh-CN": ("与另一个模型对比", "搜索模型"),
    }[language]
    for model in models:
        opener = chat.page.get_by_role("button", name=button)
        await opener.focus()
        await opener.press("Enter")
        box = chat.page.get_by_role("combobox", name=search)
        await box.fill(model)
        await box.press("Enter")
        await expect(box).to_be_hidden()


def both(chat: Chat) -> Locator:
    return chat.page.get_by_role("region", name="Answers side by side").get_by_role("article")


async def test_two_answers_grow_side_by_side_over_reload_tab_and_network(
    open_chat: OpenChat, several: FreeholdServer
) -> None:
    chat = await open_chat(at=several)
    await compare_with(chat, "second")
    await chat.send(f"/tokens {WORDS} 60ms")
    await expect(both(chat)).to_have_count(2)
    await chat.grown_to(WORDS // 8)
    await chat.page.reload()
    await expect(both(chat)).to_have_count(2)
    other = await open_chat(at=several)
    await other.open(f"/c/{chat.thread_id}")
    await expect(both(other)).to_have_count(2)
    for tab in (chat, other):
        await expect(both(tab).first).to_have_attribute("aria-busy", "true")
        await expect(both(tab).last).to_have_attribute("aria-busy", "true")
    await chat.page.context.set_offline(True)
    await chat.page.wait_for_timeout(2000)
    await chat.page.context.set_offline(False)
    for tab in (chat, other):
        for answer in (both(tab).first, both(tab).last):
            await expect(answer).to_have_attribute("aria-busy", "false", timeout=40_000)
    saved = chat.saved()["messages"]
    assert [message["status"] for message in saved] == ["complete"] * 3
    for at, message in enumerate(saved[1:]):
        text = message["parts"][0]["text"]
        assert len(text.split()) == WORDS
        for tab in (chat, other):
            await expect(both(tab).nth(at).locator(".prose")).to_have_text(text.strip())


async def test_one_is_stopped_and_the_other_kept(open_chat: OpenChat, several: FreeholdServer) -> None:
    chat = await open_chat(at=several)
    await compare_with(chat, "second", "third")
    await chat.page.get_by_role("button", name="Without third").click()
    await chat.send(f"/tokens {WORDS} 40ms")
    await expect(both(chat)).to_have_count(2)
    await chat.grown_to(20)
    await both(chat).first.get_by_role("button", name="Stop").press("Enter")
    await expect(both(chat).first.get_by_text("Stopped by you.")).to_be_visible()
    await expect(both(chat).last).to_have_attribute("aria-busy", "true")
    await both(chat).last.get_by_role("button", name="Stop").press("Enter")
    await expect(both(chat).last).to_have_attribute("aria-busy", "false")
    keep = both(chat).last.get_by_role("button", name="Keep this one")
    await keep.focus()
    async with chat.told():
        await keep.press("Enter")
    await expect(both(chat)).to_have_count(0)
    await expect(chat.answers).to_have_count(1)
    await expect(chat.answer.get_by_role("group", name="Answer 2/2")).to_be_visible()
    await chat.page.reload()
    await expect(chat.answer.get_by_role("group", name="Answer 2/2")).to_be_visible()
    await chat.ask("and then")
    assert chat.saved()["messages"][-2]["parent_id"] == chat.saved()["messages"][2]["id"]


@pytest.mark.parametrize(
    ("language", "theme", "phone"), [("en", "light", False), ("zh-CN", "dark", False), ("en", "dark", True)]
)
async def test_it_is_accessible(
    open_chat: OpenChat, several: FreeholdServer, language: str, theme: str, phone: bool
) -> None:
    chat = await open_chat(at=several, language=language, theme=theme, phone=phone)
    page = chat.page
    await compare_with(chat, "second", language=language)
    assert await violations(page, without=("region",)) == []  # the tooltip of the button in focus
    await page.get_by_role("textbox").last.fill(
        "# A title\n\nSome words about it, **some** of them strong.\n\n- one\n- two"
    )
    if phone:
        await page.get_by_role("button", name="Send").click()
    else:
        await page.keyboard.press("Enter")
    shown = page.locator("article.rival")
    await expect(shown).to_have_count(1 if phone else 2)
    for at in range(await shown.count()):
        await expect(shown.nth(at)).to_have_attribute("aria-busy", "false")
    if phone:
        tabs = page.get_by_role("tab")
        await expect(tabs).to_have_count(2)
        first = await shown.get_attribute("data-message")
        await tabs.first.press("ArrowRight")
        await expect(tabs.last).to_have_attribute("aria-selected", "true")
        await expect(tabs.last).to_be_focused()
        assert await shown.get_attribute("data-message") != first
    await page.wait_for_timeout(500)
    assert await violations(page) == []
