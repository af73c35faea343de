"""Why this model: an answer's details say what was asked for, what failed before it and what the chat took."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import violations
from tests.services.freehold_server import FreeholdServer, serving

pytestmark = pytest.mark.browser


@pytest.fixture
def smart(tmp_path: Path) -> Iterator[FreeholdServer]:
    """`smart` asks a server that is not there, and then the echo."""
    gone = {"id": "gone", "kind": "openai_compatible", "base_url": "http://127.0.0.1:9/v1", "models": ["large"]}
    targets = [{"provider": "gone", "model": "large"}, {"provider": "echo", "model": "echo", "priority": 1}]
    config = tmp_path / "freehold.yaml"
    config.write_text(json.dumps({"providers": [gone], "models": {"smart": {"targets": targets}}}))  # JSON is YAML
    with serving(tmp_path / "data", {"FREEHOLD_CONFIG": str(config)}) as server:
        yield server


@pytest.mark.parametrize(("language", "theme", "phone"), [("en", "light", False), ("zh-CN", "dark", True)])
async def test_details_say_why(
    open_chat: OpenChat, smart: FreeholdServer, language: str, theme: str, phone: bool
) -> None:
    chat = await open_chat(at=smart, language=language, theme=theme, phone=phone)
    page = chat.page
    await page.locator(".model-btn").click()
    await page.get_by_role("option", name="smart").first.click()
    await page.locator(".composer-text").fill("first")
    await page.locator(".composer-text").press("Enter")
    await expect(page.locator("article[aria-busy=false] .answer-line")).to_be_visible()
    await page.locator(".answer-line").click()
    details = page.locator(".facts-pop")
    await expect(details).to_contain_text("gone/large")
    await expect(details).to_contain_text("echo/echo")
    if language == "en":
        await expect(details).to_contain_text("It was asked because another had failed.")
    assert await violations(page) == []
    await page.keyboard.press("Escape")
    if language != "en":
        return
    await chat.send("second")
    await expect(page.locator("article[aria-busy=false] .answer-line")).to_have_count(2)
    await chat.answer.hover()
    await page.get_by_role("button", name="More").last.click()
    await page.get_by_role("menuitem", name="Details").click()
    dialog = page.get_by_role("dialog", name="Details")
    await expect(dialog).to_contain_text("The whole chat")
    await expect(dialog).to_contain_text("Tokens out")
