"""A chat, or some of its messages, as a picture: made in the browser, from what is here alone, and not without end."""

import asyncio
import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Download, Page, expect

from tests.e2e.chat import choose
from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import RICH, violations
from tests.e2e.test_chats import call
from tests.e2e.test_gallery import attach
from tests.services.freehold_server import FreeholdServer

pytestmark = pytest.mark.browser

WIDTH = 1520


async def drawn(download: Download) -> Image.Image:
    return Image.open(io.BytesIO(Path(await download.path()).read_bytes())).convert("RGB")


def share_of(image: Image.Image, colour: tuple[int, int, int]) -> float:
    small = image.resize((image.width // 8, image.height // 8))
    counted: list[tuple[int, tuple[int, ...]]] = small.getcolors(small.width * small.height)  # type: ignore[assignment]
    near = [count for count, one in counted if all(abs(a - b) < 12 for a, b in zip(one, colour, strict=True))]
    return sum(near) / (small.width * small.height)


async def open_export(page: Page) -> None:
    await page.get_by_role("main").get_by_role("heading", level=1).click()
    await page.get_by_role("menuitem", name="Export").click()
    await choose(page.get_by_role("dialog", name="Export chat"), "Picture")


async def test_a_chat_is_saved_as_a_picture_of_what_is_here(open_chat: OpenChat, server: FreeholdServer) -> None:
    asked = await asyncio.to_thread(attach, server, "red", RICH + "\n\n![far](https://example.org/far.png)")
    chat = await open_chat()
    page = chat.page
    away: list[str] = []
    page.on(
        "request", lambda one: away.append(one.url) if not one.url.startswith((server.url, "data:", "blob:")) else None
    )
    await chat.open(f"/c/{asked['thread_id']}")
    await chat.finished()
    await open_export(page)
    dialog = page.get_by_role("dialog", name="Export chat")
    await expect(dialog.get_by_role("switch", name="All branches")).to_be_disabled()
    assert await violations(page) == []
    async with page.expect_download(timeout=60_000) as download:
        await dialog.get_by_role("button", name="Download").click()
    assert (await download.value).suggested_filename.endswith(".png")
    image = await drawn(await download.value)
    assert image.width == WIDTH
    assert image.height > 1600
    assert share_of(image, (255, 0, 0)) > 0.01  # the picture that is attached
    assert share_of(image, image.getpixel((4, 4))) > 0.4  # type: ignore[arg-type]  # the paper
    assert len(image.getcolors(maxcolors=2**24) or []) > 50  # and words on it
    await expect(dialog).to_be_hidden()
    await expect(page.locator(".picture-sheet")).to_have_count(0)
    assert away == []


async def test_selected_messages_are_saved_as_a_picture(open_chat: OpenChat) -> None:
    chat = await open_chat(theme="dark", phone=True)
    page = chat.page
    await chat.ask("One")
    await chat.ask("Two")
    heights = []
    for many in (1, 3):
        await chat.answer.get_by_role("button", name="More").click()
        await page.get_by_role("menuitem", name="Select").click()
        for at in range(many - 1):
            await page.get_by_role("checkbox").nth(at).locator("..").click()  # its label
        await expect(page.get_by_role("toolbar")).to_contain_text(f"{many} selected")
        async with page.expect_download(timeout=60_000) as download:
            await page.get_by_role("button", name="Save as a picture").click()
        image = await drawn(await download.value)
        assert image.width == WIDTH
        assert max(image.getpixel((4, 4))) < 60  # type: ignore[type-var]
        heights.append(image.height)
        await expect(page.get_by_role("toolbar", name="Actions for")).to_have_count(0)
    assert heights[1] > heights[0] + 100


async def test_what_is_too_long_is_refused(open_chat: OpenChat, server: FreeholdServer) -> None:
    asked = await asyncio.to_thread(attach, server, "red", "Long\n" * 800)
    chat = await open_chat()
    await chat.open(f"/c/{asked['thread_id']}")
    await chat.finished()
    await open_export(chat.page)
    dialog = chat.page.get_by_role("dialog", name="Export chat")
    await dialog.get_by_role("button", name="Download").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("too long for one picture", timeout=60_000)
    assert await violations(chat.page) == []
    await asyncio.to_thread(call, server, "DELETE", f"/api/threads/{asked['thread_id']}")
