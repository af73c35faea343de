"""API keys in the browser: made, shown once, used in snippets, changed, rotated and revoked; axe on every dialog."""

import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import LOOKS, violations
from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import API_KEY, Counts, FakeUpstream, Script
from tests.services.freehold_server import FreeholdServer, serving

pytestmark = pytest.mark.browser

SECRET = re.compile(r"^fh_[a-z2-9]{8}_[\w-]{43}$")


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("listitem").filter(has_text=name)


async def make(page: Page, name: str) -> str:
    """Make a key with the form as it stands; its secret. The dialog that shows it stays open."""
    await page.get_by_role("button", name="New key").click()
    await page.get_by_label("Name").fill(name)
    await page.get_by_role("button", name="Make key").click()
    return await page.get_by_label("API key", exact=True).input_value()


async def choose(page: Page, name: str, action: str) -> None:
    await page.get_by_role("button", name=f"Actions for the key {name}").click()
    await page.get_by_role("menuitem", name=action).click()


async def test_a_key_is_made_shown_once_and_copied(open_chat: OpenChat) -> None:
    chat = await open_chat()
    page = chat.page
    await chat.open("/settings/keys")
    secret = await make(page, "first")
    assert SECRET.match(secret)
    await page.get_by_role("button", name="Copy", exact=True).click()
    await chat.copied(f"text === '{secret}'")
    await page.mouse.click(5, 5)
    await expect(page.get_by_label("API key", exact=True)).to_be_visible()
    for tab, written in (
        ("curl", f"Authorization: Bearer {secret}"),
        ("OpenAI", f'base_url="{chat.url}/v1"'),
        ("Anthropic", f'base_url="{chat.url}"'),
        ("JavaScript", f'baseURL: "{chat.url}"'),
    ):
        await page.get_by_role("tab", name=tab).click()
        await expect(page.get_by_role("region", name="Snippet")).to_contain_text(written)
    await page.get_by_role("button", name="Copy: Snippet").click()
    await chat.copied(f"text !== '{secret}' && text.includes('{secret}')")
    await page.get_by_role("button", name="Done").click()
    await expect(row(page, "first")).to_contain_text(secret[:11])
    assert secret not in await page.content()
    await choose(page, "first", "How to use it")
    await expect(page.get_by_role("region", name="Snippet")).to_contain_text(f"{secret[:11]}_your_key")


async def test_what_is_missing_or_wrong_is_told_at_its_field(open_chat: OpenChat) -> None:
    chat = await open_chat()
    page = chat.page
    await chat.open("/settings/keys")
    await page.get_by_role("button", name="New key").click()
    for scope in ("Chat", "Embeddings", "List models"):
        await page.get_by_label(scope).uncheck()
    await page.get_by_text("Limits and budget").click()
    await page.get_by_label("Only from these addresses").fill("example.org")
    await page.get_by_label("Budget in US dollars").fill("lots")
    await page.get_by_role("button", name="Make key").click()
    for told in ("Give it a name.", "Choose at least one.", "Write addresses such as", "Write an amount"):
        await expect(page.get_by_text(told)).to_be_visible()
    assert await violations(page) == []
    # what only the server knows to be wrong
    await page.get_by_label("Name").fill("beyond")
    await page.get_by_label("Chat").check()
    await page.get_by_label("Budget in US dollars").fill("")
    await page.get_by_label("Only from these addresses").fill("10.0.0.999")
    await expect(page.get_by_text("Write addresses such as")).to_be_hidden()
    await page.get_by_role("button", name="Make key").click()
    await expect(page.get_by_text("Write addresses such as")).to_be_visible()
    await expect(page.get_by_text("field that is not right")).to_be_hidden()


async def test_a_key_is_changed_rotated_and_revoked(open_chat: OpenChat) -> None:
    chat = await open_chat()
    page = chat.page
    await chat.open("/settings/keys")
    older = await make(page, "nightly")
    await page.get_by_role("button", name="Done").click()
    await choose(page, "nightly", "Change")
    await page.get_by_role("textbox", name="Models").fill("ollama/*, fast")
    await page.get_by_text("Limits and budget").click()
    await page.get_by_label("Budget in US dollars").fill("2.50")
    await page.get_by_role("button", name="Save").click()
    await expect(row(page, "nightly")).to_contain_text("$0.00 of $2.50 this month")
    await expect(row(page, "nightly")).to_contain_text("ollama/*, fast")

    await choose(page, "nightly", "Rotate")
    await page.get_by_role("button", name="Rotate").click()
    newer = await page.get_by_label("API key", exact=True).input_value()
    assert SECRET.match(newer)
    assert newer != older
    await page.get_by_role("button", name="Done").click()
    await expect(row(page, "nightly")).to_contain_text(f"The older secret {older[:11]}… works until")

    await choose(page, "nightly", "Revoke")
    await page.get_by_role("button", name="Revoke").click()
    await expect(row(page, "nightly")).to_be_hidden()
    await page.get_by_text("Ended (").click()
    await expect(row(page, "nightly")).to_contain_text("revoked")


async def test_a_key_of_the_command_line_shows_beside_those_of_the_page(
    open_chat: OpenChat, server: FreeholdServer
) -> None:
    command = [sys.executable, "-m", "freehold", "key", "create", "from-the-shell", "--expires", "2099-12-31"]
    subprocess.run([*command, "--data-dir", str(server.data_dir)], check=True, capture_output=True)
    chat = await open_chat(language="zh-CN")
    await chat.open("/settings/keys")
    await expect(row(chat.page, "from-the-shell")).to_contain_text("2099年12月31日")


@pytest.mark.parametrize(("theme", "phone"), LOOKS)
async def test_every_dialog_can_be_used_by_everyone(open_chat: OpenChat, theme: str, phone: bool) -> None:
    chat = await open_chat(theme=theme, phone=phone)
    page = chat.page
    await chat.open("/settings/keys")
    name = f"for {theme} {'phone' if phone else 'desktop'}"
    await page.get_by_role("button", name="New key").click()
    await page.get_by_text("Limits and budget").click()
    assert await violations(page) == []
    await page.keyboard.press("Escape")
    await make(page, name)
    assert await violations(page) == []
    await page.get_by_role("button", name="Done").click()
    await expect(row(page, name)).to_be_visible()
    assert await violations(page) == []
    for action in ("How to use it", "Change", "Rotate", "Revoke"):
        await choose(page, name, action)
        assert await violations(page) == [], action
        await page.keyboard.press("Escape")


BUDGETS = {"untouched": (1, "week"), "scarce": (0.28, "total"), "plenty": (2.5, "month")}
"""US dollars and period; each key but the first asks once, for $0.265."""


@pytest.fixture(scope="module")
async def priced() -> AsyncIterator[FakeUpstream]:
    async with FakeUpstream(OpenAIDialect()) as fake:
        fake.script = Script(usage=Counts(90_000, 4_000))
        yield fake


@pytest.fixture(scope="module")
def spending(priced: FakeUpstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FreeholdServer]:
    """Keys with budgets, and a model with a price."""
    folder = tmp_path_factory.mktemp("spending")
    acme = {"id": "acme", "kind": "openai", "base_url": priced.url, "api_key": API_KEY, "models": ["gpt-4o"]}
    keys = [
        {"name": name, "key": f"a-secret-for-{name}", "budget": {"usd": usd, "period": period}}
        for name, (usd, period) in BUDGETS.items()
    ]
    file = folder / "freehold.yaml"
    file.write_text(json.dumps({"providers": [acme], "keys": keys}))
    with serving(folder / "data", {"FREEHOLD_CONFIG": str(file)}) as server:
        yield server


async def spend(server: FreeholdServer) -> None:
    """Ask once with each key but the first, unless that was done."""
    body = {"model": "acme/gpt-4o", "max_tokens": 9, "messages": [{"role": "user", "content": "Hello"}]}
    async with aiohttp.ClientSession() as session:

        async def spent() -> dict[str, float]:
            async with session.get(f"{server.url}/api/keys") as answer:
                items = (await answer.json())["items"]
            return {key["name"]: key["budget"]["spent_usd"] for key in items}

        before = await spent()
        for name in BUDGETS:
            if name != "untouched" and not before[name]:
                headers = {"Authorization": f"Bearer a-secret-for-{name}"}
                async with session.post(f"{server.url}/v1/chat/completions", json=body, headers=headers) as answer:
                    assert answer.status == 200, await answer.text()
        deadline = time.monotonic() + 20
        while await spent() != {"untouched": 0, "scarce": 0.265, "plenty": 0.265}:
            assert time.monotonic() < deadline, await spent()
            await asyncio.sleep(0.2)


@pytest.mark.parametrize(("theme", "phone"), LOOKS)
@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_what_a_key_has_spent_of_its_budget(
    open_chat: OpenChat, spending: FreeholdServer, language: str, theme: str, phone: bool
) -> None:
    await spend(spending)
    chat = await open_chat(at=spending, language=language, theme=theme, phone=phone)
    page = chat.page
    await chat.open("/settings/keys")
    words = {
        "en": {
            "untouched": "$0.00 of $1.00 this week",
            "scarce": "$0.27 of $0.28 in all",
            "plenty": "$0.27 of $2.50 this month",
        },
        "zh-CN": {
            "untouched": "本周预算 $1.00，已用 $0.00",
            "scarce": "预算总共 $0.28，已用 $0.27",
            "plenty": "本月预算 $2.50，已用 $0.27",
        },
    }
    for name, said in words[language].items():
        spent = row(page, name).get_by_text(said, exact=True)
        await expect(spent).to_be_visible()
        assert ("text-warning" in (await spent.get_attribute("class") or "")) == (name == "scarce"), name
        share = await row(page, name).get_by_role("meter").evaluate("(meter) => meter.value")
        assert share == pytest.approx({"untouched": 0, "scarce": 0.265 / 0.28, "plenty": 0.265 / 2.5}[name])
    anew = page.get_by_text(re.compile("^anew on|重新开始$"))
    await expect(anew).to_have_count(2)  # what is for all time never begins anew
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, "the page scrolls sideways"
