"""A long chat is folded, opened, asked and undone, as a person does it."""

import asyncio
import json
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from freehold.kit.ids import new_id
from tests.chat.compaction.conftest import CONTEXT, filler
from tests.chat.spoken_model import speaking
from tests.chat.summariser import Summariser
from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import violations
from tests.services.freehold_server import FreeholdServer

pytestmark = pytest.mark.browser

FACT = "My sister Ottilie Brandt pays 4,730 euros for the boat on 14 March 2027."
TURNS = 16


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[tuple[FreeholdServer, Summariser]]:
    """A server with one model in the house, which has little room and writes summaries."""
    async with speaking(Summariser()) as model:
        assert isinstance(model, Summariser)
        model.script, model.title = ["Noted."], '{"title": "A journey to the north"}'
        model.summary = "They plan a journey to the north by boat and talk about its parts."
        middle = {"id": "middle", "context_tokens": CONTEXT}
        home = {"id": "home", "kind": "openai_compatible", "name": "Home", "base_url": model.url, "self_hosted": True}
        config = tmp_path / "freehold.yaml"
        config.write_text(json.dumps({"providers": [home | {"api_key": "sk-test-0123456789", "models": [middle]}]}))
        server = FreeholdServer(tmp_path / "data", {"FREEHOLD_CONFIG": str(config)})
        server.data_dir.mkdir()
        await asyncio.to_thread(server.start)
        yield server, model
        await asyncio.to_thread(server.stop)


def call(server: FreeholdServer, method: str, path: str, body: Any = None) -> Any:
    """One request of the API; the last event of a stream."""
    headers = {"Content-Type": "application/json", "Origin": server.url}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{server.url}/api{path}", data, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read().decode()
    if text.startswith(("id:", "data:")):
        return json.loads(text.strip().rpartition("data: ")[2])
    return json.loads(text) if text else None


def written(server: FreeholdServer, turns: int, folding: str) -> str:
    """A chat of so many turns; its id."""
    thread_id, parent = new_id(), None
    call(server, "POST", "/threads", {"id": thread_id})
    call(server, "PATCH", f"/threads/{thread_id}", {"folding": folding})
    for number in range(turns):
        text = FACT if number == 4 else filler(number)
        turn = {"kind": "send", "parent_id": parent, "parts": [{"type": "text", "text": text}], "model": "home/middle"}
        parent = call(server, "POST", f"/threads/{thread_id}/turns", turn)["message"]["id"]
    return thread_id


WORDS = {
    "en": {
        "fold": "Fold this chat now", "line": "messages folded into a summary", "show": "Show", "hide": "Hide",
        "undo": "Undo", "with": "sent with a summary of", "more": "More", "pin": "Pin, never fold", "pinned": "Pinned",
        "again": "sent as they are again", "stage": "Folding earlier messages",
    },
    "zh-CN": {
        "fold": "立即折叠此对话", "line": "条消息已折叠成摘要", "show": "展开", "hide": "收起",
        "undo": "撤销", "with": "以摘要代替", "more": "更多", "pin": "固定，不折叠", "pinned": "已固定",
        "again": "又会照原样发送", "stage": "正在把较早的消息折叠成摘要",
    },
}  # fmt: skip


@pytest.mark.parametrize(("language", "theme", "phone"), [("en", "light", False), ("zh-CN", "dark", True)])
async def test_a_chat_is_folded_opened_and_undone(
    open_chat: OpenChat,
    house: tuple[FreeholdServer, Summariser],
    tmp_path: Path,
    language: str,
    theme: str,
    phone: bool,
) -> None:
    server, model = house
    thread_id = await asyncio.to_thread(written, server, TURNS, "never")
    words = WORDS[language]
    chat = await open_chat(at=server, language=language, theme=theme, phone=phone)
    page = chat.page
    await chat.open(f"/c/{thread_id}")
    own = page.locator("article.is-own")
    await expect(own.last).to_contain_text(f"part {TURNS - 1}")

    # a pinned message is not folded
    pinned = own.filter(has_text="part 12.")
    await expect(own.last).to_be_in_viewport()
    await pinned.evaluate("(element) => element.scrollIntoView()")  # drawn anew as it comes near
    await pinned.get_by_role("button", name=words["more"]).click()
    await page.get_by_role("menuitem", name=words["pin"]).click()
    await expect(pinned.get_by_text(words["pinned"], exact=True)).to_be_visible()

    await page.locator(".thread-title").click()
    await page.get_by_role("menuitem", name=words["fold"]).click()
    line = page.locator(".compacted")
    await expect(line).to_contain_text(words["line"])
    await expect(own.filter(has_text="Ottilie")).to_have_count(0)
    await expect(pinned).to_have_count(1)
    await line.scroll_into_view_if_needed()
    assert await violations(page) == []
    await page.screenshot(path=tmp_path / f"closed-{language}.png")

    # by keyboard
    await line.get_by_role("button", name=words["show"]).focus()
    await page.keyboard.press("Enter")
    await expect(line).to_contain_text(model.summary)
    await expect(line).to_contain_text("4,730")
    await expect(own.filter(has_text="Ottilie")).to_have_count(1)
    await line.scroll_into_view_if_needed()
    assert await violations(page) == []
    await page.screenshot(path=tmp_path / f"open-{language}.png")
    await line.get_by_role("button", name=words["hide"]).click()
    await expect(own.filter(has_text="Ottilie")).to_have_count(0)

    answers = page.locator("article[data-message]:not(.is-own)")
    before = await answers.count()
    await page.locator(".composer-text").fill("What do we do next?")
    await page.locator(".composer-text").press("Enter")
    await expect(answers).to_have_count(before + 1)
    await expect(answers.last.locator(".answer-line")).to_be_visible()
    sent = json.dumps(model.asked[-1])
    assert "Ottilie Brandt" in sent
    assert filler(6) not in sent
    await page.locator(".answer-line").last.click()
    await expect(page.locator(".facts-pop")).to_contain_text(words["with"])
    assert await violations(page) == []
    await page.screenshot(path=tmp_path / f"details-{language}.png")
    await page.keyboard.press("Escape")

    # a link to a folded message opens the fold
    folded = next(one for one in chat.saved()["messages"] if "Ottilie" in json.dumps(one["parts"]))
    await chat.open(f"/c/{thread_id}?message={folded['id']}")
    await expect(own.filter(has_text="Ottilie")).to_be_in_viewport()
    await chat.open(f"/c/{thread_id}")
    await line.get_by_role("button", name=words["undo"]).click()
    await expect(page.get_by_text(words["again"])).to_be_visible()
    await expect(line).to_have_count(0)
    await expect(own.filter(has_text="Ottilie")).to_have_count(1)
    assert chat.saved()["thread"]["folding"] == "never"


async def test_a_send_that_waits_for_the_summary_says_so(
    open_chat: OpenChat, house: tuple[FreeholdServer, Summariser], tmp_path: Path
) -> None:
    server, model = house
    thread_id = await asyncio.to_thread(written, server, 28, "never")
    await asyncio.to_thread(call, server, "PATCH", f"/threads/{thread_id}", {"folding": "auto"})
    chat = await open_chat(at=server)
    await chat.open(f"/c/{thread_id}")
    model.pause_s = 0.5
    await chat.send("What did Ottilie Brandt say?")
    await expect(chat.page.get_by_text(WORDS["en"]["stage"])).to_be_visible()
    await chat.page.screenshot(path=tmp_path / "waiting.png")
    await chat.shows("Noted.")
    await expect(chat.page.locator(".compacted")).to_contain_text(WORDS["en"]["line"])
    assert FACT in json.dumps(model.asked[-1])
