"""The trial on the routing page, in a browser: both arms, why it was halted, letting it go on; and why Auto chose."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio.to_thread
import pytest
from playwright.async_api import Page, expect

from freehold.db import open_database, parse_target
from freehold.kit import clock
from freehold.savings.trials.service import Stored
from freehold.settings.models import SettingRow
from freehold.usage.ledger import Ledger
from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import violations
from tests.services.freehold_server import FreeholdServer, serving
from tests.usage.conftest import call

pytestmark = pytest.mark.browser


@pytest.fixture
def tried(tmp_path: Path) -> Iterator[FreeholdServer]:
    """A server with a trial that half of the people are in."""
    large = {"id": "large", "prices": {"input": 2.0, "output": 8.0}}
    providers = [{"id": "cloud", "kind": "openai_compatible", "base_url": "http://127.0.0.1:9/v1", "models": [large]}]
    models = {
        "local": {"provider": "echo", "model": "echo", "tier": "local"},
        "premium": {"provider": "cloud", "model": "large", "tier": "premium"},
    }
    trial = {"id": "floor-85", "share": 0.5, "set": {"quality_floor": 0.85, "objective": "cost"}}
    file = tmp_path / "freehold.yaml"
    routing = {"auto": {}, "trial": trial}
    file.write_text(json.dumps({"providers": providers, "models": models, "routing": routing}))
    with serving(tmp_path / "data", {"FREEHOLD_CONFIG": str(file)}) as server:
        yield server


def lines(arm: str, failed: int, outside: int) -> Iterator[Any]:
    """240 calls of an arm."""
    for number in range(240):
        route = {"choice": "likely_enough", "trial": {"id": "floor-85", "arm": arm}}
        at = {"model": "cloud/large", "provider_id": "cloud", "cost_usd": 0.0123}
        if number >= outside:
            at = {"model": "echo/echo", "provider_id": "echo", "self_hosted": True, "cost_usd": 0.0}
        wrong = {"status": "failed", "error": "overloaded"} if number < failed else {}
        yield call(at=clock.now(), requested="auto", route=route, duration_ms=400.0 + 9 * number, **at | wrong)


async def written(server: FreeholdServer) -> None:
    """Calls of both arms, and that the trial was halted for them."""
    target = parse_target(f"sqlite:///{server.data_dir / 'freehold.sqlite'}", server.data_dir)
    database = await anyio.to_thread.run_sync(lambda: open_database(target, own_file=False))
    ledger = Ledger(database, server.data_dir)
    for one in (*lines("trial", 22, 60), *lines("control", 2, 150)):
        ledger.record(one)
    await ledger.flush()
    async with database.begin() as session:
        row = await session.get(SettingRow, "trial:floor-85")
        assert row is not None
        at = clock.now().isoformat()
        halted = {"figure": "failures", "trial": 22 / 240, "control": 2 / 240, "limit": 0.02, "at": at}
        row.value = Stored.model_validate(row.value | {"halted": halted}).model_dump(mode="json")
    await database.dispose()


async def look(page: Page, name: str) -> None:
    """A picture for whoever wants to see it: FREEHOLD_CHECK_PICTURES names the folder."""
    folder = os.environ.get("FREEHOLD_CHECK_PICTURES")
    if folder:
        await page.locator("section[aria-labelledby=routing-trial]").screenshot(path=f"{folder}/{name}.png")


@pytest.mark.parametrize(
    ("language", "theme", "phone"), [("en", "light", False), ("zh-CN", "dark", True), ("en", "light", True)]
)
async def test_a_halted_trial_is_told_and_goes_on(
    open_chat: OpenChat, tried: FreeholdServer, language: str, theme: str, phone: bool
) -> None:
    english = language == "en"
    chat = await open_chat(at=tried, language=language, theme=theme, phone=phone)
    page = chat.page
    await chat.open("/settings/routing")
    trial = page.get_by_role("region", name="Trial" if english else "试验")
    not_enough = "it takes 100 calls on each side" if english else "每一边需要 100 次调用"
    await expect(trial).to_contain_text(not_enough)
    await expect(trial).to_contain_text("85%")
    await written(tried)
    await page.reload()
    said = "9.2% of its calls failed, of the others 0.8%." if english else "试验组有 9.2% 的调用失败，其他人为 0.8%。"
    await expect(trial.get_by_role("status")).to_contain_text(said)
    await expect(trial.get_by_role("row")).to_have_count(9)
    await expect(trial.get_by_role("row").nth(2)).to_contain_text("240")
    await expect(trial.get_by_role("row").nth(5)).to_contain_text("8.3%")
    assert await violations(page) == []
    await look(page, f"trial-{language}-{theme}-{'phone' if phone else 'wide'}")
    await trial.get_by_role("button", name="Let it go on" if english else "让它继续").click()
    await expect(trial).to_contain_text(not_enough)
    await expect(trial.get_by_role("row").nth(2)).not_to_contain_text("240")
    assert await violations(page) == []


async def test_an_answer_tells_the_arm(open_chat: OpenChat, tried: FreeholdServer) -> None:
    chat = await open_chat(at=tried)
    page = chat.page
    await chat.send("Hello")
    await page.locator(".answer-line").click()
    await expect(page.locator(".facts-pop")).to_contain_text("the trial floor-85")
