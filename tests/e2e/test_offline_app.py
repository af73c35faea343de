"""Chats are read while the server is away, where one wants that; and nothing of it stays when one leaves."""

import json
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Route, expect

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
