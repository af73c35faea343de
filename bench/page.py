"""The first page on a cold cache, requests and bytes on the wire: `python -m bench.page`.

The peer's column: the best-known Python workspace, measured the same way: 233 requests, 2.73 MB.
"""

import asyncio
import sys
from dataclasses import dataclass, field
from typing import Any

from bench.browser import fresh_page
from bench.table import render


@dataclass
class Traffic:
    """What a page fetched. Bytes as they came over the wire, compressed, headers included."""

    requests: list[str] = field(default_factory=list)
    transferred: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    def of(self, *kinds: str) -> int:
        """Bytes of the named kinds (Script, Stylesheet, ...)."""
        return sum(size for key, size in self.transferred.items() if self.kinds.get(key) in kinds)


async def measure() -> tuple[Traffic, float]:
    """Open the start page; what was fetched until it rested, and the milliseconds until one could type."""
    traffic = Traffic()
    async with fresh_page() as (server, page):
        session = await page.context.new_cdp_session(page)

        def sent(event: dict[str, Any]) -> None:
            traffic.requests.append(event["request"]["url"])
            traffic.kinds[event["requestId"]] = event.get("type", "Other")

        def finished(event: dict[str, Any]) -> None:
            traffic.transferred[event["requestId"]] = int(event["encodedDataLength"])

        session.on("Network.requestWillBeSent", sent)
        session.on("Network.loadingFinished", finished)
        await session.send("Network.enable")
        await page.goto(server.url)
        await page.get_by_role("textbox", name="Message", exact=True).wait_for()
        ready = float(await page.evaluate("performance.now()"))
        await page.wait_for_timeout(3000)
    return traffic, ready


def main() -> int:
    """Print the table; exit status 1 when a budget does not hold."""
    traffic, ready = asyncio.run(measure())
    total = sum(traffic.transferred.values())
    rows = [
        ("requests", len(traffic.requests), "25", "233"),
        ("transferred, kB", f"{total / 1000:.0f}", "450", "2730"),
        ("of it scripts, kB", f"{traffic.of('Script') / 1000:.0f}", "230", ""),
        ("start to a box that takes text, ms", f"{ready:.0f}", "1500", ""),
    ]
    print(render(["first page, cold cache", "freehold", "budget", "peer"], rows))
    return 0 if len(traffic.requests) <= 25 and total <= 450_000 else 1


if __name__ == "__main__":
    sys.exit(main())
