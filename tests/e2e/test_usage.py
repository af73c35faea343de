"""The usage page in a browser: what was asked shows there, as a chart and in figures, and leaves as a file."""

import asyncio
import csv
import io
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.chat import Chat, choose
from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import violations
from tests.services.freehold_server import FreeholdServer, serving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def metered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FreeholdServer]:
    """A server on which everybody has a budget."""
    folder = tmp_path_factory.mktemp("usage")
    (folder / "freehold.yaml").write_text("budgets:\n  user: {usd: 20, period: month}\n")
    with serving(folder / "data", {"FREEHOLD_CONFIG": str(folder / "freehold.yaml")}) as server:
        yield server


async def usage_of(chat: Chat, calls: int, query: str = "") -> None:
    """The usage page, once so many calls are written down."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        total = (await chat.page.evaluate("fetch('/api/usage').then((answer) => answer.json())"))["total"]
        if total["calls"] >= calls:
            break
        await asyncio.sleep(0.1)
    await chat.open(f"/settings/usage{query}")
    await expect(chat.page.get_by_role("heading", name="Usage")).to_be_visible()


async def test_what_was_asked_is_there(open_chat: OpenChat, metered: FreeholdServer, tmp_path: Path) -> None:
    chat = await open_chat(at=metered)
    page = chat.page
    await chat.open("/settings/usage")
    await expect(page.get_by_text("Nothing was asked in this time.")).to_be_visible()
    await chat.open()
    await chat.ask("count me")
    await usage_of(chat, 1)
    table = page.get_by_role("region", name="Model")
    await expect(table.get_by_role("rowheader", name="echo/echo")).to_be_visible()
    chart = page.get_by_role("img", name="Tokens over time")
    await expect(chart).to_be_visible()
    await page.get_by_role("button", name="Show in figures").click()
    await expect(page.get_by_role("region", name="By day, in figures").get_by_role("row")).to_have_count(2)
    assert await violations(page) == []
    await choose(page, "Cost")
    await page.get_by_role("button", name="Show as a chart").click()
    await expect(page.get_by_role("img", name="Cost over time")).to_be_visible()
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name="CSV").click()
    file = tmp_path / "usage.csv"
    await (await waiting.value).save_as(file)
    rows = list(csv.DictReader(io.StringIO(file.read_text())))
    assert {row["model"] for row in rows} == {"echo/echo"}
    await expect(page.get_by_text("$0.00 of $20.00 a month")).to_be_visible()


async def test_group_and_period_are_in_the_address(open_chat: OpenChat, metered: FreeholdServer) -> None:
    chat = await open_chat(at=metered)
    page = chat.page
    await chat.ask("again")
    await usage_of(chat, 1, "?group=locality&period=year")
    await expect(page.get_by_role("region", name="Place").get_by_role("rowheader", name="in-house")).to_be_visible()
    await expect(page.get_by_role("radio", name="12 months")).to_be_checked()
    await page.get_by_role("combobox", name="Group by").click()
    await page.get_by_role("option", name="Person").click()
    await expect(page.get_by_role("region", name="Person")).to_be_visible()
    await choose(page, "7 days")
    await expect(page).to_have_url(f"{metered.url}/settings/usage?period=week&group=user")
    await page.reload()
    await expect(page.get_by_role("region", name="Person")).to_be_visible()


@pytest.mark.parametrize(("theme", "phone"), [("light", True), ("dark", False)])
async def test_in_chinese_without_a_finding(
    open_chat: OpenChat, metered: FreeholdServer, theme: str, phone: bool
) -> None:
    chat = await open_chat(at=metered, language="zh-CN", theme=theme, phone=phone)
    await chat.open("/settings/usage")
    await expect(chat.page.get_by_role("heading", name="用量")).to_be_visible()
    await expect(chat.page.get_by_role("heading", name="预算")).to_be_visible()
    assert await violations(chat.page) == []
    width = await chat.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0, "the page scrolls sideways"


async def test_single_calls_tell_what_became_of_them(open_chat: OpenChat, metered: FreeholdServer) -> None:
    chat = await open_chat(at=metered)
    page = chat.page
    await chat.ask("tell me what became of it")
    await usage_of(chat, 1)
    await choose(page, "Single calls")
    await expect(page).to_have_url(f"{metered.url}/settings/usage?view=calls")
    table = page.get_by_role("region", name="Single calls")
    first = table.get_by_role("row").nth(1)
    await expect(first).to_contain_text("echo/echo")
    await expect(first).to_contain_text("answered")
    await first.get_by_role("button").focus()
    await page.keyboard.press("Enter")
    await expect(first.get_by_role("button")).to_have_attribute("aria-expanded", "true")
    await table.get_by_role("button", name="Copy the request id").click()
    request = await page.evaluate("navigator.clipboard.readText()")
    assert await violations(page) == []
    find = page.get_by_role("searchbox", name="Request id")
    await find.fill("no-such-request")
    await expect(page.get_by_text("No call of this time is like that.")).to_be_visible()
    await find.fill(request)
    await expect(table.get_by_role("row").nth(1)).to_contain_text("echo/echo")
    await choose(page, "Sums")
    await expect(page.get_by_role("heading", name="In detail")).to_be_visible()
    await choose(page, "Single calls")
    await page.get_by_role("combobox", name="Status").click()
    await page.get_by_role("option", name="refused").click()
    await expect(page.get_by_text("No call of this time is like that.")).to_be_visible()
    await find.fill("")
    await expect(page).to_have_url(f"{metered.url}/settings/usage?view=calls&status=refused")


@pytest.mark.parametrize(("theme", "phone"), [("light", True), ("dark", False)])
async def test_single_calls_in_chinese_without_a_finding(
    open_chat: OpenChat, metered: FreeholdServer, theme: str, phone: bool
) -> None:
    chat = await open_chat(at=metered, language="zh-CN", theme=theme, phone=phone)
    page = chat.page
    wanted = {"model": "nothing/here", "messages": [{"role": "user", "content": "hi"}]}
    name, origin = {"name": f"lost-{theme}"}, {"Origin": metered.url}
    key = (await (await page.request.post(f"{metered.url}/api/keys", data=name, headers=origin)).json())["secret"]
    bearer = {"Authorization": f"Bearer {key}"}
    refused = await page.request.post(f"{metered.url}/v1/chat/completions", data=wanted, headers=bearer)
    assert refused.status == 404
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if (await (await page.request.get(f"{metered.url}/api/usage/calls?status=refused")).json())["items"]:
            break
        await asyncio.sleep(0.1)
    await chat.open("/settings/usage?view=calls&status=refused")
    row = page.get_by_role("row").filter(has_text="nothing/here").first
    await expect(row).to_contain_text("被拒绝")
    await row.get_by_role("button").click()
    await expect(page.get_by_role("button", name="复制请求编号")).to_be_visible()
    assert await violations(page) == []
    width = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0, "the page scrolls sideways"
