"""The lock of a chat, and what happens to data that should not leave the house, as a person meets it."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import violations
from tests.e2e.test_chats import call
from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import API_KEY, FakeUpstream, Script
from tests.services.freehold_server import FreeholdServer

pytestmark = pytest.mark.browser
CLASSES = [
    {"id": "contact", "detect": ["email"], "action": "mask"},
    {"id": "payment", "detect": ["bank_card"], "action": "ask"},
]


@pytest.fixture
async def outside(tmp_path: Path) -> AsyncIterator[tuple[FreeholdServer, FakeUpstream]]:
    """A server with a model outside and one in the house, and the provider outside."""
    said = Script(text=("I wrote to [EM", "AIL_1]."))
    async with FakeUpstream(OpenAIDialect(), said) as fake, FakeUpstream(OpenAIDialect()) as house:
        house.script = Script(text=("Written ", "at home."))
        providers = [
            {"id": "out", "kind": "openai", "base_url": fake.url, "api_key": API_KEY, "models": ["gpt-4o"]},
            {
                "id": "home",
                "kind": "openai_compatible",
                "base_url": house.url,
                "api_key": API_KEY,
                "models": ["small"],
                "self_hosted": True,
            },
        ]
        aliases = {"cloud": {"targets": [{"provider": "out", "model": "gpt-4o"}]}}
        config = tmp_path / "freehold.yaml"
        config.write_text(json.dumps({"providers": providers, "models": aliases, "privacy": {"classes": CLASSES}}))
        server = FreeholdServer(tmp_path / "data", {"FREEHOLD_CONFIG": str(config)})
        server.data_dir.mkdir()
        await asyncio.to_thread(server.start)
        yield server, fake
        await asyncio.to_thread(server.stop)


@pytest.mark.parametrize(("language", "theme", "phone"), [("en", "light", False), ("zh-CN", "dark", True)])
async def test_what_may_leave_the_house(
    open_chat: OpenChat,
    outside: tuple[FreeholdServer, FakeUpstream],
    tmp_path: Path,
    language: str,
    theme: str,
    phone: bool,
) -> None:
    server, fake = outside
    chat = await open_chat(at=server, language=language, theme=theme, phone=phone)
    page, english = chat.page, language == "en"
    await page.locator(".model-btn").click()
    await page.get_by_role("option", name="cloud").first.click()

    await page.locator(".composer-text").fill("Pay with 4111 1111 1111 1111, tell anna@example.com")
    await page.locator(".composer-text").press("Enter")
    card = page.locator(".card.fail")
    await expect(card).to_contain_text("Shall this leave the house?" if english else "要把这些内容发到外部吗？")
    await expect(card).to_contain_text("payment")
    assert fake.requests == [] or all("4111" not in str(one.body) for one in fake.requests)
    assert await violations(page) == []
    await card.get_by_role("button", name="Send it all the same" if english else "仍然发送").click()
    await expect(page.locator("article[aria-busy=false] .prose").last).to_contain_text("I wrote to anna@example.com.")
    asked = str([one.body for one in fake.requests])
    assert "4111 1111 1111 1111" in asked
    assert "anna@example.com" not in asked
    await page.locator(".answer-line").last.click()
    await expect(page.locator(".facts-pop")).to_contain_text("Hidden before" if english else "发出前已隐藏")
    await page.keyboard.press("Escape")

    before = len(fake.requests)
    await page.get_by_role("button", name="Keep this chat in the house" if english else "将此对话留在自家").click()
    lock = page.get_by_role("button", name="Kept in the house" if english else "留在自家").first
    await expect(lock).to_have_attribute("aria-pressed", "true")
    # the chat goes on with the model in the house, and one outside cannot be chosen
    await expect(page.locator(".model-btn")).to_contain_text("small")
    await page.locator(".model-btn").click()
    barred = page.get_by_role("option", name="cloud").first
    await expect(barred).to_be_disabled()
    await expect(barred).to_contain_text("this chat is kept in the house" if english else "这个对话留在自家")
    assert await violations(page) == []
    await page.screenshot(path=tmp_path / "picker.png")
    await page.keyboard.type("cloud")
    await page.keyboard.press("Enter")
    await expect(barred).to_be_visible()
    await page.keyboard.press("Escape")

    # what was asked of the model outside is refused, and answered in the house on a click
    again = "Answer again" if english else "重新回答"
    await page.get_by_role("button", name=again, exact=True).last.click()
    await expect(card).to_contain_text("This chat is kept in the house" if english else "这个对话已设为留在自家")
    await page.reload()
    await expect(lock).to_be_visible()
    await expect(card).to_be_visible()
    assert await violations(page) == []
    await card.get_by_role("button", name="Answer in-house" if english else "自家来答").click()
    await expect(page.locator("article[aria-busy=false] .prose").last).to_contain_text("Written at home.")
    assert len(fake.requests) == before

    # the chat goes on there, also when it is let out again
    await lock.click()
    await expect(page.locator(".model-btn")).to_contain_text("small")


@pytest.mark.parametrize(("language", "theme", "phone"), [("en", "light", False), ("zh-CN", "dark", True)])
async def test_what_a_budget_has_no_room_for_is_answered_in_the_house(
    open_chat: OpenChat, outside: tuple[FreeholdServer, FakeUpstream], language: str, theme: str, phone: bool
) -> None:
    server, fake = outside
    call(server, "POST", "/api/budgets", {"holder_kind": "everyone", "period": "month", "usd": 0})
    chat = await open_chat(at=server, language=language, theme=theme, phone=phone)
    page, english = chat.page, language == "en"
    await page.locator(".model-btn").click()
    await page.get_by_role("option", name="cloud").first.click()
    await page.locator(".composer-text").fill("first")
    await page.locator(".composer-text").press("Enter")
    card = page.locator(".card.fail")
    await expect(card).to_contain_text("The budget has no room for this answer" if english else "预算不够写这次回答")
    await expect(card.get_by_role("timer")).to_have_count(0)  # no waiting makes room in a budget of nothing
    assert await violations(page) == []
    await card.get_by_role("button", name="Answer in-house" if english else "自家来答").click()
    await expect(page.locator("article[aria-busy=false] .prose").last).to_contain_text("Written at home.")
    assert all(one.method == "GET" for one in fake.requests)  # its list of models, and nothing more
