"""What was sent is never lost, never doubled, and leaves no empty chat behind, whenever the tab or the server goes."""

import asyncio
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Error, Page, Route, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenChat
from tests.services.freehold_server import FreeholdServer, serving

pytestmark = pytest.mark.browser

MOMENTS_MS = [0, 30, 80, 120, 150, 200, 300, 600]
SLOW_MS = [0, 400]  # how long each of the requests in question is held up on its way to the server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FreeholdServer]:
    """One server for this file alone: every test looks at all chats there are."""
    with serving(tmp_path_factory.mktemp("safe-send") / "data") as server:
        yield server


def get(server: FreeholdServer, path: str) -> Any:
    with urllib.request.urlopen(f"{server.url}{path}", timeout=10) as answer:
        return json.load(answer)


def questions(server: FreeholdServer) -> list[str]:
    """Every message that a person wrote, in all chats; a chat without any fails the test."""
    found = []
    for thread in get(server, "/api/threads?limit=100")["items"]:
        messages = get(server, f"/api/threads/{thread['id']}")["messages"]
        assert messages, f"an empty chat was left behind: {thread}"
        found += [message["parts"][0]["text"] for message in messages if message["role"] == "user"]
    return found


async def slowed(page: Page, milliseconds: float, address: str = "**/api/{threads,drafts}/**") -> None:
    """Holds up what is sent to these addresses, as a slow line does; also what a page sends while it goes away."""

    async def later(route: Route) -> None:
        try:
            await asyncio.sleep(milliseconds / 1000)
            await route.continue_()
        except Error:
            pass  # the page is gone, and the request with it

    if milliseconds:
        await page.context.route(address, later)


async def fast(page: Page) -> None:
    await page.context.unroute_all(behavior="ignoreErrors")


async def send_now(chat: Chat, text: str) -> None:
    """Type and press Enter in one go, once there is a model to send it to: no draft was saved before."""
    await expect(chat.page.get_by_role("button", name="Model:")).to_be_visible()
    await chat.composer.fill(text)
    await chat.composer.press("Enter")


async def open_again(chat: Chat, server: FreeholdServer, question: str) -> Chat:
    """In a new tab of the same browser, at the start page; one that had gone through is opened from the list."""
    again = Chat(await chat.page.context.new_page(), server.url)
    await again.open()
    for _ in range(100):
        for thread in get(server, "/api/threads")["items"]:
            messages = get(server, f"/api/threads/{thread['id']}")["messages"]
            if messages and messages[0]["parts"][0]["text"] == question:
                if again.thread_id != thread["id"]:
                    await again.page.locator(f"a[href='/c/{thread['id']}']").first.click()
                return again
        await asyncio.sleep(0.1)
    raise AssertionError(f"{question!r} is in no chat")


async def assert_answered_once(chat: Chat, server: FreeholdServer, question: str) -> None:
    """The page shows the question once with its whole answer, the composer is empty, and the server has it once."""
    await chat.page.wait_for_url("**/c/*")
    await expect(chat.own_messages.filter(has_text=question)).to_have_count(1)
    await chat.shows(question)
    await expect(chat.composer).to_have_value("")
    assert questions(server).count(question) == 1
    thread_id = chat.thread_id
    for scope in ("new", thread_id):
        assert get(server, f"/api/drafts/{scope}")["text"] == ""
    await chat.page.reload()
    await expect(chat.own_messages.filter(has_text=question)).to_have_count(1)
    await expect(chat.composer).to_have_value("")
    assert await chat.page.evaluate("Object.keys(localStorage).filter((name) => name.includes('turn'))") == []


@pytest.mark.parametrize("slow_ms", SLOW_MS)
@pytest.mark.parametrize("moment_ms", MOMENTS_MS)
async def test_a_reload_after_send(open_chat: OpenChat, server: FreeholdServer, moment_ms: int, slow_ms: int) -> None:
    chat = await open_chat()
    question = f"reloaded after {moment_ms} ms on a line of {slow_ms} ms"
    await slowed(chat.page, slow_ms)
    await send_now(chat, question)
    await chat.page.wait_for_timeout(moment_ms)
    await chat.page.reload()
    await assert_answered_once(chat, server, question)


@pytest.mark.parametrize("slow_ms", SLOW_MS)
@pytest.mark.parametrize("moment_ms", MOMENTS_MS[::2])
async def test_the_tab_is_closed_after_send(
    open_chat: OpenChat, server: FreeholdServer, moment_ms: int, slow_ms: int
) -> None:
    chat = await open_chat()
    question = f"closed after {moment_ms} ms on a line of {slow_ms} ms"
    await chat.page.context.new_page()  # the browser stays
    await slowed(chat.page, slow_ms)
    await send_now(chat, question)
    await chat.page.wait_for_timeout(moment_ms)
    await chat.page.close(run_before_unload=False)
    await assert_answered_once(await open_again(chat, server, question), server, question)


@pytest.mark.parametrize("tab", ["stays open", "is reloaded", "is closed"])
@pytest.mark.parametrize("moment_ms", [0, 80, 300])
async def test_the_server_is_killed_after_send(
    open_chat: OpenChat, own_server: FreeholdServer, moment_ms: int, tab: str
) -> None:
    chat = await open_chat(at=own_server)
    question = f"/pause 300ms\nkilled after {moment_ms} ms"
    await slowed(chat.page, 100)
    await send_now(chat, question)
    await chat.page.wait_for_timeout(moment_ms)
    own_server.kill()
    if tab == "is closed":
        await chat.page.context.new_page()  # the browser stays
        await chat.page.close()
    await asyncio.sleep(0.3)
    own_server.start()
    if tab == "is reloaded":
        await chat.page.reload()
    elif tab == "is closed":
        chat = await open_again(chat, own_server, question)
    await chat.page.wait_for_url("**/c/*")
    await expect(chat.own_messages.filter(has_text=f"killed after {moment_ms} ms")).to_have_count(1)
    await chat.finished()
    await expect(chat.composer).to_have_value("")
    assert questions(own_server) == [question]
    assert chat.saved()["messages"][-1]["status"] in {"complete", "interrupted"}


@pytest.mark.parametrize("slow_ms", SLOW_MS)
async def test_a_reload_after_a_further_question(open_chat: OpenChat, server: FreeholdServer, slow_ms: int) -> None:
    """In a chat that is there, with the draft saved before it is sent."""
    chat = await open_chat()
    await chat.ask(f"a chat on a line of {slow_ms} ms")
    for moment_ms in MOMENTS_MS[::2]:
        question = f"further, reloaded after {moment_ms} ms on a line of {slow_ms} ms"
        await chat.composer.fill(question)
        await chat.page.wait_for_timeout(900)
        await slowed(chat.page, slow_ms)
        await chat.composer.press("Enter")
        await chat.page.wait_for_timeout(moment_ms)
        await chat.page.reload()
        await fast(chat.page)
        await assert_answered_once(chat, server, question)
    assert len(chat.saved()["messages"]) == 2 + 2 * len(MOMENTS_MS[::2])


@pytest.mark.parametrize("moment_ms", [0, 80, 200])
async def test_a_reload_after_edit_and_rerun(open_chat: OpenChat, server: FreeholdServer, moment_ms: int) -> None:
    chat = await open_chat()
    await chat.ask(f"a first wording {moment_ms}")
    question = chat.own_messages.first
    await question.hover()
    await question.get_by_role("button", name="Edit").click()
    await question.get_by_role("textbox").fill(f"a better wording {moment_ms}")
    await slowed(chat.page, 400)
    await question.get_by_role("button", name="Save and rerun").click()
    await chat.page.wait_for_timeout(moment_ms)
    await chat.page.reload()
    await fast(chat.page)
    await assert_answered_once(chat, server, f"a better wording {moment_ms}")
    assert questions(server).count(f"a first wording {moment_ms}") == 1


@pytest.mark.parametrize("leaves", ["reloads at once", "reloads after the answer", "closes the tab"])
async def test_a_message_that_waits_outlives_the_tab(open_chat: OpenChat, server: FreeholdServer, leaves: str) -> None:
    chat = await open_chat()
    await chat.send("/tokens 250 20ms")
    await chat.grown_to(10)
    question = f"waits while one {leaves}"
    await chat.send(question)
    address = f"/c/{chat.thread_id}"
    waiting = chat.page.get_by_role("article", name="Waiting")
    await expect(waiting).to_contain_text(question)
    context = chat.page.context
    if leaves == "reloads at once":
        await chat.page.reload()
        await expect(waiting).to_contain_text(question)
    else:
        other = await context.new_page()
        await chat.page.close()
        chat = Chat(other, server.url)
        await asyncio.sleep(6 if leaves == "reloads after the answer" else 0.2)
        await chat.open(address if leaves == "reloads after the answer" else "/")
        if leaves == "closes the tab":  # it is sent though one looks at something else
            await chat.page.wait_for_timeout(6000)
            await chat.open(address)
    await expect(chat.answers).to_have_count(2, timeout=20_000)
    await assert_answered_once(chat, server, question)


async def test_two_tabs_send_what_waits_once(open_chat: OpenChat, server: FreeholdServer) -> None:
    chat = await open_chat()
    await chat.send("/tokens 500 20ms")  # until the second tab is open
    await chat.grown_to(10)
    await chat.send("waits in two tabs")
    second = Chat(await chat.page.context.new_page(), server.url)
    await second.open(f"/c/{chat.thread_id}")
    await expect(second.page.get_by_role("article", name="Waiting")).to_contain_text("waits in two tabs")
    await assert_answered_once(chat, server, "waits in two tabs")
    await assert_answered_once(second, server, "waits in two tabs")
    assert len(chat.saved()["messages"]) == 4


async def test_what_waits_can_be_taken_back(open_chat: OpenChat, server: FreeholdServer) -> None:
    chat = await open_chat()
    await chat.send("/tokens 600 20ms")
    await chat.grown_to(10)
    await chat.composer.fill("not after all")
    await chat.page.wait_for_timeout(900)
    await chat.composer.press("Enter")
    waiting = chat.page.get_by_role("article", name="Waiting")
    await waiting.get_by_role("button", name="Remove").click()
    await expect(waiting).to_have_count(0)
    await chat.finished()
    await chat.page.reload()
    await expect(chat.answers).to_have_count(1)
    await expect(chat.composer).to_have_value("")
    assert "not after all" not in questions(server)


async def test_a_draft_overtaken_by_its_turn_does_not_come_back(open_chat: OpenChat, server: FreeholdServer) -> None:
    chat = await open_chat()
    await slowed(chat.page, 2000, "**/api/drafts/*")
    saves = chat.page.expect_request(lambda request: request.method == "PUT" and "/api/drafts/" in request.url)
    async with saves:
        await chat.composer.fill("sent while its draft is on the way")
    arrives = chat.page.expect_response(lambda answer: answer.request.method == "PUT" and "/api/drafts/" in answer.url)
    async with arrives:
        await chat.composer.press("Enter")
        await chat.shows("sent while its draft is on the way")
    await fast(chat.page)
    await chat.open()
    await expect(chat.composer).to_be_focused()
    await chat.page.wait_for_load_state("networkidle")
    await expect(chat.composer).to_have_value("")
    assert questions(server).count("sent while its draft is on the way") == 1


async def test_what_the_server_refuses_is_in_the_composer(open_chat: OpenChat, server: FreeholdServer) -> None:
    chat = await open_chat()
    too_long = "x" * 400_001
    before = len(questions(server))
    await chat.composer.fill(too_long)
    await chat.composer.press("Enter")
    await expect(chat.page.get_by_role("status").or_(chat.page.get_by_role("alert")).first).to_be_visible()
    await chat.page.wait_for_url(lambda url: "/c/" not in url)
    await expect(chat.composer).to_have_value(too_long)
    assert len(questions(server)) == before


async def test_enter_before_the_models_are_there_and_a_reload(open_chat: OpenChat, server: FreeholdServer) -> None:
    """Nothing can be sent yet: it is in the composer as it was typed."""
    chat = await open_chat()
    await slowed(chat.page, 60_000, "**/api/models")
    await chat.page.reload()
    await chat.send("faster than the list of models")
    await chat.page.reload()
    await expect(chat.composer).to_have_value("faster than the list of models")
    assert "faster than the list of models" not in questions(server)


async def test_signing_out_leaves_nothing_in_the_browser(open_chat: OpenChat, tmp_path: Path) -> None:
    with serving(tmp_path / "data", {"FREEHOLD_AUTH__ACCESS_CODE": "a code of many words"}) as server:
        chat = await open_chat(at=server)
        await chat.page.get_by_label("Code", exact=True).fill("a code of many words")
        await chat.page.keyboard.press("Enter")
        await expect(chat.page.get_by_role("button", name="Model:")).to_be_visible()
        await slowed(chat.page, 60_000, "**/turns")
        await send_now(chat, "never arrives")
        await expect(chat.own_messages).to_have_count(1)
        assert "never arrives" in await chat.page.evaluate("JSON.stringify(localStorage)")
        await chat.open("/settings/account")
        await chat.page.get_by_role("button", name="Sign out").click()
        await chat.page.wait_for_url("**/sign-in*")
        assert "never arrives" not in await chat.page.evaluate("JSON.stringify(localStorage)")
