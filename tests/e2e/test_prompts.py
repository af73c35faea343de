"""Prompts: kept, found by a slash, filled in, shared; an input method is left alone; `@` asks another model once."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import LOOKS, violations
from tests.services.freehold_server import FreeholdServer, serving

pytestmark = pytest.mark.browser


def keep(server: FreeholdServer, title: str, text: str, **more: Any) -> str:
    body = json.dumps({"title": title, "text": text, **more}).encode()
    headers = {"Content-Type": "application/json", "Origin": server.url}
    request = urllib.request.Request(f"{server.url}/api/prompts", body, headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["id"]


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[FreeholdServer]:
    """A server with two names for the echo."""
    config = tmp_path / "freehold.yaml"
    config.write_text(json.dumps({"models": {"second": {"targets": [{"provider": "echo", "model": "echo"}]}}}))
    with serving(tmp_path / "data", {"FREEHOLD_CONFIG": str(config)}) as server:
        yield server


@pytest.fixture
def chosen(own_server: FreeholdServer) -> FreeholdServer:
    keep(own_server, "Weekly report", "Write a report in a {{tone:friendly|formal}} tone on {{topic}}.", tags=["work"])
    keep(own_server, "周报", "写一份周报。", tags=["工作"])
    keep(own_server, "Good morning", "Say good morning.")
    return own_server


def options(page: Page) -> Any:
    return page.get_by_role("listbox", name="Results").get_by_role("option")


async def test_a_prompt_is_chosen_by_keyboard_and_filled_in(open_chat: OpenChat, chosen: FreeholdServer) -> None:
    chat = await open_chat(at=chosen)
    page = chat.page
    await chat.composer.click()
    await page.keyboard.type("/")
    await expect(options(page).first).to_have_text("Good morning")
    assert await violations(page) == []
    await page.keyboard.type("rep")
    await expect(options(page).first).to_have_text("Weekly report")
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Weekly report")
    await expect(dialog.get_by_role("combobox", name="tone")).to_have_text("friendly")
    assert await violations(page) == []
    await dialog.get_by_role("textbox", name="topic").fill("hens")
    await page.keyboard.press("Enter")
    await expect(chat.composer).to_have_value("Write a report in a friendly tone on hens.")
    await expect(chat.composer).to_be_focused()
    assert await chat.answers.count() == 0, "choosing does not send"
    # the browser's undo brings back what was typed
    await page.keyboard.press("Control+z")
    await expect(chat.composer).to_have_value("/rep")


async def test_arrows_move_and_escape_closes(open_chat: OpenChat, chosen: FreeholdServer) -> None:
    chat = await open_chat(at=chosen)
    page = chat.page
    await chat.composer.click()
    await page.keyboard.type("first")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("/")
    await expect(options(page).nth(0)).to_have_text("Good morning")  # the prompts have come
    await expect(options(page).nth(0)).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("ArrowDown")
    second = options(page).nth(1)
    await expect(second).to_have_attribute("aria-selected", "true")
    await expect(second).to_have_text("周报")
    await expect(chat.composer).to_have_attribute("aria-activedescendant", await second.get_attribute("id") or "")
    await page.keyboard.press("Tab")
    await expect(chat.composer).to_have_value("first\n写一份周报。")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("/good")
    await expect(options(page).first).to_have_text("Good morning")
    await page.keyboard.press("Escape")
    await expect(options(page)).to_have_count(0)
    await page.keyboard.type("bye")
    await expect(options(page)).to_have_count(0)
    await page.keyboard.press("Enter")
    await expect(chat.own_messages).to_contain_text("/goodbye")


async def test_pinyin_finds_and_composing_never_chooses(open_chat: OpenChat, chosen: FreeholdServer) -> None:
    chat = await open_chat(at=chosen, language="zh-CN")
    page = chat.page
    composer = page.get_by_role("textbox", name="消息", exact=True)
    rows = page.get_by_role("listbox").get_by_role("option")
    await composer.click()
    await page.keyboard.type("/zhoubao")
    await expect(rows.first).to_have_text("周报")
    await composer.fill("")
    # an input method composes, and Enter confirms its letters
    await page.keyboard.type("/")
    await expect(rows.first).to_be_visible()
    session = await page.context.new_cdp_session(page)
    await session.send("Input.imeSetComposition", {"text": "zhou", "selectionStart": 4, "selectionEnd": 4})
    for key in ("Enter", "ArrowDown", "Tab"):
        prevented = await composer.evaluate(
            """(field, key) => !field.dispatchEvent(
                new KeyboardEvent('keydown', { key, isComposing: true, bubbles: true, cancelable: true }))""",
            key,
        )
        assert not prevented, key
    await expect(composer).to_have_value("/zhou")
    await session.send("Input.insertText", {"text": "周"})
    await expect(rows.first).to_have_text("周报")
    assert await page.get_by_role("article").count() == 0
    await page.keyboard.press("Enter")
    await expect(composer).to_have_value("写一份周报。")


async def test_a_command_runs_from_the_composer(open_chat: OpenChat, chosen: FreeholdServer) -> None:
    chat = await open_chat(at=chosen)
    page = chat.page
    await chat.composer.click()
    await page.keyboard.type("/keyboard")
    await expect(options(page).filter(has_text="Keyboard shortcuts")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(chat.composer).to_have_value("")


async def test_a_model_answers_one_message_alone(open_chat: OpenChat, chosen: FreeholdServer) -> None:
    chat = await open_chat(at=chosen)
    page = chat.page
    await chat.ask("by the chat's model")
    before = chat.saved()["thread"]["model"]
    assert before == "echo/echo"
    await chat.composer.click()
    await page.keyboard.type("again @sec")
    row = options(page).first
    await expect(row).to_contain_text("second")
    assert await violations(page) == []
    await page.keyboard.press("Enter")
    await expect(chat.composer).to_have_value("again ")
    chip = page.get_by_role("group", name="This message goes to")
    await expect(chip).to_contain_text("second")
    assert await violations(page) == []
    await page.keyboard.press("Enter")
    await expect(chat.answers).to_have_count(2)
    await chat.finished(60_000)
    await expect(chip).to_have_count(0)
    assert chat.saved()["messages"][-1]["run"]["alias"] == "second"
    assert chat.saved()["thread"]["model"] == before
    assert (await chat.ask("and on")).strip() == "and on"
    assert chat.saved()["messages"][-1]["run"]["alias"] is None


@pytest.mark.parametrize("phone", [False, True])
async def test_the_library(open_chat: OpenChat, own_server: FreeholdServer, phone: bool) -> None:
    chat = await open_chat(at=own_server, phone=phone)
    page = chat.page
    await chat.open("/settings/prompts")
    await expect(page.get_by_text("There is no prompt yet.")).to_be_visible()
    await page.get_by_role("button", name="New prompt").click()
    form = page.get_by_role("dialog", name="New prompt")
    await form.get_by_role("button", name="Keep").click()
    await expect(form.get_by_text("Give a title.")).to_be_visible()
    await form.get_by_label("Title").fill("Letter")
    await form.get_by_label("Text").fill("Dear {{name}},")
    await expect(form.get_by_text("Asked for each time: name")).to_be_visible()
    await form.get_by_label("Tags").fill("post, 信")
    assert await violations(page) == []
    await form.get_by_role("button", name="Keep").click()
    row = page.get_by_role("listitem").filter(has_text="Letter")
    await expect(row).to_contain_text("{{name}}")

    async def act(name: str) -> None:
        await row.get_by_role("button", name="Actions for the prompt").click()
        await page.get_by_role("menuitem", name=name).click()

    await act("Change")
    form = page.get_by_role("dialog", name="Change Letter")
    await form.get_by_label("Text").fill("Hello {{name}},")
    await form.get_by_role("combobox", name="Who has it").click()
    await page.get_by_role("option", name="Everybody here").click()
    await form.get_by_role("button", name="Save").click()
    await expect(row).to_contain_text("for everybody")
    await act("Versions")
    versions = page.get_by_role("dialog", name="Versions of Letter")
    await expect(versions.get_by_role("listitem")).to_have_count(2)
    assert await violations(page) == []
    await versions.get_by_role("button", name="Restore version 1").click()
    await expect(versions).to_be_hidden()
    await expect(row).to_contain_text("Dear {{name}},")
    await page.get_by_role("button", name="post", exact=True).click()
    await expect(row).to_be_visible()
    await page.get_by_role("searchbox", name="Search prompts").fill("nothing of the kind")
    await expect(page.get_by_text("Nothing fits.")).to_be_visible()
    await page.get_by_role("searchbox", name="Search prompts").fill("DEAR")
    await act("Delete")
    await page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    await expect(page.get_by_text("There is no prompt yet.")).to_be_visible()


@pytest.mark.parametrize(("theme", "phone"), LOOKS)
async def test_the_menu_fits_and_is_accessible(
    open_chat: OpenChat, chosen: FreeholdServer, theme: str, phone: bool
) -> None:
    chat: Chat = await open_chat(at=chosen, theme=theme, phone=phone)
    await chat.ask("hello")
    await chat.composer.click()
    await chat.page.keyboard.type("/")
    await expect(options(chat.page).first).to_be_visible()
    box = await chat.page.get_by_role("listbox", name="Results").bounding_box()
    assert box is not None
    assert box["y"] >= 0
    assert box["x"] >= 0
    assert await violations(chat.page) == []
