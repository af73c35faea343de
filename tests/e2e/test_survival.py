"""An answer belongs to the server: reloads, tabs, a lost network, a closed tab or a killed server lose nothing."""

import json
import re
import sqlite3
from pathlib import Path

import pytest
from playwright.async_api import Route, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenChat
from tests.services.freehold_server import FreeholdServer

pytestmark = pytest.mark.browser

WORDS = 400
QUESTION = f"/tokens {WORDS} 10ms"  # four seconds


def logged_text(server: FreeholdServer, thread_id: str) -> str:
    """The text of the thread's last generation, straight from the log's rows."""
    database = sqlite3.connect(f"file:{server.data_dir / 'freehold.sqlite'}?mode=ro", uri=True)
    (generation,) = database.execute(
        "SELECT id FROM generations WHERE thread_id = ? ORDER BY id DESC LIMIT 1", (thread_id,)
    ).fetchone()
    rows = database.execute("SELECT events FROM generation_log WHERE generation_id = ? ORDER BY seq", (generation,))
    events = [event for (batch,) in rows for event in json.loads(batch)]
    database.close()
    return "".join(event["delta"] for event in events if event["type"] == "text")


async def assert_whole(chat: Chat, server: FreeholdServer) -> None:
    """Page, message and log hold the same text, to the byte, and it is all there."""
    await chat.ends_as("complete")
    await chat.finished()
    saved = chat.saved_text()
    assert saved == logged_text(server, chat.thread_id)
    assert len(saved.split()) == WORDS
    await chat.shows(saved)


async def test_reload_at_half(open_chat: OpenChat, server: FreeholdServer) -> None:
    chat = await open_chat()
    await chat.send(QUESTION)
    await chat.grown_to(WORDS // 2)
    await chat.page.reload()
    await chat.grown_to(WORDS // 2)
    await assert_whole(chat, server)


async def test_a_second_tab_sees_the_same_answer_growing(open_chat: OpenChat, server: FreeholdServer) -> None:
    first = await open_chat()
    await first.send(QUESTION)
    await first.grown_to(WORDS // 4)
    second = await open_chat()
    await second.open(f"/c/{first.thread_id}")
    await second.grown_to(WORDS // 4)
    await expect(second.answer).to_have_attribute("aria-busy", "true")
    await assert_whole(second, server)
    await assert_whole(first, server)


async def test_five_seconds_without_network(open_chat: OpenChat, server: FreeholdServer) -> None:
    chat = await open_chat()
    await chat.send(f"/tokens {WORDS} 20ms")
    await chat.grown_to(WORDS // 4)
    await chat.page.context.set_offline(True)
    await chat.page.wait_for_timeout(5000)
    await chat.page.context.set_offline(False)
    await assert_whole(chat, server)


async def test_the_tab_is_closed_until_it_is_done(open_chat: OpenChat, server: FreeholdServer) -> None:
    chat = await open_chat()
    await chat.send(QUESTION)
    await chat.grown_to(WORDS // 4)
    address = f"/c/{chat.thread_id}"
    await chat.page.close()
    later = await open_chat()
    await later.page.wait_for_timeout(6000)
    await later.open(address)
    await assert_whole(later, server)


async def test_kill_nine_in_the_middle(open_chat: OpenChat, own_server: FreeholdServer) -> None:
    chat = await open_chat(at=own_server)
    await chat.send(QUESTION)
    await chat.grown_to(WORDS // 2)
    own_server.kill()
    await chat.page.wait_for_timeout(300)
    shown = await chat.words()
    own_server.start()
    await chat.page.reload()
    await expect(chat.page.get_by_role("button", name="Continue").first).to_be_visible(timeout=15_000)
    kept = await chat.words()
    assert kept.startswith(shown), "something that was on the screen is gone"
    assert kept == chat.saved_text().strip()
    assert chat.saved()["messages"][-1]["status"] == "interrupted"
    await chat.page.get_by_role("button", name="Continue").first.click()
    await expect(chat.page.get_by_role("button", name="Continue")).to_have_count(0, timeout=30_000)
    await chat.ends_as("complete")
    assert chat.saved_text().startswith(kept)


async def test_an_open_tab_finds_a_restarted_server_by_itself(open_chat: OpenChat, own_server: FreeholdServer) -> None:
    chat = await open_chat(at=own_server)
    await chat.send(QUESTION)
    await chat.grown_to(WORDS // 4)
    own_server.stop()
    own_server.start()
    await expect(chat.page.get_by_role("button", name="Continue").first).to_be_visible(timeout=30_000)
    assert Path(own_server.log).exists()


async def test_stop_keeps_the_partial_text(open_chat: OpenChat, server: FreeholdServer) -> None:
    chat = await open_chat()
    await chat.send(QUESTION)
    await chat.grown_to(WORDS // 4)
    await chat.page.get_by_role("button", name="Stop").click()
    await chat.finished(5000)
    saved = chat.saved()["messages"][-1]
    assert saved["status"] == "stopped"
    assert 0 < len(chat.saved_text().split()) < WORDS
    assert chat.saved_text() == logged_text(server, chat.thread_id)
    await chat.shows(chat.saved_text())


async def test_a_draft_survives_a_reload(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.composer.click()
    await chat.page.keyboard.insert_text("half a thought, 半个念头")
    await chat.page.wait_for_timeout(1500)
    await chat.page.reload()
    await expect(chat.composer).to_have_value("half a thought, 半个念头")
    await chat.composer.fill("")
    await chat.page.wait_for_timeout(1500)


async def test_a_part_of_the_page_that_cannot_be_fetched_comes_later(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.ask("Hello")
    refused: list[str] = []

    async def refuse(route: Route) -> None:
        refused.append(route.request.url)
        await route.abort()

    await chat.page.route("**/assets/rail-*.js", refuse)
    await chat.page.reload()
    await expect(chat.answers).to_have_count(1)
    for _ in range(100):
        if len(refused) > 2:  # it is asked for again
            break
        await chat.page.wait_for_timeout(100)
    assert len(refused) > 2
    await expect(chat.page.get_by_text("This page failed")).to_have_count(0)
    async with chat.page.expect_response("**/assets/rail-*.js"):
        await chat.page.unroute("**/assets/rail-*.js")
    await expect(chat.composer).to_be_editable()


async def test_a_page_that_cannot_be_fetched_comes_once_the_server_is_back(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.ask("Hello")
    parts = re.compile("/assets/(gallery-page|moving-en)-.*[.]js")
    refused: list[str] = []

    async def refuse(route: Route) -> None:
        refused.append(route.request.url)
        await route.abort()

    await chat.page.route(parts, refuse)
    await chat.page.get_by_role("link", name="Pictures").click()
    for _ in range(100):
        if len(refused) > 3:
            break
        await chat.page.wait_for_timeout(100)
    assert len(refused) > 3
    await expect(chat.page.get_by_text("This page failed")).to_have_count(0)
    await expect(chat.page.get_by_role("navigation").first).to_be_visible()
    await chat.page.unroute(parts)
    await expect(chat.page.get_by_role("heading", name="Pictures")).to_be_visible()
