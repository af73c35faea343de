"""The arena in a browser: a whole round without a name before the vote, by mouse and keyboard, on a phone, too."""

import asyncio
import json
import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from tests.e2e.chat import choose
from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import violations
from tests.services.freehold_server import FreeholdServer, serving

pytestmark = pytest.mark.browser

WORDS = {
    "en": {
        "prompt": "Prompt", "ask": "Ask two models", "a": "Answer A", "b": "Answer B",
        "better": "A is better", "house": "in the house", "next": "Next round", "rating": "Models by rating",
        "few": "not enough votes: 1 of 20", "said": "You found A better:",
    },
    "zh-CN": {
        "prompt": "提示", "ask": "问两个模型", "a": "回答 A", "b": "回答 B",
        "better": "A 更好", "house": "自家", "next": "下一局", "rating": "按评分排列的模型",
        "few": "票数不够：20 票中已有 1 票", "said": "你认为 A 更好：",
    },
}  # fmt: skip
POOL = {"en": ("Choose the models", "Add a model"), "zh-CN": ("选择模型", "添加模型")}
CONFIG = {"models": {"second": {"targets": [{"provider": "echo", "model": "echo"}]}}}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FreeholdServer]:
    """The server of these tests, with a second name for the echo."""
    config = tmp_path / "freehold.yaml"
    config.write_text(json.dumps(CONFIG))
    with serving(tmp_path / "data", {"FREEHOLD_CONFIG": str(config)}) as server:
        yield server


async def look(page: Page, name: str) -> None:
    """A picture for whoever wants to see it: FREEHOLD_CHECK_PICTURES names the folder."""
    folder = os.environ.get("FREEHOLD_CHECK_PICTURES")
    if folder:
        await page.screenshot(path=f"{folder}/{name}.png")


async def draw_from_both(page: Page, language: str = "en") -> None:
    for name, button in zip(("Echo", "second"), POOL[language], strict=True):
        await page.get_by_role("button", name=button).click()
        model = page.get_by_role("option", name=name).first
        await expect(model).to_be_visible()
        await expect(page.get_by_role("option", name="Auto")).to_have_count(0)
        await model.click()


@pytest.mark.parametrize(
    ("language", "theme", "phone"), [("en", "light", False), ("zh-CN", "dark", True), ("en", "dark", False)]
)
async def test_a_round_from_prompt_to_names(
    open_chat: OpenChat, server: FreeholdServer, language: str, theme: str, phone: bool
) -> None:
    words, picture = WORDS[language], f"arena.{language}.{theme}{'.phone' if phone else ''}"
    page = (await open_chat(language=language, theme=theme, phone=phone)).page
    told: list[tuple[dict[str, str], str]] = []

    async def overhear(route: Route) -> None:
        response = await route.fetch()
        told.append((response.headers, await response.text()))
        await route.fulfill(response=response)

    await page.route("**/api/arena/**", overhear)
    await page.goto(f"{server.url}/settings/arena")
    await draw_from_both(page, language)
    assert await violations(page) == []
    await look(page, f"{picture}.begin")
    await page.get_by_role("textbox", name=words["prompt"]).fill("**Hens** eat grain,\n\n- and worms\n- and grass")
    await page.get_by_role("button", name=words["ask"]).click()
    for side in ("a", "b"):
        await expect(page.get_by_role("article", name=words[side])).to_contain_text("and grass")
    better = page.get_by_role("button", name=words["better"])
    await expect(better).to_be_visible()
    # nothing that the browser was sent names them, in heads or bodies
    assert any('"end"' in body for _, body in told)
    assert [one for one in map(str, told) if "second" in one.lower() or "echo" in one.lower()] == []
    assert await violations(page) == []
    await look(page, f"{picture}.vote")
    await page.unroute_all(behavior="wait")
    await page.reload()  # a round that waits for a vote is still there
    await expect(page.get_by_role("article", name=words["b"])).to_contain_text("and grass")
    await better.click()
    sides = [page.get_by_role("article", name=words[side]) for side in ("a", "b")]
    for side in sides:
        await expect(side).to_contain_text(words["house"])
    shown = [await side.inner_text() for side in sides]
    assert sorted("second" in text for text in shown) == [False, True]
    await expect(page.get_by_text(words["said"])).to_be_visible()
    ranking = page.get_by_role("region", name=words["rating"])
    await expect(ranking.get_by_role("row").filter(has_text="second")).to_contain_text(words["few"])
    assert await violations(page) == []
    await look(page, f"{picture}.names")
    wide = await page.evaluate(
        "document.querySelector('main').scrollWidth - document.querySelector('main').clientWidth"
    )
    assert wide <= 0
    await page.get_by_role("button", name=words["next"]).click()
    await expect(page.get_by_role("textbox", name=words["prompt"])).to_be_focused()
    await expect(page.get_by_role("article", name=words["a"])).to_have_count(0)


async def test_by_keyboard_and_what_does_not_count(open_chat: OpenChat, server: FreeholdServer) -> None:
    page = (await open_chat()).page
    await page.goto(f"{server.url}/settings/arena")
    await draw_from_both(page)
    prompt = page.get_by_role("textbox", name="Prompt")
    await prompt.fill("Say something")
    await prompt.press("Control+Enter")
    first = page.get_by_role("button", name="A is better")
    await expect(first).to_be_visible()
    await first.focus()
    await page.keyboard.press("3")
    await expect(page.get_by_text("You found both good: A was")).to_be_visible()
    next_round = page.get_by_role("button", name="Next round")
    await expect(next_round).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(prompt).to_be_focused()
    # an answer that fails is said, and nobody can vote
    await prompt.fill("/fail 500")
    await prompt.press("Control+Enter")
    await expect(page.get_by_role("alert").first).to_be_visible()
    await expect(page.get_by_text("This round does not count")).to_be_visible()
    await expect(first).to_have_count(0)
    assert await violations(page) == []
    await look(page, "arena-failed")
    # stopped in the middle: both calls end, and it does not count either
    await next_round.click()
    await prompt.fill("/tokens 2000 50ms")
    await page.get_by_role("button", name="Ask two models").click()
    await expect(page.get_by_role("article", name="Answer A")).to_contain_text("1")
    await page.get_by_role("button", name="Stop").click()
    await expect(page.get_by_text("This round does not count")).to_be_visible()
    async with asyncio.timeout(30):  # the server has ended it, too
        while True:
            rounds = await (await page.request.get(f"{server.url}/api/arena/rounds")).json()
            if rounds["items"][0]["state"] == "stopped":
                break
            await asyncio.sleep(0.1)
    assert [one["state"] for one in rounds["items"]] == ["stopped", "failed", "voted"]
    ranking = page.get_by_role("region", name="Models by rating")
    await expect(ranking.get_by_role("row").filter(has_text="second")).to_contain_text("1 of 20")


def play(server: FreeholdServer, vote: str) -> None:
    """A round by the API; the alias is A or B as it was drawn, so it is voted for by what the vote tells."""

    def post(path: str, body: object) -> str:
        headers = {"Content-Type": "application/json", "Origin": server.url}
        request = urllib.request.Request(f"{server.url}/api/arena{path}", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read().decode()

    asked = post("/rounds", {"prompt": "Hi", "models": ["echo/echo", "second"]})
    post(f"/rounds/{json.loads(asked.split('data: ')[1])['id']}/vote", {"vote": vote})


@pytest.mark.parametrize(("language", "theme", "phone"), [("en", "light", False), ("zh-CN", "dark", True)])
async def test_the_ranking_with_its_intervals_is_downloaded_and_deleted(
    open_chat: OpenChat, server: FreeholdServer, language: str, theme: str, phone: bool
) -> None:
    english = language == "en"
    for vote in ["a", "both_good", "b", "both_bad", "a"] * 5:
        play(server, vote)
    page = (await open_chat(language=language, theme=theme, phone=phone)).page
    await page.goto(f"{server.url}/settings/arena")
    row = page.get_by_role("region", name=WORDS[language]["rating"]).get_by_role("row").filter(has_text="second")
    await expect(row.get_by_title("With 95 % certainty between" if english else "有 95% 的把握")).to_be_visible()
    await choose(page, "Everybody's" if english else "所有人的")
    await expect(row).to_contain_text("25")
    await page.get_by_text("Who won against whom" if english else "谁胜了谁").click()
    grid = page.get_by_role("region", name="Points of each" if english else "各模型相互对局")
    await expect(grid.get_by_role("row")).to_have_count(3)
    assert await violations(page) == []
    await grid.scroll_into_view_if_needed()
    await look(page, f"arena-ranking.{language}.{theme}{'.phone' if phone else ''}")
    async with page.expect_download() as download:
        await page.get_by_role("button", name="CSV").click()
    told = Path(await (await download.value).path()).read_text(encoding="utf-8-sig")
    assert sorted(line.split(",")[1] for line in told.splitlines()) == ["echo/echo", "model", "second"]
    await choose(page, "Mine" if english else "我的")
    await page.get_by_role("button", name="Delete my rounds" if english else "删除我的对局").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Delete" if english else "删除").click()
    await expect(page.get_by_text("There are no votes yet." if english else "还没有投票。")).to_be_visible()
