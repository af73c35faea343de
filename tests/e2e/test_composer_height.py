"""The height of the composer: dragged by mouse and by touch, set by keyboard, kept by the browser, taken back."""

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import LOOKS, violations

pytestmark = pytest.mark.browser


def edge_of(chat: Chat) -> Locator:
    return chat.page.get_by_role("separator", name="Height of the message field")


async def height(chat: Chat) -> float:
    box = await chat.composer.bounding_box()
    assert box is not None
    return box["height"]


async def middle(edge: Locator) -> tuple[float, float]:
    box = await edge.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def test_it_is_dragged_kept_and_taken_back(open_chat: OpenChat) -> None:
    chat = await open_chat()
    page, edge = chat.page, edge_of(chat)
    await chat.ask("Hello")  # a chat has its composer below
    usual = await height(chat)
    await expect(edge).to_have_attribute("aria-valuetext", "as high as its text")
    x, y = await middle(edge)
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x, y - 60)
    await page.mouse.move(x, y - 158)
    await page.mouse.up()
    assert await height(chat) == pytest.approx(usual + 158, abs=2)
    await expect(edge).to_have_attribute("aria-valuenow", str(round(usual + 158)))
    await page.reload()
    await expect(edge).to_have_attribute("aria-valuenow", str(round(usual + 158)))
    assert await height(chat) == pytest.approx(usual + 158, abs=2)
    await chat.composer.fill("one\ntwo")  # its text does not change it
    assert await height(chat) == pytest.approx(usual + 158, abs=2)
    await chat.composer.fill("")
    await edge.dblclick()
    await expect(edge).to_have_attribute("aria-valuetext", "as high as its text")
    assert await height(chat) == pytest.approx(usual, abs=2)
    await page.reload()
    await expect(edge).to_have_attribute("aria-valuetext", "as high as its text")


async def test_it_is_set_by_keyboard(open_chat: OpenChat) -> None:
    chat = await open_chat()
    page, edge = chat.page, edge_of(chat)
    await expect(edge).to_be_visible()
    await edge.focus()
    usual = await height(chat)
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowUp")
    await expect(edge).to_have_attribute("aria-valuetext", "3 lines")
    assert await height(chat) == pytest.approx(usual + 52, abs=2)
    await page.keyboard.press("End")
    assert await height(chat) == pytest.approx(900 * 0.7, abs=2)
    await expect(chat.composer).to_be_in_viewport()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Home")
    assert await height(chat) == pytest.approx(usual, abs=2)
    await page.keyboard.press("Enter")
    await expect(edge).to_have_attribute("aria-valuetext", "as high as its text")


async def test_it_is_dragged_by_touch(open_chat: OpenChat) -> None:
    chat = await open_chat(phone=True)
    edge = edge_of(chat)
    await expect(edge).to_be_visible()
    usual = await height(chat)
    x, y = await middle(edge)
    touch = await chat.page.context.new_cdp_session(chat.page)
    for kind, points in (
        ("touchStart", [{"x": x, "y": y}]),
        ("touchMove", [{"x": x, "y": y - 40}]),
        ("touchMove", [{"x": x, "y": y - 100}]),
        ("touchEnd", []),
    ):
        await touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    await expect(edge).to_have_attribute("aria-valuenow", str(round(usual + 100)))
    assert await height(chat) == pytest.approx(usual + 100, abs=2)


@pytest.mark.parametrize(("theme", "phone"), LOOKS)
async def test_it_is_accessible(open_chat: OpenChat, theme: str, phone: bool) -> None:
    chat = await open_chat(theme=theme, phone=phone)
    await edge_of(chat).focus()
    await chat.page.keyboard.press("ArrowUp")
    assert await violations(chat.page) == []
