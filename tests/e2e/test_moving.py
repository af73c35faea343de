"""Taking chats out and in, by mouse and keyboard: what is downloaded, printed, imported and shared is what is there."""

import json
from pathlib import Path

import pytest
from playwright.async_api import expect

from freehold.kit.ids import new_id
from tests.e2e.chat import Chat, choose
from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import LOOKS, violations
from tests.moving import exports
from tests.services.freehold_server import FreeholdServer

pytestmark = pytest.mark.browser


async def test_a_chat_is_exported_in_every_form(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.ask("Fjord | 峡湾")
    menu = chat.page.get_by_role("main").get_by_role("heading", level=1)
    dialog = chat.page.get_by_role("dialog", name="Export chat")
    for form, ending in (("Markdown", ".md"), ("Web page", ".html"), ("JSON", ".json")):
        await menu.click()
        await chat.page.get_by_role("menuitem", name="Export").click()
        await choose(dialog, form)
        async with chat.page.expect_download() as download:
            await dialog.get_by_role("button", name="Download").click()
        found = await download.value
        assert found.suggested_filename.endswith(ending)
        words = Path(await found.path()).read_text()
        assert "峡湾" in words
        if ending == ".json":
            assert [message["role"] for message in json.loads(words)["messages"]] == ["user", "assistant"]
        await expect(dialog).to_be_hidden()


async def test_a_chat_is_printed_from_a_page_that_runs_nothing(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.ask("On paper")
    await chat.page.get_by_role("main").get_by_role("heading", level=1).click()
    await chat.page.get_by_role("menuitem", name="Export").click()
    dialog = chat.page.get_by_role("dialog", name="Export chat")
    await choose(dialog, "Print or PDF")
    await dialog.get_by_role("button", name="Print").click()
    frame = chat.page.frame_locator("iframe.print-frame")
    await expect(frame.get_by_text("On paper").first).to_be_attached()
    assert await chat.page.locator("iframe.print-frame").get_attribute("sandbox") == "allow-same-origin allow-modals"


@pytest.mark.parametrize(("theme", "phone"), LOOKS)
async def test_the_export_dialog_is_accessible(open_chat: OpenChat, theme: str, phone: bool) -> None:
    chat = await open_chat(theme=theme, phone=phone)
    await chat.ask("Hello")
    await chat.page.get_by_role("main").get_by_role("heading", level=1).click()
    await chat.page.get_by_role("menuitem", name="Export").click()
    await expect(chat.page.get_by_role("dialog", name="Export chat")).to_be_visible()
    assert await violations(chat.page) == []


async def test_an_export_is_dropped_and_its_chats_are_there(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.open("/settings/moving")
    page = chat.page
    data = exports.chatgpt()
    await page.get_by_label("Export to import").set_input_files(
        {"name": "chatgpt.zip", "mimeType": "application/zip", "buffer": data}
    )
    row = page.get_by_role("listitem").filter(has_text="ChatGPT").filter(has_text="chatgpt.zip")
    await expect(row).to_contain_text("2 chats imported")
    await expect(row).to_contain_text("12 messages")
    await row.get_by_text("things were not taken").click()
    await expect(row).to_contain_text("1 file that is not in the archive · chart.pdf")
    await expect(row).to_contain_text("user.json")
    await row.get_by_role("link", name="Mooring").click()
    await expect(page.get_by_text("The second berth is free.")).to_be_visible()
    await page.get_by_role("button", name="Previous answer").first.click()
    await expect(page.get_by_text("And in wind?")).to_be_visible()


ACCOUNT = {
    "format": "freehold.account",
    "version": 1,
    "memory": [
        {"id": new_id(), "text": "Sails on Sundays", "state": "kept"},
        {"id": new_id(), "text": "", "state": "?"},
    ],
    "prompts": [{"id": new_id(), "title": "Minutes", "text": "Who: {{who}}", "version": 2, "audience": "all"}],
    "projects": [{"id": new_id(), "name": "Fjords"}],
    "arena": [{"id": new_id()}],
}
BELONGINGS = {
    ("en", False): ("1 remembered fact", "used once memory is on", "1 prompt", "1 project"),
    ("en", True): ("3 facts, prompts and projects were here already",),
    ("zh-CN", False): ("1 条记忆", "开启记忆后才会使用", "1 个提示词", "1 个项目"),
    ("zh-CN", True): ("3 项记忆、提示词或项目之前已经导入",),
}
LEFT = {
    "en": ("3 things were not taken", "The sharing of 1 prompt: it is yours alone now · Minutes", "arena (1)"),
    "zh-CN": ("3 项没有导入", "1 个提示词的共享：现在只有你能用 · Minutes", "arena (1)"),
}


@pytest.mark.parametrize(("language", "theme", "phone"), [("en", "light", False), ("zh-CN", "dark", True)])
async def test_what_is_no_chat_comes_along(
    open_chat: OpenChat, own_server: FreeholdServer, language: str, theme: str, phone: bool
) -> None:
    chat = await open_chat(language=language, theme=theme, phone=phone, at=own_server)
    await chat.open("/settings/moving")
    row = chat.page.locator("li.moving-import").first
    data = exports.zipped({"account.json": json.dumps(ACCOUNT)})
    for again in (False, True):
        await chat.page.locator("input[type=file]").set_input_files(
            {"name": f"{again}.zip", "mimeType": "application/zip", "buffer": data}
        )
        await expect(row).to_contain_text(f"{again}.zip")
        for words in BELONGINGS[language, again]:
            await expect(row).to_contain_text(words)
        if not again:
            summary, *told = LEFT[language]
            await row.get_by_text(summary).click()
            for words in told:
                await expect(row).to_contain_text(words)
            assert await violations(chat.page) == []
    await chat.open("/settings/memory")
    await expect(chat.page.get_by_text("Sails on Sundays")).to_be_visible()


async def test_a_file_that_is_no_export_is_refused_with_a_reason(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.open("/settings/moving")
    await chat.page.get_by_label("Export to import").set_input_files(
        {"name": "list.json", "mimeType": "application/json", "buffer": b'{"milk": 2}'}
    )
    row = chat.page.get_by_role("listitem").filter(has_text="list.json")
    await expect(row).to_contain_text("This is no export that Freehold knows.")
    await row.get_by_role("button", name="Take list.json from the list").click()
    await expect(row).to_have_count(0)


async def share(chat: Chat, password: str = "") -> str:
    """Share the open chat; the link."""
    page = chat.page
    await page.get_by_role("main").get_by_role("heading", level=1).click()
    await page.get_by_role("menuitem", name="Share").click()
    dialog = page.get_by_role("dialog", name="Share chat")
    if password:
        await dialog.get_by_label("Password, if you want one").fill(password)
    await dialog.get_by_role("button", name="Make a link").click()
    address = await dialog.get_by_label("Link", exact=True).input_value()
    await dialog.get_by_role("button", name="Done").click()
    return address


async def test_a_shared_chat_is_read_until_its_link_is_revoked(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.ask("Shared words | 分享的话")
    address = await share(chat)
    reader = await open_chat(phone=True, theme="dark")
    answer = await reader.page.goto(address)
    assert answer is not None
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    await expect(reader.page.get_by_role("article", name="Question")).to_contain_text("分享的话")
    await expect(reader.page.get_by_role("article", name="Answer")).to_contain_text("Shared words")
    assert await violations(reader.page) == []
    await chat.open("/settings/moving")
    row = chat.page.get_by_role("listitem").filter(has_text="Shared words")
    await row.get_by_role("button", name="Revoke").click()
    await expect(row).to_have_count(0)
    await reader.page.reload()
    await expect(reader.page.get_by_role("heading", name="This link leads nowhere")).to_be_visible()
    assert await violations(reader.page) == []


@pytest.mark.parametrize(("language", "said"), [("en", "The server cannot be reached"), ("zh-CN", "连不上服务器")])
async def test_a_link_that_the_network_keeps_away_is_tried_again(
    open_chat: OpenChat, tmp_path: Path, language: str, said: str
) -> None:
    chat = await open_chat()
    await chat.ask("Far away words")
    address = await share(chat)
    reader = await open_chat(language=language, phone=language == "en", theme="dark")
    page = reader.page
    await page.route("**/api/shared/*", lambda route: route.abort())
    await page.goto(address)
    failed = page.get_by_role("alert")
    await expect(failed).to_contain_text(said)
    assert await violations(page) == []
    await page.screenshot(path=tmp_path / f"away-{language}.png")
    await page.unroute_all()
    await failed.get_by_role("button").click()
    await expect(page.get_by_role("article").first).to_contain_text("Far away words")

    await page.route("**/api/threads?*", lambda route: route.abort())
    await page.goto(f"{reader.url}/chats")
    await expect(page.get_by_role("main").get_by_role("alert")).to_contain_text(said, timeout=30_000)
    await page.screenshot(path=tmp_path / f"list-away-{language}.png")


async def test_a_shared_chat_with_a_password_asks_for_it(open_chat: OpenChat) -> None:
    chat = await open_chat()
    await chat.ask("Behind a door")
    address = await share(chat, password="open sesame")
    reader = await open_chat()
    page = reader.page
    await page.goto(address)
    await page.get_by_label("Password").fill("wrong")
    await page.get_by_role("button", name="Open").click()
    await expect(page.get_by_text("That is not the password.")).to_be_visible()
    await page.get_by_label("Password").fill("open sesame")
    await page.get_by_role("button", name="Open").click()
    await expect(page.get_by_role("article", name="Question")).to_contain_text("Behind a door")


@pytest.mark.parametrize(("theme", "phone"), LOOKS)
async def test_the_share_dialog_is_accessible(open_chat: OpenChat, tmp_path: Path, theme: str, phone: bool) -> None:
    chat = await open_chat(theme=theme, phone=phone)
    await chat.ask("Hello")
    await chat.page.get_by_role("button", name="Keep this chat in the house").click()
    await expect(chat.page.get_by_role("button", name="Kept in the house")).to_be_visible()
    await chat.page.get_by_role("main").get_by_role("heading", level=1).click()
    await chat.page.get_by_role("menuitem", name="Share").click()
    dialog = chat.page.get_by_role("dialog", name="Share chat")
    await expect(dialog).to_contain_text("This chat is kept in the house; whoever has the link reads it outside")
    label = await dialog.get_by_text("The link works for").bounding_box()
    assert label is not None
    assert label["height"] < 32  # one line
    await chat.page.screenshot(path=tmp_path / "share.png")
    assert await violations(chat.page) == []
