"""Memory as a person meets it: turned on, kept by hand, from a message and after a proposal, and forgotten."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import LOOKS, violations
from tests.e2e.test_chats import call
from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import API_KEY, FakeUpstream, Script
from tests.services.freehold_server import FreeholdServer

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def off_and_empty(server: FreeholdServer) -> None:
    call(server, "DELETE", "/api/memory/facts")
    call(server, "PATCH", "/api/me", {"preferences": {"memory": False, "memory_proposals": False}})


async def test_a_fact_is_kept_used_worded_anew_and_forgotten(open_chat: OpenChat) -> None:
    chat = await open_chat()
    page = chat.page
    await chat.open("/settings/memory")
    await page.get_by_role("switch", name="Use what is remembered").click()
    await page.get_by_role("textbox", name="A fact for every chat").fill("I keep bees.")
    await page.get_by_role("button", name="Remember", exact=True).click()
    await expect(page.get_by_role("listitem")).to_contain_text("I keep bees.")

    await chat.open("/")
    await chat.ask("I live in Bergen, by the fjord")
    await chat.own_messages.last.hover()
    await chat.own_messages.last.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Remember this").click()
    dialog = page.get_by_role("dialog", name="Remember this")
    await dialog.get_by_role("textbox").fill("I live in Bergen.")
    assert await violations(page) == []
    await dialog.get_by_role("button", name="Remember").click()
    await expect(page.get_by_text("Remembered", exact=True)).to_be_visible()
    await chat.ask("And now?")
    await chat.answer.hover()
    await chat.answer.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Details").click()
    await expect(page.get_by_role("dialog", name="Details")).to_contain_text("Remembered facts sent2")

    await chat.open("/settings/memory")
    await page.get_by_role("button", name="Edit: I keep bees.").click()
    await page.get_by_role("textbox", name="Fact", exact=True).fill("I keep wasps.")
    await page.get_by_role("button", name="Save").click()
    await page.get_by_role("button", name="Forget: I keep wasps.").click()
    await expect(page.get_by_role("listitem")).to_have_count(1)
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_role("listitem")).to_have_count(2)
    await page.get_by_role("button", name="Forget everything").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Forget").click()
    await expect(page.get_by_text("Nothing is remembered here.")).to_be_visible()


async def test_selected_words_are_remembered_for_a_project_alone(open_chat: OpenChat, server: FreeholdServer) -> None:
    call(server, "PATCH", "/api/me", {"preferences": {"memory": True}})
    project = call(server, "POST", "/api/projects", {"name": "Garden"})["id"]
    chat = await open_chat()
    page = chat.page
    await chat.open(f"/?project={project}")
    await chat.ask("The soil is clay")
    await chat.answer.locator(".prose p").first.select_text()
    await page.evaluate("window.dispatchEvent(new PointerEvent('pointerup'))")
    await page.get_by_role("button", name="Remember", exact=True).click()
    dialog = page.get_by_role("dialog", name="Remember this")
    await expect(dialog.get_by_role("textbox")).to_have_value("The soil is clay")
    await dialog.get_by_role("button", name="Remember").click()
    await expect(page.get_by_text("Remembered", exact=True)).to_be_visible()
    (fact,) = call(server, "GET", "/api/memory/facts")
    assert fact["project_id"] == project
    await chat.open(f"/settings/memory?project={project}")
    await expect(page.get_by_role("textbox", name="A fact for Garden")).to_be_visible()
    await expect(page.get_by_role("listitem")).to_contain_text("The soil is clay")


@pytest.fixture
async def proposing(tmp_path: Path) -> AsyncIterator[FreeholdServer]:
    """A server whose model in the house finds a fact in everything."""
    async with FakeUpstream(OpenAIDialect(), Script(text=('{"facts": ["The user keeps bees."]}',))) as house:
        declared = {"id": "home", "kind": "openai_compatible", "base_url": house.url, "api_key": API_KEY}
        declared |= {"models": ["small"], "self_hosted": True}
        config = tmp_path / "freehold.yaml"
        config.write_text(json.dumps({"providers": [declared]}))
        server = FreeholdServer(tmp_path / "data", {"FREEHOLD_CONFIG": str(config)})
        server.data_dir.mkdir()
        await asyncio.to_thread(server.start)
        yield server
        await asyncio.to_thread(server.stop)


async def test_a_proposal_waits_for_a_yes(open_chat: OpenChat, proposing: FreeholdServer) -> None:
    await asyncio.to_thread(call, proposing, "PATCH", "/api/me", {"preferences": {"memory_proposals": True}})
    await asyncio.to_thread(call, proposing, "PUT", "/api/drafts/new", {"text": ""})
    chat = await open_chat(at=proposing, phone=True)
    page = chat.page
    await page.get_by_role("button", name="Model:").tap()
    await page.get_by_role("option", name="small").first.tap()
    await chat.ask("I keep bees in Bergen")
    note = page.get_by_role("region", name="Something to remember?")
    await expect(note).to_contain_text("The user keeps bees.")
    assert await violations(page) == []
    (fact,) = await asyncio.to_thread(call, proposing, "GET", "/api/memory/facts")
    assert fact["state"] == "proposed"
    await note.get_by_role("button", name="Remember").tap()
    await expect(note).to_have_count(0)
    await chat.open("/settings/memory")
    await expect(page.get_by_role("listitem")).to_contain_text("The user keeps bees.")


@pytest.mark.parametrize(("theme", "phone"), LOOKS)
async def test_the_page_is_accessible(open_chat: OpenChat, server: FreeholdServer, theme: str, phone: bool) -> None:
    call(server, "POST", "/api/memory/facts", {"text": "I keep bees."})
    chat = await open_chat(theme=theme, phone=phone)
    await chat.open("/settings/memory")
    await expect(chat.page.get_by_text("I keep bees.")).to_be_visible()
    assert await violations(chat.page) == []
    await chat.page.get_by_role("button", name="Edit: I keep bees.").click()
    assert await violations(chat.page) == []
