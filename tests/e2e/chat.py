"""The chat page as a person uses it: by roles and names, never by class."""

import json
import time
import urllib.request
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from playwright.async_api import Locator, Page, expect


class Chat:
    """One tab."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    async def open(self, path: str = "/") -> None:
        await self.page.goto(f"{self.url}{path}")

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("textbox", name="Message", exact=True).last

    @property
    def answers(self) -> Locator:
        return self.page.get_by_role("article", name="Answer by")

    @property
    def own_messages(self) -> Locator:
        return self.page.get_by_role("article", name="You", exact=True)

    @property
    def answer(self) -> Locator:
        """The last answer."""
        return self.answers.last

    @property
    def thread_id(self) -> str:
        return self.page.url.rpartition("/c/")[2].partition("?")[0].partition("#")[0]

    async def send(self, text: str) -> None:
        """Type and press Enter, as a person does; a line break is Shift+Enter."""
        await self.composer.click()
        for index, line in enumerate(text.split("\n")):
            if index:
                await self.page.keyboard.press("Shift+Enter")
            await self.page.keyboard.insert_text(line)
        await self.page.keyboard.press("Enter")

    async def ask(self, text: str, timeout_ms: float = 30_000) -> str:
        """Send, wait for the whole answer, and give its words."""
        count = await self.answers.count()
        await self.send(text)
        await expect(self.answers).to_have_count(count + 1, timeout=timeout_ms)
        await self.finished(timeout_ms)
        return await self.words()

    async def finished(self, timeout_ms: float = 30_000) -> None:
        """Wait until the last answer is complete."""
        await expect(self.answer).to_have_attribute("aria-busy", "false", timeout=timeout_ms)
        # nor do the plain words stand any more that are shown until Markdown has come
        await expect(self.answer.locator(".prose.whitespace-pre-wrap")).to_have_count(0, timeout=timeout_ms)

    async def words(self) -> str:
        """The text of the last answer, as drawn, once the last characters are smoothed out."""
        drawn, prose = None, self.answer.locator(".prose").first
        while drawn != (now := (await prose.inner_text()).strip()):
            drawn = now
            await self.page.wait_for_timeout(150)
        return now

    async def shows(self, text: str) -> None:
        """Wait until the last answer is drawn whole: its last characters are smoothed out after the stream ended."""
        await self.page.wait_for_function(
            """(text) => {
                const shown = [...document.querySelectorAll('article')].at(-1)?.querySelector('.prose')
                return shown?.innerText.trim() === text
            }""",
            arg=text.strip(),
            timeout=15_000,
        )

    async def grown_to(self, words: int, timeout_ms: float = 30_000) -> None:
        """Wait until the last answer shows at least so many words."""
        await self.page.wait_for_function(
            """(count) => {
                const shown = [...document.querySelectorAll('article')].at(-1)?.querySelector('.prose')
                return (shown?.innerText.trim().split(/\\s+/).length ?? 0) >= count
            }""",
            arg=words,
            timeout=timeout_ms,
        )

    def told(self) -> AbstractAsyncContextManager[Any]:
        """The server answers a change that the page shows at once; a reload before that would cut it off."""
        return self.page.expect_response(lambda answer: answer.request.method == "PATCH")

    async def copied(self, holds: str) -> None:
        """Wait until the clipboard's text is as this JavaScript says of `text`."""
        await self.page.wait_for_function(f"navigator.clipboard.readText().then((text) => {holds})", timeout=15_000)

    async def ends_as(self, status: str) -> None:
        """Wait until the server has saved the last answer with this status."""
        await self.saves(lambda saved: saved["messages"][-1]["status"] == status)

    async def saves(self, holds: Callable[[dict[str, Any]], bool]) -> None:
        """Wait until the server has saved what the page shows at once."""
        deadline = time.monotonic() + 30
        while not holds(saved := self.saved()):
            assert time.monotonic() < deadline, f"saved: {saved}"
            await self.page.wait_for_timeout(100)

    def saved(self) -> dict[str, Any]:
        """The thread as the server has it."""
        with urllib.request.urlopen(f"{self.url}/api/threads/{self.thread_id}", timeout=10) as answer:
            return json.load(answer)

    def saved_text(self) -> str:
        """The text of the last answer as the server has it."""
        last = self.saved()["messages"][-1]
        return "".join(part["text"] for part in last["parts"] if part["type"] == "text")


async def choose(where: Page | Locator, name: str) -> None:
    """Chooses among a few as a person does, by the words beside the radio button; its state follows a moment later."""
    radio = where.get_by_role("radio", name=name, exact=True)
    await radio.locator("..").click()  # its label
    await expect(radio).to_be_checked()
