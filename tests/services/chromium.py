"""Finds a Chromium for the browser tests: one on PATH, or the one that Playwright downloaded."""

import os
import platform
import shutil
from pathlib import Path

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
REMEDY = "Install the package chromium, or run `.venv/bin/playwright install chromium-headless-shell`."


def find_chromium() -> Path | None:
    """The program to start, or None when there is neither one on PATH nor a Playwright download."""
    for name in PROGRAMS:
        found = shutil.which(name)
        if found:
            return Path(found)
    if platform.system() == "Darwin":
        application = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
        if application.exists():
            return application
    return _playwright_download()


def launch_flags() -> list[str]:
    """Flags for a quiet browser; root has no user namespaces to sandbox with."""
    flags = list(FLAGS)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        flags.append("--no-sandbox")
    return flags


def _playwright_download() -> Path | None:
    chosen = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    own = [Path.home() / ".cache/ms-playwright", Path.home() / "Library/Caches/ms-playwright"]
    caches = [Path(chosen)] if chosen else own
    patterns = (
        "chromium_headless_shell-*/*/*headless*shell",
        "chromium-*/*/chrome",
        "chromium-*/*/Chromium.app/Contents/MacOS/Chromium",
        "chromium-*/*/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
    )
    for cache in caches:
        for pattern in patterns:
            found = sorted(path for path in cache.glob(pattern) if os.access(path, os.X_OK))
            if found:
                return found[-1]
    return None
