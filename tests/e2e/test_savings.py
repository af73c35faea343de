"""The savings page in a browser: what was saved beside the baseline, and seven days at another quality floor."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
from playwright.async_api import expect

from tests.e2e.chat import Chat, choose
from tests.e2e.conftest import DESKTOP, PHONE, OpenChat
from tests.e2e.test_accessibility import violations
from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import API_KEY, Counts, FakeUpstream, Script
from tests.services.freehold_server import FreeholdServer, serving

pytestmark = pytest.mark.browser

HARD = "证明：对任意素数 p，√p 是无理数。" + "并给出每一步的严格论证，讨论推广到 n 次方根的情形。" * 12
KEY = "fh_saves0002_" + "e" * 43


@pytest.fixture(scope="module")
async def premium() -> AsyncIterator[FakeUpstream]:
    async with FakeUpstream(OpenAIDialect()) as fake:
        fake.script = Script(usage=Counts(90_000, 4_000))
        yield fake


@pytest.fixture(scope="module")
def saving(premium: FakeUpstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FreeholdServer]:
    """A house that gives back what it is sent, and a premium model with a price."""
    folder = tmp_path_factory.mktemp("savings")
    acme = {"id": "acme", "kind": "openai", "base_url": premium.url, "api_key": API_KEY, "models": ["gpt-4o"]}
    models = {
        "house": {"provider": "echo", "model": "echo", "tier": "local"},
        "premium": {"provider": "acme", "model": "gpt-4o", "tier": "premium"},
    }
    keys = [{"name": "saves", "key": KEY, "scopes": ["chat"]}]
    routing = {"auto": {"baseline": "premium"}, "local_cost_per_hour": 0.4}
    file = folder / "freehold.yaml"
    file.write_text(json.dumps({"providers": [acme], "models": models, "routing": routing, "keys": keys}))
    with serving(folder / "data", {"FREEHOLD_CONFIG": str(file), "FREEHOLD_CACHE__MODE": "on_request"}) as server:
        yield server


async def asked(server: FreeholdServer, calls: int) -> None:
    """Easy and hard prompts, and some again, until the ledger has so many."""
    headers = {"Authorization": f"Bearer {KEY}", "x-freehold-cache": "on"}
    long = "Translate this into French, please. " * 150
    async with aiohttp.ClientSession() as session:
        for number in range(calls):
            text = [f"{long} {number}", HARD, f"What is the capital of France? {number}"][number % 3]
            body = {"model": "auto", "messages": [{"role": "user", "content": text}]}
            async with session.post(f"{server.url}/v1/chat/completions", json=body, headers=headers) as answer:
                assert answer.status == 200, await answer.text()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            async with session.get(f"{server.url}/api/savings") as answer:
                if (await answer.json())["total"]["calls"] >= calls:
                    return
            await asyncio.sleep(0.2)
    raise AssertionError("the ledger has not written")


async def opened(chat: Chat) -> None:
    await chat.open("/settings/savings")
    await expect(chat.page.get_by_role("status").get_by_role("table")).to_be_visible()


async def test_what_was_saved_and_what_another_floor_would_have(open_chat: OpenChat, saving: FreeholdServer) -> None:
    chat = await open_chat(at=saving)
    page = chat.page
    await chat.open("/settings/savings")
    await expect(page.get_by_text("Nothing was asked in this time.")).to_be_visible()
    await asked(saving, 12)
    await opened(chat)
    await expect(page.get_by_text("beside what every answer from gpt-4o would have cost")).to_be_visible()
    unknown = page.get_by_text("not enough data")
    await expect(unknown).to_be_visible()
    for width in (DESKTOP, PHONE):
        await page.set_viewport_size(width)
        assert await unknown.evaluate("(figure) => figure.scrollWidth <= figure.clientWidth"), "out of its cell"
    await page.set_viewport_size(DESKTOP)
    await expect(page.get_by_text("0 of the 200 pairs of ratings it takes")).to_be_visible()
    await expect(page.get_by_role("img", name="Spent and saved by day")).to_be_visible()
    saved = page.get_by_role("region", name="What saved it").get_by_role("row", name="Cache").get_by_role("cell")
    await expect(saved).to_have_text("$0.80")  # one answer of $0.265, given three times more
    table = page.get_by_role("region", name="Model")
    await expect(table.get_by_role("rowheader", name="acme/gpt-4o")).to_be_visible()
    await choose(page, "Person")
    await expect(page.get_by_role("region", name="Person").get_by_role("row")).to_have_count(2)
    floor = page.get_by_role("slider", name="Quality floor")
    await expect(floor).to_have_value("95")
    await floor.focus()
    await page.keyboard.press("Home")
    await expect(page.get_by_role("columnheader", name="At 0.50")).to_be_visible()
    share = page.get_by_role("status").get_by_role("row", name="Premium share").get_by_role("cell")
    assert await share.first.inner_text() != await share.last.inner_text()
    await expect(page.get_by_text("that Auto decided, 1 would go to another model.")).to_be_visible()
    assert await violations(page) == []


@pytest.mark.parametrize(("theme", "phone"), [("light", True), ("dark", False)])
async def test_in_chinese_without_a_finding(
    open_chat: OpenChat, saving: FreeholdServer, theme: str, phone: bool
) -> None:
    await asked(saving, 3)
    chat = await open_chat(at=saving, language="zh-CN", theme=theme, phone=phone)
    await opened(chat)
    await expect(chat.page.get_by_role("heading", name="节省", exact=True)).to_be_visible()
    await expect(chat.page.get_by_text("数据不足")).to_be_visible()
    assert await violations(chat.page) == []
    width = await chat.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0, "the page scrolls sideways"
