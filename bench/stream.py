"""The browser's main thread while a 2,000-token Markdown answer comes at 5 ms a token: `python -m bench.stream`.

The peer's column: the best-known Python workspace on the same load: 34 long tasks, 4.4 s of them, 43-59 % busy.
"""

import asyncio
import sys
import time
from dataclasses import dataclass

from bench.browser import fresh_page
from bench.table import render

TOKENS = 2000
OBSERVE = """() => {
    window.longTasks = []
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) window.longTasks.push(entry.duration)
    }).observe({ entryTypes: ['longtask'] })
}"""


@dataclass
class Load:
    """Tasks over 50 ms in milliseconds; `busy`: processor time of the main thread as a share of the wall time."""

    long_tasks: list[float]
    busy: float
    seconds: float
    characters: int


async def measure(tokens: int = TOKENS, pause: str = "5ms", warm: bool = True) -> Load:
    """Send one message to the deterministic provider and watch the main thread until the answer is complete."""
    async with fresh_page() as (server, page):
        session = await page.context.new_cdp_session(page)
        await session.send("Performance.enable")

        async def thread_seconds() -> float:
            # processor time, not the length of tasks: on a shared machine those grow with what others do
            metrics = (await session.send("Performance.getMetrics"))["metrics"]
            return next(metric["value"] for metric in metrics if metric["name"] == "ThreadTime")

        await page.goto(server.url)
        composer = page.get_by_role("textbox", name="Message", exact=True)
        if warm:  # a first short answer loads the lazy parts, as in any visit but the first minute of the first
            await composer.fill("/markdown 300")
            await composer.press("Enter")
            await page.locator("article[aria-busy=false]").last.wait_for(timeout=60_000)
            await page.wait_for_timeout(2000)
        await page.evaluate(OBSERVE)
        before, began = await thread_seconds(), time.monotonic()
        await composer.fill(f"/markdown {tokens} {pause}")
        await composer.press("Enter")
        await page.locator("article[aria-busy=true]").wait_for(timeout=60_000)
        await page.wait_for_function(
            "() => !document.querySelector('article[aria-busy=true]')", timeout=120_000, polling=250
        )
        seconds = time.monotonic() - began
        busy = (await thread_seconds() - before) / seconds
        long_tasks = await page.evaluate("window.longTasks")
        characters = await page.evaluate("[...document.querySelectorAll('article')].at(-1).innerText.length")
    return Load(long_tasks, busy, seconds, characters)


def main() -> int:
    """Print the table; exit status 1 when a budget does not hold."""
    load = asyncio.run(measure())
    over = [task for task in load.long_tasks if task > 100]
    rows = [
        ("tasks over 100 ms", len(over), "0", ""),
        ("tasks over 50 ms", len(load.long_tasks), "", "34"),
        ("longest task, ms", f"{max(load.long_tasks, default=0):.0f}", "100", ""),
        ("main thread busy, %", f"{load.busy * 100:.1f}", "15", "43-59"),
        ("seconds in all", f"{load.seconds:.1f}", "", ""),
    ]
    print(render([f"{TOKENS} tokens at 5 ms", "freehold", "budget", "peer"], rows))
    return 0 if not over and load.busy < 0.15 else 1


if __name__ == "__main__":
    sys.exit(main())
