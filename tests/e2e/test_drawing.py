"""An image model in the chat, as a person meets it: choose, draw, look, change, draw again."""

import asyncio
import base64
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from PIL import Image
from playwright.async_api import expect

from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import violations
from tests.fakes.openai_media import MediaDialect
from tests.fakes.upstream import API_KEY, FakeUpstream, Script
from tests.services.freehold_server import FreeholdServer

pytestmark = pytest.mark.browser
COLOURS = ("seagreen", "tomato", "royalblue", "goldenrod")


class PaintingDialect(MediaDialect):
    """Draws pictures of one colour in the size that was asked for."""

    async def pictures(self, fake: FakeUpstream, asked: dict[str, Any], read: int) -> web.StreamResponse:
        await asyncio.sleep(fake.script.pause_s)
        width, height = map(int, asked.get("size", "1024x1024").split("x"))
        data = []
        for at in range(int(asked.get("n", 1))):
            out = io.BytesIO()
            Image.new("RGB", (width // 2, height // 2), COLOURS[at]).save(out, "PNG")
            data.append({"b64_json": base64.b64encode(out.getvalue()).decode()})
        usage = {"input_tokens": read, "output_tokens": 272, "total_tokens": read + 272}
        return web.json_response({"created": 1, "data": data, "usage": usage})


@pytest.fixture
async def painting(tmp_path: Path) -> AsyncIterator[tuple[FreeholdServer, FakeUpstream]]:
    """A server whose one model outside draws, and the provider."""
    async with FakeUpstream(PaintingDialect()) as fake:
        prices = {"input": 5, "output": 40}
        models = [{"id": "gpt-image-1", "name": "Painter", "prices": prices}, "gpt-4o"]
        provider = {"id": "out", "kind": "openai", "base_url": fake.url, "api_key": API_KEY, "models": models}
        config = tmp_path / "freehold.yaml"
        config.write_text(json.dumps({"providers": [provider]}))
        server = FreeholdServer(tmp_path / "data", {"FREEHOLD_CONFIG": str(config)})
        server.data_dir.mkdir()
        await asyncio.to_thread(server.start)
        yield server, fake
        await asyncio.to_thread(server.stop)


@pytest.mark.parametrize(("language", "theme", "phone"), [("en", "light", False), ("zh-CN", "dark", True)])
async def test_drawing(
    open_chat: OpenChat,
    painting: tuple[FreeholdServer, FakeUpstream],
    tmp_path: Path,
    language: str,
    theme: str,
    phone: bool,
) -> None:
    server, fake = painting
    chat = await open_chat(at=server, language=language, theme=theme, phone=phone)
    page, english = chat.page, language == "en"
    field, answers = page.locator(".composer-text"), page.locator("article.turn:not(.is-own)")
    await page.locator(".model-btn").click()
    await page.get_by_role("option", name="Painter").click()
    await expect(field).to_have_attribute("placeholder", "Describe a picture" if english else "描述想要的图片")
    await page.get_by_role("button", name="Settings of this chat" if english else "对话设置").click()
    await page.get_by_role("combobox", name="Pictures" if english else "图片张数").click()
    await page.get_by_role("option", name="2", exact=True).click()
    await page.screenshot(path=tmp_path / "choice.png")
    await page.keyboard.press("Escape")

    fake.script = Script(pause_s=60)
    await field.fill("A green valley")
    await field.press("Enter")
    await expect(page.locator(".stage")).to_contain_text("Painter is drawing" if english else "Painter 正在画图")
    await page.screenshot(path=tmp_path / "drawing.png")
    await page.get_by_role("button", name="Stop" if english else "停止", exact=True).click()
    await expect(answers).to_contain_text("Stopped by you." if english else "你让它停止了。")
    fake.script = Script()
    again = page.get_by_role("button", name="Answer again" if english else "重新回答", exact=True)
    await again.click()
    pictures = answers.locator(".picture img")
    await expect(pictures).to_have_count(2)
    await expect(pictures.last).to_be_visible()
    await expect(answers).to_contain_text("$0.0109")
    assert await violations(page) == []
    await page.screenshot(path=tmp_path / "drawn.png")

    await answers.locator(".picture").first.click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("link", name="Download" if english else "下载")).to_be_visible()
    assert await violations(page) == []
    await page.screenshot(path=tmp_path / "whole.png")
    await dialog.get_by_role("button", name="Change this picture" if english else "修改这张图片").click()
    await expect(page.locator(".composer .tile")).to_contain_text("A green valley.png")
    await expect(field).to_be_focused()
    await field.fill("Make it red")
    await field.press("Enter")
    await expect(answers.nth(1).locator(".picture")).to_have_count(2)
    asked = [one for one in fake.requests if "/images/" in one.path][-1]
    assert (asked.path, asked.body["fields"]["prompt"]) == ("/v1/images/edits", "Make it red")
    await page.screenshot(path=tmp_path / "changed.png")
