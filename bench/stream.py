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
FRAMES = """() => {
    window.frameTimes = []
    const tick = (now) => { window.frameTimes.push(now); window.frameHandle = requestAnimationFrame(tick) }
    window.frameHandle = requestAnimationFrame(tick)
}"""


@dataclass
class Load:
    """Tasks over 50 ms in milliseconds; busy as a share of the wall time; frames per second in the median."""

    long_tasks: list[float]
    busy: float
    seconds: float
    frames: float
    characters: int


async def measure(tokens: int = TOKENS, pause: str = "5ms", warm: bool = True) -> Load:
    """Send one message to the deterministic provider and watch the main thread until the answer is complete."""
    async with fresh_page() as (server, page):
        session = await page.context.new_cdp_session(page)
        await session.send("Performance.enable")

        async def task_seconds() -> float:
            metrics = (await session.send("Performance.getMetrics"))["metrics"]
            return next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")

        await page.goto(server.url)
        composer = page.get_by_role("textbox", name="Message", exact=True)
        if warm:  # a first short answer loads the lazy parts, as in any visit but the first minute of the first
            await composer.fill("/markdown 300")
            await composer.press("Enter")
            await page.locator("article[aria-busy=false]").last.wait_for(timeout=60_000)
            await page.wait_for_timeout(2000)
        await page.evaluate(OBSERVE)
        await page.evaluate(FRAMES)
        before, began = await task_seconds(), time.monotonic()
        await composer.fill(f"/markdown {tokens} {pause}")
        await composer.press("Enter")
        await page.locator("article[aria-busy=true]").wait_for(timeout=60_000)
        await page.wait_for_function("!document.querySelector('article[aria-busy=true]')", timeout=120_000, polling=250)
        seconds = time.monotonic() - began
        busy = (await task_seconds() - before) / seconds
        long_tasks = await page.evaluate("window.longTasks")
        gaps = await page.evaluate("window.frameTimes.slice(1).map((now, i) => now - window.frameTimes[i])")
        characters = await page.evaluate("[...document.querySelectorAll('article')].at(-1).innerText.length")
    middle = sorted(gaps)[len(gaps) // 2] if gaps else 0
    return Load(long_tasks, busy, seconds, 1000 / middle if middle else 0, characters)


def main() -> int:
    """Print the table; exit status 1 when a budget does not hold."""
    load = asyncio.run(measure())
    over = [task for task in load.long_tasks if task > 100]
    rows = [
        ("tasks over 100 ms", len(over), "0", ""),
        ("tasks over 50 ms", len(load.long_tasks), "", "34"),
        ("longest task, ms", f"{max(load.long_tasks, default=0):.0f}", "100", ""),
        ("main thread busy, %", f"{load.busy * 100:.1f}", "15", "43-59"),
        ("frames/s, median", f"{load.frames:.0f}", "", ""),
        ("seconds in all", f"{load.seconds:.1f}", "", ""),
    ]
    print(render([f"{TOKENS} tokens at 5 ms", "freehold", "budget", "peer"], rows))
    return 0 if not over and load.busy < 0.15 else 1


if __name__ == "__main__":
    sys.exit(main())
