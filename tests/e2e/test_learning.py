"""What routing has learned, in a browser: labels, a training, going back, how much is compared, and why Auto chose."""

import json
import os
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import anyio.to_thread
import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select

from freehold.chat import models as chat_models
from freehold.db import Database, open_database, parse_target
from freehold.gateway.learning import labels
from freehold.identity.models import User
from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import violations
from tests.gateway.learning.test_training import prompts
from tests.gateway.routing.scorer.test_scorer import chinese, english
from tests.services.freehold_server import FreeholdServer, serving

pytestmark = pytest.mark.browser
TABLES = chat_models  # a label belongs to a thread and a message


@pytest.fixture
def routed(tmp_path: Path) -> Iterator[FreeholdServer]:
    """A model in the house that gives back what it is sent, and one outside that is never reached."""
    large = {"id": "large", "prices": {"input": 2.0, "output": 8.0}}
    providers = [{"id": "cloud", "kind": "openai_compatible", "base_url": "http://127.0.0.1:9/v1", "models": [large]}]
    models = {
        "local": {"provider": "echo", "model": "echo", "tier": "local"},
        "premium": {"provider": "cloud", "model": "large", "tier": "premium"},
    }
    file = tmp_path / "freehold.yaml"
    file.write_text(json.dumps({"providers": providers, "models": models, "routing": {"auto": {}}}))
    with serving(tmp_path / "data", {"FREEHOLD_CONFIG": str(file)}) as server:
        yield server


@pytest.fixture
async def beside(routed: FreeholdServer) -> AsyncIterator[Database]:
    """The server's database, as another process sees it."""
    url = f"sqlite:///{routed.data_dir / 'freehold.sqlite'}"
    target = parse_target(url, routed.data_dir)
    database = await anyio.to_thread.run_sync(lambda: open_database(target, own_file=False))
    yield database
    await database.dispose()


async def taught(database: Database) -> None:
    """Labels of two languages: enough of the one, too few of the other."""
    async with database.begin() as session:
        user_id = (await session.scalars(select(User.id))).first()
        assert user_id is not None
        pairs = [*prompts(english, 330, 21, noise=0.1), *prompts(chinese, 90, 22)]
        for at, (text, good) in enumerate(pairs):
            source: labels.Source = "thumb" if at % 9 == 4 else "pair"
            quality = (good, 1.0)
            await labels.put(session, source, user_id=user_id, model="echo/echo", asked=text, quality=quality)


async def look(page: Page, name: str) -> None:
    """A picture for whoever wants to see it: FREEHOLD_CHECK_PICTURES names the folder."""
    folder = os.environ.get("FREEHOLD_CHECK_PICTURES")
    if folder:
        await page.locator(".learned").scroll_into_view_if_needed()
        await page.screenshot(path=f"{folder}/{name}.png")


@pytest.mark.parametrize(
    ("language", "theme", "phone"), [("en", "light", False), ("zh-CN", "dark", True), ("zh-CN", "light", False)]
)
async def test_it_is_trained_told_and_rolled_back(
    open_chat: OpenChat, routed: FreeholdServer, beside: Database, language: str, theme: str, phone: bool
) -> None:
    await taught(beside)
    english_page = language == "en"
    chat = await open_chat(at=routed, language=language, theme=theme, phone=phone)
    page = chat.page
    await chat.open("/settings/routing")
    learned = page.get_by_role("region", name="What it has learned" if english_page else "学到了什么")
    train = learned.get_by_role("button", name="Train now" if english_page else "立即训练")
    await expect(learned.get_by_role("listitem")).to_have_count(2)
    needed = "of the 300 labels it takes" if english_page else "需要 300 条标注"
    await expect(learned.get_by_role("listitem").nth(1)).to_contain_text(needed)
    assert await violations(page) == []
    await train.click()
    rows = learned.get_by_role("listitem")
    await expect(rows.first).to_contain_text("APGR", timeout=60_000)
    await expect(rows.first).to_contain_text("Learned" if english_page else "已学会")
    await look(page, f"learned-{language}-{theme}")

    text = english(True, random.Random(5)) if english_page else "Prove that for 12 apples there is no arrangement."
    sample = page.get_by_role("region", name="Try it" if english_page else "试一试")
    await sample.get_by_role("textbox").first.fill(text)
    await sample.get_by_role("button").first.click()
    against = "Speaks against it" if english_page else "不支持的"
    await expect(sample.get_by_role("status")).to_contain_text(against)
    await expect(sample.get_by_role("status")).to_contain_text("Words that count most" if english_page else "影响最大")
    await expect(page.locator(".toast")).to_have_count(0)  # while one leaves, its button is hidden from some only
    assert await violations(page) == []
    if os.environ.get("FREEHOLD_CHECK_PICTURES"):
        await sample.scroll_into_view_if_needed()
        await page.screenshot(path=f"{os.environ['FREEHOLD_CHECK_PICTURES']}/try-{language}-{theme}.png")

    back = learned.get_by_role("button", name="Roll back" if english_page else "撤回")
    guess = rows.first.get_by_text("A guess" if english_page else "凭猜测")
    while not await guess.is_visible():  # the sweep of the start may have trained, too
        async with page.expect_response("**/roll-back"):
            await back.focus()
            await page.keyboard.press("Enter")
        await expect(back.or_(guess)).to_be_visible()
    await expect(rows.first).to_contain_text("was rolled back" if english_page else "已被撤回")

    share = learned.get_by_role("combobox")
    await share.click()
    await page.get_by_role("option", name="2%").click()
    await expect(share).to_have_text("2%")
    state = await page.evaluate("fetch('/api/routing/learning').then((answer) => answer.json())")
    assert state["shadow"] == 0.02
    assert await violations(page) == []
