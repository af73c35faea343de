"""The price of a model, entered in the browser: what a budget refused is answered then, and the file stays first."""

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import LOOKS, violations
from tests.e2e.test_chats import call
from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import API_KEY, Counts, FakeUpstream, Script
from tests.services.freehold_server import FreeholdServer

pytestmark = pytest.mark.browser

IN_FILE = {"id": "filed", "prices": {"input": 3, "output": 15, "cached_input": 0.3}}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[FreeholdServer]:
    """One provider of the file, and one that was made in the app; nobody knows what the models of the latter cost."""
    script = Script(text=("Under ", "budget."), usage=Counts(input=1_000, output=100))
    async with FakeUpstream(OpenAIDialect(), script, models=["novel", "org/other"]) as upstream:
        at = {"kind": "openai_compatible", "base_url": upstream.url, "api_key": API_KEY}
        file = tmp_path / "freehold.yaml"
        file.write_text(json.dumps({"providers": [{"id": "declared", "models": [IN_FILE], **at}]}))
        server = FreeholdServer(tmp_path / "data", {"FREEHOLD_CONFIG": str(file)})
        server.data_dir.mkdir()
        await asyncio.to_thread(server.start)
        await told(server, "POST", "/api/providers", {"id": "acme", "name": "Acme", **at})
        yield server
        await asyncio.to_thread(server.stop)


async def told(server: FreeholdServer, method: str, path: str, body: Any = None) -> Any:
    """What the API says to the owner; beside the provider, which answers in this process."""
    return await asyncio.to_thread(call, server, method, path, body)


def priced(page: Page, model: str) -> Locator:
    """The button with the price of a model."""
    return page.get_by_role("button", name=f": price of {model}")


def asked(server: FreeholdServer, secret: str, model: str) -> tuple[int, Any]:
    """A chat completion with an API key: status and body."""
    request = urllib.request.Request(
        f"{server.url}/v1/chat/completions",
        json.dumps({"model": model, "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 200}).encode(),
        {"Content-Type": "application/json", "Authorization": f"Bearer {secret}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.load(refusal)


async def test_a_key_with_a_budget_is_answered_once_the_price_is_entered(
    open_chat: OpenChat, house: FreeholdServer
) -> None:
    budget = {"usd": 1, "period": "month"}
    made = await told(house, "POST", "/api/keys", {"name": "budgeted", "budget": budget})
    status, refusal = await asyncio.to_thread(asked, house, made["secret"], "acme/org/other")
    assert (status, refusal["error"]["code"]) == (402, "price_unknown")

    chat = await open_chat(at=house)
    page = chat.page
    await chat.open("/settings/providers?provider=acme")
    await expect(priced(page, "org/other")).to_have_text("price unknown")
    await priced(page, "org/other").focus()
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Nobody knows what this model costs")
    await page.get_by_label("Input", exact=True).fill("0,15")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Output", exact=True)).to_have_accessible_description(
        "Write an amount; 0 if it costs nothing."
    )
    await page.get_by_label("Output", exact=True).fill("2")
    await page.get_by_label("Output", exact=True).press("Enter")
    await expect(dialog).to_be_hidden()
    await expect(priced(page, "org/other")).to_have_text("$0.15 / 2.00")
    await expect(priced(page, "org/other")).to_be_focused()
    await expect(page.get_by_role("row").filter(has_text="org/other")).to_contain_text("entered here")

    status, answer = await asyncio.to_thread(asked, house, made["secret"], "acme/org/other")
    assert (status, answer["choices"][0]["message"]["content"]) == (200, "Under budget.")
    deadline = time.monotonic() + 20
    while not (spent := (await told(house, "GET", "/api/usage"))["total"]["cost_usd"]):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
    assert spent == pytest.approx(0.00035)

    await priced(page, "org/other").click()
    await page.get_by_role("button", name="Remove price").click()
    await expect(priced(page, "org/other")).to_have_text("price unknown")
    status, _ = await asyncio.to_thread(asked, house, made["secret"], "acme/org/other")
    assert status == 402
    await page.get_by_role("button", name="Undo").click()
    await expect(priced(page, "org/other")).to_have_text("$0.15 / 2.00")


async def test_a_refusal_in_a_chat_leads_to_the_price(open_chat: OpenChat, house: FreeholdServer) -> None:
    everyone = {"holder_kind": "everyone", "holder_id": "", "period": "month", "usd": 1}
    await told(house, "POST", "/api/budgets", everyone)
    chat = await open_chat(at=house)
    page = chat.page
    await page.get_by_role("button", name="Model:").click()
    await page.get_by_role("option", name="novel").first.click()
    await chat.send("Hello")
    card = page.get_by_role("alert").first
    await expect(card).to_contain_text("Nobody knows what acme/novel costs")
    await expect(card).to_contain_text("under “Providers” in the settings")
    thread = page.url
    await card.get_by_role("link", name="Enter its price").click()
    await expect(page.get_by_role("dialog", name="Price of novel")).to_be_visible()
    await page.get_by_label("Input", exact=True).fill("1")
    await page.get_by_label("Output", exact=True).fill("2")
    await page.get_by_role("button", name="Save").click()
    await expect(priced(page, "novel")).to_have_text("$1.00 / 2.00")
    await page.goto(thread)
    await expect(card).to_be_visible()
    assert await chat.ask("Hello again") == "Under budget."


async def test_what_the_file_says_is_shown_and_not_changed(open_chat: OpenChat, house: FreeholdServer) -> None:
    chat = await open_chat(at=house)
    page = chat.page
    await chat.open("/settings/providers?provider=declared")
    await expect(priced(page, "filed")).to_have_text("$3.00 / 15")
    await expect(page.get_by_role("row").filter(has_text="filed")).to_contain_text("from the file")
    await priced(page, "filed").click()
    dialog = page.get_by_role("dialog", name="Price of filed")
    await expect(dialog).to_contain_text("freehold.yaml")
    await expect(page.get_by_label("Input read from its cache")).to_have_value("0.3")
    await expect(page.get_by_label("Output", exact=True)).not_to_be_editable()
    await expect(dialog.get_by_role("button")).to_have_text(["Close"])
    assert await violations(page) == []
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize(("theme", "phone"), LOOKS)
async def test_the_form_can_be_used_by_everyone(
    open_chat: OpenChat, house: FreeholdServer, theme: str, phone: bool, language: str
) -> None:
    entered = {"prices": {"input": 2.5, "output": 10}}
    await told(house, "PATCH", "/api/providers/acme/models/novel", entered)
    chat = await open_chat(at=house, theme=theme, phone=phone, language=language)
    page = chat.page
    await chat.open("/settings/providers?provider=acme")
    await expect(page.get_by_text("$2.50 / 10")).to_be_visible()
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.get_by_text("$2.50 / 10").click()
    dialog = page.get_by_role("dialog")
    assert await violations(page) == []
    await dialog.locator("summary").click()
    await dialog.get_by_role("textbox").nth(2).fill("?")
    assert await violations(page) == []
    await dialog.locator("summary").click()
    await expect(dialog.get_by_role("textbox")).to_have_count(2)
    await dialog.get_by_role("textbox").first.press("Enter")
    await expect(dialog.get_by_role("alert")).to_be_visible()  # folded away or not
    assert await violations(page) == []
