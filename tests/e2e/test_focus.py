"""The keyboard stays where one works: no action on a message leaves the focus nowhere."""

import asyncio
import io
import json
import re
import urllib.request
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import Locator, Request, Route, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import violations
from tests.services.freehold_server import FreeholdServer

pytestmark = pytest.mark.browser


async def press(control: Locator, key: str = "Enter") -> None:
    await control.focus()
    await control.press(key)


async def choose(chat: Chat, message: Locator, item: str) -> None:
    """From the menu of a message, by keyboard."""
    await press(message.get_by_role("button", name="More"))
    await expect(chat.page.get_by_role("menuitem", name=item)).to_be_visible()
    await chat.page.get_by_role("menuitem", name=item).press("Enter")


async def test_answering_again(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.ask("again, please")
    await press(chat.answer.get_by_role("button", name="Answer again", exact=True))
    await expect(chat.answer).to_contain_text("2/2")
    await expect(chat.answer).to_be_focused()
    await chat.finished()
    await chat.page.keyboard.press("Tab")
    await expect(chat.answer.get_by_role("button").first).to_be_focused()
    await choose(chat, chat.own_messages.first, "Answer again")
    await expect(chat.answer).to_contain_text("3/3")
    await expect(chat.answer).to_be_focused()


async def test_the_branch_arrows(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.ask("left and right")
    await press(chat.answer.get_by_role("button", name="Answer again", exact=True))
    await expect(chat.answer).to_contain_text("2/2")
    await chat.finished()
    await press(chat.answer.get_by_role("button", name="Previous answer"))
    await expect(chat.answer).to_contain_text("1/2")
    await expect(chat.answer.get_by_role("button", name="Previous answer")).to_be_focused()
    await press(chat.answer.get_by_role("button", name="Next answer"))
    await expect(chat.answer).to_contain_text("2/2")
    await expect(chat.answer.get_by_role("button", name="Next answer")).to_be_focused()


WATCH = """() => {
    window.seen = new Set();
    const look = () => {
        window.seen.add(document.querySelector('article:last-of-type .branch')?.textContent);
        requestAnimationFrame(look);
    };
    look();
}"""


async def test_news_from_before_the_arrow_does_not_turn_the_branch_back(
    open_chat: OpenChat, server: FreeholdServer
) -> None:
    """The chat was read, and is renamed elsewhere, before the server hears of the arrow; both are told after it."""
    chat = await open_chat()
    page = chat.page
    await chat.ask("left and right")
    read, patched, release = asyncio.Event(), asyncio.Event(), asyncio.Event()
    held: list[Request] = []

    async def slow(route: Route) -> None:
        if route.request.method == "GET" and not read.is_set():
            held.append(route.request)
            response = await route.fetch()
            read.set()
            await release.wait()
            await route.fulfill(response=response)
        elif route.request.method == "PATCH" and not patched.is_set():
            patched.set()
            await release.wait()
            await route.continue_()
        else:
            await route.continue_()

    thread_id = page.url.rpartition("/")[2]
    await page.route(re.compile(rf"/api/threads/{thread_id}$"), slow)
    await press(chat.answer.get_by_role("button", name="Answer again", exact=True))
    await expect(chat.answer).to_contain_text("2/2")
    await chat.finished()
    await asyncio.wait_for(read.wait(), 20)
    previous = chat.answer.get_by_role("button", name="Previous answer")
    await press(previous)
    await asyncio.wait_for(patched.wait(), 20)
    await expect(chat.answer).to_contain_text("1/2")
    await expect(previous).to_be_focused()
    await page.evaluate(WATCH)
    address = f"{server.url}/api/threads/{thread_id}"
    assert (await page.request.patch(address, data={"title": "News"}, headers={"Origin": server.url})).ok
    await expect(page).to_have_title(re.compile("News"))
    async with (
        page.expect_response(lambda answer: answer.request.method == "PATCH"),
        page.expect_response(lambda answer: answer.request in held),
    ):
        release.set()
    await page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    assert await page.evaluate("[...window.seen]") == ["1/2"]
    await expect(previous).to_be_focused()


async def test_editing(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.ask("words to edit")
    question = chat.own_messages.first
    edit = question.get_by_role("button", name="Edit")
    box = question.get_by_role("textbox")
    await press(edit)
    await expect(box).to_be_focused()
    assert await box.evaluate("(area) => area.selectionStart") == len("words to edit"), "the caret is at the end"
    await expect(question).to_contain_text("saves and reruns, Esc cancels")
    assert await violations(chat.page) == []
    await box.press("Escape")
    await expect(edit).to_be_focused()
    await press(edit)
    await chat.page.keyboard.type(", twice")
    await box.press("Control+Enter")
    await expect(question).to_contain_text("2/2")
    await expect(question).to_contain_text("words to edit, twice")
    await expect(question.get_by_role("button", name="Edit")).to_be_focused()
    await chat.finished()
    await choose(chat, chat.answer, "Edit")
    await expect(chat.answer.get_by_role("textbox")).to_be_focused()
    await chat.page.keyboard.type("!")
    await chat.page.keyboard.press("Control+Enter")
    await expect(chat.answer.get_by_role("button", name="More")).to_be_focused()
    await expect(chat.answer).to_contain_text("words to edit, twice!")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_deleting_and_undoing_by_key(open_chat: OpenChat, language: str) -> None:
    chat = await open_chat(language=language)
    articles = chat.page.get_by_role("article")
    for count, text in enumerate(("first", "second"), 1):
        await chat.page.get_by_role("textbox").last.fill(text)
        await chat.page.keyboard.press("Enter")
        await expect(articles).to_have_count(2 * count)
        await expect(articles.last).to_have_attribute("aria-busy", "false")
    words = {"en": ("More", "Delete from here on", "2 messages deleted"), "zh-CN": ("更多", None, "已删除 2 条消息")}
    more, _, said = words[language]
    await press(articles.nth(2).get_by_role("button", name=more))
    await expect(chat.page.get_by_role("menuitem").last).to_be_visible()
    await chat.page.get_by_role("menuitem").last.press("Enter")
    await expect(articles).to_have_count(2)
    await expect(articles.nth(1).get_by_role("button", name=more)).to_be_focused()
    await expect(chat.page.get_by_text(said)).to_be_visible()
    await chat.page.keyboard.press("Control+z")
    await expect(articles).to_have_count(4)
    await expect(articles.nth(2).get_by_role("button", name=more)).to_be_focused()
    await expect(chat.page.get_by_text(said)).to_have_count(0)


async def test_undo_keys_belong_to_the_text_while_one_writes(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.ask("stay deleted")
    await choose(chat, chat.own_messages.first, "Delete from here on")
    await expect(chat.composer).to_be_focused()
    await chat.page.keyboard.type("abc")
    await chat.page.keyboard.press("Control+z")
    await expect(chat.composer).to_have_value("ab")
    await expect(chat.answers).to_have_count(0)
    await chat.page.get_by_role("button", name="Undo").click()
    await expect(chat.answers).to_have_count(1)
    await expect(chat.own_messages.first.get_by_role("button", name="More")).to_be_focused()


async def test_undo_keys_bring_a_deleted_chat_back_from_an_empty_field(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.ask("bring me back")
    address = chat.page.url
    await chat.page.keyboard.press("Control+Shift+Backspace")
    await expect(chat.page.get_by_text("Chat deleted")).to_be_visible()
    await expect(chat.composer).to_be_focused()
    await chat.page.keyboard.press("Control+z")
    await expect(chat.page.get_by_text("Chat deleted")).to_have_count(0)
    await chat.page.goto(address)
    await expect(chat.answers).to_have_count(1)


async def test_a_version_is_found_again_as_it_was_left(open_chat: OpenChat) -> None:
    """In this tab, after a reload, and on another device."""
    chat = await open_chat()
    await chat.ask("one")
    await press(chat.answer.get_by_role("button", name="Answer again", exact=True))
    await expect(chat.answer).to_contain_text("2/2")
    await chat.finished()
    await press(chat.answer.get_by_role("button", name="Previous answer"))
    await expect(chat.answer).to_contain_text("1/2")
    question = chat.own_messages.first
    await press(question.get_by_role("button", name="Edit"))
    await question.get_by_role("textbox").fill("two")
    await chat.page.keyboard.press("Control+Enter")
    await expect(chat.answer).to_contain_text("two")
    await chat.finished()
    async with chat.told():
        await press(question.get_by_role("button", name="Previous version"))
    await expect(chat.answer).to_contain_text("1/2")
    async with chat.told():
        await press(question.get_by_role("button", name="Next version"))
    await expect(chat.answer).to_contain_text("two")
    await chat.page.reload()
    await question.get_by_role("button", name="Previous version").click()
    await expect(chat.answer).to_contain_text("1/2")
    other = await open_chat()
    await other.open(f"/c/{chat.thread_id}")
    await expect(other.answer).to_contain_text("1/2")


async def test_the_actions_of_the_newest_answer_are_in_sight(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.ask("first")
    await chat.ask("second")
    await chat.page.mouse.move(5, 5)
    await expect(chat.answers.last.locator(".actions")).to_have_css("opacity", "1")
    await expect(chat.answers.first.locator(".actions")).to_have_css("opacity", "0")


def call(server: FreeholdServer, method: str, path: str, body: Any = None) -> Any:
    request = urllib.request.Request(
        f"{server.url}{path}",
        json.dumps(body).encode() if body is not None else None,
        {"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"},
        method=method,
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read() or "null")


async def test_an_image_waits_for_a_model_that_sees(open_chat: OpenChat, own_server: FreeholdServer) -> None:
    call(own_server, "PATCH", "/api/providers/echo/models/echo", {"overrides": {"abilities": ["tools"]}})
    chat = await open_chat(at=own_server)
    picture = io.BytesIO()
    Image.new("RGB", (64, 32), "teal").save(picture, "PNG")
    async with chat.page.expect_file_chooser() as chooser:
        await chat.page.get_by_role("button", name="Attach files").click()
    await (await chooser.value).set_files({"name": "teal.png", "mimeType": "image/png", "buffer": picture.getvalue()})
    await expect(chat.page.get_by_role("status").filter(has_text="cannot see images")).to_be_visible()
    await chat.composer.fill("what is this")
    await chat.page.keyboard.press("Enter")
    send = chat.page.get_by_role("button", name="Send", exact=True)
    await expect(send).to_have_attribute("aria-disabled", "true")
    await expect(send).to_have_accessible_description("Echo cannot see images, and no other model here can.")
    assert "/c/" not in chat.page.url
    await chat.page.get_by_role("button", name="Remove images").click()
    await expect(send).to_have_attribute("aria-disabled", "false")
    await chat.page.keyboard.press("Tab")
    await chat.composer.press("Enter")
    await chat.shows("what is this")


async def test_a_limit_is_named_and_counts_down(open_chat: OpenChat, own_server: FreeholdServer) -> None:
    limit = {"holder_kind": "model", "holder_id": "echo/*", "requests_per_minute": 1}
    call(own_server, "POST", "/api/limits", limit)
    chat = await open_chat(at=own_server)
    await chat.ask("one")
    await chat.send("two")
    card = chat.page.get_by_role("alert").first
    await expect(card).to_contain_text("The limit of the model echo/* is reached: 1 request a minute.")
    timer = card.get_by_role("timer")
    first = await timer.inner_text()
    await expect(timer).not_to_have_text(first, timeout=10_000)
    assert await violations(chat.page) == []
    await chat.page.reload()
    await expect(timer).to_contain_text("Again in")
    seconds = [int(part) for part in (await timer.inner_text()).split() if part.isdigit()]
    assert seconds[0] < int(first.split()[2])
