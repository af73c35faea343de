"""Routing in a browser: rules of the file and of the app, a sample that becomes a test, Auto and why it chose."""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import violations
from tests.fakes.openai import OpenAIDialect
from tests.fakes.upstream import API_KEY, FakeUpstream, Script
from tests.services.freehold_server import FreeholdServer, serving

pytestmark = pytest.mark.browser


@pytest.fixture
def routed(tmp_path: Path) -> Iterator[FreeholdServer]:
    """A model in the house that gives back what it is sent, and one outside that is never reached."""
    providers = [{"id": "cloud", "kind": "openai_compatible", "base_url": "http://127.0.0.1:9/v1", "models": ["large"]}]
    models = {
        "local": {"provider": "echo", "model": "echo", "tier": "local"},
        "premium": {"provider": "cloud", "model": "large", "tier": "premium"},
    }
    rules = [{"id": "stays-home", "when": {"data_class": "secret"}, "then": {"require": {"self_hosted": True}}}]
    file = tmp_path / "freehold.yaml"
    classes = [
        {"id": "secret", "detect": ["secret"], "action": "in_house"},
        {"id": "contact", "detect": ["email"], "action": "mask"},
        {"id": "plans", "words": ["蓝图"], "action": "in_house"},
    ]
    auto = {"share_premium": 0.2, "cascade": {"checks": ["empty", "refused"], "second": ["local"]}}
    declared = {"providers": providers, "models": models, "routing": {"auto": auto, "rules": rules}}
    file.write_text(json.dumps(declared | {"privacy": {"classes": classes}}))
    with serving(tmp_path / "data", {"FREEHOLD_CONFIG": str(file)}) as server:
        yield server


@pytest.mark.parametrize(("theme", "phone"), [("light", False), ("dark", True)])
async def test_a_rule_is_made_tried_and_kept_by_a_test(
    open_chat: OpenChat, routed: FreeholdServer, theme: str, phone: bool
) -> None:
    chat = await open_chat(at=routed, theme=theme, phone=phone)
    page = chat.page
    await chat.open("/settings/routing")
    rules = page.get_by_role("region", name="Rules")
    await expect(rules.get_by_text("stays-home")).to_be_visible()
    await expect(rules.get_by_text("freehold.yaml:1")).to_be_visible()
    await page.get_by_role("button", name="New rule").click()
    await page.get_by_role("textbox", name="Name").fill("le gal")
    await page.get_by_role("textbox", name="Words in the chat").fill("contract, 合同")
    await page.get_by_role("textbox", name="Models").fill("premum")
    await page.get_by_role("button", name="Add").click()
    await expect(page.get_by_text("Write a name of letters, digits, dots and hyphens.")).to_be_visible()
    await page.get_by_role("textbox", name="Name").fill("法务")
    assert await violations(page) == []
    await page.get_by_role("button", name="Add").click()
    await expect(page.get_by_role("alert")).to_contain_text("there is no model premum. Did you mean premium?")
    await page.get_by_role("textbox", name="Models").fill("premium")
    patterns = page.get_by_role("textbox", name="Patterns")
    await patterns.fill("fine\n(broken")
    await page.get_by_role("button", name="Add").click()
    await expect(patterns).to_have_accessible_description(re.compile(r"^This pattern cannot be used: \(broken\."))
    assert await violations(page) == []
    await patterns.fill("")
    await page.get_by_role("button", name="Add").click()
    await expect(rules.get_by_text("words: contract, 合同")).to_be_visible()

    sample = page.get_by_role("region", name="Try it")
    await sample.get_by_role("textbox", name="A message").fill("请审阅这份合同")
    await sample.get_by_role("button", name="Try it").click()
    await expect(sample.get_by_role("status")).to_contain_text("The rule 法务 names it.")
    await expect(sample.get_by_role("status")).to_contain_text("cloud/large")
    await sample.get_by_role("textbox", name="Their role").fill("guest")
    await expect(sample.get_by_role("status")).to_be_empty()  # nothing was found out about this one yet
    await expect(sample.get_by_role("button", name="Keep as a test")).to_have_count(0)
    await sample.get_by_role("textbox", name="Their role").fill("")
    await expect(sample.get_by_role("button", name="Keep as a test")).to_be_visible()
    await sample.get_by_role("textbox", name="A message").fill("合同 anna@example.com")
    await expect(sample.get_by_role("status")).to_be_empty()
    await expect(sample.get_by_role("button", name="Keep as a test")).to_have_count(0)
    await sample.get_by_role("button", name="Try it").click()
    hidden = "Hidden before it leaves the house, and put back into the answer: e-mail addresses (1)."
    await expect(sample.get_by_role("status")).to_contain_text(hidden)
    await sample.get_by_role("textbox", name="A message").fill("合同 蓝图")
    await sample.get_by_role("button", name="Try it").click()
    await expect(sample.get_by_role("status")).to_contain_text("echo/echo")  # in the house, whatever the rule names
    await expect(sample.get_by_role("status")).to_contain_text("It holds plans, so only models in the house are asked.")
    await sample.get_by_role("textbox", name="A message").fill("请审阅这份合同")
    await sample.get_by_role("button", name="Try it").click()
    await expect(sample.get_by_role("status")).to_contain_text("cloud/large")
    await sample.get_by_role("button", name="Keep as a test").click()
    await expect(page.get_by_role("region", name="Tests")).to_contain_text("请审阅这份合同")
    assert await violations(page) == []

    await page.get_by_role("switch", name="Use the rule 法务").click()
    said = page.get_by_role("region", name="Notifications")
    await expect(said).to_contain_text("It breaks the test “请审阅这份合同”")
    await expect(said).to_contain_text("the rule that decides is none, not 法务")
    await expect(page.get_by_role("switch", name="Use the rule 法务")).to_be_checked()


@pytest.mark.parametrize(("language", "theme", "phone"), [("en", "light", False), ("zh-CN", "dark", True)])
async def test_it_is_told_how_auto_decides(
    open_chat: OpenChat, routed: FreeholdServer, language: str, theme: str, phone: bool
) -> None:
    chat = await open_chat(at=routed, theme=theme, phone=phone, language=language)
    await chat.open("/settings/routing")
    told = chat.page.get_by_role("region", name="Auto" if language == "en" else "自动")
    if language == "en":
        await expect(told).to_contain_text("95% of the premium quality; it follows, so that premium models give")
        await expect(told).to_contain_text("The next model is asked where one is empty or a refusal.")
        await expect(told).to_contain_text("Asked beside the first, in this order: local")
    else:
        await expect(told).to_contain_text("达到高级模型质量的 95%")
        await expect(told).to_contain_text("回答若为空或拒绝作答，就改问下一个模型。")
    await expect(told.get_by_role("definition").filter(has_text="premium")).not_to_have_count(0)
    assert await violations(chat.page) == []


async def test_auto_stands_on_top_and_says_why(open_chat: OpenChat, routed: FreeholdServer) -> None:
    chat = await open_chat(at=routed)
    page = chat.page
    await expect(page.get_by_role("button", name="Model: Auto, chosen for each question")).to_be_visible()
    await page.get_by_role("button", name="Model: Auto").click()
    options = page.get_by_role("option")
    await expect(options.first).to_contain_text("Auto")
    await expect(page.get_by_text("Easy questions are answered in the house")).to_be_visible()
    await page.keyboard.press("Escape")
    await chat.ask("hello there")
    runs = await page.evaluate("fetch('/api/threads').then((answer) => answer.json())")
    assert runs["items"][0]["model"] == "auto"


@pytest.mark.parametrize(("language", "theme", "phone"), [("en", "light", False), ("zh-CN", "dark", True)])
async def test_a_better_answer_is_offered_below_one_that_is_not_good_enough(
    open_chat: OpenChat, tmp_path: Path, language: str, theme: str, phone: bool
) -> None:
    """The model in the house declines; a click asks the one outside, and the offer is gone."""
    async with FakeUpstream(OpenAIDialect()) as house, FakeUpstream(OpenAIDialect()) as cloud:
        house.script = Script(text=("I'm sorry, ", "but I can't help with that."))
        cloud.script = Script(text=("Of course: ", "here it is."))
        providers = [
            {"id": name, "kind": "openai_compatible", "base_url": one.url, "api_key": API_KEY, "models": [model]}
            for name, one, model in (("house", house, "small"), ("cloud", cloud, "large"))
        ]
        providers[0]["self_hosted"] = True
        models = {"local": {"provider": "house", "model": "small"}, "premium": {"provider": "cloud", "model": "large"}}
        file = tmp_path / "freehold.yaml"
        auto = {"cascade": {"mode": "offer"}}
        file.write_text(json.dumps({"providers": providers, "models": models, "routing": {"auto": auto}}))
        server = FreeholdServer(tmp_path / "data", {"FREEHOLD_CONFIG": str(file)})
        server.data_dir.mkdir()
        await asyncio.to_thread(server.start)
        try:
            chat = await open_chat(at=server, language=language, theme=theme, phone=phone)
            page = chat.page
            box = page.get_by_role("textbox", name="Message" if language == "en" else "消息", exact=True)
            await box.fill("Write the letter for me")
            await box.press("Enter")
            why = "The in-house model declined." if language == "en" else "自家模型没有作答。"
            await expect(page.get_by_text(why)).to_be_visible()
            assert await violations(page) == []
            await page.screenshot(path=tmp_path / "offer.png")
            await page.get_by_role("button", name="Ask large" if language == "en" else "换 large 回答").click()
            await expect(page.get_by_text("Of course: here it is.")).to_be_visible()
            await expect(page.get_by_text(why)).to_be_hidden()
            assert len([one for one in cloud.requests if one.method == "POST" and one.body["model"] == "large"]) >= 1
        finally:
            await asyncio.to_thread(server.stop)
