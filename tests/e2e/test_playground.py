"""The playground: a request is put together, run, stopped, looked at from all sides and taken along as code."""

import json

import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import OpenChat
from tests.e2e.test_accessibility import violations

pytestmark = pytest.mark.browser


async def choose_api(page: Page, name: str) -> None:
    await page.get_by_role("combobox", name="API").click()
    await page.get_by_role("option", name=name, exact=True).click()


async def ask(page: Page, text: str) -> None:
    await page.get_by_role("textbox", name="Message 1").fill(text)
    await expect(page.get_by_role("button", name="Run")).to_be_enabled()
    await page.keyboard.press("Control+Enter")


async def test_a_request_is_run_and_shown_from_all_sides(open_chat: OpenChat) -> None:
    page = (await open_chat()).page
    await page.get_by_role("button", name="Account and settings").click()
    await page.get_by_role("menuitem", name="Playground").click()
    await expect(page).to_have_title("Playground · Freehold")
    result = page.get_by_role("region", name="Result")
    for name, path in (
        ("OpenAI Chat", "/v1/chat/completions"),
        ("OpenAI Responses", "/v1/responses"),
        ("Anthropic", "/v1/messages"),
        ("Ollama", "/ollama/api/chat"),
    ):
        await choose_api(page, name)
        await result.get_by_role("tab", name="Answer").click()
        await ask(page, f"by way of {name}")
        await expect(result.locator(".result-text")).to_have_text(f"by way of {name}")
        await expect(result.locator("[aria-busy=false]")).to_be_visible()
        for figure in ("First token", "Tokens in", "Tokens out", "Cost"):
            await expect(result.get_by_text(figure, exact=True)).to_be_visible()
        await result.get_by_role("tab", name="Request").click()
        await expect(result).to_contain_text(f"POST {path}")
        sent = await result.get_by_role("region", name="Body of the request").locator("pre").inner_text()
        assert json.loads(sent)["model"] == "echo/echo"
        await result.get_by_role("tab", name="Response").click()
        await expect(result).to_contain_text("HTTP 200")
        await expect(result).to_contain_text("x-freehold-model")
        await expect(result).to_contain_text("x-request-id")


async def test_thoughts_calls_and_forms_are_shown(open_chat: OpenChat) -> None:
    chat = await open_chat()
    page = chat.page
    await chat.open("/playground")
    result = page.get_by_role("region", name="Result")
    await page.get_by_text("Tools", exact=True).click()
    await page.get_by_label("Tools as JSON").fill('[{"name": "get_weather"}]')
    await ask(page, '/reasoning a thought\n/tool get_weather {"city": "Oslo"}')
    await expect(result.locator(".args")).to_contain_text('get_weather({"city":"Oslo"})')
    await result.get_by_text("Thinking", exact=True).click()
    await expect(result.get_by_text("a thought")).to_be_visible()
    await page.get_by_label("Tools as JSON").fill("get_weather")
    await page.get_by_role("button", name="Run").click()
    await expect(page.get_by_text("This is no JSON list of functions with names.")).to_be_visible()
    await page.get_by_label("Tools as JSON").fill("")
    await page.get_by_text("Form of the answer", exact=True).click()
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    await page.get_by_label("JSON schema").fill(json.dumps(schema))
    await page.get_by_role("switch", name="Stream").click()
    await ask(page, "in a form")
    await expect(result.locator(".result-text")).to_contain_text('"n"')


async def test_stop_keeps_what_came(open_chat: OpenChat) -> None:
    chat = await open_chat()
    page = chat.page
    await chat.open("/playground")
    result = page.get_by_role("region", name="Result")
    await ask(page, "/tokens 400 50ms")
    await expect(result.locator(".result-text")).not_to_be_empty()
    await page.get_by_role("button", name="Stop").click()
    await expect(result.get_by_role("status")).to_have_text("Stopped.")
    kept = await result.locator(".result-text").inner_text()
    await page.wait_for_timeout(500)
    assert await result.locator(".result-text").inner_text() == kept
    await expect(page.get_by_role("button", name="Run")).to_be_visible()


async def test_what_is_wrong_is_told_where_it_stands(open_chat: OpenChat) -> None:
    chat = await open_chat()
    page = chat.page
    await chat.open("/playground")
    await page.get_by_text("Parameters", exact=True).click()
    await page.get_by_label("Temperature").fill("hot")
    await page.get_by_role("button", name="Run").click()
    await expect(page.get_by_text("From 0 to 2.")).to_be_visible()
    await page.get_by_label("Temperature").fill("")
    await ask(page, "/fail 529")
    result = page.get_by_role("region", name="Result")
    await expect(result.get_by_role("alert")).to_be_visible()
    await result.get_by_role("tab", name="Response").click()
    await expect(result.get_by_role("region", name="Body of the response")).to_contain_text('"error"')


async def test_a_new_key_comes_with_code_and_the_pages_lead_to_each_other(open_chat: OpenChat) -> None:
    chat = await open_chat()
    page = chat.page
    await chat.open("/playground")
    await page.get_by_role("tab", name="Snippets").click()
    snippet = page.get_by_label("Snippet", exact=True)
    await expect(snippet).to_contain_text("curl -N")
    await page.get_by_role("tab", name="Ollama").click()
    await expect(snippet).to_contain_text("from ollama import Client")
    await page.get_by_role("link", name="API keys").first.click()
    await expect(page.get_by_role("heading", name="API keys")).to_be_visible()
    await page.get_by_role("link", name="Playground").click()
    await expect(page.get_by_role("heading", name="Playground")).to_be_visible()


@pytest.mark.parametrize(("theme", "phone", "language"), [("light", False, "en"), ("dark", True, "zh-CN")])
async def test_axe_finds_nothing(open_chat: OpenChat, theme: str, phone: bool, language: str) -> None:
    chat = await open_chat(theme=theme, phone=phone, language=language)
    page = chat.page
    await chat.open("/playground")
    await page.locator("form button[type=submit]").click()
    await expect(page.locator(".result-text")).to_be_in_viewport()
    await expect(page.get_by_role("heading", level=1)).to_be_in_viewport()
    for summary in await page.locator("form summary").all():
        await summary.click()
    for tab in await page.locator(".result [role=tablist]").first.locator("[role=tab]").all():
        await tab.click()
        assert await violations(page) == []
    if phone:
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390


async def test_running_from_the_code_shows_the_answer_and_a_reload_keeps_the_request(open_chat: OpenChat) -> None:
    chat = await open_chat()
    page = chat.page
    await chat.open("/playground")
    result = page.get_by_role("region", name="Result")
    await result.get_by_role("tab", name="Snippets").click()
    await ask(page, "kept over a reload")
    await expect(result.locator(".result-text")).to_have_text("kept over a reload")
    await result.get_by_role("tab", name="Response").click()
    body = result.get_by_role("region", name="Body of the response").locator("pre")
    await expect(body).to_contain_text("data: ")
    assert await body.evaluate("element => element.scrollWidth <= element.clientWidth"), "a frame is cut off"
    await page.reload()
    await expect(page.get_by_role("textbox", name="Message 1")).to_have_value("kept over a reload")
