"""API keys in the browser: made, shown once, used in snippets, changed, rotated and revoked; axe on every dialog."""

import re
import subprocess
import sys

import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import LOOKS, violations
from tests.services.freehold_server import FreeholdServer

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
    await expect(page.get_by_role("region", name="Snippet")).to_contain_text(f"{secret[:11]}_…")


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
    await expect(row(page, "nightly")).to_contain_text("up to $2.50 a month")
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
