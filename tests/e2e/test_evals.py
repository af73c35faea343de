"""Test sets in a browser: a model on last week's questions in three clicks, a pasted set, and what came of them."""

import json
import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import violations
from tests.services.freehold_server import FreeholdServer, serving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FreeholdServer]:
    """The server of these tests, with a second name for the echo."""
    folder = tmp_path_factory.mktemp("evals")
    config = folder / "freehold.yaml"
    config.write_text(json.dumps({"models": {"second": {"targets": [{"provider": "echo", "model": "echo"}]}}}))
    with serving(folder / "data", {"FREEHOLD_CONFIG": str(config)}) as server:
        yield server


def ask(server: FreeholdServer, text: str) -> None:
    """Ask the echo in a new chat, and wait for its answer."""

    def post(path: str, body: object) -> bytes:
        headers = {"Content-Type": "application/json", "Origin": server.url}
        request = urllib.request.Request(f"{server.url}{path}", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()

    thread = json.loads(post("/api/threads", {}))["id"]
    turn = {"kind": "send", "parent_id": None, "parts": [{"type": "text", "text": text}], "model": "echo/echo"}
    assert b'"finish"' in post(f"/api/threads/{thread}/turns", turn)


async def look(page: Page, name: str) -> None:
    """A picture for whoever wants to see it: FREEHOLD_CHECK_PICTURES names the folder."""
    folder = os.environ.get("FREEHOLD_CHECK_PICTURES")
    if folder:
        await page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize(("language", "theme", "phone"), [("en", "light", False), ("zh-CN", "dark", True)])
async def test_a_model_is_tried_on_last_weeks_questions_in_three_clicks(
    open_chat: OpenChat, server: FreeholdServer, language: str, theme: str, phone: bool
) -> None:
    english = language == "en"
    ask(server, "What do hens eat?")
    page = (await open_chat(language=language, theme=theme, phone=phone)).page
    await page.goto(f"{server.url}/settings/tests")
    tried = page.get_by_role(
        "region", name="Try a model on your own questions" if english else "用自己的提问试试某个模型"
    )
    await expect(tried).to_contain_text("1 question" if english else "1 个问题")
    assert await violations(page) == []
    await look(page, f"tests.{language}.{theme}{'.phone' if phone else ''}")
    await tried.get_by_role("button", name="Choose a model" if english else "选个模型").click()
    await page.get_by_role("option", name="second").click()
    await tried.get_by_role("button", name="Run" if english else "运行").click()
    results = page.get_by_role("region", name="Results" if english else "结果")
    row = results.get_by_role("row").filter(has_text="second")
    await expect(row).to_contain_text("100%")  # the echo says the same once more
    await expect(results).to_contain_text("The answers you got then" if english else "当时得到的回答")
    await page.get_by_text("What do hens eat?").first.click()
    await expect(
        page.get_by_role("heading", name="The answer you got" if english else "你当时得到的回答")
    ).to_be_visible()
    assert await violations(page) == []
    await look(page, f"tests-report.{language}.{theme}{'.phone' if phone else ''}")


async def not_wider_than_the_window(page: Page) -> None:
    """Neither the page nor what scrolls in it."""
    for wide in (1440, 390):
        await page.set_viewport_size({"width": wide, "height": 900})
        inner = "Math.max(...['html', 'main'].map((at) => document.querySelector(at).scrollWidth))"
        await page.wait_for_function(f"{inner} <= {wide}")
        await expect(page.get_by_role("img", name="second: not judged")).to_be_in_viewport(ratio=1)
    await page.set_viewport_size({"width": 1440, "height": 900})


async def test_a_pasted_set_is_run_by_keyboard_and_its_results_are_downloaded(
    open_chat: OpenChat, server: FreeholdServer
) -> None:
    chat = await open_chat()
    page = chat.page
    await page.goto(f"{server.url}/settings/tests")
    await page.get_by_role("button", name="New test set").press("Enter")
    dialog = page.get_by_role("dialog", name="New test set")
    await dialog.get_by_role("textbox", name="Name").fill("Birds")
    await dialog.get_by_role("textbox", name="Questions").fill(
        f"question,expected,rule\nSay goose,goose,contains\nSay hen,duck,contains\nAnything {'at all ' * 430},,"
    )
    assert await violations(page) == []
    await look(page, "tests-new")
    await dialog.get_by_role("button", name="Save").press("Enter")
    asking = page.get_by_role("dialog", name="Birds")
    await asking.get_by_role("button", name="Add a model").press("Enter")
    await page.get_by_role("option", name="second").click()
    await expect(asking.get_by_role("button", name="Remove second")).to_be_visible()
    await expect(asking).to_contain_text("Nobody can judge yet")
    assert await violations(page) == []
    await look(page, "tests-run")
    await asking.get_by_role("button", name="Run").press("Enter")
    row = page.get_by_role("region", name="Results").get_by_role("row").filter(has_text="second")
    await expect(row).to_contain_text("50%")
    await expect(page.get_by_role("img", name="second: passed")).to_have_count(1)
    await expect(page.get_by_role("img", name="second: not passed")).to_have_count(1)
    await expect(page.get_by_role("img", name="second: not judged")).to_have_count(1)
    await not_wider_than_the_window(page)
    await expect(row).to_contain_text("1 not judged")
    await expect(row.get_by_title("With 95 % certainty between")).to_be_visible()
    await expect(page.get_by_text("The marks, from the left: second")).to_be_visible()
    await page.get_by_text("Anything at all").first.click()
    mine = page.get_by_role("group", name="Your judgement of second")
    await mine.get_by_role("button", name="It passes").press("Enter")
    await expect(row).to_contain_text("67%")
    await expect(row).not_to_contain_text("not judged")
    assert await violations(page) == []
    await look(page, "tests-marked")
    async with page.expect_download() as download:
        await page.get_by_role("button", name="CSV").click()
    file = await download.value
    assert file.suggested_filename == "Birds.csv"
    told = Path(await file.path()).read_text(encoding="utf-8")
    assert told.startswith("\ufeff")
    lines = told.removeprefix("\ufeff").splitlines()
    assert [line[:8] for line in lines] == ["question", "Say goos", "Say hen,", "Anything"]
    await page.get_by_role("link", name="All test sets").click()
    await expect(page.get_by_role("link", name="Birds")).to_be_visible()
