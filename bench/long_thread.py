"""A chat of 2,000 messages in a real browser: `python -m bench.long_thread [MESSAGES]`.

From a click in the list to the last message on screen, and by its address in a fresh tab; then everything is scrolled
through, a few screens at a time, up to the first message. Memory is what the page's script holds after a collection.
"""

import asyncio
import sys
import time
from pathlib import Path

from playwright.async_api import CDPSession, Page
from sqlalchemy import select

from bench.browser import fresh_page
from bench.table import render
from freehold.chat.models import Message, Thread
from freehold.db import open_database, parse_target
from freehold.identity.models import User
from freehold.kit.clock import now
from freehold.kit.ids import new_id

MESSAGES = 2_000
OPEN_MS, MEMORY_MB = 1_000, 200
QUESTION = "What about number {n}? " + "Some more words that say what is wanted. " * 4
ANSWER = (
    "## Number {n}\n\nThis is **answer {n}**, with a list:\n\n- one thing\n- another `thing`\n\n```python\n"
    "def number_{n}() -> int:\n    return {n}\n```\n\n| a | b |\n|---|---|\n| {n} | 2 |\n\n"
    + "And a paragraph of words. "
    * 20
)

# three screens at a time, which is less than what is drawn around the view
SCROLL_UP = """async () => {
    const view = document.querySelector(".thread")
    const frame = () => new Promise(requestAnimationFrame)
    const inView = (element) => {
        const { top, bottom } = element.getBoundingClientRect()
        return bottom > 0 && top < innerHeight
    }
    do {
        view.scrollBy(0, -3 * view.clientHeight)
        do await frame()
        while ([...document.querySelectorAll("article.is-away")].some(inView))
    } while (view.scrollTop > 0)
}"""


async def fill(data_dir: Path, messages: int) -> str:
    """A thread of so many messages, questions and answers in turn, of the local owner; its id."""
    database = open_database(parse_target(None, data_dir), own_file=False)
    at, thread_id, parent = now(), new_id(), None
    async with database.begin() as session:
        owner_id = (await session.scalars(select(User.id).limit(1))).one()
        thread = Thread(
            id=thread_id,
            owner_id=owner_id,
            title="A long chat",
            title_source="user",
            state="active",
            pinned=False,
            in_house=False,
            last_activity_at=at,
            read_at=at,
            created_at=at,
            updated_at=at,
        )
        session.add(thread)
        await session.flush()
        for number in range(messages):
            role, text = ("assistant", ANSWER) if number % 2 else ("user", QUESTION)
            message = Message(
                id=new_id(),
                thread_id=thread_id,
                parent_id=parent,
                role=role,
                status="complete",
                parts=[{"type": "text", "text": text.replace("{n}", str(number))}],
                created_at=at,
            )
            session.add(message)
            parent = message.id
        thread.leaf_id = parent
    await database.dispose()
    return thread_id


async def last_seen(page: Page, number: int) -> float:
    """Milliseconds until the last message is on screen, in its final form."""
    began = time.monotonic()
    await page.get_by_role("heading", name=f"Number {number}", exact=True).wait_for(timeout=60_000)
    return (time.monotonic() - began) * 1000


async def heap(session: CDPSession) -> float:
    """Megabytes that the page's script holds."""
    await session.send("HeapProfiler.collectGarbage")
    metrics = (await session.send("Performance.getMetrics"))["metrics"]
    return next(metric["value"] for metric in metrics if metric["name"] == "JSHeapUsedSize") / 1e6


async def measure(messages: int) -> dict[str, float]:
    found: dict[str, float] = {}
    async with fresh_page() as (server, page):
        thread_id = await fill(server.data_dir, messages)
        session = await page.context.new_cdp_session(page)
        await session.send("Performance.enable")
        await page.goto(server.url)
        await page.get_by_role("textbox", name="Message", exact=True).wait_for()
        await page.wait_for_timeout(1500)
        found["memory before, MB"] = await heap(session)
        await page.get_by_role("link", name="A long chat").first.click()
        found["from the list, ms"] = await last_seen(page, messages - 1)
        await page.wait_for_timeout(1000)
        found["memory, MB"] = await heap(session)
        began = time.monotonic()
        await page.evaluate(SCROLL_UP)
        await page.locator("article.is-own:not(.is-away)", has_text="What about number 0?").wait_for()
        found["scrolled to the first message, ms"] = (time.monotonic() - began) * 1000
        found["elements then"] = await page.evaluate("document.querySelectorAll('*').length")
        found["memory then, MB"] = await heap(session)
        other = await page.context.new_page()
        began = time.monotonic()
        await other.goto(f"{server.url}/c/{thread_id}", wait_until="commit")
        await last_seen(other, messages - 1)
        found["by its address, ms"] = (time.monotonic() - began) * 1000
    return found


def main() -> int:
    """Print the table; exit status 1 when a budget does not hold."""
    messages = int(sys.argv[1]) if len(sys.argv) > 1 else MESSAGES
    found = asyncio.run(measure(messages))
    budgets = {name: OPEN_MS for name in ("from the list, ms", "by its address, ms")}
    budgets |= {name: MEMORY_MB for name in ("memory, MB", "memory then, MB")}
    rows = [(name, f"{value:,.0f}", str(budgets.get(name, ""))) for name, value in found.items()]
    print(render([f"a chat of {messages:,} messages", "freehold", "budget"], rows))
    return 0 if all(found[name] <= budget for name, budget in budgets.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
