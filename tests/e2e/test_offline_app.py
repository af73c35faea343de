"""Chats are read while the server is away, where one wants that; and nothing of it stays when one leaves."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Route, expect

from tests.chat.browser_like import Client
from tests.e2e.conftest import OpenChat
from tests.e2e.test_chats import call
from tests.e2e.test_offline import WORDS, kept, nothing_left, turn_on, until
from tests.services.freehold_server import FreeholdServer

pytestmark = pytest.mark.browser


async def test_over_plain_http_the_switch_says_why_it_is_off(open_chat: OpenChat, server: FreeholdServer) -> None:
    chat = await open_chat()
    page = chat.page

    async def forward(route: Route) -> None:
        address = route.request.url.replace("http://freehold.test", server.url)
        await route.fulfill(response=await route.fetch(url=address, headers={"Accept": "*/*"}))

    await page.route("http://freehold.test/**", forward)
    await page.goto("http://freehold.test/settings/account")
    assert await page.evaluate("isSecureContext") is False
    await expect(page.get_by_role("switch", name=WORDS["en"]["keep"])).to_be_disabled()
    await expect(page.get_by_text("Open Freehold at an address that begins with https.")).to_be_visible()


async def test_it_can_be_installed(open_chat: OpenChat, server: FreeholdServer) -> None:
    chat = await open_chat()
    await turn_on(chat)
    tools = await chat.page.context.new_cdp_session(chat.page)
    found: dict[str, Any] = await tools.send("Page.getAppManifest")
    assert found["errors"] == []
    manifest = json.loads(found["data"])
    assert (manifest["name"], manifest["start_url"], manifest["display"]) == ("Freehold", "/", "standalone")
    sizes = {(icon["sizes"], icon.get("purpose", "any")) for icon in manifest["icons"]}
    assert {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")} <= sizes
    for icon in manifest["icons"]:
        answer = await chat.page.request.get(f"{server.url}{icon['src']}")
        assert answer.headers["content-type"] == icon["type"]
    errors = (await tools.send("Page.getInstallabilityErrors"))["installabilityErrors"]
    # the browser of the tests has no profile, in which nothing is installed whatever the page is
    assert [error["errorId"] for error in errors if error["errorId"] != "in-incognito"] == []
    await chat.page.get_by_role("button", name="Erase now").click()
    await nothing_left(chat.page)


async def test_what_is_typed_while_the_server_is_away_outlives_a_reload(
    open_chat: OpenChat, own_server: FreeholdServer
) -> None:
    chat = await open_chat(at=own_server)
    page = chat.page
    await chat.ask("Hello")
    chat_id = chat.thread_id
    thread = f"/c/{chat_id}"
    await turn_on(chat)
    await chat.open(thread)
    await until(page, '["thread"')
    own_server.kill()
    await expect(page.get_by_text(WORDS["en"]["waits"])).to_be_visible()
    await chat.composer.fill("typed while away")
    await until(page, "typed while away")
    await page.reload()
    await expect(chat.composer).to_have_value("typed while away")
    await chat.composer.fill("typed on")  # by a page to which the server has said nothing yet
    await until(page, "typed on", gone="typed while away")
    await page.reload()
    await expect(chat.composer).to_have_value("typed on")
    await page.goto("about:blank")
    own_server.start()
    elsewhere = {"text": "typed on the phone", "file_ids": [], "key": str(uuid4())}
    call(own_server, "PUT", f"/api/drafts/{chat_id}", elsewhere)
    await chat.open(thread)
    await expect(chat.composer).to_have_value("typed on the phone\n\ntyped on")
    await until(page, '["thread"', gone="typed on")  # the server has it
    own_server.kill()
    await expect(page.get_by_text(WORDS["en"]["waits"])).to_be_visible()
    await chat.composer.fill("erased with the rest")
    await until(page, "erased with the rest")
    own_server.start()
    await chat.open("/settings/account")
    await page.get_by_role("button", name="Erase now").click()
    await nothing_left(page)


async def test_what_was_done_elsewhere_while_one_was_away_is_kept_beside_it(
    open_chat: OpenChat, own_server: FreeholdServer
) -> None:
    """Nothing but the line coming back is waited for: no key is pressed."""
    chat = await open_chat(at=own_server)
    page = chat.page
    await chat.ask("Hello")
    chat_id = chat.thread_id
    draft = f"/api/drafts/{chat_id}"
    await turn_on(chat)
    await chat.open(f"/c/{chat_id}")
    await until(page, '["thread"')

    async def away() -> None:
        own_server.kill()
        await expect(page.get_by_text(WORDS["en"]["waits"])).to_be_visible()

    async def there_for_others() -> None:
        await page.context.set_offline(True)
        own_server.start()

    async def back_with(text: str) -> dict[str, Any]:
        await page.context.set_offline(False)
        await expect(chat.composer).to_have_value(text)
        async with asyncio.timeout(20):
            while (found := call(own_server, "GET", draft))["text"] != text:
                await asyncio.sleep(0.1)
        return found

    await away()
    await chat.composer.fill("typed and erased again")
    await until(page, "typed and erased again")
    await chat.composer.fill("")
    await until(page, '["thread"', gone="typed and erased again")
    await chat.composer.fill("typed away")
    await until(page, "typed away")
    await page.reload()
    await expect(chat.composer).to_have_value("typed away")
    await there_for_others()
    call(own_server, "PUT", draft, {"text": "typed on the phone", "file_ids": [], "key": str(uuid4())})
    joined = await back_with("typed on the phone\n\ntyped away")

    await away()
    await chat.composer.fill("of another turn")
    await until(page, "of another turn")
    await there_for_others()
    phone, parent = Client(own_server.url), call(own_server, "GET", f"/api/threads/{chat_id}")["messages"][-1]["id"]
    parts = [{"type": "text", "text": "sent from the phone"}]
    turn = {"kind": "send", "parent_id": parent, "parts": parts, "model": "echo/echo"}
    sent = phone.open("POST", f"/api/threads/{chat_id}/turns", turn, Idempotency_Key=joined["key"])
    assert (sent.status, len(sent.read()) > 0) == (200, True)
    assert (await back_with("of another turn"))["key"] != joined["key"]


async def test_what_is_typed_in_a_temporary_chat_is_never_kept(open_chat: OpenChat, own_server: FreeholdServer) -> None:
    chat = await open_chat(at=own_server)
    page = chat.page
    await chat.ask("Hello")  # the welcome of those without a chat has no such switch
    await turn_on(chat)
    await chat.open()
    await page.get_by_role("button", name=WORDS["en"]["temporary"]).click()
    await chat.ask("Hello again")
    own_server.kill()
    await expect(page.get_by_text(WORDS["en"]["waits"])).to_be_visible()
    await chat.composer.fill("not for this device")
    await page.wait_for_timeout(3000)
    assert "not for this device" not in await kept(page)
