"""Curated answers and answers from the cache, as administrators make them and as people meet them."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import violations
from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import API_KEY, FakeUpstream, Script
from tests.services.freehold_server import FreeholdServer

pytestmark = pytest.mark.browser


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[FreeholdServer]:
    """A server with one model, whose answers are given again, and a question that three people asked."""
    async with FakeUpstream(OpenAIDialect(), Script(text=("Written ", "by the model."))) as fake:
        provider = {
            "id": "home",
            "kind": "openai_compatible",
            "base_url": fake.url,
            "api_key": API_KEY,
            "models": ["small"],
            "self_hosted": True,
        }
        config = tmp_path / "freehold.yaml"
        config.write_text(json.dumps({"providers": [provider], "cache": {"mode": "always", "chat": True}}))
        server = FreeholdServer(tmp_path / "data", {"FREEHOLD_CONFIG": str(config)})
        server.data_dir.mkdir()
        await asyncio.to_thread(server.start)
        with closing(sqlite3.connect(server.data_dir / "freehold.sqlite")) as connection:
            row = (b"k" * 32, 3, 7, "How do I get a new laptop?", False, "2026-11-20 09:00:00")
            connection.execute("INSERT INTO asked_questions VALUES (?, ?, ?, ?, ?, ?)", row)
            connection.execute(
                "INSERT INTO cache_calibrations VALUES ('packaged', 'en', 0.92, 375, 1095, 111, 0, '2026-11-20 09:00')"
            )
            connection.commit()
        yield server
        await asyncio.to_thread(server.stop)


@pytest.mark.parametrize(("language", "theme", "phone"), [("en", "light", False), ("zh-CN", "dark", True)])
async def test_an_answer_is_curated_given_and_left_to_the_model(
    open_chat: OpenChat, house: FreeholdServer, language: str, theme: str, phone: bool
) -> None:
    chat = await open_chat(at=house, language=language, theme=theme, phone=phone)
    page, english = chat.page, language == "en"

    async def ask(text: str) -> None:
        await page.locator(".composer-text").fill(text)
        await page.locator(".composer-text").press("Enter")

    await chat.open("/settings/faq")
    await page.get_by_role(
        "button", name="Write an answer: How do I get" if english else "写回答：How do I get"
    ).click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Answer" if english else "回答", exact=True).fill("Ask **IT**, room 4.")
    await dialog.get_by_label("Other ways" if english else "其他问法").fill("My laptop is broken")
    await dialog.get_by_role("switch").click()
    assert await violations(page, without=("region",)) == []
    await dialog.get_by_role("button", name="Save" if english else "保存").click()
    await expect(page.get_by_text("approved" if english else "已启用", exact=False).first).to_be_visible()
    await expect(page.get_by_text("Nothing was asked often" if english else "还没有被问得足够多")).to_be_visible()
    assert await violations(page) == []

    await chat.open("/")
    await ask("how do i get a new laptop")
    answer = page.locator("article[aria-busy=false]")
    await expect(answer).to_contain_text("Ask IT, room 4.")
    await expect(answer).to_contain_text("Answered from the FAQ" if english else "这是常见问题里的回答")
    await expect(page.locator(".answer-line")).to_contain_text("from the FAQ" if english else "来自常见问题")
    await expect(page.locator(".answer-line")).to_contain_text("free" if english else "免费")
    assert await violations(page) == []
    await page.get_by_role("button", name="Ask the model instead" if english else "改问模型").click()
    await expect(page.locator("article[aria-busy=false]")).to_contain_text("Written by the model.")
    await expect(page.get_by_role("button", name="Ask the model instead" if english else "改问模型")).to_have_count(0)

    for _ in range(2):
        await chat.open("/")
        await ask("What is new?")
        await expect(page.locator("article[aria-busy=false]")).to_contain_text("Written by the model.")
    await expect(page.locator("article[aria-busy=false]")).to_contain_text(
        "Given to the same question before" if english else "回答过同样的问题"
    )
    await expect(page.locator(".answer-line")).to_contain_text("from the cache" if english else "来自缓存")
    await page.locator(".answer-line").click()
    await expect(page.locator(".facts-pop")).to_contain_text("Given again" if english else "取自本服务器的缓存")
