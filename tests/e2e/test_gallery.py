"""The pictures of all chats: listed, opened, walked through by keyboard, followed to their message, deleted."""

import asyncio
import io
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from PIL import Image
from playwright.async_api import expect

from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import LOOKS, violations
from tests.services.freehold_server import FreeholdServer, serving

pytestmark = pytest.mark.browser


def attach(server: FreeholdServer, colour: str, words: str) -> dict[str, Any]:
    """A chat that begins with a picture; the message."""
    out = io.BytesIO()
    Image.new("RGB", (300, 200), colour).save(out, "PNG")
    with httpx2.Client(base_url=server.url, headers={"Origin": server.url}, timeout=60) as client:
        sent = {"file": (f"{colour}.png", out.getvalue(), "image/png")}
        file = client.post("/api/files", files=sent).json()["id"]
        thread = client.post("/api/threads", json={}).json()["id"]
        parts = [{"type": "image", "file_id": file}, {"type": "text", "text": words}]
        turn = {"kind": "send", "parent_id": None, "parts": parts, "model": "echo/echo"}
        frames = client.post(f"/api/threads/{thread}/turns", json=turn).text
    start = json.loads(next(line[6:] for line in frames.splitlines() if line.startswith("data: ")))
    return start["user_message"]


async def test_pictures_are_shown_walked_through_and_deleted(open_chat: OpenChat, own_server: FreeholdServer) -> None:
    chat = await open_chat(at=own_server)
    page = chat.page
    await page.get_by_role("link", name="Pictures").click()
    await expect(page.get_by_text("There are no pictures in your chats yet.")).to_be_visible()
    await asyncio.to_thread(attach, own_server, "red", "A red wall")
    blue = await asyncio.to_thread(attach, own_server, "blue", "A blue wall")
    await page.reload()
    await page.get_by_role("button", name="Show A blue wall").click()
    dialog = page.get_by_role("dialog", name="A blue wall")
    await expect(dialog).to_contain_text("300 × 200")
    await expect(dialog.get_by_role("button", name="Newer picture")).to_be_disabled()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("dialog", name="A red wall")).to_be_visible()
    await page.keyboard.press("ArrowLeft")
    async with page.expect_download() as download:
        await dialog.get_by_role("link", name="Download").click()
    assert (await download.value).suggested_filename == "blue.png"
    await dialog.get_by_role("link", name="Show in the chat").click()
    await expect(page.locator(f"article[data-message='{blue['id']}']")).to_be_in_viewport()
    await page.get_by_role("link", name="Pictures").click()
    await page.get_by_role("button", name="Show A blue wall").click()
    await dialog.get_by_role("button", name="Delete").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("dialog", name="A red wall")).to_be_visible()  # the next one
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Show A blue wall")).to_have_count(0)
    await page.get_by_role("tab", name="Drawn").click()
    await expect(page.get_by_text("No model drew a picture yet.")).to_be_visible()
    other = await open_chat(at=own_server)  # a browser that has not seen it
    await other.open(f"/c/{blue['thread_id']}")
    await expect(other.own_messages.first).to_contain_text("This picture is not there any more.")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with serving(Path(tmp_path_factory.mktemp("gallery")) / "data") as server:
        for colour in ("red", "blue"):
            attach(server, colour, f"A {colour} wall")
        yield server


@pytest.mark.parametrize(("theme", "phone"), LOOKS)
async def test_the_page_is_accessible(open_chat: OpenChat, filled: FreeholdServer, theme: str, phone: bool) -> None:
    chat = await open_chat(theme=theme, phone=phone, at=filled)
    await chat.open("/pictures")
    await chat.page.get_by_role("button", name="Show A blue wall").wait_for()
    assert await violations(chat.page) == []
    await chat.page.get_by_role("button", name="Show A blue wall").click()
    await expect(chat.page.get_by_role("dialog", name="A blue wall")).to_be_visible()
    assert await violations(chat.page) == []
