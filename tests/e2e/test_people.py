"""People, groups, limits and health in the browser of an administrator: what is done there holds, and can be undone."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import LOOKS, violations
from tests.services.freehold_server import FreeholdServer, serving

pytestmark = pytest.mark.browser

PASSWORD = "four unrelated words walk"
DEAD = "{id: dead, kind: openai_compatible, base_url: 'http://127.0.0.1:9/v1', models: [m], self_hosted: true}"
FILE = f"""
providers: [{DEAD}]
models:
  smart: {{targets: [{{provider: dead, model: m}}, {{provider: echo, model: echo, priority: 1}}]}}
limits: {{user: {{requests_per_minute: 60}}}}
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FreeholdServer]:
    """A server with an administrator, a member, a group of both, and an alias whose first target is dead."""
    folder = tmp_path_factory.mktemp("people")
    (folder / "freehold.yaml").write_text(FILE)
    data = folder / "data"
    people = ["ada@example.org", "bo@example.org"]
    for command in (
        ["user", "add", people[0], "--password-stdin", "--admin"],
        ["user", "add", people[1], "--password-stdin"],
        ["group", "add", "research"],
        ["group", "join", "research", *people],
    ):
        environment = {**os.environ, "FREEHOLD_DATA_DIR": str(data)}
        whole = [sys.executable, "-m", "freehold", *command]
        subprocess.run(whole, input=f"{PASSWORD}\n", text=True, check=True, env=environment, capture_output=True)
    with serving(data, {"FREEHOLD_CONFIG": str(folder / "freehold.yaml")}) as server:
        yield server


async def enter(open_chat: OpenChat, house: FreeholdServer, path: str, **look: Any) -> Page:
    """A page of the settings as the administrator sees it."""
    chat = await open_chat(at=house, **look)
    await call(chat.page, house, "POST", "/api/session", {"email": "ada@example.org", "password": PASSWORD})
    await chat.page.goto(f"{house.url}{path}")
    return chat.page


async def call(page: Page, house: FreeholdServer, method: str, path: str, body: Any = None, **headers: str) -> Any:
    """One request with the browser's cookies."""
    sent = {"Origin": house.url, "Content-Type": "application/json", **headers}
    answer = await page.request.fetch(f"{house.url}{path}", method=method, headers=sent, data=json.dumps(body))
    assert answer.ok, await answer.text()
    return await answer.json() if answer.status != 204 else None


def row(page: Page, text: str) -> Locator:
    return page.get_by_role("listitem").filter(has_text=text)


async def choose(page: Page, menu: str, action: str) -> None:
    await page.get_by_role("button", name=menu).click()
    await page.get_by_role("menuitem", name=action).click()


async def test_a_person_is_added_put_into_a_group_disabled_and_enabled(
    open_chat: OpenChat, house: FreeholdServer
) -> None:
    page = await enter(open_chat, house, "/settings/groups")
    await page.get_by_role("button", name="New group").click()
    await page.get_by_role("button", name="Make group").click()
    await expect(page.get_by_text("Give a name.")).to_be_visible()
    await page.get_by_role("textbox", name="Name").fill("legal")
    await page.get_by_role("button", name="Make group").click()
    await page.get_by_role("button", name="0 members").click()
    await page.get_by_role("combobox", name="Person").fill("nobody@example.org")
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.get_by_text("Nobody has exactly this")).to_be_visible()
    assert await violations(page) == []
    await page.get_by_role("combobox", name="Person").fill("bo@example.org")
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.get_by_role("button", name="Take bo out of the group")).to_be_visible()
    await page.get_by_role("button", name="Done").click()
    await expect(page.get_by_role("button", name="1 member")).to_be_visible()

    await page.get_by_role("link", name="People").click()
    await page.get_by_role("button", name="Add person").click()
    for field, text in (("Name", "Cy"), ("E-mail", "cy@example.org"), ("First password", PASSWORD)):
        await page.get_by_role("textbox", name=field, exact=True).fill(text)
    await page.get_by_label("legal").check()
    assert await violations(page) == []
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(row(page, "cy@example.org")).to_contain_text("legal")
    await page.get_by_role("searchbox").fill("bo@")
    await expect(row(page, "cy@example.org")).to_be_hidden()
    await choose(page, "Actions for bo", "Disable")
    await page.get_by_role("button", name="Disable").click()
    await expect(row(page, "bo@example.org")).to_contain_text("disabled")
    await page.get_by_role("button", name="Undo").click()
    await expect(row(page, "bo@example.org")).not_to_contain_text("disabled")


async def test_budgets_and_limits_are_set_changed_lifted_and_brought_back(
    open_chat: OpenChat, house: FreeholdServer
) -> None:
    page = await enter(open_chat, house, "/settings/limits")
    group = await call(page, house, "POST", "/api/groups", {"name": "interns"})
    await page.reload()
    await page.get_by_role("button", name="New budget").click()
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.get_by_text("Write an amount")).to_be_visible()
    await page.get_by_role("combobox", name="For", exact=True).click()
    await page.get_by_role("option", name="One person").click()
    await page.get_by_role("combobox", name="Person").fill("nobody")
    await page.get_by_label("Budget in US dollars").fill("12,50")
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.get_by_text("Nobody has exactly this")).to_be_visible()
    await page.get_by_role("combobox", name="Person").fill("bo@example.org")
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(row(page, "bo@example.org")).to_contain_text("$0.00 of $12.50 a month")
    await choose(page, "Actions for bo@example.org", "Change")
    await page.get_by_label("Budget in US dollars").fill("20")
    await page.get_by_role("button", name="Save").click()
    await expect(row(page, "bo@example.org")).to_contain_text("of $20.00")
    await choose(page, "Actions for bo@example.org", "Remove")
    await expect(row(page, "bo@example.org")).to_be_hidden()
    await page.get_by_role("button", name="Undo").click()
    await expect(row(page, "bo@example.org")).to_contain_text("of $20.00")

    await page.get_by_role("button", name="New limit").click()
    await page.get_by_role("combobox", name="For", exact=True).click()
    await page.get_by_role("option", name="A group").click()
    await page.get_by_role("combobox", name="Group", exact=True).click()
    await page.get_by_role("option", name="interns").click()
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.get_by_text("Write at least one number.")).to_be_visible()
    await page.get_by_label("Requests a minute").fill("2")
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(row(page, "interns")).to_contain_text("0 / 2 requests a minute")
    await expect(row(page, "Each person")).to_contain_text("freehold.yaml")

    me = (await call(page, house, "GET", "/api/me"))["id"]
    await call(page, house, "PUT", f"/api/groups/{group['id']}/members/{me}")
    secret = (await call(page, house, "POST", "/api/keys", {"name": "ci"}))["secret"]
    asked = {"model": "smart", "messages": [{"role": "user", "content": "hello"}]}
    await call(page, house, "POST", "/v1/chat/completions", asked, Authorization=f"Bearer {secret}")
    await expect(row(page, "interns")).to_contain_text("1 / 2 requests a minute")
    await expect(row(page, "interns")).to_contain_text("all free again in")
    assert await violations(page) == []


async def test_a_deployment_that_rests_is_asked_again(open_chat: OpenChat, house: FreeholdServer) -> None:
    page = await enter(open_chat, house, "/settings/health")
    secret = (await call(page, house, "POST", "/api/keys", {"name": "ci"}))["secret"]
    asked = {"model": "smart", "messages": [{"role": "user", "content": "hello"}]}
    for listed in await call(page, house, "GET", "/api/limits"):
        if listed["id"]:
            await call(page, house, "DELETE", f"/api/limits/{listed['id']}")
    for _ in range(4):
        await call(page, house, "POST", "/v1/chat/completions", asked, Authorization=f"Bearer {secret}")
    dead = row(page, "dead/m")
    await expect(dead).to_contain_text("failures in a row")
    assert await violations(page) == []
    await dead.get_by_role("button", name="Ask again now").click()
    await expect(dead).to_contain_text("answers")
    await expect(row(page, "echo/echo")).to_contain_text("answers")


@pytest.mark.parametrize(("theme", "phone"), LOOKS)
async def test_in_chinese_in_every_look(open_chat: OpenChat, house: FreeholdServer, theme: str, phone: bool) -> None:
    page = await enter(open_chat, house, "/settings/people", language="zh-CN", theme=theme, phone=phone)
    for section, title in (("people", "人员"), ("groups", "群组"), ("limits", "限额"), ("health", "健康状况")):
        await page.goto(f"{house.url}/settings/{section}")
        await expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
        await expect(page.get_by_role("listitem").first).to_be_visible()
        assert await violations(page) == [], section
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, section
