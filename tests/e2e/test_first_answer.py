"""From nothing to the first answer with the model that runs on the server itself, in either language."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from freehold.providers.embedded import catalogue
from tests.e2e.conftest import OpenChat
from tests.providers.embedded.tiny_model import write_tiny_model
from tests.services.freehold_server import FreeholdServer, serving

pytestmark = pytest.mark.browser
pytest.importorskip("xllamacpp")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FreeholdServer]:
    """The engine is real; the weights are tiny, under the name of the catalogue's first."""
    data: Path = tmp_path_factory.mktemp("first") / "data"
    (data / "models").mkdir(parents=True)
    write_tiny_model(data / "models" / catalogue.first().file)
    with serving(data, {"FREEHOLD_EMBEDDED__ENABLED": "true", "FREEHOLD_ECHO__ENABLED": "false"}) as server:
        yield server


async def test_who_reads_chinese_is_led_to_a_model_that_speaks_it(open_chat: OpenChat, house: FreeholdServer) -> None:
    page = (await open_chat(at=house, language="zh-CN")).page
    way = page.get_by_role("region", name="内置模型")
    await expect(way.get_by_text("Qwen2.5 0.5B Instruct", exact=True)).to_be_visible()
    await expect(way).to_contain_text("中文")
    await expect(way).to_contain_text("SmolLM2 135M Instruct 已经下载好了，但它只会英语。")
    await expect(way.get_by_role("button", name="下载")).to_be_visible()


async def test_one_click_leads_to_an_answer(open_chat: OpenChat, house: FreeholdServer) -> None:
    chat = await open_chat(at=house)
    way = chat.page.get_by_role("region", name="Built-in model")
    await expect(way).to_contain_text("ready")
    await expect(way.get_by_text("English", exact=True)).to_be_visible()
    await way.get_by_role("button", name="Ask a first question").click()
    await expect(chat.own_messages).to_have_text("What can you help me with?")
    await chat.finished(120_000)
    assert await chat.words()
