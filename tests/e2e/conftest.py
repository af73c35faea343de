"""A real server and pages in a real browser, as a person with a screen has them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, ViewportSize, expect

from tests.e2e.chat import Chat
from tests.services.freehold_server import FreeholdServer, serving

# the machine may be busy with other tests; an expectation that holds is met at once all the same
expect.set_options(timeout=15_000)

DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}

OpenChat = Callable[..., Awaitable[Chat]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FreeholdServer]:
    """A server in single-user mode with the echo provider."""
    with serving(tmp_path_factory.mktemp("e2e") / "data") as server:
        yield server


@pytest.fixture
async def open_chat(browser: Browser, server: FreeholdServer) -> AsyncIterator[OpenChat]:
    """Opens the app in a browser context of its own; an exception in a page fails the test."""
    contexts: list[BrowserContext] = []
    broken: list[str] = []

    async def open_page(
        *,
        language: str = "en",
        theme: str = "light",
        phone: bool = False,
        at: FreeholdServer | None = None,
        **more: Any,
    ) -> Chat:
        context = await browser.new_context(
            locale={"en": "en-GB", "zh-CN": "zh-CN"}[language],
            color_scheme="dark" if theme == "dark" else "light",
            viewport=PHONE if phone else DESKTOP,
            has_touch=phone,
            is_mobile=phone,
            permissions=["clipboard-read", "clipboard-write"],
            **more,
        )
        contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: broken.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda message: broken.append(message.text) if "Content Security Policy" in message.text else None,
        )
        chat = Chat(page, (at or server).url)
        await chat.open()
        return chat

    yield open_page
    for context in contexts:
        await context.close()
    assert broken == []


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[FreeholdServer]:
    """A server that the test may kill."""
    with serving(tmp_path / "data") as server:
        yield server
