"""A real browser on a real server, for the measurements of pages."""

import contextlib
import tempfile
from collections.abc import AsyncGenerator
from pathlib import Path

from playwright.async_api import Page, async_playwright

from tests.services import chromium
from tests.services.freehold_server import FreeholdServer, serving


@contextlib.asynccontextmanager
async def fresh_page() -> AsyncGenerator[tuple[FreeholdServer, Page]]:
    """A server on an empty data directory and an empty tab of a browser with a cold cache (1440x900)."""
    program = chromium.find_chromium()
    if program is None:
        raise SystemExit(f"There is no Chromium. {chromium.REMEDY}")
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "data") as server:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=str(program), args=chromium.launch_flags())
            context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
            yield server, await context.new_page()
            await browser.close()
